"""ArcFace-style embedders: aligned 112×112 crops to vectors of length 1."""

import numpy as np
import onnxruntime as ort

from sightline.core.errors import PackDamaged
from sightline.domain.arrays import FloatArray, ImageArray, normalise, pad_templates, require_shape
from sightline.vision.aligner import CROP_SIZE
from sightline.vision.model_packs.manifest import EmbedderEntry
from sightline.vision.runtime import REINSTALL, input_spec, run, runs_on_cpu

MAX_BATCH = 32
"""Crops per run on an accelerator, so that a crowd cannot make memory grow."""

CPU_BATCH = 4
"""The same on a CPU, whose caches larger batches leave: MobileFaceNet took 4.7 ms of CPU per face one by one,
5.0 in fours, 6.2 in sixteens and 7.8 at 32, where it held 250 MB more (two cores of an AMD EPYC, one thread)."""


class ArcFaceEmbedder:
    """An embedder on ONNX Runtime (implements FaceEmbedder). Safe to call from several threads."""

    def __init__(self, session: ort.InferenceSession, entry: EmbedderEntry) -> None:
        self._session = session
        self._entry = entry
        self._input = input_spec(session)
        self._fixed_batch = self._checked_batch()
        self._batch = CPU_BATCH if runs_on_cpu(session) else MAX_BATCH

    @property
    def model_version(self) -> str:
        """Name of the model, as the manifest gives it."""
        return self._entry.model_version

    def embed(self, aligned: ImageArray) -> FloatArray:
        """Embed crops. aligned (n, 112, 112, 3) uint8 BGR -> (n, 512) float32 of length 1, zero-padded.

        Raises PackDamaged when the model gives other dimensions than its manifest says.
        """
        require_shape("aligned", aligned, (None, CROP_SIZE, CROP_SIZE, 3))
        step = self._fixed_batch or self._batch
        parts = [self._run(aligned[start : start + step]) for start in range(0, len(aligned), step)]
        raw = np.concatenate(parts) if parts else np.zeros((0, self._entry.dimensions), np.float32)
        return pad_templates(normalise(raw))

    def _run(self, aligned: ImageArray) -> FloatArray:
        """(n, 112, 112, 3) -> (n, d); a smaller batch than the model's fixed one is filled up with black crops."""
        missing = (self._fixed_batch or len(aligned)) - len(aligned)
        batch = np.pad(aligned, ((0, missing), (0, 0), (0, 0), (0, 0))) if missing else aligned
        output = run(self._session, self._input.name, self._tensor(batch))[0]
        if output.ndim != 2 or output.shape[1] != self._entry.dimensions or len(output) != len(batch):
            raise PackDamaged(
                f"{self._entry.file} gave {output.shape}; its manifest says (n, {self._entry.dimensions})",
                hint=REINSTALL,
            )
        return np.asarray(output[: len(aligned)], dtype=np.float32)

    def _tensor(self, aligned: ImageArray) -> FloatArray:
        ordered = aligned[..., ::-1] if self._entry.colour_order == "RGB" else aligned
        if self._entry.layout == "NCHW":
            ordered = ordered.transpose(0, 3, 1, 2)
        tensor = np.ascontiguousarray(ordered, dtype=np.float32)
        tensor -= self._entry.mean
        tensor *= self._entry.scale
        return tensor

    def _checked_batch(self) -> int | None:
        """The batch that the export fixed, None when any goes."""
        sides = (3, CROP_SIZE, CROP_SIZE) if self._entry.layout == "NCHW" else (CROP_SIZE, CROP_SIZE, 3)
        found = self._input.shape
        fits = len(found) == 4 and all(got in {want, None} for want, got in zip(sides, found[1:], strict=True))
        if not fits:
            raise PackDamaged(
                f"{self._entry.file} takes input {found}; its manifest says {self._entry.layout} (n, {sides})",
                hint=REINSTALL,
            )
        return found[0]
