"""Playlists as servers and recorders write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.errors import InvalidInput
from sightline.media.playlist import PlaylistEntry, read_playlist


def test_names_and_addresses_come_in_order_with_their_lines() -> None:
    text = (
        '\ufeff#EXTM3U\r\n#EXTINF:-1 tvg-id="a" group-title="In, out",Front, door\r\n#EXTVLCOPT:network-caching=300\r\n'
        'rtsp://10.0.0.5/1\r\n\r\n#EXTINF:-1 tvg-name="Hall",\nhttp://x/y.m3u8\nrtsp://10.0.0.6/2'
    )
    assert read_playlist(text) == [
        PlaylistEntry(4, "Front, door", "rtsp://10.0.0.5/1"),
        PlaylistEntry(7, "Hall", "http://x/y.m3u8"),
        PlaylistEntry(8, "", "rtsp://10.0.0.6/2"),
    ]


@pytest.mark.parametrize("tag", ["#EXT-X-TARGETDURATION:6", "#EXT-X-STREAM-INF:BANDWIDTH=1"])
def test_the_segments_of_one_stream_are_no_list_of_cameras(tag: str) -> None:
    with pytest.raises(InvalidInput, match="one stream"):
        read_playlist(f"#EXTM3U\n{tag}\nsegment.ts\n")


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    entries = read_playlist(text.replace("#EXT-X", ""))
    assert all(entry.url and entry.url == entry.url.strip() for entry in entries)
