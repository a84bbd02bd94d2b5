"""How often a stranger would reach a sighting's similarity, by the measured curve of the pack that made it."""

from dataclasses import dataclass

from sightline.core.errors import ModelPackError
from sightline.domain.operating_points import OperatingCurve
from sightline.vision.model_packs.manifest import Manifest
from sightline.vision.model_packs.store import PackStore


@dataclass(frozen=True, slots=True)
class MatchRate:
    """False-match rate of one comparison. is_bound: the true rate is this or lower; lower ones were not measured."""

    fmr: float
    is_bound: bool


class MatchRates:
    """Reads the active pack's manifest, and again where the file changed (calibration writes into it)."""

    def __init__(self, store: PackStore, pack: str) -> None:
        self._store = store
        self._pack = pack
        self._manifest: Manifest | None = None
        self._changed_ns = -1

    def of(self, similarity: float | None, model_version: str | None) -> MatchRate | None:
        """None where nothing matched, another model made the template, or the rate was not measured."""
        manifest = self._current()
        if similarity is None or manifest is None or model_version != manifest.embedder.model_version:
            return None
        fmr = manifest.curve.false_match_rate(similarity)
        if fmr is None:
            return None
        strictest = manifest.curve.measured[-1].min_similarity
        return MatchRate(fmr, strictest is not None and similarity >= strictest)

    @property
    def curve(self) -> OperatingCurve:
        """The active pack's measured operating points; none where nothing was measured, or no pack is installed."""
        manifest = self._current()
        return manifest.curve if manifest else OperatingCurve()

    @property
    def model_version(self) -> str | None:
        """Whose templates the active pack makes; None where none is installed."""
        manifest = self._current()
        return manifest.embedder.model_version if manifest else None

    def _current(self) -> Manifest | None:
        try:
            changed_ns = (self._store.packs_dir / self._pack / "manifest.json").stat().st_mtime_ns
            if changed_ns != self._changed_ns:
                self._manifest, self._changed_ns = self._store.get(self._pack).manifest, changed_ns
        except (OSError, ModelPackError):  # `doctor` tells why; lists go on without the rate
            self._manifest, self._changed_ns = None, -1
        return self._manifest
