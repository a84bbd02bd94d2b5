"""Object storage: crops and frames in a folder or on any S3 server, behind one interface.

A key is a path of plain names, `sightings/2026/11/<id>.jpg` for example; its suffix is its content type, on every
kind of store. Uploads are whole or not at all and replace what was there; deleting what is not there is no error.
"""

import asyncio
import hashlib
import hmac
import re
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol
from urllib.parse import quote

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from sightline.core.config import StorageSettings
from sightline.core.config_view import mask_url
from sightline.core.errors import InvalidInput, ObjectNotFound, SignatureRefused, StorageError

Method = Literal["GET", "PUT", "DELETE"]

KEY_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=-]*(/[A-Za-z0-9][A-Za-z0-9._=-]*)*")
KEY_LENGTH = 512  # S3 allows 1024 bytes; folders and prefixes need room
MAX_EXPIRY = timedelta(days=7)  # the most that S3's signature version 4 allows
CONTENT_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".json": "application/json",
    ".csv": "text/csv",
    ".txt": "text/plain; charset=utf-8",
    ".mp4": "video/mp4",
    ".zip": "application/zip",
}
UNKNOWN_TYPE = "application/octet-stream"  # a browser saves it and never runs it
RETRIES = 2
HOME_REGION = "us-east-1"  # the only region that a bucket is made in without being told


@dataclass(frozen=True)
class StoredObject:
    """What was uploaded."""

    data: bytes
    content_type: str


@dataclass(frozen=True)
class ObjectInfo:
    """An entry of a listing; modified_at is UTC."""

    key: str
    size: int
    modified_at: datetime


class ObjectStorage(Protocol):
    """Every method raises StorageError where the store refuses us or does not answer, InvalidInput on a bad key."""

    async def ensure_bucket(self) -> None:
        """Make the bucket (the folder) where it is missing; done on every start."""
        ...

    async def upload(self, key: str, data: bytes) -> None:
        """Store bytes under a key."""
        ...

    async def upload_file(self, key: str, path: Path) -> None:
        """Store a file under a key, in parts: it never lies in memory as a whole."""
        ...

    async def download(self, key: str) -> StoredObject:
        """Read an object. Raises ObjectNotFound."""
        ...

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Begin to read an object, in parts. Raises ObjectNotFound at once, not while it is read."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; those that are not there are none the worse."""
        ...

    async def exists(self, key: str) -> bool:
        """Whether there is an object of that key."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[ObjectInfo]:
        """Objects below a prefix that ends at a slash."""
        ...

    async def presigned_url(
        self, key: str, *, method: Method = "GET", expires: timedelta = timedelta(minutes=15)
    ) -> str:
        """An address that works without login for this key, method and time."""
        ...

    async def health(self) -> None:
        """Ask the store whether it would serve us."""
        ...


def content_type(key: str) -> str:
    """By the key's suffix."""
    return CONTENT_TYPES.get(PurePosixPath(key).suffix.lower(), UNKNOWN_TYPE)


def checked_key(key: str) -> str:
    """The key. Raises InvalidInput where it could leave the store or needs quoting."""
    if len(key) <= KEY_LENGTH and KEY_PATTERN.fullmatch(key):
        return key
    raise InvalidInput(
        f"not a key of an object: {key[:80]!r}",
        hint=f"use letters, digits, . _ = - and single slashes, at most {KEY_LENGTH}; no part may begin with a dot",
    )


def open_storage(settings: StorageSettings, *, folder: Path, signer: "UrlSigner") -> ObjectStorage:
    """The store that the settings name; folder and signer are for kind=filesystem."""
    return S3Storage(settings) if settings.kind == "s3" else LocalStorage(folder, signer)


