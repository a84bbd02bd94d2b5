"""`sightline bench`: measure the hot paths on this machine."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sightline.commands import bench_alerts, bench_api, bench_db, bench_faces, bench_search
from sightline.commands.support import print_json
from sightline.core.config import load_settings

bench_app = typer.Typer(help="Measure the hot paths on this machine.", no_args_is_help=True)


@bench_app.callback()
def bench() -> None:
    """Measure the hot paths on this machine; figures depend on it, ratios much less."""


@bench_app.command()
def pipeline(
    source: Annotated[
        str, typer.Option(help="A clip, which every camera plays in a loop, or the address of a stream.")
    ],
    cameras: Annotated[int, typer.Option(help="How many cameras.", min=1)] = 1,
    seconds: Annotated[float, typer.Option(help="Length of the measured window.", min=1)] = 20.0,
    pack: Annotated[str | None, typer.Option(help="Model pack.")] = None,
    motion_gate: Annotated[
        bool, typer.Option("--motion-gate/--no-motion-gate", help="Skip detection while nothing moves.")
    ] = True,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Play a clip at its own speed and drop what is late.")
    ] = False,
    transport: Annotated[str, typer.Option(help="What carries RTSP: tcp or udp.")] = "tcp",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Frames per second of the fused pipeline, and how much of what its parts would allow.

    A clip is read as fast as it can be analysed, so that the machine is full; a stream, or a clip with --realtime,
    at its own speed. frames_per_second counts frames on which the detector ran; overhead_ratio is the CPU per such
    frame over that of its parts alone; per_camera_rate_spread is the fastest camera's rate over the slowest one's.
    """
    from sightline.commands.watch import parse_transport  # noqa: PLC0415
    from sightline.media.sources import parse_source  # noqa: PLC0415 - loads PyAV
    from sightline.workers.bench import BenchRequest, run_bench  # noqa: PLC0415 - loads the models

    settings = load_settings()
    request = BenchRequest(
        source=parse_source(source),
        pack=pack or settings.recognition.pack,
        cameras=cameras,
        seconds=seconds,
        motion_gate=motion_gate,
        realtime=realtime,
        transport=parse_transport(transport),
    )
    Console(stderr=True).print(f"measuring {cameras} cameras for {seconds:.0f} s, after a warm-up …", highlight=False)
    result = run_bench(request, settings).as_object()
    if as_json:
        print_json(result)
        return
    table = Table("figure", "value", box=None)
    for name, value in result.items():
        table.add_row(name, str(value))
    Console(highlight=False).print(table)


bench_app.command("vectors")(bench_db.vectors)
bench_app.command("writes")(bench_db.writes)
bench_app.command("api")(bench_api.api)
bench_app.command("search")(bench_search.search)
bench_app.command("faces")(bench_faces.faces)
bench_app.command("alerts")(bench_alerts.alerts)
