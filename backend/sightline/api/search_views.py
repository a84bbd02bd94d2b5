"""From a search's form to the service's query, and from what it finds to answers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sightline.api.media_urls import PictureUrls
from sightline.api.resources import Resources
from sightline.api.sighting_views import sighting_out
from sightline.core.config import RecognitionSettings
from sightline.models import SearchRequest
from sightline.schemas.searches import (
    HistoryFilterIn,
    HistoryMatchOut,
    HistorySearchOut,
    SearchRequestOut,
    SearchStatus,
)
from sightline.services.history_search import HistoryMatch, HistoryQuery
from sightline.services.match_rates import MatchRates
from sightline.services.thresholds import choose_threshold


def query_of(
    opened: Resources, rules: RecognitionSettings, asked: HistoryFilterIn, *, model_version: str
) -> HistoryQuery:
    """The service's query by a probe of this model. Raises NotMeasured (also where no pack has the model)."""
    return HistoryQuery(
        min_similarity=_least(opened, rules, asked, model_version),
        top_k=asked.top_k,
        camera_ids=None if asked.camera_id is None else tuple(asked.camera_id),
        since=asked.since,
        until=asked.until,
    )


def _least(opened: Resources, rules: RecognitionSettings, asked: HistoryFilterIn, model_version: str) -> float:
    """The similarity that was asked for, else that of the rate, else what recognition takes for a match."""
    if asked.min_similarity is not None:
        return asked.min_similarity
    if asked.fmr is None and rules.min_similarity is not None:
        return rules.min_similarity
    curve = opened.rates.curve_of(model_version)
    return choose_threshold(curve, fmr=asked.fmr or rules.fmr, min_similarity=None).min_similarity


def search_out(
    found: Sequence[HistoryMatch], min_similarity: float, rates: MatchRates, urls: PictureUrls
) -> HistorySearchOut:
    """What a search found."""
    items = [_match_out(match, rates, urls) for match in found]
    return HistorySearchOut(items=items, min_similarity=min_similarity)


def _match_out(match: HistoryMatch, rates: MatchRates, urls: PictureUrls) -> HistoryMatchOut:
    rate = rates.of(match.similarity, match.view.model_version)
    return HistoryMatchOut(
        sighting=sighting_out(match.view, rates, urls),
        similarity=match.similarity,
        false_match_rate=rate.fmr if rate else None,
        false_match_rate_is_bound=rate.is_bound if rate else False,
    )


def request_out(request: SearchRequest, names: Mapping[UUID, str]) -> SearchRequestOut:
    """A request without its probe."""
    return SearchRequestOut(
        id=request.id,
        status=SearchStatus(request.status),
        purpose=request.purpose,
        requested_by=request.requested_by,
        requested_by_name=names.get(request.requested_by),
        camera_ids=request.camera_ids,
        since=request.since,
        until=request.until,
        min_similarity=request.min_similarity,
        top_k=request.top_k,
        decided_by=request.decided_by,
        decided_by_name=names.get(request.decided_by) if request.decided_by else None,
        decided_at=request.decided_at,
        note=request.note,
        expires_at=request.expires_at,
        created_at=request.created_at,
    )
