"""Recording tracks as sightings (reading them back: sighting_views).

record_tracks() is idempotent: a track delivered twice, or again after a crash, is one row with the
later state. Alerts are made in the same statement, so that no sighting is committed without its alert.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import constraint
from sightline.core.errors import InvalidInput, NotFound
from sightline.domain.arrays import FloatArray, normalise
from sightline.domain.gallery import Candidate, Match
from sightline.domain.tracks import Box
from sightline.models import Camera
from sightline.services import templates
from sightline.services.sightings_sql import (
    CLOSE_SILENT,
    COUNT_MINUTES,
    FORGET_PICTURES,
    RECORD_TRACKS,
    RECORDED_TRACKS,
    TAKE_TURNS,
)


class UnknownPolicy(StrEnum):
    """What is kept of people who match nobody (setting recognition.unknown)."""

    COUNT = "count"
    CROP = "crop"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class RecordingPolicy:
    """How tracks become records. unknown_for: how long pictures and templates of unknown people are kept;
    cooldown: one alert per subject and camera within this time."""

    unknown: UnknownPolicy = UnknownPolicy.CROP
    unknown_for: timedelta = timedelta(hours=24)
    cooldown: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, eq=False)
class TrackRecord:
    """The state of a confirmed track. Times are aware and in UTC; first_seen never changes for a track.

    box px of the frame, quality 0 to 1: the best shot's. match names subjects by their id.
    template (512,) float32 of length 1 or None. image_path, frame_path: object keys of crop and full frame.
    is_partial: part of the track's past was lost, so a name on record gives way only to a better supported one.
    """

    track_id: UUID
    camera_id: UUID
    first_seen: datetime
    last_seen: datetime
    detections: int
    box: Box
    frame_width: int
    frame_height: int
    match: Match
    quality: float | None = None
    template: FloatArray | None = field(default=None, repr=False)
    model_version: str = ""
    image_path: str | None = None
    frame_path: str | None = None
    closed: bool = False
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert that was made with a sighting; publish it after the commit."""

    id: UUID
    sighting_id: UUID
    camera_id: UUID
    subject_id: UUID
    watchlist_id: int | None
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What record_tracks() did: ids of rows made and of rows updated, the alerts raised, and ids of those rows that
    bore no name before and bear one now."""

    created: tuple[UUID, ...] = ()
    updated: tuple[UUID, ...] = ()
    alerts: tuple[RaisedAlert, ...] = ()
    named: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """What a camera counted in one minute, to be added. minute: its beginning, UTC."""

    camera_id: UUID
    minute: datetime
    frames: int = 0
    detections: int = 0
    tracks: int = 0
    recognitions: int = 0


async def record_tracks(
    session: AsyncSession, *, tracks: Sequence[TrackRecord], policy: RecordingPolicy | None = None
) -> Recorded:
    """Write tracks as sightings, raise alerts, note when cameras and subjects were last seen.

    Of people who match nobody only what the policy allows is kept. Raises InvalidInput (template of
    another length, not finite), NotFound (unknown camera); then nothing of the batch is written.
    """
    chosen = policy or RecordingPolicy()
    latest = {track.track_id: track for track in sorted(tracks, key=lambda track: track.last_seen)}
    rows = [
        _row(track, chosen)
        for track in latest.values()
        if track.match.subject is not None or chosen.unknown is not UnknownPolicy.COUNT
    ]
    if rows:
        await _take_turns(session, latest)
    if latest:
        await _mark_seen(session, list(latest.values()))
    if not rows:
        return Recorded()
    try:
        result = await session.execute(RECORD_TRACKS, {**_columns(rows), "cooldown": chosen.cooldown})
    except IntegrityError as error:
        if constraint(error) == "sightings_camera_id_fkey":
            raise NotFound("a track names a camera that does not exist", hint="Reload the cameras.") from error
        raise
    row = result.mappings().one()
    if row["not_seen"]:
        await review_seen(session, subjects=row["not_seen"])
    recorded = _recorded(row)
    await _forget_pictures(session, latest, written={*recorded.created, *recorded.updated})
    return recorded


async def _forget_pictures(
    session: AsyncSession, tracks: Mapping[UUID, TrackRecord], *, written: AbstractSet[UUID]
) -> None:
    """Of somebody who was erased while they were in view, new pictures come until the track ends."""
    left = [track for track in tracks.values() if track.track_id not in written]
    keys = [(track.track_id, key) for track in left for key in (track.image_path, track.frame_path) if key is not None]
    if keys:
        begun = [track.first_seen for track in left]
        values = {"ids": [id_ for id_, _ in keys], "keys": [key for _, key in keys]}
        await session.execute(FORGET_PICTURES, {**values, "since": min(begun), "until": max(begun)})


async def _take_turns(session: AsyncSession, track_ids: Iterable[UUID]) -> None:
    """Wait for who records any of these tracks right now.

    Two workers with two messages of one new track work out its beginning each for itself, to the microsecond. That is
    part of the key: two rows would not meet.
    """
    keys = sorted(track_id.int % 2**63 for track_id in track_ids)
    await session.execute(TAKE_TURNS, {"keys": keys})


async def existing_cameras(session: AsyncSession, *, camera_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of these cameras that there are."""
    found = await session.scalars(select(Camera.id).where(Camera.id.in_(list(camera_ids))))
    return frozenset(found)


