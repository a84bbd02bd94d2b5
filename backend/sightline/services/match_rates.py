"""How often a stranger would reach a sighting's similarity, by the measured curve of the pack that made it."""

from collections.abc import Iterator
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
    """Reads the manifests of installed packs, each again where its file changed (calibration writes into it)."""

    def __init__(self, store: PackStore, pack: str) -> None:
        """pack: the one in use."""
        self._store = store
        self._pack = pack
        self._manifests: dict[str, tuple[int, Manifest | None]] = {}

    def use(self, pack: str) -> None:
        """Another pack is in use from now on; templates of the former one keep its rates."""
        self._pack = pack

    def of(self, similarity: float | None, model_version: str | None) -> MatchRate | None:
        """None where nothing matched, no installed pack makes such templates, or the rate was not measured."""
        if similarity is None or model_version is None:
            return None
        curve = self.curve_of(model_version)
        fmr = curve.false_match_rate(similarity)
        if fmr is None:
            return None
        strictest = curve.measured[-1].min_similarity
        return MatchRate(fmr, strictest is not None and similarity >= strictest)

    def curve_of(self, model_version: str) -> OperatingCurve:
        """What was measured of a model: by the pack in use, else by the first other one that has it."""
        for pack in (self._pack, *self._others()):
            manifest = self._manifest(pack)
            if manifest is not None and manifest.embedder.model_version == model_version:
                return manifest.curve
        return OperatingCurve()

    @property
    def curve(self) -> OperatingCurve:
        """The active pack's measured operating points; none where nothing was measured, or no pack is installed."""
        manifest = self._manifest(self._pack)
        return manifest.curve if manifest else OperatingCurve()

    @property
    def model_version(self) -> str | None:
        """Whose templates the active pack makes; None where none is installed."""
        manifest = self._manifest(self._pack)
        return manifest.embedder.model_version if manifest else None

    def _others(self) -> Iterator[str]:
        """Names of the other packs' folders; nothing is read before it is asked for."""
        try:
            names = sorted(path.name for path in self._store.packs_dir.iterdir() if not path.name.startswith("."))
        except OSError:
            return
        yield from (name for name in names if name != self._pack)

    def _manifest(self, pack: str) -> Manifest | None:
        known_ns, manifest = self._manifests.get(pack, (-1, None))
        try:
            changed_ns = (self._store.packs_dir / pack / "manifest.json").stat().st_mtime_ns
            if changed_ns != known_ns:
                manifest = self._store.get(pack).manifest
                self._manifests[pack] = changed_ns, manifest
        except (OSError, ModelPackError):  # `doctor` tells why; lists go on without the rate
            self._manifests.pop(pack, None)
            return None
        return manifest
