"""The servers of a benchmark: gone with it, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

HOUSE = """
import time
from sightline.commands.bench_world import running_servers
with running_servers(None) as servers:
    print(servers.folder, flush=True)
    time.sleep(600)
"""


def test_a_benchmark_that_is_ended_leaves_no_servers_and_no_folder() -> None:
    with subprocess.Popen([sys.executable, "-c", HOUSE], stdout=subprocess.PIPE, text=True) as bench:
        assert bench.stdout is not None
        folder = Path(bench.stdout.readline().strip())
        assert (folder / "postgres").is_dir()
        bench.send_signal(signal.SIGTERM)
        assert bench.wait(60) == 128 + signal.SIGTERM
    assert not folder.exists()
