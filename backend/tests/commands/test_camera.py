"""`sightline camera` beside a running system: logins never show, and what cannot be opened is not added."""

import json
import time
from pathlib import Path

import pytest

from tests.commands.conftest import Cli
from tests.support.clips import Clip, record


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("clips") / "a yard.mp4", Clip(seconds=2.0))


def _cameras(beside: Cli) -> dict[str, dict[str, object]]:
    return {camera["name"]: camera for camera in json.loads(beside("camera", "list", "--json").stdout)}


def test_a_camera_is_added_watched_listed_and_removed(beside: Cli, clip: Path) -> None:
    added = beside("camera", "add", "Yard", clip, "--location", "behind the house", "--loop")
    assert added.code == 0, added.both
    deadline = time.monotonic() + 60
    while (yard := _cameras(beside)["Yard"])["status"] != "active":
        assert time.monotonic() < deadline, yard
        time.sleep(0.2)
    assert (yard["location"], yard["resolution"], yard["fps"]) == ("behind the house", "320x192", 25.0)
    assert "Yard active 320x192 25 fps" in beside("camera", "list").both
    again = beside("camera", "add", "yard", clip)
    assert (again.code, "a camera named yard exists" in again.both) == (2, True)
    assert beside("camera", "remove", "Yard").both == "camera Yard removed"
    assert "Yard" not in _cameras(beside)
    gone = beside("camera", "remove", "Yard")
    assert (gone.code, "no camera Yard" in gone.both) == (2, True)


def test_a_login_is_stored_apart_and_shown_nowhere(beside: Cli) -> None:
    url = "rtsp://me:s3cret%40pass@127.0.0.1:9/stream"
    said = [
        beside("camera", "add", "Gate", url, "--no-check"),
        beside("camera", "list"),
        beside("camera", "probe", url),
    ]
    said += [
        beside("camera", "list", "--json"),
        beside("camera", "add", "Gate 2", url),
        beside("camera", "remove", "Gate"),
    ]
    assert [one.code for one in said] == [0, 0, 3, 0, 3, 0]
    assert all("s3cret" not in one.both for one in said)
    assert "rtsp://127.0.0.1:9/stream" in said[1].both
    assert "Gate 2" not in _cameras(beside)  # it was opened first


def test_probe_says_what_a_source_is(beside: Cli, clip: Path) -> None:
    assert beside("camera", "probe", clip).stdout.strip() == f"{clip}: h264, 320×192 px, 25.00 fps"
    missing = beside("camera", "probe", clip.with_name("none.mp4"))
    assert (missing.code, "what to do" in missing.both) == (3, True)


@pytest.mark.parametrize(
    ("text", "word"), [("{", "line 1"), ('{"privacy": [[[0, 0], [1, 1]]]}', "3 points"), ('{"privat": []}', "privat")]
)
def test_regions_that_are_not_understood_add_no_camera(
    beside: Cli, clip: Path, tmp_path: Path, text: str, word: str
) -> None:
    regions = tmp_path / "regions.json"
    regions.write_text(text)
    refused = beside("camera", "add", "Hall", clip, "--regions", regions)
    assert refused.code == 2
    assert word in refused.both
    assert "Hall" not in _cameras(beside)