@dataclass(frozen=True, slots=True, eq=False)
class RecordedTrack:
    """What a sighting on record says of its track. template (512,) float32 of length 1, or None."""

    track_id: UUID
    camera_id: UUID
    first_seen: datetime
    last_seen: datetime
    detections: int
    box: Box
    frame_size: tuple[int, int]
    quality: float | None
    match: Match
    template: FloatArray | None
    model_version: str
    is_pictured: bool


async def recorded_tracks(
    session: AsyncSession, *, track_ids: Sequence[UUID], around: tuple[datetime, datetime]
) -> list[RecordedTrack]:
    """Those of these tracks that are on record, begun within a day of the moments. For who lost its memory of them.

    What a person decided about is left as it is by record_tracks(), so it is not told here.
    """
    values = {"ids": list(track_ids), "since": around[0], "until": around[1]}
    return [_recorded_track(row) for row in (await session.execute(RECORDED_TRACKS, values)).all()]


def _recorded_track(row: Row[Any]) -> RecordedTrack:
    is_decided = row.verdict is not None or row.subject_id is None or row.confidence is None
    candidates = tuple(Candidate(one["subject"], one["similarity"]) for one in row.candidates)
    match = Match(candidates) if is_decided else Match(candidates, str(row.subject_id), row.confidence)
    x, y, width, height = row.bounding_box
    return RecordedTrack(
        track_id=row.id,
        camera_id=row.camera_id,
        first_seen=row.detected_at,
        last_seen=row.last_seen_at,
        detections=row.detections,
        box=(x, y, width, height),
        frame_size=(row.frame_width, row.frame_height),
        quality=row.quality_score,
        match=match,
        template=None if row.template is None else normalise(templates.from_binary([row.template]))[0],
        model_version=row.model_version or "",
        is_pictured=row.image_path is not None,
    )


_Cell = UUID | datetime | float | int | str | bool | None
_Row = dict[str, _Cell]


def _row(track: TrackRecord, policy: RecordingPolicy) -> _Row:
    _require_plausible(track)
    known = track.match.subject is not None
    keeps_template = track.template is not None and (known or policy.unknown is UnknownPolicy.TEMPLATE)
    x, y, width, height = track.box
    return {
        "ids": track.track_id,
        "cameras": track.camera_id,
        "first_seen": track.first_seen,
        "last_seen": track.last_seen,
        "detections": track.detections,
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "frame_width": track.frame_width,
        "frame_height": track.frame_height,
        "quality": track.quality,
        "subjects": UUID(track.match.subject) if track.match.subject else None,
        "similarity": _cosine(track.match.similarity),
        "candidates": _candidates(track.match),
        "image_paths": track.image_path,
        "frame_paths": track.frame_path,
        "embeddings": templates.to_text(track.template) if keeps_template and track.template is not None else None,
        "models": track.model_version if keeps_template else None,
        "closed": track.last_seen if track.closed else None,
        "partial": track.is_partial,
        "media_expires": None if known else track.last_seen + policy.unknown_for,
    }


