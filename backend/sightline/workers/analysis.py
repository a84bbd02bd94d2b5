"""The analysing half of a recognition worker: models, pipeline, and the thread that runs them."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from uuid import UUID

from sightline.core.config import Settings
from sightline.domain.frames import Frame
from sightline.domain.gallery import Gallery
from sightline.domain.regions import Regions
from sightline.domain.tracks import TrackEvent
from sightline.media.supervisor import SupervisorStatus
from sightline.pipeline.detect import CameraRules, RuleBook
from sightline.services.thresholds import choose_threshold
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions
from sightline.workers.camera_plans import CameraWords, PlannedCamera
from sightline.workers.camera_states import status_words
from sightline.workers.fused import FusedWorker
from sightline.workers.wiring import build_pipeline, camera_rules


class Analysis:
    """The pipeline and the thread that runs it."""

    def __init__(
        self,
        models: Models,
        people: Gallery,
        settings: Settings,
        *,
        on_events: Callable[[Sequence[TrackEvent]], None],
        on_frames: Callable[[Sequence[Frame]], None],
    ) -> None:
        rules = settings.recognition
        threshold = choose_threshold(models.curve, fmr=rules.fmr, min_similarity=rules.min_similarity)
        self.model_version = models.embedder.model_version
        self.error: BaseException | None = None
        self._rules = RuleBook(camera_rules(settings, Regions()))
        self._pipeline = build_pipeline(models, people, threshold, settings, rules=self._rules)
        self._worker = FusedWorker(
            [], self._pipeline, settings.capture, on_events=on_events, on_frames=on_frames, stay=True
        )
        self._thread = threading.Thread(target=self._run, name="analysis", daemon=True)
        self._thread.start()

    def watch(self, planned: Sequence[PlannedCamera]) -> None:
        """Watch these cameras from now on."""
        for camera in planned:
            rules = CameraRules(
                camera.plan.regions.interest, camera.min_eye_distance_detect, camera.min_eye_distance_recognise
            )
            self._rules.put(camera.plan.camera_id, rules)
        self._worker.replace_cameras([camera.plan for camera in planned])

    def replace_gallery(self, people: Gallery) -> None:
        """Search these people from now on."""
        self._pipeline.replace_gallery(people)

    def states(self) -> list[CameraWords]:
        """How the cameras are."""
        return [_in_words(status) for status in self._worker.statuses()]

    def faces_by_camera(self) -> Counter[str]:
        """Faces found so far."""
        return Counter(self._pipeline.counters.faces_by_camera)

    def stop(self) -> None:
        """End all tracks and the thread."""
        self._worker.stop()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._worker.run()
        except BaseException as error:  # noqa: BLE001 - handed to the event loop, which ends the worker with it
            self.error = error


def load_pack(settings: Settings) -> Models:
    """The pack of the settings, one thread per session: there is a worker per core. Warmed up."""
    pack = PackStore.from_settings(settings).get(settings.recognition.pack)
    models = load_models(pack.folder, pack.manifest, RuntimeOptions(threads=1), min_score=settings.detection.min_score)
    models.warm_up()
    return models


def _in_words(status: SupervisorStatus) -> CameraWords:
    """A camera's state as the database knows states, and why."""
    info = status.info
    word, message = status_words(status)
    return CameraWords(
        UUID(status.camera_id),
        word,
        message,
        fps=info.fps if info else None,
        resolution=f"{info.width}x{info.height}" if info else None,
    )
