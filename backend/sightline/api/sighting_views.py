"""From filters of a request to those of the service, and from its values to answers."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sightline.api.media_urls import PictureUrls
from sightline.core.config import RecognitionSettings
from sightline.schemas.corrections import CorrectionOut, Verdict
from sightline.schemas.sightings import BoxOut, CandidateOut, SightingDetailOut, SightingFilterIn, SightingOut
from sightline.services.corrections import CorrectionView
from sightline.services.match_rates import MatchRates
from sightline.services.media_links import PictureKind
from sightline.services.sighting_views import CandidateView, SightingDetail, SightingFilter, SightingView
from sightline.services.sightings import RecordingPolicy, UnknownPolicy


def filter_of(asked: SightingFilterIn) -> SightingFilter:
    """The service's filter."""
    return SightingFilter(
        camera_ids=None if asked.camera_id is None else tuple(asked.camera_id),
        group_id=asked.group_id,
        subject_ids=None if asked.subject_id is None else tuple(asked.subject_id),
        watchlist_id=asked.watchlist_id,
        known=asked.known,
        min_similarity=asked.min_similarity,
        min_quality=asked.min_quality,
        since=asked.since,
        until=asked.until,
        open=asked.open,
        verdict=asked.verdict.value if asked.verdict else None,
    )


def policy_of(rules: RecognitionSettings) -> RecordingPolicy:
    """What is kept of people who match nobody."""
    return RecordingPolicy(UnknownPolicy(rules.unknown), timedelta(hours=rules.unknown_hours))


def sighting_out(view: SightingView, rates: MatchRates, urls: PictureUrls | None = None) -> SightingOut:
    """A sighting with its error rate, and addresses of its pictures where urls makes them; keys of the object store
    stay inside."""
    rate = rates.of(view.confidence, view.model_version)
    x, y, width, height = view.box
    return SightingOut(
        id=view.id,
        camera_id=view.camera_id,
        camera_name=view.camera_name,
        camera_time_zone=view.camera_time_zone,
        subject_id=view.subject_id,
        subject_name=view.subject_name,
        similarity=view.confidence,
        false_match_rate=rate.fmr if rate else None,
        false_match_rate_is_bound=rate.is_bound if rate else False,
        quality=view.quality_score,
        detections=view.detections,
        box=BoxOut(x=x, y=y, width=width, height=height),
        frame_width=view.frame_width,
        frame_height=view.frame_height,
        detected_at=view.detected_at,
        last_seen_at=view.last_seen_at,
        closed_at=view.closed_at,
        has_image=view.image_path is not None,
        has_context=view.frame_path is not None,
        verdict=Verdict(view.verdict) if view.verdict else None,
        corrected_at=view.corrected_at,
        image_url=_url(urls, PictureKind.SIGHTING_IMAGE, view.id, view.image_path),
        context_url=_url(urls, PictureKind.SIGHTING_CONTEXT, view.id, view.frame_path),
    )


def detail_out(
    found: SightingDetail, decided: Sequence[CorrectionView], rates: MatchRates, urls: PictureUrls
) -> SightingDetailOut:
    """A sighting with everything about it."""
    model = found.view.model_version
    return SightingDetailOut(
        **sighting_out(found.view, rates, urls).model_dump(),
        candidates=[_candidate_out(one, rates, model, urls) for one in found.candidates],
        model_version=model,
        has_template=found.has_template,
        media_expires_at=found.media_expires_at,
        corrections=[CorrectionOut.model_validate(one) for one in decided],
    )


def _candidate_out(one: CandidateView, rates: MatchRates, model_version: str | None, urls: PictureUrls) -> CandidateOut:
    rate = rates.of(one.similarity, model_version)
    return CandidateOut(
        subject_id=one.subject_id,
        subject_name=one.name,
        similarity=one.similarity,
        false_match_rate=rate.fmr if rate else None,
        false_match_rate_is_bound=rate.is_bound if rate else False,
        picture_url=urls.of(PictureKind.SUBJECT_IMAGE, one.portrait_id) if one.portrait_id else None,
    )


def _url(urls: PictureUrls | None, kind: PictureKind, record_id: UUID, key: str | None) -> str | None:
    return urls.of(kind, record_id, kept=key is not None) if urls else None