class UrlSigner:
    """Signs addresses of objects of a folder, and tells the API whether a signature holds.

    HMAC-SHA256 over method, key and expiry (Unix seconds); compared in constant time.
    """

    def __init__(
        self, secret: str, base_url: str = "/v1/objects", *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._secret = secret.encode()
        self._base_url = base_url.rstrip("/")
        self._now = now

    def sign(self, key: str, method: Method, expires: timedelta) -> str:
        """base_url/KEY?method=…&expires=…&signature=…"""
        until = int((self._now() + _checked_expiry(expires)).timestamp())
        signature = self._signature(checked_key(key), method, until)
        return f"{self._base_url}/{quote(key)}?method={method}&expires={until}&signature={signature}"

    def verify(self, key: str, *, method: str, expires: int, signature: str) -> None:
        """Give nothing where the signature holds. Raises SignatureRefused."""
        expected = self._signature(key, method, expires)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise SignatureRefused("the address of this object was not signed by us", hint="ask for a new address")
        if self._now().timestamp() >= expires:
            raise SignatureRefused("the address of this object has expired", hint="ask for a new address")

    def _signature(self, key: str, method: str, until: int) -> str:
        return hmac.new(self._secret, f"{method}\n{key}\n{until}".encode(), hashlib.sha256).hexdigest()


class _Obstore:
    """What both kinds share; place names the store in messages."""

    def __init__(self, store: LocalStore | S3Store, place: str, hint: str) -> None:
        self._store = store
        self._place = place
        self._hint = hint

    async def upload(self, key: str, data: bytes) -> None:
        """Store bytes under a key."""
        attributes = {"Content-Type": content_type(key)} if isinstance(self._store, S3Store) else None
        with self._errors(key):
            await obstore.put_async(self._store, checked_key(key), data, attributes=attributes)

    async def upload_file(self, key: str, path: Path) -> None:
        """Store a file under a key, in parts: it never lies in memory as a whole."""
        attributes = {"Content-Type": content_type(key)} if isinstance(self._store, S3Store) else None
        with self._errors(key):
            await obstore.put_async(self._store, checked_key(key), path, attributes=attributes)

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Begin to read an object, in parts. Raises ObjectNotFound at once, not while it is read."""
        with self._errors(key):
            reply = await obstore.get_async(self._store, checked_key(key))
        return self._parts(key, reply)

    async def _parts(self, key: str, reply: "obstore.GetResult") -> AsyncIterator[bytes]:
        with self._errors(key):
            async for part in reply.stream():
                yield bytes(part)

    async def download(self, key: str) -> StoredObject:
        """Read an object. Raises ObjectNotFound."""
        with self._errors(key):
            reply = await obstore.get_async(self._store, checked_key(key))
            return StoredObject(bytes(await reply.bytes_async()), content_type(key))

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; those that are not there are none the worse."""
        for key in [checked_key(key) for key in keys]:
            try:
                with self._errors(key):
                    await obstore.delete_async(self._store, key)
            except ObjectNotFound:
                continue

    async def exists(self, key: str) -> bool:
        """Whether there is an object of that key."""
        try:
            with self._errors(key):
                await obstore.head_async(self._store, checked_key(key))
        except ObjectNotFound:
            return False
        return True

    async def list(self, prefix: str = "") -> AsyncIterator[ObjectInfo]:
        """Objects below a prefix that ends at a slash."""
        with self._errors(prefix):
            stream = obstore.list(self._store, prefix=checked_key(prefix.rstrip("/")) if prefix else None)
            async for chunk in stream:
                for entry in chunk:
                    yield ObjectInfo(entry["path"], entry["size"], entry["last_modified"])

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise self._bucket_missing() from error
            raise ObjectNotFound(f"no object {key} in {self._place}", hint="it may have been purged") from error
        except (PermissionDeniedError, UnauthenticatedError, PermissionError) as error:
            raise self._refused() from error
        except (BaseError, OSError) as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> StorageError:
        text = str(error)
        if "NoSuchBucket" in text:
            return self._bucket_missing()
        if "status code: 403" in text or "status code: 401" in text:
            return self._refused()
        return StorageError(f"{self._place} does not serve us: {_reason(text)}", hint=self._hint)

    def _refused(self) -> StorageError:
        return StorageError(f"{self._place} refuses our key or our permissions", hint=self._hint)

    def _bucket_missing(self) -> StorageError:
        return StorageError(f"the bucket of {self._place} is missing", hint="start sightline once more: it makes it")


class LocalStorage(_Obstore):
    """A folder of this machine; addresses are signed by us and served by the API."""

    def __init__(self, folder: Path, signer: UrlSigner) -> None:
        self._folder = folder
        self._signer = signer
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        hint = "check that the folder is writable and the disk not full (sightline doctor)"
        super().__init__(LocalStore(folder, automatic_cleanup=True), f"the folder {folder}", hint)

    async def ensure_bucket(self) -> None:
        """Make the folder where it is missing."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def presigned_url(
        self, key: str, *, method: Method = "GET", expires: timedelta = timedelta(minutes=15)
    ) -> str:
        """An address of the API; see UrlSigner.verify."""
        return self._signer.sign(key, method, expires)

    async def health(self) -> None:
        """Write and remove a small object."""
        probe = "health.probe"
        await self.upload(probe, b"sightline")
        await self.delete([probe])


class S3Storage(_Obstore):
    """A bucket of an S3 server, addressed by path, which every server understands."""

    def __init__(self, settings: StorageSettings) -> None:
        self._settings = settings
        self._signing = _s3_store(settings, settings.public_endpoint or settings.endpoint)
        place = f"the bucket {settings.bucket} at {mask_url(settings.endpoint or 'AWS')}"
        hint = "check SIGHTLINE_STORAGE__ENDPOINT, __ACCESS_KEY, __SECRET_KEY and __BUCKET (sightline config show)"
        super().__init__(_s3_store(settings, settings.endpoint), place, hint)

    async def ensure_bucket(self) -> None:
        """Make the bucket where it is missing."""
        with self._errors(""):
            try:
                await self._probe()
            except BaseError as error:
                if "NoSuchBucket" not in str(error):
                    raise
                await asyncio.to_thread(self._create_bucket)

    async def presigned_url(
        self, key: str, *, method: Method = "GET", expires: timedelta = timedelta(minutes=15)
    ) -> str:
        """An address of the S3 server (its public one where that is set)."""
        return await obstore.sign_async(self._signing, method, checked_key(key), _checked_expiry(expires))

    async def health(self) -> None:
        """Ask for the first entries of the bucket."""
        with self._errors(""):
            await self._probe()

    async def _probe(self) -> None:
        async for _ in obstore.list(self._store, prefix="health", chunk_size=1):
            return

    def _create_bucket(self) -> None:
        """PUT on the bucket itself, which obstore can sign but not send (S3 API, CreateBucket)."""
        assert isinstance(self._store, S3Store)  # noqa: S101  for the type checker
        address = obstore.sign(self._store, "PUT", "", timedelta(minutes=1))
        region = self._settings.region
        body = (
            f"<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        )
        request = urllib.request.Request(  # noqa: S310  http(s) address made by obstore from our settings
            address, method="PUT", data=None if region == HOME_REGION else body.encode()
        )
        try:
            urllib.request.urlopen(request, timeout=self._settings.timeout).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != HTTPStatus.CONFLICT:  # another process made it just now
                reason = f"{self._place} cannot be made: the server answers {error.code} {error.reason}"
                raise StorageError(
                    reason, hint="let an administrator make the bucket, or give the key that right"
                ) from None


def _s3_store(settings: StorageSettings, endpoint: str | None) -> S3Store:
    timeout = timedelta(seconds=settings.timeout)
    return S3Store(
        settings.bucket,
        endpoint=endpoint,
        access_key_id=settings.access_key or "",
        secret_access_key=settings.secret_key.get_secret_value() if settings.secret_key else "",
        region=settings.region,
        virtual_hosted_style_request=False,
        client_options={"timeout": timeout, "connect_timeout": timeout, "allow_http": _is_plain(endpoint)},
        retry_config={"max_retries": RETRIES, "retry_timeout": timeout},
    )


def _is_plain(endpoint: str | None) -> bool:
    return endpoint is not None and endpoint.startswith("http://")


def _checked_expiry(expires: timedelta) -> timedelta:
    if timedelta(0) < expires <= MAX_EXPIRY:
        return expires
    raise InvalidInput(f"an address cannot be valid for {expires}", hint=f"choose up to {MAX_EXPIRY.days} days")


def _reason(text: str) -> str:
    """The first line of obstore's message, without its debug output."""
    return text.partition("\n")[0].strip()[:200]
