"""From what messages say of tracks to sightings on record, and to what is remembered for the next message.

The order is what makes a message safe: pictures, then rows, then memory; who called acknowledges last. Each step may be
done again, by another worker too, and nothing is doubled: rows are per track, memory knows which shots it has.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sightline.bus.ports import Bus
from sightline.core.database import WORKER, Database
from sightline.core.errors import Conflict
from sightline.core.storage import ObjectStorage
from sightline.domain.gallery import Gallery
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import Observation, TrackState
from sightline.pipeline.recognise import FaceMemory
from sightline.pipeline.report import ReportStage, TrackMemory
from sightline.services.sightings import (
    MinuteCount,
    Recorded,
    RecordedTrack,
    RecordingPolicy,
    TrackRecord,
    count_minutes,
    record_tracks,
    recorded_tracks,
)
from sightline.workers.clock import later
from sightline.workers.face_messages import SeenFaces, Shot
from sightline.workers.recording import Publisher
from sightline.workers.track_memory import Remembered, TrackStore, merged_state
from sightline.workers.track_pictures import Settled, TrackPictures

MOST_ROUNDS = 20
"""Rounds in which others wrote the same tracks; then the messages wait for their next delivery."""

LONGEST_SECONDS = 86_400.0 * 7
"""No track is longer: media times that say so are damaged, and shall not move its beginning by years."""

REMATCHED = 200
"""Tracks that are matched with a new gallery at once."""


@dataclass(frozen=True, slots=True)
class Services:
    """What recognition works with."""

    database: Database
    storage: ObjectStorage
    bus: Bus
    tracks: TrackStore
    publisher: Publisher


class TrackSettler:
    """Settles batches of messages, one batch at a time."""

    def __init__(self, stage: ReportStage, services: Services, policy: RecordingPolicy) -> None:
        self._stage = stage
        self._services = services
        self._policy = policy
        self._pictures = TrackPictures(services.storage, services.bus, policy)
        self._fingerprint = 0

    def replace_gallery(self, people: Gallery, fingerprint: int) -> None:
        """Search these people from the next batch on."""
        self._stage.replace_gallery(people)
        self._fingerprint = fingerprint  # second: an old number with new matches only makes them be found again

    async def settle(self, seen: Sequence[SeenFaces]) -> None:
        """Put on record what these messages say, in their order.

        Raises ServiceUnavailable, Conflict (others were always faster), and what record_tracks() raises; then all of
        it may be tried again.
        """
        own = frozenset(track_id for message in seen for track_id in message.own)
        wanted = frozenset(track_id for message in seen for track_id in message.track_ids)
        for _ in range(MOST_ROUNDS):
            wanted = await self._round(seen, wanted, own)
            if not wanted:
                return
        raise Conflict("other workers always wrote the same tracks first", hint="It is tried again by itself.")

    async def rematch(self) -> None:
        """Match tracks in view with the present gallery: people who stand there shall not wait for their next shot."""
        live = await self._services.tracks.live()
        for start in range(0, len(live), REMATCHED):
            known = await self._services.tracks.load(live[start : start + REMATCHED])
            stale = {
                track_id: one
                for track_id, one in known.items()
                if one.fingerprint != self._fingerprint and one.track.face is not None and not one.track.state.ended
            }
            if stale:
                settled = await asyncio.to_thread(self._report, (), frozenset(stale), stale)
                await self._write(settled, frozenset())

    async def _round(self, seen: Sequence[SeenFaces], wanted: frozenset[UUID], own: frozenset[UUID]) -> frozenset[UUID]:
        """Settle these tracks; gives those that somebody else wrote meanwhile."""
        known = await self._known(seen, wanted - own)
        settled = await asyncio.to_thread(self._report, seen, wanted, known)
        return await self._write(settled, own)

    async def _write(self, settled: Sequence[Settled], own: frozenset[UUID]) -> frozenset[UUID]:
        """Pictures, rows, memory: in this order. Tracks of one message need no memory."""
        settled = await self._pictures.stored(settled)
        recorded = await self._commit([one.record for one in settled])
        memory = {one.record.track_id: one.remembered for one in settled if one.record.track_id not in own}
        lost = await self._services.tracks.save(memory)
        await self._services.publisher.publish(recorded)
        return lost

    async def _commit(self, records: Sequence[TrackRecord]) -> Recorded:
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        cameras = {record.track_id: record.camera_id for record in records}
        async with self._services.database.session(WORKER) as session:
            recorded = await record_tracks(session, tracks=records, policy=self._policy)
            named = Counter(cameras[track_id] for track_id in recorded.named)
            counts = [MinuteCount(camera_id, minute, recognitions=count) for camera_id, count in named.items()]
            await count_minutes(session, counts=counts)
        return recorded

    async def _known(self, seen: Sequence[SeenFaces], wanted: frozenset[UUID]) -> dict[UUID, Remembered]:
        """What Redis remembers of these tracks, else what their sightings say."""
        known = await self._services.tracks.load(sorted(wanted))
        version = self._stage.model_version
        known = {track_id: _of_this_model(one, version) for track_id, one in known.items()}
        missing = wanted - known.keys()
        if not missing:
            return known
        begins = _beginnings(seen, missing)
        if not begins:
            return known
        moments = [moment for moment, _ in begins.values()]
        async with self._services.database.session(WORKER) as session:
            rows = await recorded_tracks(session, track_ids=sorted(begins), around=(min(moments), max(moments)))
        return known | {row.track_id: self._recalled(row, begins[row.track_id][1]) for row in rows}

    def _recalled(self, row: RecordedTrack, first_seen: float) -> Remembered:
        """Memory made of a sighting. first_seen: media time."""
        quality = None if row.quality is None else CaptureQuality(row.quality, 0, 0, 0, 0, 0, 0, 0, 0)
        face = None
        if row.template is not None and row.model_version == self._stage.model_version:
            template = row.template
            face = FaceMemory(
                str(row.camera_id), first_seen, template[None], (row.quality or 0.0,), (), template, row.match
            )
        last_seen = first_seen + (row.last_seen - row.first_seen).total_seconds()
        state = TrackState(row.track_id, first_seen, last_seen, row.detections, row.box)
        return Remembered(
            TrackMemory(str(row.camera_id), state, row.frame_size, quality, row.box, row.match, face),
            first_seen=row.first_seen,
            fingerprint=self._fingerprint,
            model_version=self._stage.model_version,
            pictured=row.is_pictured,
            partial=face is None,
        )

    def _report(
        self, seen: Sequence[SeenFaces], wanted: frozenset[UUID], known: Mapping[UUID, Remembered]
    ) -> list[Settled]:
        """On a thread: what these messages make of these tracks."""
        fingerprint = self._fingerprint
        self._restore(known, fingerprint)
        observations, states = _observations(seen, wanted, known)
        try:
            self._stage.process(observations)
            memory = self._stage.memory()
        finally:
            self._stage.forget(wanted)
        begins = _beginnings(seen, wanted)
        shots = _best_shots(seen, wanted)
        settled = []
        for track_id in (track_id for track_id in memory if track_id in wanted):
            before, state = known.get(track_id), states.get(track_id)
            track = replace(memory[track_id], state=state or memory[track_id].state)
            first_seen = begins[track_id][0] if before is None else before.first_seen
            remembered = Remembered(
                track,
                first_seen,
                fingerprint,
                self._stage.model_version,
                frame_ref=before.frame_ref if before else None,
                pictured=before.pictured if before else False,
                partial=before.partial if before else not _is_begun(seen, track_id),
                version=before.version if before else 0,
            )
            settled.append(self._settled(remembered, shots.get(track_id), before))
        return settled

    def _restore(self, known: Mapping[UUID, Remembered], fingerprint: int) -> None:
        for is_current in (True, False):
            tracks = {
                track_id: one.track for track_id, one in known.items() if (one.fingerprint == fingerprint) is is_current
            }
            self._stage.restore(tracks, is_current=is_current)

    def _settled(self, remembered: Remembered, shot: Shot | None, before: Remembered | None) -> Settled:
        track = remembered.track
        best = before.track.quality.score if before and before.track.quality else float("-inf")
        is_better = shot is not None and shot.crop.quality.score > best
        if is_better and shot is not None:
            remembered = replace(remembered, frame_ref=shot.frame_ref)
        shown = shot if is_better or not remembered.pictured else None
        state, face = track.state, track.face
        length = min(max(state.last_seen - state.first_seen, 0.0), LONGEST_SECONDS)
        record = TrackRecord(
            track_id=state.track_id,
            camera_id=UUID(track.camera_id),
            first_seen=remembered.first_seen,
            last_seen=later(remembered.first_seen, length),
            detections=max(state.detections, len(face.moments) if face else 0),
            box=track.box,
            frame_width=track.frame_size[0],
            frame_height=track.frame_size[1],
            match=face.match if face else track.told,
            quality=track.quality.score if track.quality else None,
            template=face.template if face else None,
            model_version=remembered.model_version if face else "",
            closed=state.ended,
            is_partial=remembered.partial,
        )
        return Settled(record, remembered, shown)


def _of_this_model(known: Remembered, model_version: str) -> Remembered:
    """Embeddings of another model, as after a gallery's move, are of no use; the name found by them stays."""
    if known.model_version == model_version:
        return known
    return replace(known, track=replace(known.track, face=None), model_version=model_version, partial=True)


