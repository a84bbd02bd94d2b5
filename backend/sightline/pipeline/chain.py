"""Both halves of the pipeline in one process: from frames of many cameras to what happened to their tracks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sightline.domain.frames import Frame
from sightline.domain.gallery import Gallery
from sightline.domain.tracks import Observation, TrackEvent
from sightline.pipeline.best_shot import BestShotStage
from sightline.pipeline.detect import DetectStage
from sightline.pipeline.observe import ObserveStage
from sightline.pipeline.recognise import RecogniseStage
from sightline.pipeline.report import ReportStage
from sightline.pipeline.track import TrackStage


@dataclass(slots=True)
class PipelineCounters:
    """What went through a pipeline since its start. tracks: confirmed ones;
    matches: tracks per name that they bear."""

    frames: int = 0
    analysed_frames: int = 0
    faces: int = 0
    embedded: int = 0
    tracks: int = 0
    matches: Counter[str] = field(default_factory=Counter)
    faces_by_camera: Counter[str] = field(default_factory=Counter)

    def add(self, seen: Observation) -> None:
        """Count an observation of a frame."""
        self.frames += 1
        self.analysed_frames += seen.analysed
        self.faces += seen.faces
        self.faces_by_camera[seen.camera_id] += seen.faces
        self.embedded += len(seen.crops)
        self.tracks += sum(state.confirmed for state in seen.tracks)


class Pipeline:
    """Observe and report: frames in, events out. What travels between the two does so in split mode over the bus.

    One thread at a time calls process and close; replace_gallery may be called from any.
    """

    def __init__(
        self, detect: DetectStage, track: TrackStage, best_shot: BestShotStage, recognise: RecogniseStage
    ) -> None:
        self._observe = ObserveStage(detect, track, best_shot)
        self._report = ReportStage(recognise)
        self.counters = PipelineCounters(matches=self._report.matches)

    def process(self, frames: Sequence[Frame]) -> list[TrackEvent]:
        """Take a batch of frames through all stages. Those of one camera stand in order of capture."""
        observations = self._observe.process(frames)
        for seen in observations:
            self.counters.add(seen)
        return self._report.process(observations)

    def replace_gallery(self, gallery: Gallery) -> None:
        """Search another gallery from the next batch on. Any thread may call this. Raises GalleryInvalid."""
        self._report.replace_gallery(gallery)

    def close(self, camera_id: str) -> list[TrackEvent]:
        """End all tracks of a camera, for example because it is gone, and drop what is known of it."""
        return self._report.process(self._observe.close(camera_id))
