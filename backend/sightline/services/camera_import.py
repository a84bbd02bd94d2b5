"""Cameras of a playlist: said first, then added; each stands alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import translate
from sightline.core.errors import AppError, InvalidInput, SecretUnreadable
from sightline.core.sealing import Sealer
from sightline.media.playlist import PlaylistEntry, read_playlist
from sightline.models import Camera, CameraCredentials
from sightline.schemas.camera_imports import EntryState
from sightline.services import camera_secrets, cameras
from sightline.services.camera_addresses import AddressChange
from sightline.services.camera_secrets import CameraAddress
from sightline.services.cameras import CameraFields, Keeping

MOST_ENTRIES = 10_000
"""As many cameras as an installation has."""
MOST_ADDED = 500
"""Of one call: a few seconds."""
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ImportedEntry:
    """How it went with one entry. name: what the camera is or would be called. shown: the address without secrets,
    empty where it cannot be read. code, detail, hint: why not."""

    line: int
    name: str
    shown: str
    state: EntryState
    camera: Camera | None = None
    code: str | None = None
    detail: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    entry: PlaylistEntry
    address: CameraAddress | None
    refusal: AppError | None = None


async def run(
    session: AsyncSession,
    *,
    playlist: str,
    lines: Sequence[int] | None,
    fields: CameraFields,
    keeping: Keeping,
    dry_run: bool,
) -> list[ImportedEntry]:
    """Add the entries of a playlist that stand in these lines (None: all), or say what would be.

    fields: of every camera; its name is not used. A name that is taken gets a number. Raises InvalidInput (no playlist
    of streams, too many entries), NotFound for an unknown group.
    """
    chosen = None if lines is None else frozenset(lines)
    entries = [entry for entry in read_playlist(playlist) if chosen is None or entry.line in chosen]
    _require_few(len(entries), MOST_ENTRIES if dry_run else MOST_ADDED)
    candidates = [_candidate(entry, keeping) for entry in entries]
    taken = await _addresses(session, [one.address for one in candidates if one.address], keeping.sealer)
    names = set((await session.scalars(select(func.lower(Camera.name)).where(Camera.removed_at.is_(None)))).all())
    done: list[ImportedEntry] = []
    for candidate in candidates:
        said = _judged(candidate, taken, names)
        if said.state is EntryState.READY and candidate.address is not None:
            taken.add(candidate.address.url)
            names.add(said.name.lower())
            if not dry_run:
                said = await _added(session, said, candidate.address, fields, keeping.sealer)
        done.append(said)
    return done


def _require_few(count: int, most: int) -> None:
    if count > most:
        raise InvalidInput(
            f"these are {count} entries; {most} are done at once", hint="Choose some by their lines, and then others."
        )


def _candidate(entry: PlaylistEntry, keeping: Keeping) -> _Candidate:
    try:
        return _Candidate(entry, AddressChange(entry.url).new(keeping.policy))
    except AppError as error:
        return _Candidate(entry, None, error)


def _judged(candidate: _Candidate, taken: set[str], names: set[str]) -> ImportedEntry:
    entry, address = candidate.entry, candidate.address
    name = _free_name(entry.name or (address.server[1] if address else ""), names)
    shown = address.shown if address else ""
    said = ImportedEntry(entry.line, name, shown, EntryState.READY)
    if address is None:
        return _refused(said, candidate.refusal)
    return replace(said, state=EntryState.DUPLICATE) if address.url in taken else said


def _refused(said: ImportedEntry, error: AppError | None) -> ImportedEntry:
    if error is None:
        return said
    return replace(said, state=EntryState.REFUSED, code=error.code, detail=error.message, hint=error.hint or None)


def _free_name(wanted: str, names: set[str]) -> str:
    """wanted, or with the lowest number that no other camera has: "Door 2"."""
    name, number = wanted[:LONGEST_NAME].strip(), 1
    while name.lower() in names:
        number += 1
        end = f" {number}"
        name = wanted[: LONGEST_NAME - len(end)].strip() + end
    return name


async def _added(
    session: AsyncSession, said: ImportedEntry, address: CameraAddress, fields: CameraFields, sealer: Sealer
) -> ImportedEntry:
    """What fails for one is undone for that one only."""
    try:
        async with session.begin_nested():
            camera = await cameras.add(session, fields=replace(fields, name=said.name), address=address, sealer=sealer)
    except DBAPIError as error:
        known = translate(error)
        if not isinstance(known, AppError):
            raise
        return _refused(said, known)
    except AppError as error:
        return _refused(said, error)
    return replace(said, state=EntryState.ADDED, camera=camera)


async def _addresses(session: AsyncSession, wanted: Iterable[CameraAddress], sealer: Sealer) -> set[str]:
    """Addresses of cameras that may be among the wanted ones, without logins: two logins show the same picture."""
    shown = {address.shown for address in wanted}
    statement = (
        select(Camera, CameraCredentials)
        .outerjoin(CameraCredentials, CameraCredentials.camera_id == Camera.id)
        .where(Camera.removed_at.is_(None), Camera.stream_url.in_(shown))
    )
    rows = (await session.execute(statement)).all()
    return {_url(camera, kept, sealer) for camera, kept in rows}


def _url(camera: Camera, kept: CameraCredentials | None, sealer: Sealer) -> str:
    try:
        return camera_secrets.opened(camera, kept, sealer).url
    except SecretUnreadable:  # what is shown is all that is known of it
        return camera.stream_url
