"""`sightline camera`: cameras of the running system."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.commands.database_access import in_transaction
from sightline.commands.support import Json, print_json
from sightline.core.config import load_settings

camera_app = typer.Typer(help="Cameras of the running system: add, list, remove, probe.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="rtsp://user:password@camera/stream, a file, or another address.")]
UseUdp = Annotated[bool, typer.Option("--udp", help="RTSP over UDP.")]


@camera_app.command()
def add(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    url: Address,
    location: Annotated[str, typer.Option(help="Where it hangs.")] = "",
    regions: Annotated[
        Path | None, typer.Option(help="JSON file of regions of interest and privacy masks, as for `sightline watch`.")
    ] = None,
    udp: UseUdp = False,
    loop: Annotated[bool, typer.Option("--loop", help="Play a file again and again.")] = False,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Open it first.")] = True,
) -> None:
    """Add a camera; it is watched within two seconds. Its login is stored apart and never shown again."""
    from sightline.core.sealing import open_sealer  # noqa: PLC0415 - loads cryptography
    from sightline.media.capture import CaptureOptions, probe  # noqa: PLC0415 - loads PyAV
    from sightline.media.sources import Transport, parse_source  # noqa: PLC0415
    from sightline.services import cameras  # noqa: PLC0415
    from sightline.services.regions import read_regions  # noqa: PLC0415

    source, areas = parse_source(url), read_regions(regions)
    transport = Transport.UDP if udp else Transport.TCP
    if check:
        probe(source, CaptureOptions(transport=transport))
    config: dict[str, object] = {"transport": transport.value, "loop": loop}
    config |= {"interest": [list(polygon.points) for polygon in areas.interest]} if areas.interest else {}
    config |= {"privacy": [list(polygon.points) for polygon in areas.privacy]} if areas.privacy else {}

    async def work(session: AsyncSession) -> str:
        sealer = open_sealer(load_settings())
        camera = await cameras.create(
            session, name=name, stream_url=source.address, sealer=sealer, location=location, config=config
        )
        return str(camera.id)

    camera_id = in_transaction(work)
    Console(highlight=False).print(f"camera {name} added, {camera_id}", markup=False)


@camera_app.command("list")
def list_cameras(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show cameras with their state and the reason of the last failure."""
    from sightline.services import cameras  # noqa: PLC0415

    async def work(session: AsyncSession) -> list[dict[str, Json]]:
        return [
            {
                "id": str(camera.id),
                "name": camera.name,
                "location": camera.location,
                "status": camera.status,
                "message": camera.status_message,
                "resolution": camera.resolution,
                "fps": camera.fps,
                "url": camera.stream_url,
                "last_seen_at": camera.last_seen_at.isoformat() if camera.last_seen_at else None,
            }
            for camera in await cameras.list_cameras(session)
        ]

    found = in_transaction(work)
    if as_json:
        print_json(found)
        return
    table = Table("name", "state", "picture", "last seen", "address", "why", box=None)
    for camera in found:
        picture = f"{camera['resolution']} {camera['fps'] or 0:.0f} fps" if camera["resolution"] else "-"
        cells = (camera["name"], camera["status"], picture, camera["last_seen_at"] or "-", camera["url"])
        table.add_row(*(str(cell) for cell in cells), str(camera["message"]))
    Console().print(table)


@camera_app.command()
def remove(name: Annotated[str, typer.Argument(help="Name or id.")]) -> None:
    """Remove a camera and its login. Its sightings stay until their retention is over."""
    from sightline.services import cameras  # noqa: PLC0415

    async def work(session: AsyncSession) -> bool:
        return await cameras.remove(session, name_or_id=name)

    deleted = in_transaction(work)
    Console(highlight=False).print(f"camera {name} removed" + ("" if deleted else "; its sightings stay"), markup=False)


@camera_app.command()
def probe(url: Address, udp: UseUdp = False) -> None:
    """Open a camera without adding it: codec, size and frame rate, or why it cannot be opened."""
    from sightline.media import capture  # noqa: PLC0415 - loads PyAV
    from sightline.media.sources import Transport, parse_source  # noqa: PLC0415

    source = parse_source(url)
    info = capture.probe(source, capture.CaptureOptions(transport=Transport.UDP if udp else Transport.TCP))
    rate = f"{info.fps:.2f} fps" if info.fps else "frame rate not stated"
    Console(highlight=False).print(
        f"{source.redacted}: {info.codec}, {info.width}×{info.height} px, {rate}", markup=False
    )
