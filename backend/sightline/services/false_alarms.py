"""How many strangers a day a camera is expected to take for somebody of the gallery (ISO/IEC 19795-1: FPIR)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import RecognitionSettings
from sightline.core.errors import InvalidInput, NotMeasured
from sightline.domain.operating_points import OperatingCurve
from sightline.services import cameras
from sightline.services.match_rates import MatchRates
from sightline.services.statistics import Interval, binomial_interval
from sightline.services.thresholds import Threshold, choose_threshold

LOOKS_BACK = timedelta(days=14)
"""Two weeks: every day of the week twice, and no season."""
LEAST = timedelta(days=1)
"""What is shorter says nothing about a day."""
EACH = 0.975
"""Confidence of the people and of the rate; both hold together with 95 % at least (Bonferroni)."""
DAY = timedelta(days=1)
MOST_CAMERAS = 20
"""Cameras that are named: those that add most. The sum is over all."""


@dataclass(frozen=True, slots=True)
class OperatingChoice:
    """Which threshold to try: a false-match rate or a similarity; neither: the one in force."""

    fmr: float | None = None
    min_similarity: float | None = None


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """The expectation with its inputs. per_day None: reason says why. low, high: an interval of 95 %."""

    per_day: float | None
    low: float | None
    high: float | None
    reason: str | None
    people_per_day: float | None
    people_counted: int
    days_measured: float
    false_match_rate: float | None
    false_match_rate_is_bound: bool
    impostor_pairs: int
    min_similarity: float | None
    templates: int
    model_version: str | None


@dataclass(frozen=True, slots=True)
class _People:
    counted: int
    days: float

    @property
    def per_day(self) -> float:
        return self.counted / self.days if self.days else 0.0


@dataclass(frozen=True, slots=True)
class _Watched:
    id: UUID
    name: str
    people: _People


@dataclass(frozen=True, slots=True)
class _Gallery:
    model: str | None
    curve: OperatingCurve
    templates: int = 0


@dataclass(frozen=True, slots=True)
class CameraShare:
    """What one camera adds to the expectation."""

    camera_id: UUID
    camera_name: str
    per_day: float | None
    people_per_day: float
    days_measured: float


@dataclass(frozen=True, slots=True)
class FalseAlarmsOfAll:
    """The sum over cameras that were watched for a day at least, and those that add most to it.

    per_day None: reason says why. low, high: an interval of 95 %. left_out: cameras watched for less.
    """

    per_day: float | None
    low: float | None
    high: float | None
    reason: str | None
    people_per_day: float | None
    false_match_rate: float | None
    false_match_rate_is_bound: bool
    impostor_pairs: int
    min_similarity: float | None
    templates: int
    model_version: str | None
    cameras_counted: int
    cameras_left_out: int
    cameras: tuple[CameraShare, ...]


async def expected(
    session: AsyncSession,
    *,
    camera_id: UUID,
    rates: MatchRates,
    settings: RecognitionSettings,
    choice: OperatingChoice,
    now: datetime | None = None,
) -> FalseAlarms:
    """Raises NotFound, InvalidInput (both a rate and a similarity, or a rate that is none)."""
    _require_one(choice)
    await cameras.get_by_id(session, camera_id=camera_id)
    people = await _people(session, camera_id, now or datetime.now(UTC))
    at = await _operation(session, rates, settings, choice)
    reason = at.reason
    if reason is None and people.days < LEAST / DAY:
        reason = "the camera has been watched for less than a day"
    return _answer(people, at, reason)


async def expected_of_all(
    session: AsyncSession,
    *,
    rates: MatchRates,
    settings: RecognitionSettings,
    choice: OperatingChoice,
    now: datetime | None = None,
) -> FalseAlarmsOfAll:
    """Of all cameras that the principal may see. Raises InvalidInput, as expected() does."""
    _require_one(choice)
    watched = await _watched(session, now or datetime.now(UTC))
    at = await _operation(session, rates, settings, choice)
    counted = [one for one in watched if one.people.days >= LEAST / DAY]
    reason = at.reason or (None if counted else "no camera has been watched for a day")
    per_person = at.fmr * at.gallery.templates if reason is None and at.fmr is not None else None
    shares = [
        CameraShare(
            camera_id=one.id,
            camera_name=one.name,
            per_day=None if per_person is None else one.people.per_day * per_person,
            people_per_day=one.people.per_day,
            days_measured=one.people.days,
        )
        for one in counted
    ]
    people = sum(share.people_per_day for share in shares) if shares else None
    low, high = _interval([one.people for one in counted], at) if per_person is not None else (None, None)
    return FalseAlarmsOfAll(
        per_day=people * per_person if people is not None and per_person is not None else None,
        low=low,
        high=high,
        reason=reason,
        people_per_day=people,
        false_match_rate=at.fmr,
        false_match_rate_is_bound=at.is_bound,
        impostor_pairs=at.gallery.curve.impostor_pairs,
        min_similarity=at.min_similarity,
        templates=at.gallery.templates,
        model_version=at.gallery.model,
        cameras_counted=len(counted),
        cameras_left_out=len(watched) - len(counted),
        cameras=tuple(sorted(shares, key=lambda share: -share.people_per_day)[:MOST_CAMERAS]),
    )


def _require_one(choice: OperatingChoice) -> None:
    if choice.fmr is not None and choice.min_similarity is not None:
        raise InvalidInput("a rate and a similarity were given", hint="Give one of them.")


@dataclass(frozen=True, slots=True)
class _Operation:
    """Where recognition would work; reason: why no rate is known there."""

    gallery: _Gallery
    threshold: Threshold | None
    reason: str | None

    @property
    def fmr(self) -> float | None:
        return self.threshold.fmr if self.threshold else None

    @property
    def min_similarity(self) -> float | None:
        return self.threshold.min_similarity if self.threshold else None

    @property
    def is_bound(self) -> bool:
        measured = self.gallery.curve.measured
        strictest = measured[-1].min_similarity if measured else None
        return bool(
            self.threshold
            and self.fmr is not None
            and strictest is not None
            and self.threshold.min_similarity > strictest
        )


async def _operation(
    session: AsyncSession, rates: MatchRates, settings: RecognitionSettings, choice: OperatingChoice
) -> _Operation:
    curve, model = rates.curve, rates.model_version
    if model is None:
        return _Operation(_Gallery(None, curve), None, "no model pack is installed")
    size = await session.scalar(text("SELECT gallery_size(:model)"), {"model": model})
    gallery = _Gallery(model, curve, int(size or 0))
    try:
        threshold = _threshold(curve, settings, choice)
    except NotMeasured as error:
        return _Operation(gallery, None, error.message)
    reason = None
    if threshold.fmr is None:
        reason = f"the pack's false-match rate at a similarity of {threshold.min_similarity:g} is not measured"
    return _Operation(gallery, threshold, reason)


def _threshold(curve: OperatingCurve, settings: RecognitionSettings, choice: OperatingChoice) -> Threshold:
    if choice.fmr is not None:
        return choose_threshold(curve, fmr=choice.fmr, min_similarity=None)
    similarity = settings.min_similarity if choice.min_similarity is None else choice.min_similarity
    return choose_threshold(curve, fmr=settings.fmr, min_similarity=similarity)


def _answer(people: _People, at: _Operation, reason: str | None) -> FalseAlarms:
    per_day = people.per_day if people.days >= LEAST / DAY else None
    value, low, high = None, None, None
    if reason is None and per_day is not None and at.fmr is not None:
        value = per_day * at.fmr * at.gallery.templates
        low, high = _interval([people], at)
    return FalseAlarms(
        per_day=value,
        low=low,
        high=high,
        reason=reason,
        people_per_day=per_day,
        people_counted=people.counted,
        days_measured=people.days,
        false_match_rate=at.fmr,
        false_match_rate_is_bound=at.is_bound,
        impostor_pairs=at.gallery.curve.impostor_pairs,
        min_similarity=at.min_similarity,
        templates=at.gallery.templates,
        model_version=at.gallery.model,
    )


def _interval(people: Sequence[_People], at: _Operation) -> tuple[float | None, float | None]:
    """Of the expectation; nothing where the pack does not say how many pairs are behind its rate."""
    pairs, templates = at.gallery.curve.impostor_pairs, at.gallery.templates
    if pairs == 0 or at.fmr is None:
        return None, None
    least, most = people_interval([(one.counted, one.days) for one in people], EACH)
    low, high = binomial_interval(min(round(at.fmr * pairs), pairs), pairs, EACH)
    return least * low * templates, most * high * templates


def people_interval(watched: Sequence[tuple[int, float]], confidence: float) -> Interval:
    """Interval of the people per day whom cameras see together; each: how many were counted in how many days.

    Fay and Feuer 1997, of a weighted sum of counts; for one camera that is Garwood's exact one of 1936.
    """
    tail = (1.0 - confidence) / 2.0
    from scipy.special import gammaincinv  # noqa: PLC0415 - as in statistics.py

    rate = sum(counted / days for counted, days in watched)
    variance = sum(counted / days**2 for counted, days in watched)
    widest = max(1.0 / days for _, days in watched)
    low = variance / rate * float(gammaincinv(rate**2 / variance, tail)) if rate else 0.0
    rate, variance = rate + widest, variance + widest**2
    return low, variance / rate * float(gammaincinv(rate**2 / variance, 1.0 - tail))


async def _people(session: AsyncSession, camera_id: UUID, now: datetime) -> _People:
    """Tracks counted since the camera's first minute of the last two weeks, nights and pauses included."""
    statement = text(
        "SELECT coalesce(sum(tracks), 0)::bigint AS tracks, min(minute) AS first FROM camera_minute_counters"
        " WHERE camera_id = :camera_id AND minute >= :since AND minute < :until"
    )
    row = (await session.execute(statement, {"camera_id": camera_id, "since": now - LOOKS_BACK, "until": now})).one()
    return _People(int(row.tracks), (now - row.first) / DAY if row.first else 0.0)


async def _watched(session: AsyncSession, now: datetime) -> list[_Watched]:
    """The same of all cameras."""
    statement = text(
        "SELECT c.id, c.name, coalesce(sum(m.tracks), 0)::bigint AS tracks, min(m.minute) AS first FROM cameras c"
        " LEFT JOIN camera_minute_counters m ON m.camera_id = c.id AND m.minute >= :since AND m.minute < :until"
        " WHERE c.removed_at IS NULL GROUP BY c.id, c.name"
    )
    rows = await session.execute(statement, {"since": now - LOOKS_BACK, "until": now})
    return [
        _Watched(row.id, row.name, _People(int(row.tracks), (now - row.first) / DAY if row.first else 0.0))
        for row in rows
    ]
