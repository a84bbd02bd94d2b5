"""A real S3 server for tests: SeaweedFS from its wheel."""

import json
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from sightline.core.config import StorageSettings
from tests.support.ports import free_port

START_SECONDS = 60.0
PORTS = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")]


@contextmanager
def run_seaweed() -> Iterator[StorageSettings]:
    """Start it on free ports in a folder that is removed afterwards."""
    ports = {name: free_port() for name in PORTS}
    with tempfile.TemporaryDirectory(prefix="sightline-s3-") as name:
        folder = Path(name)
        key = {"accessKey": "tester", "secretKey": "the-right-secret"}
        identity = {"name": "tester", "credentials": [key], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        log = (folder / "log").open("wb")
        process = subprocess.Popen(
            [
                Path(sysconfig.get_path("scripts")) / "weed",
                "server",
                f"-dir={folder}",
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                "-master.telemetry=false",
                *(f"-{name}={port}" for name, port in ports.items()),
                "-volume.max=50",
                "-master.volumeSizeLimitMB=64",
                "-filer",
                "-s3",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                f"-s3.config={folder / 's3.json'}",
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        log.close()
        try:
            _wait(process, ports["s3.port"], folder / "log")
            yield StorageSettings(
                kind="s3",
                endpoint=f"http://127.0.0.1:{ports['s3.port']}",
                access_key=key["accessKey"],
                secret_key=SecretStr(key["secretKey"]),
                timeout=20.0,
            )
        finally:
            process.kill()  # a polite end takes it more than 15 s
            process.wait()
            _remove_sockets(tuple(ports.values()))


def _remove_sockets(ports: Sequence[int]) -> None:
    """It puts unix sockets into /tmp, named by port, and a killed server leaves them there."""
    for port in ports:
        for leftover in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108
            leftover.unlink(missing_ok=True)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except urllib.error.HTTPError as error:  # 403: it is up and knows keys
            error.close()
            return
        except OSError:
            time.sleep(0.2)
    print(log.read_text()[-2000:], file=sys.stderr)  # noqa: T201  shown with the failing test
    raise RuntimeError("the S3 server did not start")
