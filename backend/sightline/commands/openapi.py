"""`sightline openapi`: the description of the API, from the program alone; no server and no database is asked."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
import yaml  # type: ignore[import-untyped]

from sightline.api import asyncapi
from sightline.api.app import create_app
from sightline.core.config import Settings


def openapi(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of the screen.")] = None,
    events: Annotated[
        bool, typer.Option("--events", help="The WebSocket's description (AsyncAPI 3.0) instead.")
    ] = False,
    form: Annotated[Literal["json", "yaml"], typer.Option("--format", help="json or yaml.")] = "json",
) -> None:
    """Print the API's description (OpenAPI 3.1), for example to generate a client from it."""
    document = asyncapi.build() if events else create_app(Settings()).openapi()
    if form == "json":
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
