"""`sightline gallery`: moving the enrolled people to another model pack, while cameras go on naming them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from sightline.commands.database_access import app_dsn
from sightline.commands.support import Json, open_pack, print_json, progress
from sightline.core.config import Settings, load_settings
from sightline.core.database import SYSTEM, Database
from sightline.core.errors import InvalidInput
from sightline.workers.embedded.machine import object_storage, running_settings

if TYPE_CHECKING:
    from sightline.services.reembedding import RefusedPicture
    from sightline.workers.gallery_move import GalleryMove, Moved

gallery_app = typer.Typer(help="The enrolled people's templates.", no_args_is_help=True)
Pack = Annotated[str, typer.Option(help="Model pack, installed here and on every machine with workers.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@gallery_app.callback()
def gallery() -> None:
    """The enrolled people's templates."""


@gallery_app.command()
def reembed(
    pack: Pack,
    keep_old: Annotated[
        bool, typer.Option("--keep-old", help="Keep the old model's templates, for a way back.")
    ] = False,
    grace_hours: Annotated[
        float, typer.Option(help="Hours that the old templates are still searched by who uses the old pack.", min=0)
    ] = 24.0,
    retry_refused: Annotated[bool, typer.Option("--retry-refused", help="Try refused pictures again.")] = False,
    allow_refused: Annotated[
        bool, typer.Option("--allow-refused", help="Switch although the new pack refuses pictures (they are listed).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make every template anew with another pack from the kept pictures, then let all workers use that pack.

    Cameras are watched and people named all the time: until the switch by the old pack, then by the new one. When it is
    interrupted, start it again: it goes on where it was. Its progress is also a job of the API.
    """
    settings = running_settings(load_settings())
    grace = None if keep_old else timedelta(hours=grace_hours)

    async def move(work: "GalleryMove") -> "Moved":
        with progress("new templates") as told:
            return await work.run(
                grace=grace, retry_refused=retry_refused, allow_refused=allow_refused, on_progress=told
            )

    moved = asyncio.run(_with_move(settings, pack, move))
    if as_json:
        refused: list[Json] = [_refused(one) for one in moved.refused]
        print_json({**asdict(moved), "refused": refused})
    else:
        _show(moved, pack)
    if not moved.switched:
        raise InvalidInput(
            f"the pack refuses {len(moved.refused)} pictures, so nothing was switched",
            hint="Replace these pictures, or repeat with --allow-refused: these people are then named by their others.",
        )


@gallery_app.command()
def status(as_json: AsJson = False) -> None:
    """How many templates there are of which model, and which pack workers use."""
    found = asyncio.run(_status(running_settings(load_settings())))
    if as_json:
        models: list[Json] = [{"model": name, "templates": made, "refused": no} for name, made, no in found.models]
        refused: list[Json] = [_refused(one) for one in found.refused]
        print_json({"pack": found.pack, "models": models, "refused": refused})
        return
    table = Table("model", "templates", "refused", box=None)
    for name, made, count in found.models:
        table.add_row(name, str(made), str(count))
    console = Console(highlight=False)
    console.print(table)
    _show_refused(console, found.refused)
    console.print(f"workers use the pack {found.pack}", markup=False)


@dataclass(frozen=True, slots=True)
class _Status:
    """models: name, templates, refused pictures. refused: those that the model in use makes no template of."""

    pack: str
    models: tuple[tuple[str, int, int], ...]
    refused: "tuple[RefusedPicture, ...]"


async def _with_move(settings: Settings, name: str, work: "Callable[[GalleryMove], Awaitable[Moved]]") -> "Moved":
    from sightline.workers.gallery_move import GalleryMove  # noqa: PLC0415 - loads the models' libraries

    pack, models = open_pack(name)
    async with _database(settings) as database:
        moving = GalleryMove(database, object_storage(settings), models, pack.manifest.name, settings)
        return await work(moving)


async def _status(settings: Settings) -> _Status:
    from sightline.services import reembedding, runtime_settings  # noqa: PLC0415

    async with _database(settings) as database, database.session(SYSTEM) as session:
        chosen = await runtime_settings.effective(session, base=settings)
        models = await reembedding.models(session)
        refused = await reembedding.refused_by_model_in_use(session)
    counted = tuple((name, *counts) for name, counts in sorted(models.items()))
    return _Status(chosen.recognition.pack, counted, tuple(refused))


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(app_dsn(settings), pool_size=2, max_overflow=0)
    try:
        yield database
    finally:
        await database.dispose()


def _refused(one: "RefusedPicture") -> dict[str, Json]:
    return {"image": str(one.image_id), "subject": str(one.subject_id), "reason": one.reason}


def _show(moved: "Moved", pack: str) -> None:
    console = Console(highlight=False)
    _show_refused(console, moved.refused)
    switched = f"workers now use {pack}" if moved.switched else "nothing was switched"
    console.print(f"{moved.made} of {moved.total} templates of {moved.model_version}; {switched}", markup=False)


def _show_refused(console: Console, refused: "tuple[RefusedPicture, ...]") -> None:
    if not refused:
        return
    table = Table("subject", "image", "why the pack refuses it", box=None)
    for one in refused:
        table.add_row(str(one.subject_id), str(one.image_id), one.reason)
    console.print(table)
