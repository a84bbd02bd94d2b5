from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.errors import SourceInvalid
from sightline.media.sources import SourceKind, parse_source, redact


@pytest.mark.parametrize(
    ("text", "kind", "live"),
    [
        ("rtsp://camera.local/stream", SourceKind.RTSP, True),
        ("RTSPS://camera.local:322/stream", SourceKind.RTSPS, True),
        ("https://tv.example/live/channel.m3u8?session=1", SourceKind.HLS, True),
        ("http://tv.example/live.ts", SourceKind.HTTP, True),
        ("udp://239.1.2.3:1234", SourceKind.UDP, True),
        ("udp://:1234", SourceKind.UDP, True),
        ("rtp://239.1.2.3:5004", SourceKind.RTP, True),
        ("rtmp://tv.example/app/stream", SourceKind.RTMP, True),
        ("srt://tv.example:9000?mode=caller", SourceKind.SRT, True),
        ("camera.sdp", SourceKind.RTP, True),
        ("clips/stage.mp4", SourceKind.FILE, False),
        ("a name: with colon?.mp4", SourceKind.FILE, False),
        ("file:///clips/two%20words.mp4", SourceKind.FILE, False),
    ],
)
def test_an_address_says_how_it_is_spoken_to(text: str, kind: SourceKind, live: bool) -> None:
    source = parse_source(text)
    assert (source.kind, source.live) == (kind, live)


def test_a_file_address_is_decoded_and_a_colon_is_no_protocol() -> None:
    assert parse_source("file:///clips/two%20words.mp4").path == Path("/clips/two words.mp4")
    assert parse_source("concat:a.mp4").url == f"file:{Path('concat:a.mp4').absolute()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "rtsp://",
        "rtsp://user:pa/ss@host/stream",
        "rtsp://host:99999/x",
        "gopher://host/x",
        "udp://239.1.2.3",
        "http:///x.ts",
        "rtsp://ho\nst/x",
        "rtsp://[::1/x",
    ],
)
def test_a_malformed_address_is_refused_with_a_hint_and_without_its_password(text: str) -> None:
    with pytest.raises(SourceInvalid) as refused:
        parse_source(text)
    assert refused.value.hint
    assert "pa/ss" not in refused.value.message
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://admin:s3cret@10.0.0.5:554/ch1", "rtsp://10.0.0.5:554/ch1"),
        ("rtsp://admin:p@ss@10.0.0.5/ch1", "rtsp://10.0.0.5/ch1"),
        ("http://tv.example/live/alice/s3cret/7.ts", "http://tv.example/…/7.ts"),
        ("srt://tv.example:9000?mode=caller&passphrase=s3cret", "srt://tv.example:9000?mode=***&passphrase=***"),
        (
            "rtsp://10.0.0.5/user=admin&password=s3cret&channel=1",
            "rtsp://10.0.0.5/user=***&password=***&channel=1",
        ),
    ],
)
def test_what_is_shown_of_an_address_holds_no_secret(url: str, shown: str) -> None:
    assert redact(url) == shown
    assert "s3cret" not in repr(parse_source(url))


@given(
    st.sampled_from(["rtsp", "http", "rtmp"]),
    st.text(alphabet="abcXYZ019%!$@:", min_size=1),
    st.text(alphabet="abcXYZ019%!$@:", min_size=4),
)
def test_no_user_and_no_password_ever_shows(scheme: str, user: str, password: str) -> None:
    assert redact(f"{scheme}://{user}:{password}@camera/stream") == f"{scheme}://camera/stream"
