import signal
import subprocess
import sys
import textwrap

import psutil
import pytest

from tests.support.ports import free_port
from tests.support.senders import wait_until


@pytest.mark.e2e
def test_the_receiving_program_dies_with_us_even_when_we_are_killed() -> None:
    code = f"""
        import time
        from sightline.media.child import ChildStream
        from sightline.media.sources import parse_source
        ChildStream(parse_source("srt://127.0.0.1:{free_port()}?mode=listener"), 60, 60)
        print("started", flush=True)
        time.sleep(60)
    """
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"started\n"
    (receiver,) = psutil.Process(owner.pid).children()
    wait_until(lambda: "ffmpeg" in receiver.name(), "the receiving program")
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    wait_until(lambda: not receiver.is_running() or receiver.status() == psutil.STATUS_ZOMBIE, "the end of the program")
