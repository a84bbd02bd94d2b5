"""Errors in the OpenAPI document: one shared response per status, each with an example."""

from typing import Any, Final

from sightline.middleware.problems import MEDIA_TYPE

REQUEST_ID = "0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11"
HEADERS: Final = {
    "X-Request-ID": {"description": "Of this request, as in the log.", "schema": {"type": "string"}},
}
WAITING: Final = {
    **HEADERS,
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
}

# status: name, when, code, detail, hint of the example
TEXTS: Final = {
    400: ("BadRequest", "The body cannot be read.", "bad_request", "the form cannot be read", ""),
    401: (
        "Unauthenticated",
        "Nobody is logged in, or the login has ended.",
        "unauthenticated",
        "nobody is logged in, or the login has ended",
        "Log in.",
    ),
    403: (
        "Forbidden",
        "The role, the API key's scopes or a policy do not allow it.",
        "forbidden",
        "the role viewer may not manage cameras",
        "Ask an administrator.",
    ),
    404: ("NotFound", "No such record, or none that you may see.", "not_found", "no such camera", ""),
    409: (
        "Conflict",
        "It contradicts a record that exists: a name that is taken, a record in use, a state that does not allow it.",
        "conflict",
        "such a record exists already (cameras_name_key)",
        "Choose another name, or change that record.",
    ),
    412: (
        "PreconditionFailed",
        "Somebody changed the record since you read it.",
        "precondition_failed",
        "somebody changed this camera since you read it",
        "Read it again, and repeat your change on that.",
    ),
    413: ("TooLarge", "The body is larger than this route takes.", "too_large", "the body is too large", ""),
    415: (
        "UnsupportedMedia",
        "The body is of a type that this route does not take.",
        "unsupported_media",
        "the body is neither JSON nor a form with files",
        "Send it with Content-Type: application/json, or multipart/form-data for files.",
    ),
    422: (
        "InvalidInput",
        "A parameter or field cannot be used; errors names them.",
        "invalid_input",
        "the request cannot be understood",
        "Correct the fields named in errors.",
    ),
    428: (
        "PreconditionRequired",
        "The change does not say which version it is based on.",
        "precondition_required",
        "the change does not say which version it is based on",
        "Read the record and send its ETag as If-Match; * overwrites whatever is there.",
    ),
    429: (
        "RateLimited",
        "More requests per minute than are allowed.",
        "rate_limited",
        "more than 120 requests per minute (writes)",
        "Wait 7 s, then go on more slowly.",
    ),
    502: (
        "CameraFailed",
        "The camera is not reached, or refuses.",
        "source_unreachable",
        "the connection to the camera's control failed (ConnectError)",
        "Check the port of ONVIF; with TLS, this machine must trust the camera's certificate.",
    ),
    503: (
        "ServiceUnavailable",
        "The database, the queue or the object store does not answer.",
        "service_unavailable",
        "the Redis server does not answer",
        "try again; if it stays, see `sightline doctor`",
    ),
    504: (
        "CameraSilent",
        "The camera does not answer in time.",
        "source_stalled",
        "the camera's control did not answer within 5 s",
        "Check that the camera runs.",
    ),
}
PHRASES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    428: "Precondition Required",
    429: "Too Many Requests",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def _component(status: int) -> dict[str, Any]:
    _, when, code, detail, hint = TEXTS[status]
    example = {
        "type": "about:blank",
        "title": PHRASES[status],
        "status": status,
        "code": code,
        "detail": detail,
        "hint": hint,
        "request_id": REQUEST_ID,
        "errors": [{"field": "body.name", "message": "Field required"}] if status == 422 else [],
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    return {"description": when, "headers": WAITING if status == 429 else HEADERS, "content": content}


COMPONENTS: Final = {TEXTS[status][0]: _component(status) for status in TEXTS}
REFERENCES: Final = {status: {"$ref": f"#/components/responses/{TEXTS[status][0]}"} for status in TEXTS}
