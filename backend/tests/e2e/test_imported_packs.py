"""A user's own model files, imported as they are, tell the truth of the clips: YOLOv8-face, and YuNet."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.watching import BACKEND, Line, tracks_by_name, watching

pytestmark = [pytest.mark.media, pytest.mark.e2e]

# The test weights of YOLOv8n-face were trained for 14 epochs: they score the face in the audience 0.30 to 0.42, as
# ultralytics' own predictor does, and place its landmarks less precisely than CenterFace. It is told at FMR 1e-3.
WISHES = {"yolov8n-face-lab": ("--min-score", "0.35", "--fmr", "1e-3"), "cpu": ("--fmr", "1e-3")}


@pytest.fixture(scope="module")
def imported(models_dir: Path, lite_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the default pack and what was imported beside it."""
    folder = tmp_path_factory.mktemp("imported")
    shutil.copytree(lite_pack, folder / "models" / "lite")
    command = [sys.executable, "-m", "sightline", "models", "import", str(models_dir), "--accept-licence"]
    environment = {"SIGHTLINE_DATA_DIR": str(folder), "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=BACKEND, env=environment, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("pack", WISHES)
def test_the_stage_is_told_truly(pack: str, imported: Path, media_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tracks_by_name(_watch("stage.mp4", pack, imported, media_dir, monkeypatch))
    assert named.keys() == {"lin-manuel-miranda", "barack-obama"}
    assert all(len(tracks) <= 3 for tracks in named.values())


@pytest.mark.parametrize("pack", WISHES)
def test_strangers_get_no_name(pack: str, imported: Path, media_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _watch("street.mp4", pack, imported, media_dir, monkeypatch)
    assert not tracks_by_name(lines)
    assert 5 <= lines[-1]["summary"]["tracks"] <= 16


def _watch(clip: str, pack: str, data: Path, media: Path, monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(data))
    with watching(media / "clips" / clip, "--gallery", media / "people", "--pack", pack, *WISHES[pack]) as running:
        assert running.end() == 0, running.complaints
        return running.lines
