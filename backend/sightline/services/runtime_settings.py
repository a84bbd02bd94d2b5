"""Settings kept in the database, one row per section, above those of the environment.

A section that nobody changed is as the environment says; one that was changed holds all of its fields. The table
tells workers of every change (channel sightline_settings), which then take effective() anew.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import RetentionSettings, Settings
from sightline.core.errors import NotMeasured, PackNotInstalled, PreconditionFailed
from sightline.domain.operating_points import fmr_key
from sightline.schemas.runtime_settings import AnySection, RecognitionRules, RuntimeSettings, Section
from sightline.vision.model_packs.store import PackStore

CHANGED = "sightline_settings"
"""The database's channel that tells of changes."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Version of a section that nobody changed."""

_ROWS = text(
    "SELECT s.key, s.value, s.updated_at, s.updated_by, u.username FROM settings s"
    " LEFT JOIN user_names u ON u.id = s.updated_by WHERE s.key = ANY(:sections)"
)
_PACK = text("SELECT value #>> '{}' FROM settings WHERE key = 'recognition.pack'")
_ROW = text("SELECT updated_at FROM settings WHERE key = :key FOR UPDATE")
_WRITE = text(
    "INSERT INTO settings (key, value, updated_by) VALUES (:key, cast(:value AS jsonb), :by)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_by = excluded.updated_by"
)
_FIRST = text(
    "INSERT INTO settings (key, value, updated_by) VALUES (:key, cast(:value AS jsonb), :by)"
    " ON CONFLICT (key) DO NOTHING RETURNING key"
)
_REMOVE = text("DELETE FROM settings WHERE key = :key")


@dataclass(frozen=True, slots=True)
class SectionState:
    """A section in force. default: what the environment says; version: NEVER where that is in force."""

    section: Section
    value: AnySection
    default: AnySection
    version: datetime = NEVER
    updated_by: UUID | None = None
    updated_by_name: str | None = None

    @property
    def is_changed(self) -> bool:
        """Whether somebody changed it."""
        return self.version != NEVER

    @property
    def updated_at(self) -> datetime | None:
        """When somebody changed it."""
        return self.version if self.is_changed else None


async def get(session: AsyncSession, *, base: Settings | None = None) -> RuntimeSettings:
    """All settings as they are in force. base: the environment's; without it the program's own defaults lie below."""
    rows = await session.execute(_ROWS, {"sections": list(Section)})
    below = defaults(base) if base is not None else RuntimeSettings()
    return below.model_copy(update={row.key: _read(Section(row.key), row) for row in rows})


async def effective(session: AsyncSession, *, base: Settings) -> Settings:
    """The environment's settings with what was changed put in: what workers go by."""
    chosen = applied(await get(session, base=base), base)
    pack = await active_pack(session)
    if pack is None:
        return chosen
    return chosen.model_copy(update={"recognition": chosen.recognition.model_copy(update={"pack": pack})})


async def active_pack(session: AsyncSession) -> str | None:
    """The model pack that the gallery was moved to (services/reembedding.py); None: the environment's."""
    value: str | None = await session.scalar(_PACK)
    return value


async def retention(session: AsyncSession, *, base: RetentionSettings) -> RetentionSettings:
    """How long records are kept, by the database or else by the environment."""
    row = (await session.execute(_ROWS, {"sections": [Section.RETENTION]})).one_or_none()
    return base if row is None else base.model_copy(update=_read(Section.RETENTION, row).model_dump())


def applied(chosen: RuntimeSettings, base: Settings) -> Settings:
    """base with the sections that concern it."""
    recognition = chosen.recognition.model_dump()
    eyes = {"min_eye_distance": chosen.cameras.min_eye_distance}
    rate = {"sample_rate": chosen.cameras.sample_rate}
    return base.model_copy(
        update={
            "capture": base.capture.model_copy(update=rate),
            "detection": base.detection.model_copy(update=eyes),
            "recognition": base.recognition.model_copy(update=recognition),
            "alerts": base.alerts.model_copy(update=chosen.alerts.model_dump()),
            "retention": base.retention.model_copy(update=chosen.retention.model_dump()),
        }
    )


