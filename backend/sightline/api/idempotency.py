"""The header Idempotency-Key: a POST that is sent twice is done once and answered twice alike.

begin() is called by the dependency that opens the request's transaction, keep() by the route before it is committed.
Only what was done is kept: after a refusal or a failure the same key may be sent again.
"""

import asyncio
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from sightline.core.errors import InvalidInput
from sightline.services import idempotency
from sightline.services.idempotency import Answer

HEADER: Final = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
SECRET = re.compile(r"/v1/(auth/.*|api-keys.*|users(/.*)?|push.*)")
"""Their answers hold what is shown once: a repeated request is refused, not answered."""
LOOKUPS = re.compile(r"/v1/.*(search|export|preview|dry-run|probe)")
"""They make nothing that could be made twice, and their answers are about people: nothing is kept."""


class Replayed(Exception):
    """The request was done before; response is what was answered."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True, slots=True)
class _Claim:
    session: AsyncSession
    user_id: UUID
    key: str


async def begin(request: Request, session: AsyncSession, *, user_id: UUID | None) -> None:
    """Claim the key of a request, if it has one. Raises Replayed, InvalidInput, IdempotencyKeyReused, AnswerNotKept."""
    key = _key(request)
    if key is None or user_id is None or getattr(request.state, "idempotency", None) is not None:
        return
    path = request.url.path
    answer = await idempotency.claim(
        session, user_id=user_id, key=key, path=path, fingerprint=await _fingerprint(request)
    )
    if answer is not None:
        raise Replayed(_response(answer))
    request.state.idempotency = _Claim(session, user_id, key)


async def keep(request: Request, response: Response) -> None:
    """Keep the answer beside what the request did, within its transaction."""
    claim: _Claim | None = getattr(request.state, "idempotency", None)
    if claim is None:
        return
    if response.status_code >= 400:
        await idempotency.release(claim.session, user_id=claim.user_id, key=claim.key)
    elif _is_kept(request, response):
        answer = Answer(
            response.status_code,
            bytes(response.body),
            response.headers.get("content-type"),
            response.headers.get("location"),
            response.headers.get("etag"),
        )
        await idempotency.keep(claim.session, user_id=claim.user_id, key=claim.key, answer=answer)


def _is_kept(request: Request, response: Response) -> bool:
    if isinstance(response, StreamingResponse) or SECRET.fullmatch(request.url.path):
        return False
    return len(response.body) <= idempotency.LARGEST_BODY


def _key(request: Request) -> str | None:
    given = request.headers.get(HEADER)
    if given is None or request.method != "POST" or LOOKUPS.fullmatch(request.url.path):
        return None
    if not KEY.fullmatch(given):
        raise InvalidInput(
            f"{HEADER} is no key of 1 to 255 printable ASCII characters", hint="Send a UUID of your own making."
        )
    return given


def _response(answer: Answer) -> Response:
    given = {"content-type": answer.media_type, "location": answer.location, "etag": answer.etag}
    headers = {name: value for name, value in given.items() if value is not None}
    return Response(answer.body, status_code=answer.status, headers={**headers, "Idempotent-Replayed": "true"})


async def _fingerprint(request: Request) -> bytes:
    """sha256 of query and body. Of a form its fields and files: its boundary is another one each time."""
    digest = hashlib.sha256(str(request.url.query).encode())
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        form = await request.form()
        for part in await _parts(form.multi_items()):
            digest.update(hashlib.sha256(part).digest())
    else:
        digest.update(await request.body())
    return digest.digest()


async def _parts(items: Iterable[tuple[str, str | UploadFile]]) -> list[bytes]:
    parts: list[bytes] = []
    for name, value in items:
        parts.append(name.encode())
        if isinstance(value, UploadFile):
            parts.append((value.filename or "").encode())
            parts.append(await asyncio.to_thread(_file_digest, value))
        else:
            parts.append(value.encode())
    return parts


def _file_digest(upload: UploadFile) -> bytes:
    upload.file.seek(0)
    found = hashlib.file_digest(upload.file, "sha256").digest()  # type: ignore[arg-type]  # a spooled file reads so
    upload.file.seek(0)
    return found
