"""Anchors: heads of the audit chain that are kept outside of the database, so that a cut-off tail is found.

One line a day in a file of the data folder, and one object a day in the object store (audit/anchors/…). Whoever can
rewrite the database should not be able to write both: keep copies elsewhere, or a bucket that only takes additions.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import InvalidInput
from sightline.core.storage import ObjectStorage
from sightline.services.audit import Anchor

FOLDER = "audit/anchors"


async def current_anchor(session: AsyncSession) -> Anchor | None:
    """The chain's head, to be kept outside of the database."""
    row = (
        await session.execute(text("SELECT position, digest FROM audit_chain ORDER BY position DESC LIMIT 1"))
    ).one_or_none()
    return Anchor(row.position, row.digest.hex()) if row else None


def append_anchor(path: Path, anchor: Anchor) -> None:
    """Add one line to a file of anchors. Keep a copy of that file on another machine."""
    with path.open("a", encoding="ascii") as file:
        file.write(_line(anchor) + "\n")


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """All anchors of a file; none when it does not exist. Raises InvalidInput for a damaged line."""
    if not path.exists():
        return ()
    lines = path.read_text(encoding="ascii").splitlines()
    return tuple(_read(f"line {number} of {path.name}", line) for number, line in enumerate(lines, 1))


async def store_anchor(storage: ObjectStorage, anchor: Anchor) -> str:
    """Keep an anchor in the object store; its key. Each moment has a key of its own: none is written over."""
    key = f"{FOLDER}/{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}-{anchor.position}.json"
    await storage.upload(key, _line(anchor).encode())
    return key


async def stored_anchors(storage: ObjectStorage) -> tuple[Anchor, ...]:
    """All anchors of the object store. Raises InvalidInput for a damaged one, StorageError."""
    found = [item.key async for item in storage.list(f"{FOLDER}/")]
    return tuple([_read(key, (await storage.download(key)).data.decode("ascii", "replace")) for key in sorted(found)])


def _line(anchor: Anchor) -> str:
    return json.dumps({"position": anchor.position, "digest": anchor.digest, "at": datetime.now(UTC).isoformat()})


def _read(place: str, line: str) -> Anchor:
    try:
        entry = json.loads(line)
        return Anchor(int(entry["position"]), str(entry["digest"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{place} is no anchor", hint="Restore it from its copy.") from error
