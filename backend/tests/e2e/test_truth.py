"""What the shared recordings show is what `sightline watch` says, as a file and over RTSP from a foreign server."""

import math
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.watching import Line, Watching, tracks_by_name, watching
from tests.support.rtsp_server import serve

pytestmark = [pytest.mark.media, pytest.mark.e2e]

STAGE_SECONDS = 14
"""The clip plays 9.2 s, a connection takes about one more, and the next would come 4 s after its end or later."""

EVENT_KEYS = {
    "event", "time", "track_id", "box", "quality", "name", "similarity", "false_match_rate",
    "first_seen", "last_seen", "detections", "candidates",
}  # fmt: skip
SUMMARY_KEYS = {"frames", "analysed_frames", "tracks", "matches", "dropped_frames", "reconnects", "seconds"}
STAGE = ["file", "tcp", "udp"]
MISSED = 3
"""Analysed frames of a stream that a busy machine may come too late for: live frames wait for nobody."""


@pytest.fixture(scope="module")
def runs(media_dir: Path, lite_pack: Path) -> dict[str, list[Line]]:
    """What each watch printed. The streams run side by side, and apart from the files, which take all they can get."""
    stage, street = media_dir / "clips" / "stage.mp4", media_dir / "clips" / "street.mp4"
    people = ("--gallery", media_dir / "people")
    printed: dict[str, list[Line]] = {}

    def collect(watches: dict[str, Watching]) -> None:
        for name, running in watches.items():
            assert running.end() == 0, (name, running.complaints)
            printed[name] = running.lines

    with ExitStack() as stack:
        server = stack.enter_context(serve({"stage": stage}, loop=False, shared=False))

        def watch(source: str | Path, *more: str) -> Watching:
            return stack.enter_context(watching(source, *people, *more))

        collect({"file": watch(stage), "street": watch(street)})
        address, limit = server.url("stage"), ("--seconds", str(STAGE_SECONDS))
        collect({transport: watch(address, "--transport", transport, *limit) for transport in ("tcp", "udp")})
    return printed


@pytest.mark.parametrize("name", STAGE)
def test_the_stage_is_told_truly(runs: dict[str, list[Line]], name: str) -> None:
    named = tracks_by_name(runs[name])
    assert {"lin-manuel-miranda", "barack-obama"} <= named.keys() <= {
        "lin-manuel-miranda", "barack-obama", "alex-lacamoire",
    }  # fmt: skip
    assert all(len(tracks) <= 3 for tracks in named.values())


@pytest.mark.parametrize("name", STAGE)
def test_the_singers_appearance_is_one_track_without_gaps(runs: dict[str, list[Line]], name: str) -> None:
    """He sings from second 2.8 to 7.0 of the clip, analysed five times a second."""
    ends = [line for line in runs[name] if line.get("event") == "end" and line["name"] == "lin-manuel-miranda"]
    longest = max(ends, key=lambda end: end["last_seen"] - end["first_seen"])
    span = longest["last_seen"] - longest["first_seen"]
    missing = 0 if name == "file" else MISSED
    assert 4.0 - missing / 5 <= span <= 4.6
    assert longest["detections"] >= math.floor(span * 5) - missing


def test_strangers_in_the_street_get_no_name(runs: dict[str, list[Line]]) -> None:
    summary = runs["street"][-1]["summary"]
    assert 5 <= summary["tracks"] <= 16
    assert summary["matches"] == {}
    assert tracks_by_name(runs["street"]) == {}


@pytest.mark.parametrize("name", [*STAGE, "street"])
def test_the_protocol_is_as_documented(runs: dict[str, list[Line]], name: str) -> None:
    *events, last = runs[name]
    assert last.keys() == {"summary"}
    summary = last["summary"]
    assert summary.keys() >= SUMMARY_KEYS
    assert summary["tracks"] == len({event["track_id"] for event in events})
    assert summary["matches"] == {who: len(tracks) for who, tracks in tracks_by_name(final(events)).items()}
    assert 0 < summary["analysed_frames"] <= summary["frames"]
    assert summary["reconnects"] == 0
    assert summary["dropped_frames"] == 0 or name in {"tcp", "udp"}  # live frames wait for no busy machine
    for event in events:
        check_event(event)
    for track in {event["track_id"] for event in events}:
        kinds = [event["event"] for event in events if event["track_id"] == track]
        assert (kinds[0], kinds[-1]) == ("track", "end")
        assert (kinds.count("track"), kinds.count("end")) == (1, 1)
        assert set(kinds[1:-1]) <= {"match"}


def final(events: list[Line]) -> list[Line]:
    """Each track as it ended."""
    return [event for event in events if event["event"] == "end"]


def check_event(event: Line) -> None:
    assert event.keys() == EVENT_KEYS
    assert event["event"] in {"track", "match", "end"}
    assert len(event["box"]) == 4
    assert event["box"][2] > 0
    assert event["box"][3] > 0
    assert event["quality"] is None or 0 <= event["quality"] <= 1
    assert 0 <= event["first_seen"] <= event["last_seen"]
    assert event["last_seen"] <= event["time"] + 1.0  # time: when it was told; a batch holds less than a second
    if event["name"] is not None:
        assert event["similarity"] >= 0.5
        assert 0 < event["false_match_rate"] <= 1e-4 * (1 + 1e-6)
    if event["event"] == "match":
        assert event["name"] is not None
