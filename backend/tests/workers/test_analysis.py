"""How a camera is, in the words that the database and people know; and an analysis that fails keeps its error."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from sightline.core.config import Settings
from sightline.core.errors import SourceDenied
from sightline.domain.gallery import Gallery
from sightline.media.capture import StreamInfo
from sightline.media.supervisor import CameraState, Failure, SupervisorStatus
from sightline.vision.loading import Models
from sightline.workers.analysis import Analysis, _in_words, load_pack

CAMERA = uuid4()
INFO = StreamInfo("h264", 1280, 720, 25.0, None, live=True)
DENIED = Failure(datetime.now(UTC), SourceDenied("rtsp://door/ refuses the login.", hint=""), permanent=True)


def _status(state: CameraState, *, info: StreamInfo | None = None, failure: Failure | None = None) -> SupervisorStatus:
    return SupervisorStatus(str(CAMERA), "rtsp://door/", state, info, 1, 0, 0, 9, 9, 9, 0, 0, 0, False, failure, ())


@pytest.mark.parametrize(
    ("state", "failure", "status", "message"),
    [
        (CameraState.CONNECTING, None, "inactive", "connecting"),
        (CameraState.ONLINE, None, "active", ""),
        (CameraState.ONLINE, DENIED, "active", ""),
        (CameraState.RECONNECTING, DENIED, "inactive", "reconnecting: rtsp://door/ refuses the login."),
        (CameraState.ERROR, DENIED, "error", "rtsp://door/ refuses the login."),
        (CameraState.ENDED, None, "inactive", "ended"),
        (CameraState.STOPPED, DENIED, "inactive", "ended"),
    ],
)
def test_states_in_words(state: CameraState, failure: Failure | None, status: str, message: str) -> None:
    words = _in_words(_status(state, failure=failure))
    assert (words.camera_id, words.status, words.message) == (CAMERA, status, message)
    assert (words.fps, words.resolution) == (None, None)


def test_a_picture_is_told_as_size_and_rate() -> None:
    words = _in_words(_status(CameraState.ONLINE, info=INFO))
    assert (words.fps, words.resolution) == (25.0, "1280x720")


@pytest.fixture(scope="module")
def models(lite_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Models:
    folder = tmp_path_factory.mktemp("data")
    (folder / "models").symlink_to(lite_pack.parent)
    return load_pack(Settings(data_dir=folder))


def _analysis(models: Models) -> Analysis:
    people = Gallery.empty(models.embedder.model_version)
    return Analysis(models, people, Settings(), on_events=lambda _events: None, on_frames=lambda _frames: None)


def test_without_cameras_it_waits_and_stops(models: Models) -> None:
    analysis = _analysis(models)
    analysis.watch([])
    assert (analysis.states(), analysis.error) == ([], None)
    analysis.stop()
    assert analysis.error is None


def test_what_fails_in_its_thread_is_kept(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_worker: object) -> None:
        raise RuntimeError("the model broke")

    monkeypatch.setattr("sightline.workers.analysis.FusedWorker.run", fail)
    analysis = _analysis(models)
    analysis.stop()
    assert isinstance(analysis.error, RuntimeError)
