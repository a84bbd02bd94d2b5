"""Files, good and bad, through a CameraSession. Protocols are in test_protocols."""

import random
import threading
from itertools import pairwise
from pathlib import Path

import av
import pytest

from sightline.core.errors import (
    CodecUnavailable,
    MediaError,
    NotAVideo,
    NoVideoStream,
    SourceNotFound,
    SourceUnreachable,
)
from sightline.domain.frames import Frame
from sightline.domain.regions import Polygon, Regions
from sightline.media.capture import CameraSession, CaptureCounts, CaptureOptions, StreamInfo, probe
from sightline.media.sources import parse_source
from tests.support.clips import Clip, brightness_of, record, record_sound
from tests.support.ports import free_port


def play(path: Path, options: CaptureOptions | None = None) -> tuple[list[Frame], CaptureCounts]:
    session = CameraSession(parse_source(str(path)), options, camera_id="door")
    return list(session.frames()), session.counts


def left_brightness(frame: Frame) -> float:
    image = frame.pixels.bgr()
    return float(image[:, 10 : image.shape[1] // 2 - 10].mean())


def remux(source: Path, target: Path, **options: str) -> Path:
    with av.open(str(source)) as read, av.open(str(target), "w", options=options) as write:
        stream = read.streams.video[0]
        copy = write.add_stream_from_template(stream)
        for packet in read.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                write.mux(packet)
    return target


def half(source: Path, target: Path) -> Path:
    data = source.read_bytes()
    target.write_bytes(data[: len(data) // 2])
    return target


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def clip(folder: Path) -> Path:
    return record(folder / "clip.mp4", Clip(seconds=2.0, with_sound=True))


def test_five_frames_a_second_are_sampled_at_their_times(clip: Path) -> None:
    frames, counts = play(clip)
    assert [round(frame.media_time, 3) for frame in frames] == [round(index * 0.2, 3) for index in range(10)]
    assert [frame.sequence for frame in frames] == list(range(10))
    assert all(abs(left_brightness(frame) - brightness_of(index * 5)) < 5 for index, frame in enumerate(frames))
    assert (counts.decoded, counts.sampled, counts.truncated) == (50, 10, False)
    assert not any(frame.discontinuity for frame in frames)
    assert {(frame.width, frame.height, frame.camera_id) for frame in frames} == {(320, 192, "door")}


def test_pixels_are_converted_once(clip: Path) -> None:
    frame = play(clip)[0][0]
    assert frame.pixels.bgr() is frame.pixels.bgr()
    assert frame.pixels.bgr().flags.writeable
    assert frame.luma.shape == (64, 106)


def test_a_probe_says_what_a_source_is(clip: Path) -> None:
    info = probe(parse_source(str(clip)))
    assert info == StreamInfo(codec="h264", width=320, height=192, fps=25.0, duration=info.duration, live=False)
    assert info.duration == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("recorded", "rate", "most_decoded"),
    [
        (Clip(b_frames=3), 5.0, 26),  # pictures that no other refers to: half of them here
        (Clip(codec="mjpeg", pixel_format="yuvj420p"), 5.0, 25),  # each picture stands alone
        (Clip(seconds=12, gop=25), 1.0, 150),  # a key frame a second, once that is known
    ],
)
def test_pictures_that_nobody_looks_at_are_not_decoded(
    tmp_path: Path, recorded: Clip, rate: float, most_decoded: int
) -> None:
    path = record(tmp_path / "clip.mkv", recorded)
    frames, counts = play(path, CaptureOptions(sample_rate=rate))
    everything, all_counts = play(path, CaptureOptions(sample_rate=rate, decode_all=True))
    assert counts.decoded <= most_decoded < all_counts.decoded
    assert len(frames) == len(everything) == recorded.seconds * rate
    assert max(after.media_time - before.media_time for before, after in pairwise(frames)) < 1.5 / rate


def test_decoding_less_stops_when_a_sample_was_missed(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mkv", Clip(seconds=4, b_frames=9))
    frames, counts = play(path, CaptureOptions(sample_rate=6.0))
    assert len(frames) >= 22
    assert counts.decoded > 90


@pytest.mark.parametrize(
    ("codec", "pixel_format"),
    [
        ("libx264", "nv12"),
        ("libx264", "yuv422p"),
        ("libx264", "yuv444p"),
        ("libx264", "yuv420p10le"),
        ("libx265", "yuv420p"),
        ("mjpeg", "yuvj420p"),
        ("ffv1", "gray"),
        ("ffv1", "bgr0"),
    ],
)
def test_every_pixel_format_gives_the_same_picture(tmp_path: Path, codec: str, pixel_format: str) -> None:
    frames, _ = play(record(tmp_path / "clip.mkv", Clip(codec=codec, pixel_format=pixel_format, seconds=0.5)))
    frame = frames[0]
    assert frame.pixels.bgr().shape == (192, 320, 3)
    assert left_brightness(frame) == pytest.approx(brightness_of(0), abs=5)
    luma = frame.luma[5:-5, 5 : frame.luma.shape[1] // 2 - 5]
    assert brightness_of(0) - 5 <= luma.mean() <= brightness_of(0) + 22  # 16 to 235, or 0 to 255


def test_masked_pixels_are_black_in_colour_and_in_grey(clip: Path) -> None:
    hidden = Polygon(((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)))
    frames, _ = play(clip, CaptureOptions(regions=Regions(privacy=(hidden,))))
    for frame in frames[2:4]:
        image = frame.pixels.bgr()
        assert not image[96:, 160:].any()
        assert image[:90].any(axis=2).mean() > 0.9
        assert not frame.luma[32:, 53:].any()
        assert frame.luma[:30].mean() > 20


def test_a_recording_made_sideways_is_turned_upright(tmp_path: Path, clip: Path) -> None:
    data = bytearray(clip.read_bytes())
    identity = bytes.fromhex("00010000" + "0" * 24 + "00010000" + "0" * 24 + "40000000")
    quarter_turn = bytes.fromhex("00000000 00010000 00000000 ffff0000 00000000 00000000 00000000 00000000 40000000")
    at = data.index(identity, data.index(b"tkhd"))
    data[at : at + 36] = quarter_turn
    (tmp_path / "phone.mp4").write_bytes(data)
    frame = play(tmp_path / "phone.mp4")[0][0]
    image = frame.pixels.bgr()
    assert (frame.width, frame.height) == (192, 320)
    assert image.shape == (320, 192, 3)
    assert image[10:150].mean() == pytest.approx(brightness_of(0), abs=5)  # the left half came to the top
    assert frame.luma.shape == (106, 64)


def test_a_file_can_be_played_at_its_own_speed_and_stopped(clip: Path) -> None:
    stop = threading.Event()
    session = CameraSession(parse_source(str(clip)), CaptureOptions(realtime=True), stop=stop)
    frames = session.frames()
    first, second = next(frames), next(frames)
    assert second.received_at >= first.received_at
    stop.set()
    assert len(list(frames)) <= 1


def a_missing_file(folder: Path) -> Path:
    return folder / "nobody.mp4"


def an_empty_file(folder: Path) -> Path:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def a_text(folder: Path) -> Path:
    (folder / "note.txt").write_text("milk, eggs\n" * 100)
    return folder / "note.txt"


def noise(folder: Path) -> Path:
    (folder / "noise.mp4").write_bytes(random.Random(1).randbytes(50_000))
    return folder / "noise.mp4"


def a_recording_without_its_index(folder: Path) -> Path:
    return half(record(folder / "whole.mp4"), folder / "half.mp4")


def only_sound(folder: Path) -> Path:
    return record_sound(folder / "sound.m4a")


def an_unknown_codec(folder: Path) -> Path:
    whole = record(folder / "known.mp4").read_bytes()
    (folder / "unknown.mp4").write_bytes(whole.replace(b"avc1", b"evc1"))
    return folder / "unknown.mp4"


def pictures_that_are_noise(folder: Path) -> Path:
    data = bytearray(remux(record(folder / "good.mp4"), folder / "fast.mp4", movflags="faststart").read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = random.Random(1).randbytes(len(data) - start)
    (folder / "damaged.mp4").write_bytes(data)
    return folder / "damaged.mp4"


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (a_missing_file, SourceNotFound, "There is no file"),
        (lambda folder: folder, NotAVideo, "is a folder"),
        (an_empty_file, NotAVideo, "is empty"),
        (a_text, NotAVideo, "is not a video"),
        (noise, NotAVideo, "is not a video"),
        (a_recording_without_its_index, NotAVideo, "index is missing"),
        (only_sound, NoVideoStream, "carries no video"),
        (an_unknown_codec, CodecUnavailable, "codec that cannot be decoded"),
        (pictures_that_are_noise, NotAVideo, "Nothing in"),
    ],
)
def test_bad_files_are_told_apart_and_each_error_says_what_to_do(
    tmp_path: Path, make: object, error: type[MediaError], says: str
) -> None:
    assert callable(make)
    path = make(tmp_path)
    with pytest.raises(error, match=says) as refused:
        play(path)
    assert refused.value.hint
    assert str(path) in refused.value.message
    assert refused.value.__context__ is None


def test_a_host_that_does_not_answer_is_unreachable_and_its_password_stays_secret() -> None:
    source = parse_source(f"rtsp://admin:s3cret@127.0.0.1:{free_port()}/stream")
    with pytest.raises(SourceUnreachable, match="refused") as failed:
        probe(source)
    shown = f"{failed.value.message} {failed.value.hint} {failed.value!r} {failed.value.__context__}"
    assert "s3cret" not in shown


def test_a_name_that_nobody_has_is_unreachable() -> None:
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        probe(parse_source("rtsp://camera.invalid/stream"))


@pytest.mark.parametrize("container", ["mkv", "flv", "mp4"])
def test_of_a_truncated_video_is_played_what_there_is(tmp_path: Path, container: str) -> None:
    whole = record(tmp_path / f"whole.{container}", Clip(seconds=4))
    if container == "mp4":
        whole = remux(whole, tmp_path / "fast.mp4", movflags="faststart")
    frames, counts = play(half(whole, tmp_path / f"half.{container}"))
    assert len(frames) >= 8
    assert counts.truncated


def test_timestamps_that_jump_ahead_mark_a_break(tmp_path: Path) -> None:
    stamps = [*range(25), *range(1025, 1050)]
    frames, counts = play(record(tmp_path / "gap.mkv", stamps=stamps))
    assert [frame.sequence for frame in frames if frame.discontinuity] == [5]
    assert frames[5].media_time == pytest.approx(41.0, abs=0.01)
    assert counts.discontinuities == 1


def test_timestamps_that_start_again_go_on(tmp_path: Path) -> None:
    once = record(tmp_path / "once.ts").read_bytes()
    (tmp_path / "twice.ts").write_bytes(once + once)
    frames, counts = play(tmp_path / "twice.ts")
    assert len(frames) == 20
    assert all(0.1 < after.media_time - before.media_time < 0.3 for before, after in pairwise(frames))
    assert counts.discontinuities == 1


def test_timestamps_that_repeat_still_rise(tmp_path: Path) -> None:
    frames, _ = play(record(tmp_path / "twins.mkv", stamps=[index // 2 * 2 for index in range(50)]))
    assert len(frames) == 10
    assert all(before.media_time < after.media_time for before, after in pairwise(frames))


def test_a_stream_without_timestamps_advances_by_its_rate(tmp_path: Path) -> None:
    frames, _ = play(record(tmp_path / "bare.h264", container_format="h264"))
    assert [round(frame.media_time, 2) for frame in frames] == [round(index * 0.2, 2) for index in range(10)]


def test_damaged_packets_are_counted_and_the_rest_is_played(tmp_path: Path) -> None:
    whole = record(tmp_path / "good.mp4", Clip(seconds=4))
    data = bytearray(remux(whole, tmp_path / "fast.mp4", movflags="faststart").read_bytes())
    middle = data.index(b"mdat") + 3000
    data[middle : middle + 2000] = random.Random(1).randbytes(2000)
    (tmp_path / "bad.mp4").write_bytes(data)
    frames, counts = play(tmp_path / "bad.mp4")
    assert counts.corrupt_packets >= 1
    assert len(frames) >= 10
    assert frames[-1].media_time > 3.0


def test_damaged_transport_streams_are_played_with_rising_times(tmp_path: Path) -> None:
    data = bytearray(record(tmp_path / "good.ts", Clip(seconds=4)).read_bytes())
    dice = random.Random(1)
    for _ in range(300):
        data[dice.randrange(2000, len(data))] ^= 255
    (tmp_path / "bad.ts").write_bytes(data)
    frames, _ = play(tmp_path / "bad.ts")
    assert len(frames) >= 10
    assert all(before.media_time < after.media_time for before, after in pairwise(frames))


def test_a_picture_that_changes_size_marks_a_break(tmp_path: Path) -> None:
    small = record(tmp_path / "small.h264", Clip(), container_format="h264").read_bytes()
    large = record(tmp_path / "large.h264", Clip(width=640, height=384), container_format="h264").read_bytes()
    (tmp_path / "both.h264").write_bytes(small + large)
    frames, _ = play(tmp_path / "both.h264")
    assert [(frame.width, frame.discontinuity) for frame in frames[8:12]] == [
        (320, False),
        (320, False),
        (640, True),
        (640, False),
    ]
    assert frames[11].pixels.bgr().shape == (384, 640, 3)
