"""The manifest of a model pack: what its files are, where they come from, and what was measured with them."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sightline.domain.operating_points import OperatingCurve, OperatingPoint

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$"
"""Of a pack: also its folder's name."""

NOT_VERIFIED = "training data rights: not verified"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DetectorKind(StrEnum):
    """Architectures whose outputs we can decode."""

    CENTERFACE = "centerface"
    YUNET = "yunet"
    SCRFD = "scrfd"
    YOLOV8_FACE = "yolov8_face"


class ModelFile(_Entry):
    """A model file of a pack: where it lies, what it must be, and whose it is."""

    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="Name inside the pack's folder.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    restricted: bool = Field(default=False, description="Must be accepted explicitly before it is installed.")
    source: str = Field(description="Where the file comes from.")
    provenance: str = NOT_VERIFIED
    dynamic_batch: bool = Field(default=True, description="Takes any number of inputs at once, not just one.")


class DetectorEntry(ModelFile):
    """A detector: pixels are fed as (value - mean) * scale in the given colour order, NCHW."""

    kind: DetectorKind
    input_size: int = Field(
        960, ge=64, description="px; longer pictures are scaled down so that their longer side fits."
    )
    score_threshold: float = Field(ge=0, le=1)
    nms_iou: float = Field(ge=0, le=1)
    colour_order: Literal["RGB", "BGR"]
    mean: float = 0.0
    scale: float = 1.0
    precision: Literal["float32", "int8"] = "float32"


class EmbedderEntry(ModelFile):
    """An embedder on ArcFace-aligned 112×112 crops, fed as (value - mean) * scale."""

    model_version: str = Field(description="Goes with every template; templates of other versions are never compared.")
    dimensions: int = Field(ge=16, le=512)
    layout: Literal["NCHW", "NHWC"]
    colour_order: Literal["RGB", "BGR"] = "RGB"
    mean: float = 127.5
    scale: float


class PointEntry(_Entry):
    """One measured operating point; min_similarity null means not measured."""

    fmr: float = Field(gt=0, lt=1)
    min_similarity: float | None = Field(ge=-1, le=1)
    tmr: float | None = Field(None, ge=0, le=1)


class OperatingPointsEntry(_Entry):
    """The measurement behind the thresholds."""

    source: str
    impostor_pairs: int = Field(ge=0)
    genuine_pairs: int = Field(ge=0)
    points: tuple[PointEntry, ...]

    def curve(self) -> OperatingCurve:
        """As the domain's value."""
        points = tuple(OperatingPoint(p.fmr, p.min_similarity, p.tmr) for p in self.points)
        return OperatingCurve(points, self.impostor_pairs, self.genuine_pairs, self.source)


class AccuracyEntry(_Entry):
    """One measured accuracy with the set it was measured on."""

    set: str
    pairs: int = Field(ge=1)
    accuracy: float = Field(ge=0, le=1)
    remark: str = ""


class Manifest(_Entry):
    """manifest.json of a pack."""

    schema_version: Literal[1] = 1
    name: str = Field(pattern=NAME_PATTERN)
    title: str
    detector: DetectorEntry
    embedder: EmbedderEntry
    operating_points: OperatingPointsEntry | None = Field(None, description="None: not measured.")
    accuracy: tuple[AccuracyEntry, ...] = ()

    @property
    def curve(self) -> OperatingCurve:
        """The measured operating points; an empty curve where nothing was measured."""
        return self.operating_points.curve() if self.operating_points else OperatingCurve()
