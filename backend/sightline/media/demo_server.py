"""Plays a folder of clips over RTSP (TCP), each for ever: `python -m sightline.media.demo_server FOLDER HOST PORT`."""

import asyncio
import sys

from aio_rtsp_toolkit import server


def main() -> None:
    """Serve until killed."""
    folder, host, port = sys.argv[1:]
    asyncio.run(server.serve(folder, host, int(port)))


if __name__ == "__main__":
    main()