def _observations(
    seen: Sequence[SeenFaces], wanted: frozenset[UUID], known: Mapping[UUID, Remembered]
) -> tuple[list[Observation], dict[UUID, TrackState]]:
    """What the messages say of these tracks, each state no older than what is known; and the tracks' last states."""
    states = {track_id: one.track.state for track_id, one in known.items()}
    observations = []
    for message in seen:
        said = message.observation(wanted)
        for state in message.states:
            if state.track_id in wanted:
                before = states.get(state.track_id)
                states[state.track_id] = merged_state(before, state) if before else state
        if said.tracks:
            merged = tuple(replace(states[state.track_id], ended=False) for state in said.tracks)
            observations.append(replace(said, tracks=merged))
    return observations, states


def _beginnings(seen: Sequence[SeenFaces], wanted: Iterable[UUID]) -> dict[UUID, tuple[datetime, float]]:
    """When tracks were first seen, on the wall and in media time, by the first message that tells of them."""
    missing, found = set(wanted), {}
    for message in seen:
        for state in message.states:
            if state.track_id in missing:
                missing.discard(state.track_id)
                ago = min(max(message.media_time - state.first_seen, 0.0), LONGEST_SECONDS)
                found[state.track_id] = (message.timestamp - timedelta(seconds=ago), state.first_seen)
    return found


def _best_shots(seen: Sequence[SeenFaces], wanted: frozenset[UUID]) -> dict[UUID, Shot]:
    """The best new shot of each track, the first of equal ones."""
    best: dict[UUID, Shot] = {}
    for shot in (shot for message in seen for shot in message.shots if shot.crop.track_id in wanted):
        known = best.get(shot.crop.track_id)
        if known is None or shot.crop.quality.score > known.crop.quality.score:
            best[shot.crop.track_id] = shot
    return best


def _is_begun(seen: Sequence[SeenFaces], track_id: UUID) -> bool:
    """Whether the track's confirmation is among these messages, so that nothing of it can be missing."""
    return any(state.confirmed for message in seen for state in message.states if state.track_id == track_id)
