"""The real command line on bad input: an exit code, one line that says what, one that says what to do."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sightline.cli import main
from tests.support.clips import Clip, record, record_sound
from tests.support.rtsp_server import serve

BACKEND = Path(__file__).resolve().parents[2]
PASSWORD = "s3cret%40pass"
CLOSED = 1
"""A port on which nobody listens, the same in every process that collects these tests."""

USAGE, SOURCE, PACK = 2, 3, 4


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int | str | None
    stdout: str
    stderr: str


Sightline = Callable[..., Done]


@pytest.fixture
def sightline(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Sightline:
    """Runs the command line from its first line to its exit, in this process: starting one takes two seconds."""

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["sightline", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        return Done(left.value.code or 0, *capfd.readouterr())

    return run


def refused(done: Done, code: int, name: str, *words: str) -> None:
    """It ended with this exit code and said so in two lines, and nothing else."""
    assert done.code == code, done.stderr
    assert done.stdout == ""
    error, hint = done.stderr.splitlines()
    assert error.startswith(f"error [{name}] ")
    assert re.fullmatch(r"what to do \S.+", hint), hint
    for word in words:
        assert word in error


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Things that people take for videos."""
    folder = tmp_path_factory.mktemp("input")
    record(folder / "clip.mp4", Clip(seconds=2))
    record_sound(folder / "sound.mp4")
    (folder / "text.mp4").write_text("this is no video\n" * 20)
    (folder / "empty.mp4").touch()
    whole = (folder / "clip.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])  # the index stands at its end
    streamed = record(folder / "whole.ts", Clip(seconds=4), container_format="mpegts").read_bytes()
    (folder / "cut.ts").write_bytes(streamed[: len(streamed) // 2])
    for name, text in {
        "outside": '{"interest": [[[0, 0], [1, 2], [1, 1]]]}',
        "typo": '{"intrest": []}',
        "broken": '{"interest": [',
        "points": '{"privacy": [[[0, 0], [1, 1]]]}',
    }.items():
        (folder / f"{name}.json").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("source", "code", "name"),
    [
        ("missing.mp4", SOURCE, "source_not_found"),
        ("text.mp4", SOURCE, "not_a_video"),
        ("empty.mp4", SOURCE, "not_a_video"),
        ("cut.mp4", SOURCE, "not_a_video"),
        ("sound.mp4", SOURCE, "no_video_stream"),
    ],
)
def test_files_that_are_no_video(folder: Path, source: str, code: int, name: str, sightline: Sightline) -> None:
    refused(sightline("watch", folder / source, "--json"), code, name, source)


@pytest.mark.parametrize(
    ("address", "code", "name"),
    [
        ("ftp://camera/stream", USAGE, "source_invalid"),
        (f"rtsp://user:{PASSWORD}@camera:port/stream", USAGE, "source_invalid"),
        (f"rtsp://user:{PASSWORD}@nowhere.invalid/stream", SOURCE, "source_unreachable"),
        (f"rtsp://user:{PASSWORD}@127.0.0.1:{CLOSED}/stream", SOURCE, "source_unreachable"),
    ],
)
def test_addresses_that_lead_nowhere_are_told_without_their_password(
    address: str, code: int, name: str, sightline: Sightline
) -> None:
    done = sightline("watch", address, "--json")
    refused(done, code, name)
    assert "s3cret" not in done.stderr


@pytest.mark.e2e
def test_a_wrong_password_is_told_and_not_shown(folder: Path, sightline: Sightline) -> None:
    with serve({"door": folder / "clip.mp4"}, login=("guard", "right")) as server:
        refused(sightline("watch", server.url("door"), "--json"), SOURCE, "source_denied")
        done = sightline("watch", server.url("door", "guard", PASSWORD), "--json")
        refused(done, SOURCE, "source_denied", "/door")
        unknown = sightline("watch", server.url("attic", "guard", "right"), "--json")
        refused(unknown, SOURCE, "source_not_found", "/attic")
    assert "s3cret" not in done.stderr
    assert "right" not in unknown.stderr


@pytest.mark.parametrize("file", ["outside", "typo", "broken", "points", "missing"])
def test_regions_that_are_not_understood_stop_the_watch(folder: Path, file: str, sightline: Sightline) -> None:
    done = sightline("watch", folder / "clip.mp4", "--json", "--regions", folder / f"{file}.json")
    refused(done, USAGE, "invalid_input", f"{file}.json")


@pytest.mark.parametrize(
    ("options", "code", "name", "words"),
    [
        (("--transport", "sctp"), USAGE, "invalid_input", ("'sctp'",)),
        (("--pack", "nobodys"), PACK, "pack_not_installed", ("nobodys",)),
        (("--fmr", "1e-6"), USAGE, "not_measured", ("1e-6", "1e-1, 1e-2, 1e-3, 1e-4, 1e-5")),
        (("--fmr", "0"), USAGE, "invalid_input", ("0 is no false-match rate",)),
        (("--gallery", "missing"), USAGE, "gallery_invalid", ("missing does not exist",)),
    ],
)
@pytest.mark.usefixtures("lite_pack")
def test_options_that_cannot_be_met(
    folder: Path, options: tuple[str, str], code: int, name: str, words: tuple[str, ...], sightline: Sightline
) -> None:
    refused(sightline("watch", folder / "clip.mp4", "--json", *options), code, name, *words)


def test_a_number_out_of_its_range_is_a_matter_of_usage(folder: Path, sightline: Sightline) -> None:
    for options in (("--min-similarity", "nan"), ("--seconds", "nan"), ("--sample-rate", "0"), ("--fmr", "2")):
        done = sightline("watch", folder / "clip.mp4", "--json", *options)
        assert (done.code, done.stdout) == (USAGE, ""), options
        assert options[0] in done.stderr


def test_a_setting_that_cannot_be_used_is_named(
    folder: Path, sightline: Sightline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_RECOGNITION__FMR", "often")
    done = sightline("watch", folder / "clip.mp4", "--json")
    refused(done, USAGE, "config_invalid", "SIGHTLINE_RECOGNITION__FMR")
    assert "often" not in done.stderr


@pytest.mark.usefixtures("lite_pack")
def test_galleries(folder: Path, tmp_path: Path, sightline: Sightline) -> None:
    (tmp_path / "empty").mkdir()
    refused(
        sightline("watch", folder / "clip.mp4", "--json", "--gallery", tmp_path / "empty"),
        USAGE, "gallery_invalid", "holds no picture",
    )  # fmt: skip
    gallery = tmp_path / "people"
    for name in ("Ω-山田", "محمد"):
        (gallery / name).mkdir(parents=True)
        (gallery / name / "1.jpg").write_bytes(b"no picture")
    (tmp_path / "outside.jpg").write_bytes(b"private")
    (gallery / "link-1.jpg").symlink_to(tmp_path / "outside.jpg")
    done = sightline("watch", folder / "clip.mp4", "--json", "--gallery", gallery)
    refused(done, USAGE, "gallery_invalid", "Ω-山田", "محمد", "link-1.jpg: it is a link out of the folder")


@pytest.mark.usefixtures("lite_pack")
def test_a_truncated_recording_is_watched_as_far_as_it_goes_and_standard_output_stays_json(
    folder: Path, sightline: Sightline
) -> None:
    done = sightline("watch", folder / "cut.ts", "--json")
    assert (done.code, done.stderr) == (0, "")
    (summary,) = (json.loads(line)["summary"] for line in done.stdout.splitlines())
    assert 0 < summary["analysed_frames"] < 20
    assert summary["state"] == "ended"


@pytest.mark.media
def test_a_reader_that_leaves_ends_the_watch_quietly(lite_pack: Path, media_dir: Path) -> None:
    command = [sys.executable, "-m", "sightline", "watch", str(media_dir / "clips" / "stage.mp4"), "--json"]
    with subprocess.Popen(command, cwd=BACKEND, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
        assert watch.stdout is not None
        assert watch.stderr is not None
        assert json.loads(watch.stdout.readline())["event"] == "track"
        watch.stdout.close()
        assert watch.wait(60) == 1
        assert watch.stderr.read() == b""


def test_help_is_complete(sightline: Sightline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    done = sightline("watch", "--help")
    assert done.code == 0
    for option in ("--gallery", "--fmr", "--pack", "--json", "--record", "--transport", "--regions", "--wait"):
        assert option in done.stdout
    assert "Exit codes: 0 done" in sightline("--help").stdout


def test_the_program_itself_refuses_a_missing_file(folder: Path) -> None:
    command = [sys.executable, "-m", "sightline", "watch", "missing.mp4"]
    done = subprocess.run(command, cwd=BACKEND, capture_output=True, text=True, timeout=60, check=False)
    refused(Done(done.returncode, done.stdout, done.stderr), SOURCE, "source_not_found")
