"""Examples of request bodies in the OpenAPI document: made of those of the fields, so that they stay true.

A field has its own example, else its default, else a value of its type. Of optional fields only those with an example
are shown: what may be left out may be left out.
"""

from typing import Any, Final

Json = dict[str, Any]

ID: Final = "0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11"
BY_FORMAT: Final = {
    "uuid": ID,
    "date-time": "2026-12-01T08:00:00Z",
    "date": "2026-12-01",
    "time": "08:00:00",
    "email": "guard@example.com",
    "uri": "https://example.com/in",
}
BY_TYPE: Final[Json] = {"boolean": True, "string": "text", "null": None}
OWN: Final[dict[str, Json]] = {
    "change_cameras": {"ids": [ID], "action": "enable"},
    "change_subjects": {"ids": [ID], "change": {"status": "inactive"}},
    "decide_about_sightings": {"ids": [ID], "action": "reject", "note": "Somebody else: taller."},
    "export_sightings": {"format": "csv", "known": True, "since": "2026-11-01T00:00:00Z"},
    "export_alerts": {"format": "csv", "status": ["resolved"], "since": "2026-11-01T00:00:00Z"},
    "export_audit_log": {"format": "csv", "since": "2026-11-01T00:00:00Z"},
    "export_subjects": {"format": "csv", "pictures": False},
    "refresh_session": {"refresh_token": "cmVmcmVzaC10b2tlbi1vZi10aGUtbG9naW4"},
    "log_out": {"refresh_token": "cmVmcmVzaC10b2tlbi1vZi10aGUtbG9naW4"},
    "create_user": {"username": "vera", "email": "vera@example.org", "role": "operator"},
    "replace_user": {"email": "vera@example.org", "role": "viewer"},
    "approve_search": {"note": "Agreed with the works council, case 2026-117."},
    "deny_search": {"note": "Case 2026-117 is closed."},
    "reject_sighting": {"note": "Somebody else: taller."},
    "undo_correction": {"note": "It was her after all."},
    "acknowledge_alert": {"note": "On my way."},
    "reopen_alert": {"note": "He came back."},
    "dry_run_alert_rule": {
        "rule": {"name": "Visitors at night", "watchlist_id": 1, "severity": "high"},
        "since": "2026-11-10T00:00:00Z",
        "until": "2026-11-17T00:00:00Z",
    },
    "create_push_subscription": {
        "endpoint": "https://push.example.com/send/dGhpcyBpcyBhIGNhcGFiaWxpdHk",
        "keys": {
            "p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
            "auth": "tBHItJI5svbpez7KI4CCXg",
        },
        "device": "Front desk, Firefox",
    },
    "create_report": {
        "kind": "activity",
        "format": "pdf",
        "since": "2026-10-01T00:00:00Z",
        "until": "2026-11-01T00:00:00Z",
        "time_zone": "Europe/Berlin",
    },
    "verify_receipt": {"receipt": "eyJhbGciOiJFZERTQSJ9.eyJpZCI6IjAxOTNlNWEyIn0.c2lnbmF0dXJl"},
    "update_retention_settings": {"sightings_days": 90, "minute_counts_days": 730},
    "preview_retention": {"sightings_days": 30, "minute_counts_days": 365},
}
"""Of operations whose bodies say nothing by the fields that they need."""


def add_examples(document: Json) -> None:
    """Give each JSON body that has no example one."""
    schemas: Json = document["components"]["schemas"]
    for methods in document["paths"].values():
        for operation in methods.values():
            content: Json = operation.get("requestBody", {}).get("content", {})
            body: Json | None = content.get("application/json")
            if body is not None and not {"example", "examples"} & body.keys():
                body["example"] = OWN.get(operation["operationId"]) or example_of(body["schema"], schemas)


def example_of(schema: Json, schemas: Json) -> Any:
    """A value that the schema allows. schemas: the document's, by name."""
    if "$ref" in schema and not _own(schema):
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if own := _own(schema):
        return own[0]
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return example_of(schema[several][0], schemas)
    return _of_type(schema, schemas)


def _own(schema: Json) -> list[Any]:
    """What the schema itself proposes."""
    if "const" in schema:
        return [schema["const"]]
    if "examples" in schema or "enum" in schema:
        return list(schema.get("examples") or schema["enum"])
    return [schema["default"]] if schema.get("default") is not None else []


def _of_type(schema: Json, schemas: Json) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, schemas)
    if kind == "array":
        each = schema.get("prefixItems") or [schema.get("items", {})] * max(schema.get("minItems", 1), 1)
        return [example_of(one, schemas) for one in each]
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    return BY_FORMAT.get(schema.get("format", ""), BY_TYPE.get(str(kind)))


def _object(schema: Json, schemas: Json) -> Json:
    fields: Json = schema.get("properties", {})
    required = schema.get("required", [])
    shown = [name for name in fields if name in required or fields[name].get("examples")]
    return {name: example_of(fields[name], schemas) for name in shown or list(fields)[:1]}
