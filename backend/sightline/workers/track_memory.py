"""What recognition remembers of tracks between messages, in Redis, so that any worker may go on with any track.

A track's memory is a hash `track:{id}` with a version and its content. It is written only over the version that was
read (compare and set), so of two workers that add to one track at once the second reads again and loses nothing. It
outlives the track's end for a while: an end that is delivered again finds what it found before. It holds templates of
people, so it goes by itself, and Redis holds nothing of a track after TTL_SECONDS.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np
from redis.asyncio import Redis

from sightline.core.errors import StreamFull
from sightline.core.redis import redis_errors
from sightline.domain.arrays import TEMPLATE_DIMENSIONS, FloatArray
from sightline.domain.gallery import Candidate, Match
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import TrackState
from sightline.pipeline.recognise import FaceMemory
from sightline.pipeline.report import TrackMemory

logger = logging.getLogger(__name__)

TTL_SECONDS = 600
"""A track in view is told of every 10 s; an abandoned message comes again within half a minute."""

ENDED_SECONDS = 60
"""Of a track that is over: all that can still come are messages that were told before. A track takes 14 kB; kept for
ten minutes, those of 27 people a second would fill Redis."""

FORMAT = 1
LIVE = "tracks:live"
"""Tracks that are not over, by the moment of their last news (ms): what a new gallery concerns."""

LIVE_SECONDS = 30
"""A track of which nothing was heard for so long is over, or soon told of again."""

_SAVE = """
local now = redis.call('TIME')
local moment = now[1] * 1000 + math.floor(now[2] / 1000)
local ttl, ended = tonumber(ARGV[1]), tonumber(ARGV[2])
local saved = {}
for number = 2, #KEYS do
    local at = 2 + (number - 2) * 4
    local current = redis.call('HGET', KEYS[number], 'v') or '0'
    if current == ARGV[at + 1] then
        redis.call('HSET', KEYS[number], 'v', tostring(tonumber(current) + 1), 'd', ARGV[at + 2])
        if ARGV[at + 4] == '1' then
            redis.call('EXPIRE', KEYS[number], ttl)
            redis.call('ZADD', KEYS[1], moment, ARGV[at + 3])
        else
            redis.call('EXPIRE', KEYS[number], ended)
            redis.call('ZREM', KEYS[1], ARGV[at + 3])
        end
        saved[number - 1] = 1
    else
        saved[number - 1] = 0
    end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', moment - ttl * 1000)
redis.call('EXPIRE', KEYS[1], ttl)
return saved
"""


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """A track's memory. first_seen: on the wall; fingerprint: of the gallery that its match was found in;
    model_version: of its embeddings. frame_ref: frame of the best shot where that is not stored yet;
    pictured: whether its face is stored; partial: whether something of it was lost, so that its name on record may be
    better founded than what is known here; version: of what Redis holds, 0 for nothing."""

    track: TrackMemory
    first_seen: datetime
    fingerprint: int
    model_version: str
    frame_ref: str | None = None
    pictured: bool = False
    partial: bool = False
    version: int = 0


class TrackStore:
    """Memory of tracks in Redis. Everything raises ServiceUnavailable when it does not answer."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._save = client.register_script(_SAVE)

    async def load(self, track_ids: Sequence[UUID]) -> dict[UUID, Remembered]:
        """What is remembered of these tracks; those of which nothing is are left out."""
        if not track_ids:
            return {}
        with redis_errors():
            async with self._client.pipeline(transaction=False) as pipe:
                for track_id in track_ids:
                    pipe.hmget(_key(track_id), "v", "d")
                rows = await pipe.execute()
            found, damaged = {}, []
            for track_id, (version, data) in zip(track_ids, rows, strict=True):
                if version is None or data is None:
                    continue
                remembered = _decoded(track_id, data, int(version))
                if remembered is None:
                    damaged.append(_key(track_id))
                else:
                    found[track_id] = remembered
            if damaged:
                await self._client.delete(*damaged)
        return found

    async def save(self, tracks: Mapping[UUID, Remembered]) -> frozenset[UUID]:
        """Write what is remembered now, in one step; the tracks that somebody else wrote meanwhile, which are not.

        A server that is full remembers nothing of these tracks from now on, as one that lost its data: what fills it
        are messages, which only go when they are done with.
        """
        if not tracks:
            return frozenset()
        keys: list[str] = [LIVE, *(_key(track_id) for track_id in tracks)]
        values: list[str | bytes | int] = [TTL_SECONDS, ENDED_SECONDS]
        for track_id, remembered in tracks.items():
            is_live = "0" if remembered.track.state.ended else "1"
            values += [str(remembered.version), _encoded(remembered), str(track_id), is_live]
        try:
            with redis_errors():
                saved = await self._save(keys=keys, args=values)
        except StreamFull as error:
            logger.warning("%d tracks are not remembered: %s", len(tracks), error.message)
            with redis_errors():
                await self._client.delete(*keys[1:])
            return frozenset()
        return frozenset(track_id for track_id, done in zip(tracks, saved, strict=True) if not done)

    async def live(self) -> list[UUID]:
        """Tracks that are in view, as far as is known."""
        with redis_errors():
            seconds, _ = await self._client.time()
            found = await self._client.zrangebyscore(LIVE, (seconds - LIVE_SECONDS) * 1000, "+inf")
        return [UUID(name.decode()) for name in found if isinstance(name, bytes)]


