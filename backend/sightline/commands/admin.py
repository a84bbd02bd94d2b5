"""`sightline admin`: accounts of administrators, for whoever may read the database's password."""

from typing import Annotated

import typer
from rich.console import Console

from sightline.commands.database_access import in_transaction
from sightline.services import users

admin_app = typer.Typer(help="Accounts of administrators.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="Name of the account.")]


@admin_app.command()
def create(username: Username = "admin") -> None:
    """Create an administrator with a random password, which is shown once."""
    _show(in_transaction(lambda session: users.create_admin(session, username=username)))


@admin_app.command("reset-password")
def reset_password(username: Username = "admin") -> None:
    """Give an account a new random password, which is shown once; a deactivated account is active again."""
    _show(in_transaction(lambda session: users.reset_password(session, username=username)))


def _show(account: users.Account) -> None:
    console = Console(highlight=False)
    console.print(f"user      {account.username}", markup=False)
    console.print(f"password  {account.password}", markup=False)
    console.print("Shown once: change it at the first login.")
