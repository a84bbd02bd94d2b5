"""`sightline demo`: the whole product on this machine, with cameras and guests of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sightline.commands.up import Extra, run_machine, with_options
from sightline.core.config import Settings, load_settings
from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded.children import ChildSpec, listens
from sightline.workers.embedded.machine import child_environment
from sightline.workers.embedded.ports import require_free


def demo(
    source: Annotated[
        str | None, typer.Option(help="Watch this camera, stream or file of yours instead of the demo's cameras.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the demo is kept.", show_default="demo in the data folder")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535, show_default="8000")] = None,
    camera_port: Annotated[int, typer.Option(help="Port of the demo's own cameras.", min=1, max=65535)] = 18554,
    split: Annotated[
        bool, typer.Option("--split", help="Capture, detect and recognise in processes apart, as a cluster does.")
    ] = False,
) -> None:
    """Run everything, with two cameras that play in a loop and two guests in the public domain.

    Grace Hopper (US Navy) is enrolled on the watchlist "Demo guests"; Eileen Collins (NASA) is left unknown. The page
    opens by the address that is printed; Ctrl-C stops everything, and the next start goes on where this one ended.
    """
    from sightline.workers import demo as demonstration  # noqa: PLC0415 - loads the video library

    settings = load_settings()
    chosen = with_options(settings, data_dir=data_dir or settings.data_dir / "demo", host=host, port=port)
    chosen = chosen.model_copy(update={"demo": True})
    console = Console(highlight=False)
    children: tuple[ChildSpec, ...] = ()
    if source is not None:
        from sightline.media.capture import probe  # noqa: PLC0415
        from sightline.media.sources import parse_source  # noqa: PLC0415

        address = parse_source(source)
        probe(address)
        cameras = {demonstration.YOUR_CAMERA: ("", address.address)}
    else:
        require_free(demonstration.HOST, camera_port)
        console.print("[dim]preparing the demo's cameras …[/]")
        clips = demonstration.prepare_media(chosen.data_dir, chosen.cache_dir)
        cameras = {one.name: (one.location, one.url(camera_port)) for one in demonstration.CAMERAS}
        children = (_player(clips, demonstration.HOST, camera_port),)

    def before(running: Settings) -> None:
        demonstration.prepare_database(running, cameras)
        _enrol(running, demonstration.GUEST, demonstration.portrait_of_guest(), demonstration.WATCHLIST)

    def ready(running: Settings) -> None:
        console.print(f"\nopen  [bold]{demonstration.login_link(running)}[/]", soft_wrap=True)
        console.print("      (works once, within ten minutes; afterwards log in as admin)\n")

    run_machine(chosen, Extra(children, before, ready, is_split=split))


def _player(clips: Path, host: str, port: int) -> ChildSpec:
    argv = (sys.executable, "-m", "sightline.media.demo_server", str(clips), host, str(port))
    return ChildSpec("cameras", argv, ready_probe=listens(host, port))


def _enrol(settings: Settings, name: str, portrait: Path, watchlist: str) -> None:
    """Enrol as a user would, in a process of its own; nothing happens where it was done at an earlier start."""
    from sightline.workers.demo import is_enrolled  # noqa: PLC0415

    if is_enrolled(settings, name):
        return
    words = [sys.executable, "-m", "sightline", "enroll", name, str(portrait), "--watchlist", watchlist]
    environment = {**os.environ, **child_environment(settings)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServiceUnavailable(
            f"{name} could not be enrolled: {done.stderr.strip()}", hint="Look at the reason given."
        )