def _key(track_id: UUID) -> str:
    return f"track:{track_id}"


def _encoded(remembered: Remembered) -> bytes:
    """A line of JSON, then the embeddings and the template as little-endian float32."""
    track, face = remembered.track, remembered.track.face
    head = {
        "format": FORMAT,
        "camera_id": track.camera_id,
        "state": {**asdict(track.state), "track_id": str(track.state.track_id)},
        "frame_size": track.frame_size,
        "quality": None if track.quality is None else asdict(track.quality),
        "box": track.box,
        "told": asdict(track.told),
        "face": None if face is None else _face_head(face),
        "first_seen": remembered.first_seen.isoformat(),
        "fingerprint": remembered.fingerprint,
        "model_version": remembered.model_version,
        "frame_ref": remembered.frame_ref,
        "pictured": remembered.pictured,
        "partial": remembered.partial,
    }
    numbers = b"" if face is None else np.vstack([face.embeddings, face.template[None]]).astype("<f4").tobytes()
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + numbers


def _face_head(face: FaceMemory) -> dict[str, object]:
    return {
        "changed_at": face.changed_at,
        "qualities": face.qualities,
        "moments": face.moments,
        "match": asdict(face.match),
    }


def _decoded(track_id: UUID, data: bytes, version: int) -> Remembered | None:
    """None, and a word in the log, for what another version of the program wrote or what is damaged."""
    try:
        return _read(data, version)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        logger.warning("the memory of track %s cannot be read (%s): it begins anew", track_id, type(error).__name__)
        return None


def _read(data: bytes, version: int) -> Remembered:
    text, _, numbers = data.partition(b"\n")
    head = json.loads(text)
    if head["format"] != FORMAT:
        raise ValueError("another format")
    state = head["state"]
    return Remembered(
        track=TrackMemory(
            camera_id=head["camera_id"],
            state=TrackState(**{**state, "track_id": UUID(state["track_id"]), "box": tuple(state["box"])}),
            frame_size=tuple(head["frame_size"]),
            quality=None if head["quality"] is None else CaptureQuality(**head["quality"]),
            box=tuple(head["box"]),
            told=_match(head["told"]),
            face=None if head["face"] is None else _face(head, numbers),
        ),
        first_seen=datetime.fromisoformat(head["first_seen"]),
        fingerprint=int(head["fingerprint"]),
        model_version=head["model_version"],
        frame_ref=head["frame_ref"],
        pictured=head["pictured"],
        partial=head["partial"],
        version=version,
    )


def _face(head: dict[str, dict[str, object]], numbers: bytes) -> FaceMemory:
    face = head["face"]
    vectors: FloatArray = np.frombuffer(numbers, "<f4").reshape(-1, TEMPLATE_DIMENSIONS).astype(np.float32)
    qualities: tuple[float, ...] = tuple(face["qualities"])  # type: ignore[arg-type]
    if len(vectors) != len(qualities) + 1 or not np.isfinite(vectors).all():
        raise ValueError("embeddings do not fit")
    return FaceMemory(
        camera_id=str(head["camera_id"]),
        changed_at=float(face["changed_at"]),  # type: ignore[arg-type]
        embeddings=vectors[:-1],
        qualities=qualities,
        moments=tuple(face["moments"]),  # type: ignore[arg-type]
        template=vectors[-1],
        match=_match(face["match"]),
    )


def _match(given: object) -> Match:
    match = dict(given)  # type: ignore[call-overload]
    return Match(**{**match, "candidates": tuple(Candidate(**one) for one in match["candidates"])})


def merged_state(known: TrackState, news: TrackState) -> TrackState:
    """The later of two states of a track, whichever came first; what was over stays over."""
    later = news if news.last_seen >= known.last_seen else known
    return replace(
        later,
        first_seen=known.first_seen,
        detections=max(known.detections, news.detections),
        shots=max(known.shots, news.shots),
        confirmed=news.confirmed,
        ended=known.ended or news.ended,
        due=news.due,
    )
