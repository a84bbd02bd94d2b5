"""What commands on pictures share: opening a pack, progress on standard error, JSON on standard output."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sightline.core.config import load_settings

if TYPE_CHECKING:
    from sightline.services.face_images import FailedImage, OnProgress
    from sightline.vision.loading import Models
    from sightline.vision.model_packs.store import InstalledPack

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
"""Invisible, yet part of Persian and Hindi names."""

PACK_HELP = "Model pack; without it the one that the settings name (lite unless you changed it)."

LISTED = 20
"""Failed pictures that a table names; --json names them all."""


def open_pack(name: str | None, *, min_score: float | None = None) -> "tuple[InstalledPack, Models]":
    """Load an installed pack, by default the one that the settings name, on all cores of this process.

    min_score: the detector's, where not the pack's own or the settings' shall hold.
    Raises PackNotInstalled, PackDamaged.
    """
    from sightline.vision.loading import load_models  # noqa: PLC0415 - loads ONNX Runtime
    from sightline.vision.model_packs.store import PackStore  # noqa: PLC0415
    from sightline.vision.runtime import RuntimeOptions  # noqa: PLC0415

    settings = load_settings()
    pack = PackStore.from_settings(settings).get(name or settings.recognition.pack)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    score = settings.detection.min_score if min_score is None else min_score
    return pack, load_models(pack.folder, pack.manifest, RuntimeOptions(threads=cores), min_score=score)


@contextmanager
def progress(what: str) -> "Iterator[OnProgress]":
    """A bar on standard error that vanishes when it is done; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_json(value: Json) -> None:
    """One JSON document on standard output, in UTF-8; names that are not UTF-8 come out escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()


def printable(name: object) -> str:
    """A path or name for a terminal: what is not UTF-8 or would move the cursor becomes a question mark."""
    text = str(name).encode("utf-8", "replace").decode()
    return "".join(sign if sign.isprintable() or sign in JOINERS else "?" for sign in text)


def print_failed(console: Console, failed: "Sequence[FailedImage]", heading: str) -> None:
    """Name pictures that could not be used, and why."""
    if not failed:
        return
    console.print(f"[bold yellow]{heading}[/]")
    for image in failed[:LISTED]:
        console.print(f"  {printable(image.name)}: {image.error.message}", markup=False, soft_wrap=True)
    if len(failed) > LISTED:
        console.print(f"  and {len(failed) - LISTED} more; --json names them all")
