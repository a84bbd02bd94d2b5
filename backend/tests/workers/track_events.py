"""Events as a pipeline would tell them."""

from uuid import UUID

import numpy as np

from sightline.domain.frames import ArrayPixels, Frame
from sightline.domain.gallery import Candidate, Match
from sightline.domain.operating_points import OperatingCurve, OperatingPoint
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import Box, TrackEvent, TrackEventKind

CURVE = OperatingCurve((OperatingPoint(1e-2, 0.3), OperatingPoint(1e-4, 0.5)), 10**6, 10**4, "a test")
UNKNOWN = Match((Candidate("ana", 0.21),))
ANA = Match((Candidate("ana", 0.5), Candidate("ben", 0.1)), "ana", 0.5, 1e-4)
QUALITY = CaptureQuality(0.8125, 40.0, 0.9, 0.9, 0.9, 0.99, 1.0, 2.0, 3.0)


def frame(brightness: int = 90) -> Frame:
    image = np.full((120, 160, 3), brightness, np.uint8)
    return Frame("camera", 0, 0.0, 0.0, 160, 120, image[::10, ::10, 0], ArrayPixels(image))


def event(
    kind: TrackEventKind,
    match: Match = UNKNOWN,
    *,
    number: int = 1,
    best_frame: Frame | None = None,
    box: Box = (40.04, 30.0, 40.0, 50.0),
    quality: CaptureQuality | None = QUALITY,
) -> TrackEvent:
    return TrackEvent(
        kind=kind,
        track_id=UUID(int=number),
        camera_id="camera",
        media_time=2.0004,
        first_seen=1.2,
        last_seen=2.0004,
        detections=5,
        box=box,
        frame_size=(160, 120),
        quality=quality,
        match=match,
        best_frame=best_frame,
    )
