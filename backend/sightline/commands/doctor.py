"""`sightline doctor`: is this machine ready, and if not, what is to be done."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sightline.commands.support import print_json
from sightline.core.config import load_settings
from sightline.workers.embedded.checks import Finding, Verdict, examine

STYLES = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Check everything that sightline stands on; exit code 1 where something fails."""
    findings = asyncio.run(examine(load_settings()))
    if as_json:
        print_json([{**vars(finding), "verdict": finding.verdict.value} for finding in findings])
    else:
        Console().print(_table(findings))
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise typer.Exit(1)


def _table(findings: list[Finding]) -> Table:
    table = Table("check", "", "found", "what to do", box=None, pad_edge=False)
    for finding in findings:
        style = STYLES[finding.verdict]
        table.add_row(finding.check, f"[{style}]{finding.verdict}[/]", finding.detail, finding.next_step)
    return table
