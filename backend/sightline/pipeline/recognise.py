"""From face crops to names: embed, fuse per track, search the gallery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np

from sightline.core.errors import GalleryInvalid
from sightline.domain.arrays import TEMPLATE_DIMENSIONS, FloatArray
from sightline.domain.gallery import Candidate, Gallery, Match
from sightline.domain.operating_points import OperatingCurve
from sightline.domain.ports import FaceEmbedder
from sightline.domain.tracks import FaceCrop
from sightline.domain.views import embed_views
from sightline.pipeline.fusion import fuse
from sightline.pipeline.search import GallerySearch

EMBED_BATCH = 16
"""Crops per run of the embedder, each in several views: more saves nothing on a CPU and costs memory."""


@dataclass(frozen=True, slots=True)
class RecognitionRules:
    """When a candidate is a match. min_similarity: the operating point's threshold, cosine.

    top_k: candidates that are kept; max_embeddings: shots that a track's template is made of, its best.
    """

    min_similarity: float
    top_k: int = 5
    max_embeddings: int = 8


@dataclass(frozen=True, slots=True, eq=False)
class Recognition:
    """What is known of a track's face: its fused template (512,) float32 and the match that it supports best.

    changed_at: media time of the crop that brought it here.
    """

    track_id: UUID
    camera_id: str
    changed_at: float
    template: FloatArray
    match: Match


@dataclass(frozen=True, slots=True, eq=False)
class FaceMemory:
    """All that is known of a live track's face, to go on with it elsewhere.

    embeddings (n, 512) float32 of its best shots, with their qualities (n,) 0 to 1; moments: media times of all shots
    that were taken in, so that none is taken twice; template (512,) float32.
    """

    camera_id: str
    changed_at: float
    embeddings: FloatArray
    qualities: tuple[float, ...]
    moments: tuple[float, ...]
    template: FloatArray
    match: Match


@dataclass(slots=True)
class _TrackFace:
    camera_id: str
    changed_at: float = 0.0
    moments: list[float] = field(default_factory=list)
    embeddings: list[FloatArray] = field(default_factory=list)
    qualities: list[float] = field(default_factory=list)
    template: FloatArray = field(default_factory=lambda: np.zeros(TEMPLATE_DIMENSIONS, np.float32))
    match: Match = field(default_factory=Match)
    searched: GallerySearch | None = None


class RecogniseStage:
    """Crops to recognitions: embeds crops of all cameras in one batch and matches fused templates.

    A track keeps the match that its template supported best: once it has reached the threshold for a
    subject, worse shots do not take the name away, and another name needs a higher similarity than the
    first one ever had. A new gallery starts every live track's match afresh, from its template.
    """

    consumes = FaceCrop
    produces = Recognition

    def __init__(
        self, embedder: FaceEmbedder, gallery: Gallery, curve: OperatingCurve, rules: RecognitionRules
    ) -> None:
        self._embedder = embedder
        self._curve = curve
        self._rules = rules
        self._tracks: dict[UUID, _TrackFace] = {}
        self._search = self._prepared(gallery)

    @property
    def model_version(self) -> str:
        """The embedder's."""
        return self._embedder.model_version

    def replace_gallery(self, gallery: Gallery) -> None:
        """Search another gallery from the next batch on. Any thread may call this at any time.

        Raises GalleryInvalid when another model made its templates; the old gallery then stays.
        """
        self._search = self._prepared(gallery)

    def process(self, batch: Sequence[FaceCrop]) -> list[Recognition]:
        """What changed: tracks with new embeddings, and all live ones after the gallery was replaced.

        A shot that was taken in already, as a message that is delivered twice brings it, changes nothing.
        """
        search = self._search
        batch = [crop for crop in batch if not self._knows(crop)]
        self._embed(batch)
        due = {crop.track_id: self._tracks[crop.track_id] for crop in batch}
        due |= {track_id: face for track_id, face in self._tracks.items() if face.searched is not search}
        self._match(list(due.values()), search)
        return [self._recognition(track_id, face) for track_id, face in due.items()]

    def forget(self, tracks: Sequence[UUID]) -> None:
        """Drop what is known of these tracks."""
        for track_id in tracks:
            self._tracks.pop(track_id, None)

    def memory(self) -> dict[UUID, FaceMemory]:
        """What is known of the faces of all live tracks."""
        return {
            track_id: FaceMemory(
                face.camera_id,
                face.changed_at,
                np.stack(face.embeddings),
                tuple(face.qualities),
                tuple(face.moments),
                face.template,
                face.match,
            )
            for track_id, face in self._tracks.items()
        }

    def restore(self, faces: Mapping[UUID, FaceMemory], *, is_current: bool) -> dict[UUID, Recognition]:
        """Go on with tracks of which only this is known; what was recognised of them.

        is_current: their matches are those of today's gallery; else they are matched afresh with the next batch.
        """
        search = self._search if is_current else None
        for track_id, face in faces.items():
            self._tracks[track_id] = _TrackFace(
                face.camera_id,
                face.changed_at,
                list(face.moments),
                list(face.embeddings),
                list(face.qualities),
                face.template,
                face.match,
                search,
            )
        return {track_id: self._recognition(track_id, self._tracks[track_id]) for track_id in faces}

    def _prepared(self, gallery: Gallery) -> GallerySearch:
        if gallery.model_version != self._embedder.model_version:
            raise GalleryInvalid(
                f"the gallery's templates were made by model {gallery.model_version!r}, "
                f"the faces would be embedded by {self._embedder.model_version!r}",
                hint="Enrol the gallery again with the model pack in use, or use the pack that made it.",
            )
        return GallerySearch(gallery)

    def _knows(self, crop: FaceCrop) -> bool:
        face = self._tracks.get(crop.track_id)
        return face is not None and crop.media_time in face.moments

    def _embed(self, batch: Sequence[FaceCrop]) -> None:
        for start in range(0, len(batch), EMBED_BATCH):
            crops = batch[start : start + EMBED_BATCH]
            embeddings = embed_views(self._embedder, [crop.aligned for crop in crops])
            for crop, embedding in zip(crops, embeddings, strict=True):
                self._add(crop, embedding)
        for track_id in {crop.track_id for crop in batch}:
            face = self._tracks[track_id]
            face.template = fuse(np.stack(face.embeddings), np.array(face.qualities, np.float32))

    def _add(self, crop: FaceCrop, embedding: FloatArray) -> None:
        """Take an embedding into its track; the track's worst one leaves when there are too many."""
        face = self._tracks.setdefault(crop.track_id, _TrackFace(crop.camera_id))
        face.changed_at = max(face.changed_at, crop.media_time)
        face.moments.append(crop.media_time)
        face.embeddings.append(embedding)
        face.qualities.append(crop.quality.score)
        if len(face.embeddings) > self._rules.max_embeddings:
            worst = int(np.argmin(face.qualities))
            del face.embeddings[worst], face.qualities[worst]

    def _match(self, faces: Sequence[_TrackFace], search: GallerySearch) -> None:
        if not faces:
            return
        probes = np.stack([face.template for face in faces])
        ranked = search.candidates(probes, self._rules.top_k)
        for face, candidates in zip(faces, ranked, strict=True):
            answer = self._decide(candidates)
            face.match = better_supported(face.match, answer) if face.searched is search else answer
            face.searched = search

    def _decide(self, candidates: tuple[Candidate, ...]) -> Match:
        if not candidates or candidates[0].similarity < self._rules.min_similarity:
            return Match(candidates)
        similarity = candidates[0].similarity
        return Match(candidates, candidates[0].subject, similarity, self._curve.false_match_rate(similarity))

    @staticmethod
    def _recognition(track_id: UUID, face: _TrackFace) -> Recognition:
        return Recognition(track_id, face.camera_id, face.changed_at, face.template, face.match)


def better_supported(known: Match, answer: Match) -> Match:
    """Of two answers about one track the one with the higher similarity; any name beats none."""
    if answer.similarity is None:
        return answer if known.similarity is None else known
    return answer if known.similarity is None or answer.similarity > known.similarity else known
