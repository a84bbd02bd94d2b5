"""Many cameras over a real RTSP server, measured by the product's own command: make bench-cameras.

The clip is the recording clips/stage.mp4 of the shared media at 640x360 and 10 frames per second, all cameras play it
in a loop. The server runs on the same machine, so what it takes is missing to the pipeline; it is reported.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import psutil

from tests.conftest import REPOSITORY, SHARED
from tests.support.rtsp_server import serve

FPS = 10


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=420)
    parser.add_argument("--pack", default="cpu", help="an installed model pack; cpu is imported from the shared models")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="many-cameras-") as folder:
        clip = slowed_down(SHARED / "media" / "clips" / "stage.mp4", Path(folder) / "clip.mp4")
        with serve({"camera": clip}) as server:
            before = _server_seconds()
            command = [str(REPOSITORY / "sightline"), "bench", "pipeline", "--json", "--source", server.url("camera")]
            command += ["--cameras", str(arguments.cameras), "--seconds", str(arguments.seconds)]
            done = subprocess.run([*command, "--pack", arguments.pack], stdout=subprocess.PIPE, check=False)
            server_seconds = _server_seconds() - before
    if done.returncode:
        sys.exit(done.returncode)
    result = json.loads(done.stdout)
    result["server_share_of_a_core"] = round(server_seconds / (arguments.seconds + 1), 3)
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


def slowed_down(source: Path, target: Path) -> Path:
    """The clip with every third picture left in, so that 30 frames per second become 10; H.264, 640x360."""
    with av.open(str(source)) as clip, av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.options = {"g": str(2 * FPS), "bf": "0", "preset": "veryfast"}
        for number, picture in enumerate(clip.decode(video=0)):
            if number % 3 == 0:
                frame = picture.reformat(640, 360, "yuv420p")
                frame.pts, frame.time_base = number // 3, Fraction(1, FPS)
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target


def _server_seconds() -> float:
    """CPU that our child processes (the RTSP server) have taken so far, s."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        if any("gst_rtsp_child" in word for word in child.cmdline()):
            times = child.cpu_times()
            total += times.user + times.system
    return total


if __name__ == "__main__":
    main()
