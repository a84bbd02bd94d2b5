"""Pictures that are something else too, or too much, on the search over history, with models that paint."""

import io
import struct
import zipfile
import zlib
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image, PngImagePlugin

from sightline.core.database import Role
from tests.api.conftest import SignIn, World
from tests.api.test_searches import PURPOSE, QUERY, _png, seen  # noqa: F401 - seen is a fixture
from tests.services.fake_models import Painted

SCRIPT = b"<script>alert('of a polyglot')</script>"


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("../evil.html", SCRIPT)
    return target.getvalue()


def _with_text(data: bytes) -> bytes:
    """The same picture with a script in its metadata."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SCRIPT.decode())
    target = io.BytesIO()
    Image.open(io.BytesIO(data)).save(target, "PNG", pnginfo=notes)
    return target.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _bomb(width: int, height: int, rows: int) -> bytes:
    """A PNG of some kilobytes that says it is huge; rows: how many are really there."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1 + 3 * min(width, 60_000)) * rows, 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


async def _ask(client: httpx.AsyncClient, data: bytes, name: str, kind: str = "image/png") -> httpx.Response:
    files: dict[str, Any] = {"file": (name, data, kind)}
    return await client.post("/v1/sightings/search", files=files, data=QUERY, headers=PURPOSE)


def _polyglots() -> dict[str, bytes]:
    png = _png(Painted(7))
    return {
        "a picture, then an archive": png + _zip(),
        "a picture, then a page": png + SCRIPT,
        "a page in the metadata": _with_text(png),
    }


@pytest.mark.asyncio
async def test_what_comes_with_a_picture_is_neither_kept_nor_given_back(
    app: FastAPI,
    sign_in: SignIn,
    world: World,
    seen: UUID,  # noqa: F811
) -> None:
    operator = await sign_in(Role.OPERATOR)
    for name, data in _polyglots().items():
        answer = await _ask(operator, data, "../../../tmp/evil.html", "text/html")
        assert answer.status_code in {200, 422}, (name, answer.text)
        assert answer.headers["content-type"].startswith("application/"), name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert b"alert(" not in answer.content, name
        assert b"evil" not in answer.content, name
    storage = app.state.resources.storage
    keys = [info.key async for info in storage.list("")]
    assert [key for key in keys if "evil" in key or ".." in key] == []
    assert [key for key in keys if b"alert(" in (await storage.download(key)).data] == []


REFUSED = {
    "an archive first": _zip() + b"\x89PNG\r\n\x1a\n",
    "a page": SCRIPT,
    "a huge size announced": _bomb(60_000, 60_000, 1),
    "really large": _bomb(20_000, 20_000, 20),
    "one endless row": _bomb(2**31 - 1, 1, 0),
    "no size": _bomb(0, 0, 0),
    "cut": _png(Painted(7))[:200],
}


@pytest.mark.asyncio
async def test_what_is_no_picture_or_too_large_is_refused_before_it_is_decoded(
    sign_in: SignIn,
    world: World,
    seen: UUID,  # noqa: F811
) -> None:
    operator = await sign_in(Role.OPERATOR)
    for name, data in REFUSED.items():
        answer = await _ask(operator, data, "face.png")
        assert answer.status_code in {415, 422}, (name, answer.status_code, answer.text)
        assert answer.json()["code"] in {"image_rejected", "unsupported_media"}, (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json", name
