"""How many strangers a day a camera is expected to take for somebody of the gallery (ISO/IEC 19795-1: FPIR)."""

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


@dataclass(frozen=True, slots=True)
class _Gallery:
    model: str | None
    curve: OperatingCurve
    templates: int = 0


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
    if choice.fmr is not None and choice.min_similarity is not None:
        raise InvalidInput("a rate and a similarity were given", hint="Give one of them.")
    await cameras.get_by_id(session, camera_id=camera_id)
    people = await _people(session, camera_id, now or datetime.now(UTC))
    curve, model = rates.curve, rates.model_version
    if model is None:
        return _answer(people, None, _Gallery(None, curve), "no model pack is installed")
    size = await session.scalar(text("SELECT gallery_size(:model)"), {"model": model})
    gallery = _Gallery(model, curve, int(size or 0))
    try:
        threshold = _threshold(curve, settings, choice)
    except NotMeasured as error:
        return _answer(people, None, gallery, error.message)
    reason = None
    if threshold.fmr is None:
        reason = f"the pack's false-match rate at a similarity of {threshold.min_similarity:g} is not measured"
    elif people.days < LEAST / DAY:
        reason = "the camera has been watched for less than a day"
    return _answer(people, threshold, gallery, reason)


def _threshold(curve: OperatingCurve, settings: RecognitionSettings, choice: OperatingChoice) -> Threshold:
    if choice.fmr is not None:
        return choose_threshold(curve, fmr=choice.fmr, min_similarity=None)
    similarity = settings.min_similarity if choice.min_similarity is None else choice.min_similarity
    return choose_threshold(curve, fmr=settings.fmr, min_similarity=similarity)


def _answer(people: _People, threshold: Threshold | None, gallery: _Gallery, reason: str | None) -> FalseAlarms:
    curve, fmr = gallery.curve, threshold.fmr if threshold else None
    per_day = people.counted / people.days if people.days >= LEAST / DAY else None
    value, low, high = None, None, None
    if reason is None and per_day is not None and fmr is not None:
        value = per_day * fmr * gallery.templates
        low, high = _interval(people, fmr, gallery)
    strictest = curve.measured[-1].min_similarity if curve.measured else None
    is_bound = bool(threshold and fmr is not None and strictest is not None and threshold.min_similarity > strictest)
    return FalseAlarms(
        per_day=value,
        low=low,
        high=high,
        reason=reason,
        people_per_day=per_day,
        people_counted=people.counted,
        days_measured=people.days,
        false_match_rate=fmr,
        false_match_rate_is_bound=is_bound,
        impostor_pairs=curve.impostor_pairs,
        min_similarity=threshold.min_similarity if threshold else None,
        templates=gallery.templates,
        model_version=gallery.model,
    )


def _interval(people: _People, fmr: float, gallery: _Gallery) -> tuple[float | None, float | None]:
    """Of the expectation; nothing where the pack does not say how many pairs are behind its rate."""
    pairs = gallery.curve.impostor_pairs
    if pairs == 0:
        return None, None
    least, most = poisson_interval(people.counted, EACH)
    low, high = binomial_interval(min(round(fmr * pairs), pairs), pairs, EACH)
    return least / people.days * low * gallery.templates, most / people.days * high * gallery.templates


def poisson_interval(count: int, confidence: float) -> Interval:
    """Exact interval of an expectation of which count events were seen (Garwood 1936)."""
    tail = (1.0 - confidence) / 2.0
    from scipy.special import gammaincinv  # noqa: PLC0415 - as in statistics.py

    low = float(gammaincinv(count, tail)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1.0 - tail))


async def _people(session: AsyncSession, camera_id: UUID, now: datetime) -> _People:
    """Tracks counted since the camera's first minute of the last two weeks, nights and pauses included."""
    statement = text(
        "SELECT coalesce(sum(tracks), 0)::bigint AS tracks, min(minute) AS first FROM camera_minute_counters"
        " WHERE camera_id = :camera_id AND minute >= :since AND minute < :until"
    )
    row = (await session.execute(statement, {"camera_id": camera_id, "since": now - LOOKS_BACK, "until": now})).one()
    return _People(int(row.tracks), (now - row.first) / DAY if row.first else 0.0)
