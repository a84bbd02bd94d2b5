"""`sightline enroll`: add a person to the running system."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.commands.database_access import in_transaction
from sightline.commands.support import open_pack
from sightline.core.config import Settings, load_settings
from sightline.core.errors import Conflict
from sightline.services.new_objects import NewObjects
from sightline.workers.embedded.machine import object_storage, running_settings

if TYPE_CHECKING:
    from sightline.services.portraits import Portrait
    from sightline.vision.loading import Models


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
    settings = _in_force(running_settings(load_settings()))
    pack, models = open_pack(settings.recognition.pack)
    portraits = [_read(path, models) for path in images]
    twin = in_transaction(lambda session: _twin(session, portraits, models, settings, name), settings=settings)
    if twin is not None and not yes:
        _ask(name, *twin)
    subject_id = _store(settings, portraits, name, external_id, watchlist)
    Console(highlight=False).print(
        f"{name} enrolled with {len(portraits)} pictures ({pack.manifest.name}), subject {subject_id}", markup=False
    )


def _in_force(settings: Settings) -> Settings:
    """With the rules, and the model pack, that were chosen while the system runs."""
    from sightline.services import runtime_settings  # noqa: PLC0415

    return in_transaction(lambda session: runtime_settings.effective(session, base=settings), settings=settings)


def _read(path: Path, models: "Models") -> "Portrait":
    from sightline.services.portraits import portrait_of  # noqa: PLC0415 - loads the models' libraries
    from sightline.vision.images import load_image  # noqa: PLC0415

    return portrait_of(load_image(path), models)


async def _twin(
    session: AsyncSession, portraits: "list[Portrait]", models: "Models", settings: Settings, name: str
) -> tuple[str, float] | None:
    """Another subject who looks like the same person, and how similar."""
    from sightline.services import subjects  # noqa: PLC0415
    from sightline.services.thresholds import choose_threshold  # noqa: PLC0415

    rules = settings.recognition
    threshold = choose_threshold(models.curve, fmr=rules.fmr, min_similarity=rules.min_similarity)
    own = {subject.id for subject in await subjects.find_by_name(session, name=name)}
    for portrait in portraits:
        found = await subjects.closest_other(
            session,
            template=portrait.template,
            model_version=portrait.model_version,
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
    settings: Settings, portraits: "list[Portrait]", name: str, external_id: str | None, watchlist: str | None
) -> UUID:
    """All or nothing: subject and templates in one transaction, and no picture stays that no row speaks of."""
    objects = NewObjects(object_storage(settings))

    async def write(session: AsyncSession) -> UUID:
        from sightline.services import subject_images  # noqa: PLC0415

        subject_id = await _subject(session, name, external_id, watchlist)
        for portrait in portraits:
            await subject_images.add(
                session,
                subject_id=subject_id,
                portrait=portrait,
                objects=objects,
                same_person_from=1.0,
                allow_resembling=True,  # whoever asked was told, and went on
            )
        return subject_id

    try:
        return in_transaction(write, settings=settings)
    except Exception:
        asyncio.run(objects.discard())
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