def _cosine(similarity: float | None) -> float | None:
    """Rounding makes 1.0000001 of a picture and itself, which is no cosine."""
    return None if similarity is None else min(max(similarity, -1.0), 1.0)


def _require_plausible(track: TrackRecord) -> None:
    numbers = (*track.box, track.quality or 0.0, track.match.similarity or 0.0)
    if not all(math.isfinite(number) for number in numbers):
        raise InvalidInput("a track holds a number that is not finite", hint="Drop this track.")
    if track.first_seen.tzinfo is None or track.last_seen.tzinfo is None:
        raise InvalidInput("a track's times name no time zone", hint="Pass aware datetimes in UTC.")
    if track.last_seen < track.first_seen:
        raise InvalidInput("a track ends before it begins", hint="Take its times from one clock.")
    if track.template is not None:
        templates.to_text(track.template)
        if not track.model_version:
            raise InvalidInput("a template must name its model", hint="Pass the embedder's model_version.")


def _candidates(match: Match) -> str:
    return json.dumps([{"subject": c.subject, "similarity": round(c.similarity, 4)} for c in match.candidates])


def _columns(rows: Sequence[_Row]) -> dict[str, list[_Cell]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _recorded(row: object) -> Recorded:
    result = dict(row)  # type: ignore[call-overload]
    alerts = tuple(
        RaisedAlert(
            UUID(alert["id"]),
            UUID(alert["sighting_id"]),
            UUID(alert["camera_id"]),
            UUID(alert["subject_id"]),
            alert["watchlist_id"],
            alert["severity"],
            alert["message"],
        )
        for alert in result["alerts"] or ()
    )
    created, updated, named = (tuple(result[key] or ()) for key in ("created", "updated", "named"))
    return Recorded(created, updated, alerts, named)


async def _mark_seen(session: AsyncSession, tracks: Sequence[TrackRecord]) -> None:
    await session.execute(
        text("SELECT mark_seen(:cameras, :subjects, :seen)"),
        {
            "cameras": [track.camera_id for track in tracks],
            "subjects": [UUID(track.match.subject) if track.match.subject else None for track in tracks],
            "seen": [track.last_seen for track in tracks],
        },
    )


async def review_seen(session: AsyncSession, *, subjects: Sequence[UUID]) -> None:
    """Note anew when these were last seen, as far as their sightings go: one of those may have been taken from them."""
    await session.execute(text("SELECT review_seen(:ids)"), {"ids": list(subjects)})


async def close_silent(session: AsyncSession, *, silent_for: timedelta) -> int:
    """Close sightings of tracks whose worker ended before it could, seen when they were last; how many.

    As WORKER: only recognition writes sightings. A track that is seen again opens its sighting again.
    """
    result = await session.execute(CLOSE_SILENT, {"silent_for": silent_for})
    return int(result.rowcount)  # type: ignore[attr-defined]


async def count_minutes(session: AsyncSession, *, counts: Sequence[MinuteCount]) -> None:
    """Add to the counters per camera and minute."""
    total: dict[tuple[UUID, datetime], tuple[int, int, int, int]] = {}
    for count in counts:
        key = (count.camera_id, count.minute.replace(second=0, microsecond=0))
        old = total.get(key, (0, 0, 0, 0))
        new = (count.frames, count.detections, count.tracks, count.recognitions)
        total[key] = (old[0] + new[0], old[1] + new[1], old[2] + new[2], old[3] + new[3])
    if not total:
        return
    keys = sorted(total)  # one order for everybody, so that two workers cannot lock each other out
    columns = list(zip(*(total[key] for key in keys), strict=True))
    await session.execute(
        COUNT_MINUTES,
        {
            "cameras": [key[0] for key in keys],
            "minutes": [key[1] for key in keys],
            "frames": list(columns[0]),
            "detections": list(columns[1]),
            "tracks": list(columns[2]),
            "recognitions": list(columns[3]),
        },
    )
