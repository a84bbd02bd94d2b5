"""`sightline sightings` and `sightline purge`: records of the running system."""

import json
import sys
import time
from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.commands.database_access import in_transaction
from sightline.core.config import load_settings
from sightline.core.database import MAINTENANCE
from sightline.services.sighting_views import SightingFilter, SightingView, list_sightings
from sightline.workers.embedded.machine import running_settings

sightings_app = typer.Typer(help="Sightings of the running system.", no_args_is_help=True)

FOLLOW_SECONDS = 1.0


@sightings_app.callback()
def sightings() -> None:
    """Sightings of the running system."""


@sightings_app.command("list")
def list_command(
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=10_000)] = 20,
    known: Annotated[bool, typer.Option("--known", help="Only people who are enrolled.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until Ctrl-C; a sighting that changes is shown again.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Who was seen where and when, with the similarity of the match."""
    where = SightingFilter(known=known or None)
    shown: dict[UUID, SightingView] = {}
    settings = running_settings(load_settings())

    while True:
        found = in_transaction(lambda session: list_sightings(session, where=where, limit=limit), settings=settings)
        fresh = [view for view in reversed(found) if shown.get(view.id) != view]
        shown = {view.id: view for view in found}
        _show(fresh if follow else found, as_json=as_json or (follow and not sys.stdout.isatty()))
        if not follow:
            return
        time.sleep(FOLLOW_SECONDS)


def purge(
    days: Annotated[int | None, typer.Option(help="Keep this many days.", min=1, show_default="setting")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")] = False,
) -> None:
    """Remove records older than the retention allows, now. Objects follow within a minute."""
    from sightline.services import retention  # noqa: PLC0415

    settings = running_settings(load_settings())
    kept = days or settings.retention.sightings_days

    async def work(session: AsyncSession) -> retention.RetentionReport:
        return await retention.purge(session, retention_days=kept, dry_run=dry_run)

    report = in_transaction(work, settings=settings, principal=MAINTENANCE)
    table = Table("what", "would go" if dry_run else "went", box=None)
    for item, amount in report.amounts:
        table.add_row(item, str(amount))
    Console(highlight=False).print(f"older than {kept} days:")
    Console().print(table)


def _show(views: Iterable[SightingView], *, as_json: bool) -> None:
    if as_json:
        for view in views:
            sys.stdout.write(json.dumps(_object(view), ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    table = Table("first seen (UTC)", "seconds", "camera", "who", "similarity", "quality", "detections", box=None)
    for view in views:
        table.add_row(
            f"{view.detected_at:%Y-%m-%d %H:%M:%S}",
            f"{(view.last_seen_at - view.detected_at).total_seconds():.1f}",
            view.camera_name,
            view.subject_name or "unknown",
            "-" if view.confidence is None else f"{view.confidence:.3f}",
            "-" if view.quality_score is None else f"{view.quality_score:.2f}",
            str(view.detections),
        )
    Console().print(table)


def _object(view: SightingView) -> dict[str, str | float | int | None]:
    return {
        "id": str(view.id),
        "first_seen": view.detected_at.isoformat(),
        "last_seen": view.last_seen_at.isoformat(),
        "closed": view.closed_at.isoformat() if view.closed_at else None,
        "camera": view.camera_name,
        "subject_id": str(view.subject_id) if view.subject_id else None,
        "name": view.subject_name,
        "similarity": view.confidence,
        "quality": view.quality_score,
        "detections": view.detections,
    }
