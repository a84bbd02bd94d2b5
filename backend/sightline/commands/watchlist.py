"""`sightline watchlist`: lists of the running system, each with a legal basis, an approver and an end."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.commands.database_access import in_transaction

watchlist_app = typer.Typer(help="Watchlists: create, list, switch on and off.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The list's name.")]


@watchlist_app.command()
def create(
    name: Name,
    legal_basis: Annotated[str, typer.Option(help="Why this list may exist, for example a statute or a consent.")],
    approver: Annotated[str, typer.Option(help="Who answers for it.")],
    days: Annotated[int, typer.Option(help="Days until it ends, at most 365; it can be renewed.", min=1, max=365)] = 90,
    priority: Annotated[int, typer.Option(help="1 to 5; 5 raises critical alerts.", min=1, max=5)] = 3,
) -> None:
    """Create a watchlist. There is none without a legal basis, an approver and an end."""
    from sightline.services import watchlists  # noqa: PLC0415

    approval = watchlists.Approval(legal_basis, approver, datetime.now(UTC) + timedelta(days=days))

    async def work(session: AsyncSession) -> None:
        await watchlists.create(session, name=name, approval=approval, priority=priority)

    in_transaction(work)
    Console(highlight=False).print(f"watchlist {name} created, until {approval.expires_at:%Y-%m-%d}", markup=False)


@watchlist_app.command("list")
def list_watchlists() -> None:
    """Show the watchlists."""
    from sightline.services import watchlists  # noqa: PLC0415

    async def work(session: AsyncSession) -> list[tuple[str, ...]]:
        return [
            (
                row.name,
                str(row.priority),
                "active" if row.is_active else "off",
                f"{row.expires_at:%Y-%m-%d}",
                row.legal_basis,
                row.approver,
            )
            for row in await watchlists.list_watchlists(session)
        ]

    table = Table("name", "priority", "state", "until", "legal basis", "approver", box=None)
    for cells in in_transaction(work):
        table.add_row(*cells)
    Console().print(table)


@watchlist_app.command()
def switch(name: Name, on: Annotated[bool, typer.Option("--on/--off", help="Whether it is searched.")]) -> None:
    """Switch a watchlist on or off; in force on all workers within 2 s."""
    from sightline.services import watchlists  # noqa: PLC0415

    async def work(session: AsyncSession) -> None:
        await watchlists.set_active(session, name=name, is_active=on)

    in_transaction(work)
    Console(highlight=False).print(f"watchlist {name} is {'on' if on else 'off'}", markup=False)
