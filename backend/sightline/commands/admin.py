"""`sightline admin`: accounts of administrators, for whoever may read the database's password."""

from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.commands.database_access import in_transaction
from sightline.core.config import load_settings
from sightline.core.key_ring import rotate
from sightline.services import second_factor, users

admin_app = typer.Typer(help="Accounts of administrators.", no_args_is_help=True)

JWT_KEYS_KEPT = 3
ALL_KEPT = 1000
"""Whatever one of them sealed would be lost with it, and no receipt that it signed could be verified any more."""
ROTATED = (("jwt.json", JWT_KEYS_KEPT), ("sealing.json", ALL_KEPT), ("receipts.json", ALL_KEPT))

Username = Annotated[str, typer.Argument(help="Name of the account.")]


@admin_app.command()
def create(username: Username = "admin") -> None:
    """Create an administrator with a random password, which is shown once."""
    _show(in_transaction(lambda session: users.create_admin(session, username=username)))


@admin_app.command("reset-password")
def reset_password(username: Username = "admin") -> None:
    """Give an account a new random password, which is shown once; a deactivated account is active again."""
    _show(in_transaction(lambda session: users.reset_password(session, username=username)))


@admin_app.command("remove-second-factor")
def remove_second_factor(username: Username = "admin") -> None:
    """Switch off the second factor of an account whose owner lost app and recovery codes."""

    async def work(session: AsyncSession) -> None:
        user = await users.get(session, username=username)
        await second_factor.remove(session, user_id=user.id)

    in_transaction(work)


@admin_app.command("rotate-keys")
def rotate_keys() -> None:
    """Make new keys for access tokens, secrets at rest and receipts of erasure; running servers take them at once.

    Access tokens of the old key count until they end, secrets that it sealed still open, receipts are still verified.
    """
    folder, console = load_settings().keys_dir, Console(highlight=False)
    for name, keep in ROTATED:
        key = rotate(folder / name, keep=keep)
        console.print(f"{name:<13} {key.id.hex()}", markup=False)
    console.print(f"Kept in {folder}: back it up with the database.", markup=False, soft_wrap=True)


def _show(account: users.Account) -> None:
    console = Console(highlight=False)
    console.print(f"user      {account.username}", markup=False)
    console.print(f"password  {account.password}", markup=False)
    console.print("Shown once: change it at the first login.")