def defaults(base: Settings) -> RuntimeSettings:
    """What the environment says, section by section."""
    given = {
        Section.CAMERAS: {
            "sample_rate": base.capture.sample_rate,
            "min_eye_distance": base.detection.min_eye_distance,
        },
        Section.RECOGNITION: base.recognition.model_dump(include=set(RecognitionRules.model_fields)),
        Section.ALERTS: base.alerts.model_dump(include={"cooldown_seconds"}),
        Section.RETENTION: base.retention.model_dump(include={"sightings_days", "minute_counts_days"}),
    }
    own = RuntimeSettings()
    # The environment was checked by its own, wider limits; the program runs with it as it is.
    return own.model_copy(update={name: getattr(own, name).model_copy(update=fields) for name, fields in given.items()})


async def sections(session: AsyncSession, *, base: Settings) -> tuple[SectionState, ...]:
    """Every section with its origin."""
    rows = {row.key: row for row in await session.execute(_ROWS, {"sections": list(Section)})}
    return tuple(_state(section, rows.get(section), defaults(base)) for section in Section)


async def section(session: AsyncSession, *, name: Section, base: Settings) -> SectionState:
    """One section with its origin."""
    row = (await session.execute(_ROWS, {"sections": [name]})).one_or_none()
    return _state(name, row, defaults(base))


@dataclass(frozen=True, slots=True)
class Change:
    """A new value of a section. expected: the version it is based on, None for any; by: who changes it."""

    name: Section
    value: AnySection
    expected: datetime | None
    by: UUID | None


async def replace(session: AsyncSession, *, change: Change, base: Settings) -> SectionState:
    """Put a section's new value in force. Raises PreconditionFailed, NotMeasured (a rate that the pack lacks)."""
    if isinstance(change.value, RecognitionRules):
        require_measured(change.value, base, pack=await active_pack(session) or base.recognition.pack)
    await _require_version(session, change.name, change.expected)
    given = {"key": change.name.value, "value": json.dumps(change.value.model_dump(mode="json")), "by": change.by}
    if change.expected == NEVER:
        if await session.scalar(_FIRST, given) is None:  # somebody else was first, just now
            raise _stale(change.name)
    else:
        await session.execute(_WRITE, given)
    return await section(session, name=change.name, base=base)


async def reset(session: AsyncSession, *, name: Section, expected: datetime | None) -> None:
    """Let a section be as the environment says again; nothing happens where it is. Raises PreconditionFailed."""
    await _require_version(session, name, expected)
    await session.execute(_REMOVE, {"key": name.value})


def require_measured(rules: RecognitionRules, base: Settings, *, pack: str) -> None:
    """Refuse a rate with which workers could not start. Raises NotMeasured; a pack that is not there is not asked."""
    if rules.min_similarity is not None:
        return
    try:
        curve = PackStore.from_settings(base).get(pack).manifest.curve
    except PackNotInstalled:
        return
    if curve.min_similarity(rules.fmr) is None:
        measured = ", ".join(fmr_key(point.fmr) for point in curve.measured) or "none"
        raise NotMeasured(
            f"a false-match rate of {fmr_key(rules.fmr)} is not measured for this model pack (measured: {measured})",
            hint="Choose a measured rate, give min_similarity, or measure your pack with `sightline calibrate`.",
        )


async def _require_version(session: AsyncSession, name: Section, expected: datetime | None) -> None:
    if expected is None:
        return
    current: datetime = await session.scalar(_ROW, {"key": name.value}) or NEVER
    if current != expected:
        raise _stale(name)


def _stale(name: Section) -> PreconditionFailed:
    return PreconditionFailed(
        f"somebody changed the settings {name.value} since you read them",
        hint="Read them again, and repeat your change on that.",
    )


def _state(name: Section, row: Row[tuple[object, ...]] | None, below: RuntimeSettings) -> SectionState:
    default: AnySection = getattr(below, name)
    if row is None:
        return SectionState(name, default, default)
    return SectionState(name, _read(name, row), default, row.updated_at, row.updated_by, row.username)


def _read(name: Section, row: Row[tuple[object, ...]]) -> AnySection:
    kind: type[AnySection] = type(getattr(RuntimeSettings(), name))
    return kind.model_validate(row.value)
