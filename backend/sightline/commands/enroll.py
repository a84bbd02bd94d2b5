"""`sightline enroll`: add a person to the running system."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.commands.database_access import in_transaction
from sightline.commands.support import open_pack
from sightline.core.config import Settings, load_settings
from sightline.core.errors import Conflict
from sightline.domain.arrays import FloatArray
from sightline.workers.embedded.machine import object_storage, running_settings

if TYPE_CHECKING:
    from sightline.vision.loading import Models


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """A usable picture: its template (512,), quality, and the JPEG that is kept."""

    path: Path
    template: FloatArray
    quality: float
    jpeg: bytes


def enroll(
    name: Annotated[str, typer.Argument(help="The person's name, or a pseudonym.")],
    images: Annotated[list[Path], typer.Argument(help="Pictures that show this person alone.")],
    watchlist: Annotated[str | None, typer.Option(help="Name of the watchlist; matches then raise alerts.")] = None,
    external_id: Annotated[str | None, typer.Option(help="The person's number in another system.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Enrol although the face looks like another subject's.")] = False,
) -> None:
    """Enrol a person, or add pictures to one who is enrolled under this name. Known to all workers within 2 s.

    Nothing is stored unless every picture is usable; `sightline enroll-check` says why one is not.
    """
    settings = running_settings(load_settings())
    pack, models = open_pack(None)
    pictures = [_read(path, models) for path in images]
    twin = in_transaction(lambda session: _twin(session, pictures, models, settings, name), settings=settings)
    if twin is not None and not yes:
        _ask(name, *twin)
    subject_id = _store(settings, models, pictures, name, external_id, watchlist)
    Console(highlight=False).print(
        f"{name} enrolled with {len(pictures)} pictures ({pack.manifest.name}), subject {subject_id}", markup=False
    )


def _read(path: Path, models: "Models") -> _Picture:
    from sightline.services.enrolment import enrol_image, examine_image  # noqa: PLC0415 - loads the models' libraries
    from sightline.vision.crops import encode_jpeg  # noqa: PLC0415
    from sightline.vision.images import load_image  # noqa: PLC0415

    image = load_image(path)
    template = enrol_image(image, models)
    quality = examine_image(image, models).faces[0].quality.score
    return _Picture(path, template, quality, encode_jpeg(image, quality=95))


async def _twin(
    session: AsyncSession, pictures: list[_Picture], models: "Models", settings: Settings, name: str
) -> tuple[str, float] | None:
    """Another subject who looks like the same person, and how similar."""
    from sightline.services import subjects  # noqa: PLC0415
    from sightline.services.thresholds import choose_threshold  # noqa: PLC0415

    rules = settings.recognition
    threshold = choose_threshold(models.curve, fmr=rules.fmr, min_similarity=rules.min_similarity)
    own = {subject.id for subject in await subjects.find_by_name(session, name=name)}
    for picture in pictures:
        found = await subjects.closest_other(
            session,
            template=picture.template,
            model_version=models.embedder.model_version,
            min_similarity=threshold.min_similarity,
            besides=next(iter(own), None),
        )
        if found is not None and found.subject_id not in own:
            return found.name, found.similarity
    return None


def _ask(name: str, other: str, similarity: float) -> None:
    message = f"this face looks like {other}, who is enrolled already (similarity {similarity:.3f})"
    if not sys.stdin.isatty():
        raise Conflict(message, hint=f"Enrol the pictures as {other}, or repeat with --yes if they are two people.")
    typer.confirm(f"{message}. Enrol {name} as another person?", abort=True)


def _store(
    settings: Settings,
    models: "Models",
    pictures: list[_Picture],
    name: str,
    external_id: str | None,
    watchlist: str | None,
) -> UUID:
    """All or nothing: subject and templates in one transaction, and no picture stays that no row speaks of."""
    storage, keys = object_storage(settings), [f"{uuid4()}.jpg" for _ in pictures]
    folder = f"subjects/{uuid4()}"

    async def write(session: AsyncSession) -> UUID:
        from sightline.services import gallery, subjects  # noqa: PLC0415

        version = models.embedder.model_version
        await gallery.activate_model(session, model_version=version)
        subject_id = await _subject(session, name, external_id, watchlist)
        for key, picture in zip(keys, pictures, strict=True):
            path = f"{folder}/{key}"
            await storage.upload(path, picture.jpeg)
            new = subjects.NewTemplate(picture.template, version, picture.quality, image_path=path)
            await subjects.add_template(session, subject_id=subject_id, new=new)
        return subject_id

    try:
        return in_transaction(write, settings=settings)
    except Exception:
        asyncio.run(storage.delete([f"{folder}/{key}" for key in keys]))
        raise


async def _subject(session: AsyncSession, name: str, external_id: str | None, watchlist: str | None) -> UUID:
    """The subject of this name, made where there is none, and moved to the watchlist where one is named."""
    from sightline.services import subjects, watchlists  # noqa: PLC0415

    watchlist_id = (await watchlists.get(session, name=watchlist)).id if watchlist else None
    known = await subjects.find_by_name(session, name=name)
    if len(known) > 1:
        raise Conflict(f"{len(known)} subjects are named {name}", hint="Rename one, or use the interface.")
    if not known:
        made = await subjects.create(session, name=name, external_id=external_id, watchlist_id=watchlist_id)
        return made.id
    if external_id is not None and known[0].external_id != external_id:
        raise Conflict(
            f"{name} is enrolled with another external id", hint="Leave --external-id out, or use another name."
        )
    if watchlist_id is not None:
        await subjects.move_to_watchlist(session, subject_id=known[0].id, watchlist_id=watchlist_id)
    return known[0].id
