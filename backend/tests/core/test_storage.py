"""One suite for both stores: a folder, and a real S3 server."""

import asyncio
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from sightline.core.config import StorageSettings
from sightline.core.errors import InvalidInput, ObjectNotFound, SignatureRefused, StorageError
from sightline.core.storage import LocalStorage, ObjectStorage, S3Storage, UrlSigner, checked_key, open_storage

SIGNER = UrlSigner("a key for tests")
CROP = b"\xff\xd8 a crop"


def fresh(settings: StorageSettings, **changes: object) -> StorageSettings:
    return settings.model_copy(update={"bucket": f"test-{uuid4().hex[:12]}", **changes})


@pytest.fixture(params=["filesystem", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStorage:
    settings = StorageSettings()
    if request.param == "s3":
        settings = fresh(request.getfixturevalue("s3_server"))
    return open_storage(settings, folder=tmp_path / "objects", signer=SIGNER)


@pytest.mark.asyncio
async def test_what_is_uploaded_comes_back_with_its_content_type(storage: ObjectStorage) -> None:
    await storage.ensure_bucket()
    await storage.upload("crops/2026/11/a.jpg", CROP)
    loaded = await storage.download("crops/2026/11/a.jpg")
    assert (loaded.data, loaded.content_type) == (CROP, "image/jpeg")
    await storage.upload("crops/2026/11/a.jpg", b"better")
    assert (await storage.download("crops/2026/11/a.jpg")).data == b"better"


@pytest.mark.asyncio
async def test_objects_are_listed_below_a_prefix(storage: ObjectStorage) -> None:
    await storage.ensure_bucket()
    for key in ("crops/a.jpg", "crops/sub/b.jpg", "cropsx/c.jpg", "frames/d.jpg"):
        await storage.upload(key, CROP)
    listed = [entry async for entry in storage.list("crops/")]
    assert sorted(entry.key for entry in listed) == ["crops/a.jpg", "crops/sub/b.jpg"]
    assert {entry.size for entry in listed} == {len(CROP)}
    assert len([entry async for entry in storage.list()]) == 4


@pytest.mark.asyncio
async def test_deleting_twice_is_no_error(storage: ObjectStorage) -> None:
    await storage.ensure_bucket()
    await storage.upload("crops/a.jpg", CROP)
    assert await storage.exists("crops/a.jpg")
    await storage.delete(["crops/a.jpg", "crops/never.jpg"])
    await storage.delete(["crops/a.jpg"])
    assert not await storage.exists("crops/a.jpg")
    with pytest.raises(ObjectNotFound, match=re.escape("crops/a.jpg")):
        await storage.download("crops/a.jpg")


@pytest.mark.asyncio
async def test_making_the_bucket_twice_keeps_what_is_in_it(storage: ObjectStorage) -> None:
    await storage.ensure_bucket()
    await storage.upload("kept.jpg", CROP)
    await storage.ensure_bucket()
    await storage.health()
    assert [entry.key async for entry in storage.list()] == ["kept.jpg"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "key", ["../etc/passwd", "a/../b", "/abs", "a//b", "", ".hidden", "a/", "a\\b", "ä", "a" * 513]
)
async def test_a_key_never_leaves_the_store(storage: ObjectStorage, key: str) -> None:
    for attempt in (
        storage.upload(key, CROP),
        storage.download(key),
        storage.delete([key]),
        storage.presigned_url(key),
    ):
        with pytest.raises(InvalidInput):
            await attempt


@pytest.mark.asyncio
async def test_an_address_lives_for_seven_days_at_most(storage: ObjectStorage) -> None:
    for expires in (timedelta(0), timedelta(days=8)):
        with pytest.raises(InvalidInput):
            await storage.presigned_url("a.jpg", expires=expires)


# --- the folder


def parts(address: str) -> tuple[str, str, int, str]:
    split = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(split.query).items()}
    key = unquote(split.path).removeprefix("/v1/objects/")
    return key, query["method"], int(query["expires"]), query["signature"]


@given(key=st.from_regex(r"[a-z0-9]{1,9}(/[a-z0-9]{1,9}){0,3}\.jpg", fullmatch=True), seconds=st.integers(1, 604800))
def test_a_signed_address_holds_until_it_expires_and_for_nothing_else(key: str, seconds: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    signer = UrlSigner("secret", now=lambda: now)
    key, method, expires, signature = parts(signer.sign(key, "GET", timedelta(seconds=seconds)))
    signer.verify(key, method=method, expires=expires, signature=signature)
    later = UrlSigner("secret", now=lambda: now + timedelta(seconds=seconds))
    with pytest.raises(SignatureRefused, match="expired"):
        later.verify(key, method=method, expires=expires, signature=signature)
    for other_key, other_method, other_expires in (
        (key + "x", "GET", expires),
        (key, "PUT", expires),
        (key, "GET", expires + 1),
    ):
        with pytest.raises(SignatureRefused, match="not signed"):
            signer.verify(other_key, method=other_method, expires=other_expires, signature=signature)
    with pytest.raises(SignatureRefused, match="not signed"):
        UrlSigner("another").verify(key, method=method, expires=expires, signature=signature)


def test_a_signature_that_is_no_text_of_ours_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        SIGNER.verify("a.jpg", method="GET", expires=2**40, signature="ü")


@pytest.mark.asyncio
async def test_a_folder_that_vanished_or_is_full_is_told(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "objects", SIGNER)
    (tmp_path / "objects").rmdir()
    (tmp_path / "objects").write_text("a file in its place")
    with pytest.raises(StorageError, match="does not serve us") as caught:
        await storage.health()
    assert "doctor" in caught.value.hint


@given(key=st.text(max_size=40))
def test_every_accepted_key_stays_below_the_folder(key: str) -> None:
    try:
        checked_key(key)
    except InvalidInput:
        return
    assert (Path("/store") / key).resolve().is_relative_to("/store")
    assert "/." not in f"/{key}"


# --- the S3 server


async def fetch(address: str, method: str = "GET", data: bytes | None = None) -> tuple[int, bytes, str]:
    def send() -> tuple[int, bytes, str]:
        request = urllib.request.Request(address, method=method, data=data)  # noqa: S310  our own server
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
                return reply.status, reply.read(), reply.headers.get("Content-Type", "")
        except urllib.error.HTTPError as error:
            error.close()
            return error.code, b"", ""

    return await asyncio.to_thread(send)


@pytest.mark.asyncio
async def test_a_presigned_address_works_for_its_method_only(s3_server: StorageSettings) -> None:
    storage = S3Storage(fresh(s3_server))
    await storage.ensure_bucket()
    await storage.upload("crops/a.jpg", CROP)
    address = await storage.presigned_url("crops/a.jpg")
    assert await fetch(address) == (200, CROP, "image/jpeg")
    assert (await fetch(address, "PUT", b"forged"))[0] == 403
    assert (await fetch(address.replace("a.jpg", "b.jpg")))[0] == 403
    put = await storage.presigned_url("crops/new.jpg", method="PUT")
    assert (await fetch(put, "PUT", b"sent"))[0] == 200
    assert (await storage.download("crops/new.jpg")).data == b"sent"


@pytest.mark.asyncio
async def test_without_a_bucket_it_says_so_and_the_next_start_makes_it(s3_server: StorageSettings) -> None:
    storage = S3Storage(fresh(s3_server))
    with pytest.raises(StorageError, match="missing"):
        await storage.health()
    await storage.ensure_bucket()
    await storage.health()


Act = Callable[[S3Storage], Coroutine[Any, Any, object]]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "act", [S3Storage.ensure_bucket, S3Storage.health, lambda s: s.upload("a.jpg", CROP), lambda s: s.exists("a.jpg")]
)
async def test_a_wrong_secret_is_refused_and_never_shown(s3_server: StorageSettings, act: Act) -> None:
    storage = S3Storage(fresh(s3_server, secret_key=SecretStr("the-wrong-secret")))
    with pytest.raises(StorageError, match="refuses our key") as caught:
        await act(storage)
    assert "SIGHTLINE_STORAGE__ENDPOINT" in caught.value.hint
    assert "the-wrong-secret" not in caught.value.message + caught.value.hint


@pytest.mark.asyncio
async def test_a_server_that_is_not_there_is_told(s3_server: StorageSettings) -> None:
    storage = S3Storage(fresh(s3_server, endpoint="http://127.0.0.1:9", timeout=2.0))
    with pytest.raises(StorageError, match="does not serve us"):
        await storage.health()
