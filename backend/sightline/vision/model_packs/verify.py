"""Checks that a pack's folder is what its manifest says: checksums, shapes, batches, vector length."""

from pathlib import Path

from sightline.core.errors import PackDamaged
from sightline.vision.model_packs.catalogue import reinstall_command
from sightline.vision.model_packs.files import sha256_of
from sightline.vision.model_packs.manifest import DetectorEntry, EmbedderEntry, Manifest, ModelFile
from sightline.vision.model_packs.probe import ModelShape, detector_kind, embedder_shape, probe

SEVERAL = 2
"""Batch on which a file that claims to take batches is run."""


def verify_pack(folder: Path, manifest: Manifest) -> None:
    """Check both files of a pack. Raises PackDamaged, which says which file and what to do."""
    hint = f"Install it again: {reinstall_command(manifest.name)}."
    for entry in (manifest.detector, manifest.embedder):
        _check_file(folder, entry, manifest.name, hint)
    for batch in (1, SEVERAL) if manifest.detector.dynamic_batch else (1,):
        _check_detector(probe(folder / manifest.detector.file, batch), manifest.detector, hint)
    for batch in (1, SEVERAL) if manifest.embedder.dynamic_batch else (1,):
        _check_embedder(probe(folder / manifest.embedder.file, batch), manifest.embedder, hint)


def _check_file(folder: Path, entry: ModelFile, name: str, hint: str) -> None:
    path = folder / entry.file
    if not path.is_file():
        raise PackDamaged(f"pack {name}: {entry.file} is missing", hint=hint)
    if sha256_of(path) != entry.sha256:
        raise PackDamaged(
            f"pack {name}: {entry.file} is not the file that was installed (its SHA-256 differs)", hint=hint
        )


def _check_detector(shape: ModelShape, entry: DetectorEntry, hint: str) -> None:
    _check_finite(shape, entry, hint)
    if detector_kind(shape) is not entry.kind:
        raise PackDamaged(f"{entry.file} does not answer like a {entry.kind} detector: {_described(shape)}", hint=hint)


def _check_embedder(shape: ModelShape, entry: EmbedderEntry, hint: str) -> None:
    _check_finite(shape, entry, hint)
    found = embedder_shape(shape)
    wanted = f"vectors of {entry.dimensions} numbers from 112×112 {entry.layout} crops"
    if found is None or found.dimensions != entry.dimensions or found.channels_first != (entry.layout == "NCHW"):
        raise PackDamaged(f"{entry.file} does not give {wanted}: {_described(shape)}", hint=hint)


def _check_finite(shape: ModelShape, entry: ModelFile, hint: str) -> None:
    if not shape.finite:
        raise PackDamaged(f"{entry.file} gives numbers that are not finite", hint=hint)


def _described(shape: ModelShape) -> str:
    picture = f"{shape.batch} × {shape.width}×{shape.height} px in"
    return f"{picture}, {', '.join(str(list(output)) for output in shape.outputs)} out"
