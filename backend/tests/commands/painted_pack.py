"""A pack of painted models in place of a real one, for tests of commands."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import typer
from typer.testing import CliRunner, Result

from sightline.vision.model_packs.manifest import (
    DetectorEntry,
    DetectorKind,
    EmbedderEntry,
    Manifest,
    OperatingPointsEntry,
)
from sightline.vision.model_packs.store import InstalledPack
from tests.services.fake_models import PaintedModels

NO_CHECKSUM = "0" * 64


class Opened(NamedTuple):
    """What open_pack gives."""

    pack: InstalledPack
    models: PaintedModels


def painted_pack(
    packs_dir: Path,
    operating_points: OperatingPointsEntry | None = None,
    *,
    name: str = "painted",
    model_version: str = "painted-1",
) -> InstalledPack:
    """A pack with a real manifest on disk."""
    manifest = Manifest(
        name=name,
        title="Painted faces",
        detector=DetectorEntry(
            file="d.onnx", sha256=NO_CHECKSUM, licence="MIT", source="a test", kind=DetectorKind.YUNET,
            score_threshold=0.5, nms_iou=0.3, colour_order="BGR",
        ),
        embedder=EmbedderEntry(
            file="e.onnx", sha256=NO_CHECKSUM, licence="MIT", source="a test", model_version=model_version,
            dimensions=512, layout="NCHW", scale=1 / 128,
        ),
        operating_points=operating_points,
    )  # fmt: skip
    folder = packs_dir / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return InstalledPack(folder, manifest)


def use_pack(monkeypatch: pytest.MonkeyPatch, command: str, pack: InstalledPack) -> PaintedModels:
    """Let a command open this pack. Returns its models."""
    models = PaintedModels()
    monkeypatch.setattr(f"sightline.commands.{command}.open_pack", lambda _name, **_options: Opened(pack, models))
    return models


def invoke(command: Callable[..., None], *arguments: str | Path) -> Result:
    """Run one command in a terminal wide enough not to wrap."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    return CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, [str(argument) for argument in arguments])
