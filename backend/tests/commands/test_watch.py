"""`sightline watch` over a painted clip: who is named, what is kept, what is said beside it."""

import json
from pathlib import Path

import av
import numpy as np
import pytest

from sightline.commands.watch import watch
from sightline.core.errors import NotMeasured
from tests.commands.painted_pack import invoke, painted_pack, use_pack
from tests.services.fake_models import Painted, picture, save
from tests.workers.track_events import CURVE


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A painted person stands still for three seconds, without loss of colour."""
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=5)
        stream.width, stream.height, stream.pix_fmt = 240, 240, "bgr0"
        for _ in range(15):
            image = np.ascontiguousarray(picture(Painted(7)))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    return path


@pytest.fixture(autouse=True)
def _pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = use_pack(monkeypatch, "watch", painted_pack(tmp_path / "packs"))
    monkeypatch.setattr(models, "curve", CURVE, raising=False)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """The person of the clip in another picture, somebody else, and one picture without a face."""
    save(tmp_path / "people" / "山田" / "1.png", Painted(7, shot=2))
    save(tmp_path / "people" / "ben" / "1.png", Painted(8))
    save(tmp_path / "people" / "nobody" / "1.png")
    return tmp_path / "people"


def test_the_enrolled_person_is_named_and_what_was_left_out_is_said_beside(clip: Path, people: Path) -> None:
    done = invoke(watch, clip, "--gallery", people, "--json")
    assert done.exit_code == 0, done.exception
    *events, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["track", "match", "end"]
    assert {event["name"] for event in events if event["event"] != "track"} == {"山田"}
    assert (last["summary"]["tracks"], last["summary"]["matches"]) == (1, {"山田": 1})
    assert "nobody/1.png: no face was found" in done.stderr
    assert "nobody can be told as: nobody" in done.stderr


def test_without_a_gallery_nobody_is_named(clip: Path) -> None:
    done = invoke(watch, clip, "--json")
    *events, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert {event["name"] for event in events} == {None}
    assert last["summary"]["matches"] == {}


def test_people_read_lines_and_a_summary(clip: Path, people: Path) -> None:
    done = invoke(watch, clip, "--gallery", people)
    assert "match from similarity 0.500; false-match rate 1.0e-04 per comparison" in done.stdout
    assert "1 tracks, of these 山田 (1) named" in done.stdout


def test_a_masked_face_is_not_seen(clip: Path, people: Path, tmp_path: Path) -> None:
    whole = "[[0, 0], [1, 0], [1, 1], [0, 1]]"
    (tmp_path / "mask.json").write_text(f'{{"privacy": [{whole}]}}')
    done = invoke(watch, clip, "--gallery", people, "--regions", tmp_path / "mask.json", "--json")
    assert [list(json.loads(line)) for line in done.stdout.splitlines()] == [["summary"]]


def test_a_face_outside_of_the_region_of_interest_does_not_count(clip: Path, people: Path, tmp_path: Path) -> None:
    (tmp_path / "door.json").write_text('{"interest": [[[0.9, 0.9], [1, 0.9], [1, 1]]]}')
    done = invoke(watch, clip, "--gallery", people, "--regions", tmp_path / "door.json", "--json")
    assert json.loads(done.stdout.splitlines()[-1])["summary"]["tracks"] == 0


def test_a_recording_is_kept_only_where_it_was_asked_for(clip: Path, people: Path, tmp_path: Path) -> None:
    done = invoke(watch, clip, "--gallery", people, "--record", tmp_path / "kept", "--json")
    printed = done.stdout.splitlines()[:-1]
    assert (tmp_path / "kept" / "events.jsonl").read_text().splitlines() == printed
    assert [path.suffix for path in (tmp_path / "kept" / "faces").iterdir()] == [".jpg"]


def test_a_stricter_rate_needs_a_higher_similarity(clip: Path, people: Path) -> None:
    """The painted shots are alike by about 0.8."""
    assert invoke(watch, clip, "--gallery", people, "--fmr", "1e-2", "--json").exit_code == 0
    done = invoke(watch, clip, "--gallery", people, "--min-similarity", "0.95", "--json")
    assert json.loads(done.stdout.splitlines()[-1])["summary"]["matches"] == {}
    assert isinstance(invoke(watch, clip, "--fmr", "1e-6").exception, NotMeasured)
