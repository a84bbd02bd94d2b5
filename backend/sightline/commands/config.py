"""`sightline config show`: every setting, its value, where it came from and what it means."""

import os
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sightline.commands.support import print_json
from sightline.core.config import load_settings
from sightline.core.config_view import setting_lines

config_app = typer.Typer(help="Settings: SIGHTLINE_… variables of the environment.", no_args_is_help=True)


@config_app.command("show")
def show(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Show the effective settings; secrets are masked, also inside of addresses."""
    lines = setting_lines(load_settings(), os.environ)
    if as_json:
        fields = ("variable", "value", "origin", "description")
        print_json({line.key: {field: getattr(line, field) for field in fields} for line in lines})
        return
    table = Table("setting", "value", "from", "meaning", box=None, pad_edge=False)
    for line in lines:
        table.add_row(line.key, line.value or "[dim]-[/]", line.origin, line.description)
    console = Console()
    console.print(table)
    console.print("\nSet one by its variable: recognition.fmr is SIGHTLINE_RECOGNITION__FMR.", style="dim")
