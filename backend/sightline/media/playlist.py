"""Playlists of cameras and channels: extended M3U, as IPTV servers and video recorders write it."""

import re
from dataclasses import dataclass, field

from sightline.core.errors import InvalidInput

ONE_STREAM = ("#EXT-X-TARGETDURATION", "#EXT-X-STREAM-INF")
"""Tags of an HLS playlist (RFC 8216, 4.4.3 and 4.4.6): segments or qualities of one stream, no list of streams."""
TITLE = re.compile(r"""#EXTINF:(?:[^",]|"[^"]*")*,(?P<title>.*)""")
"""A title follows the first comma that stands in no quoted attribute."""
TVG_NAME = re.compile(r'tvg-name="([^"]*)"')


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """A stream that a playlist names. line: where its address stands, from 1. name: empty where it has none.

    url may hold a login.
    """

    line: int
    name: str
    url: str = field(repr=False)


def read_playlist(text: str) -> list[PlaylistEntry]:
    """Streams of a playlist in its order. Raises InvalidInput for the playlist of one stream (HLS)."""
    entries: list[PlaylistEntry] = []
    name = ""
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        line = raw.strip()
        if line.startswith(ONE_STREAM):
            raise InvalidInput(
                "this is the playlist of one stream (HLS), no list of streams",
                hint="Add a camera with the address that this file was loaded from.",
            )
        if line.startswith("#EXTINF"):
            name = _name(line)
        elif line and not line.startswith("#"):
            entries.append(PlaylistEntry(number, name, line))
            name = ""
    return entries


def _name(line: str) -> str:
    title = TITLE.match(line)
    tagged = TVG_NAME.search(line)
    return (title["title"].strip() if title else "") or (tagged[1].strip() if tagged else "")
