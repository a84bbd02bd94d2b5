"""Two model packs whose faces are colours, so that JPEG harms none; each tells people apart by templates of its own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sightline.core.config import Settings
from sightline.core.errors import PackNotInstalled
from sightline.domain.arrays import FloatArray, ImageArray, normalise
from sightline.domain.faces import Faces
from sightline.domain.quality import CaptureQuality
from sightline.vision.loading import Models
from sightline.vision.model_packs.manifest import OperatingPointsEntry, PointEntry
from tests.commands.painted_pack import painted_pack
from tests.pipeline.fakes import CURVE
from tests.support.database import template_of
from tests.workers.split_scene import SPREAD, ColourAligner, ColourDetector

FORMER, NEW = "former", "new"
VERSIONS = {FORMER: "former/1", NEW: "new/1"}
LEAST = {FORMER: 0.5, NEW: 0.7}
"""Similarity of the operating point that the settings name, by pack."""


def install(packs_dir: Path) -> None:
    """Put both manifests where packs are."""
    for name, version in VERSIONS.items():
        points = (PointEntry(fmr=1e-2, min_similarity=0.3), PointEntry(fmr=1e-4, min_similarity=LEAST[name]))
        measured = OperatingPointsEntry(source="a test", impostor_pairs=10**6, genuine_pairs=10**4, points=points)
        painted_pack(packs_dir, measured, name=name, model_version=version)


def seen_by(pack: str, person: int) -> FloatArray:
    """The template that a pack makes of a person."""
    return template_of(person if pack == FORMER else 500 + person)


class EnoughQuality:
    """Every face may be enrolled."""

    def assess(self, faces: Faces, aligned: ImageArray) -> list[CaptureQuality]:
        return [CaptureQuality(0.9, 60, 1, 1, 1, 0.9, 0, 0, 0) for _ in aligned]


@dataclass
class PackEmbedder:
    """Of one of the two. before: called before each picture, on the thread that embeds."""

    pack: str
    before: Callable[[], None] = lambda: None

    @property
    def model_version(self) -> str:
        return VERSIONS[self.pack]

    def embed(self, aligned: ImageArray) -> FloatArray:
        self.before()
        return normalise(np.stack([seen_by(self.pack, round(view[0, 0, 0] / SPREAD)) for view in aligned]))


def models_of(pack: str, before: Callable[[], None] = lambda: None) -> Models:
    """A pack's models."""
    return Models(ColourDetector(), ColourAligner(), EnoughQuality(), PackEmbedder(pack, before), CURVE, pack)


@dataclass
class Loader:
    """Loads either pack, in place of load_pack(); the new one not before may_load is set."""

    may_load: threading.Event = field(default_factory=threading.Event)
    is_missing: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, settings: Settings) -> Models:
        pack = settings.recognition.pack
        self.asked.append(pack)
        if pack == NEW and self.is_missing:
            raise PackNotInstalled(f"model pack {pack} is not installed", hint="Install it.")
        if pack == NEW:
            assert self.may_load.wait(20)
        return models_of(pack)
