"""What `sightline bench faces` sends: tracks that begin and end, no crop twice the same."""

from uuid import UUID

import numpy as np
import pytest

from sightline.bus.codec import decode_faces
from sightline.commands.bench_faces import PER_TRACK, FacesFigures, _check, _Face, _messages
from sightline.core.errors import ServiceUnavailable
from sightline.domain.quality import CaptureQuality
from tests.workers.split_scene import BOX, LANDMARKS, crop_of

FACE = _Face(
    crop_of(1), LANDMARKS, BOX, (640, 360), CaptureQuality(0.8, 24, 1, 1, 1, 0.9, 0, 0, 0), np.ones(512, np.float32)
)
FIGURES = FacesFigures(
    detections=20, tracks=4, workers=2, seconds=1.0, faces_per_second=20.0, embedder_alone=25.0, ratio=0.8,
    worker_cpu_ms=10.0, database_cpu_ms=2.0, embedder_cpu_ms=8.0, cpu_ratio=0.67, headroom=1.7, sightings=4,
    stored_detections=20, named=2, set_aside=0, waiting=0, memory_mb_early=500.0, memory_mb_late=500.0,
    redis_mb_early=40.0, redis_mb_late=40.0,
)  # fmt: skip


def test_each_track_begins_and_ends_and_no_shot_repeats() -> None:
    sent = [decode_faces(fields) for fields in _messages(UUID(int=1), [FACE], 4 * PER_TRACK)]
    assert len(sent) == 4 * PER_TRACK
    states = [message.tracks[0] for message in sent]
    assert sum(state.confirmed for state in states) == sum(state.ended for state in states) == 4
    assert len({state.track_id for state in states}) == 4
    points = {
        message.detections[0].landmarks.tobytes() for message in sent if message.detections[0].landmarks is not None
    }
    assert len(points) == len(sent)


def test_a_run_that_lost_or_doubled_something_fails() -> None:
    _check(FIGURES)
    lossy = FacesFigures(
        **{name: getattr(FIGURES, name) for name in FIGURES.__slots__} | {"sightings": 3, "waiting": 1}
    )
    with pytest.raises(ServiceUnavailable, match="3 sightings of 4 tracks, 1 messages left"):
        _check(lossy)
