"""`sightline enroll-check`: what enrolment sees in pictures, and why it would refuse them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sightline.commands.support import PACK_HELP, Json, open_pack, print_json, printable
from sightline.core.errors import ImageRejected, InvalidInput

if TYPE_CHECKING:
    from sightline.domain.quality import ExaminedFace
    from sightline.services.enrolment import Examination
    from sightline.services.face_images import FaceModels

SOME_REFUSED = 2
"""Exit code when at least one picture would be refused, so that scripts can ask."""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A picture's examination, None when it could not even be read; refusal says why it would not be enrolled."""

    path: Path
    examination: "Examination | None"
    refusal: InvalidInput | None


def enroll_check(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Pictures to look at.")],
    pack: Annotated[str | None, typer.Option(help=PACK_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Say what is found in pictures, and whether each could be enrolled.

    A picture can be enrolled when it shows one person, whole, with at least
    24 px between the eyes, not turned away, blurred, too dark or too bright.
    Faces far smaller than the main one count as bystanders. Quality and its
    parts run from 0 to 1. Exit code 0 when all pictures can be enrolled, 2
    when at least one would be refused.

    Example: sightline enroll-check people/*.jpg
    """
    installed, models = open_pack(pack)
    checked = [_check(path, models) for path in images]
    if as_json:
        print_json({"pack": installed.name, "images": [as_document(picture) for picture in checked]})
    else:
        _print(checked)
    if any(picture.refusal is not None for picture in checked):
        raise typer.Exit(SOME_REFUSED)


def _check(path: Path, models: "FaceModels") -> Checked:
    from sightline.services.enrolment import examine_image  # noqa: PLC0415 - loads the models
    from sightline.vision.images import load_image  # noqa: PLC0415 - loads Pillow

    try:
        examination = examine_image(load_image(path), models)
    except ImageRejected as error:
        return Checked(path, None, error)
    return Checked(path, examination, examination.refusal)


def as_document(picture: Checked) -> dict[str, Json]:
    """One picture as JSON: boxes are x, y, width, height in px, the principal face first."""
    found = picture.examination
    refusal = picture.refusal
    return {
        "file": str(picture.path),
        "width": found.width if found else None,
        "height": found.height if found else None,
        "faces": [_face(face) for face in found.faces] if found else [],
        "enrolled": refusal is None,
        "refusal": {"code": refusal.code, "message": refusal.message, "hint": refusal.hint} if refusal else None,
    }


def _face(face: "ExaminedFace") -> dict[str, Json]:
    quality = face.quality
    return {
        "box": [round(value, 1) for value in face.box],
        "bystander": face.bystander,
        "visible": round(face.visible, 3),
        "quality": round(quality.score, 3),
        "eye_distance": round(quality.eye_distance, 1),
        "sharpness": round(quality.sharpness, 3),
        "frontality": round(quality.frontality, 3),
        "exposure": round(quality.exposure, 3),
        "detector_score": round(quality.detector_score, 3),
        "yaw": round(quality.yaw, 1),
        "pitch": round(quality.pitch, 1),
        "roll": round(quality.roll, 1),
    }


def _print(checked: list[Checked]) -> None:
    console = Console(highlight=False)
    table = Table("picture", "faces", "quality", "eyes px", "sharp", "frontal", "light", "enrol", box=SIMPLE)
    table.columns[0].overflow = "fold"
    for picture in checked:
        faces = picture.examination.faces if picture.examination else ()
        answer = "[green]yes[/]" if picture.refusal is None else "[red]no[/]"
        table.add_row(Text(printable(picture.path.name)), str(len(faces)), *_parts(faces), answer)
    console.print(table)
    for picture in checked:
        if picture.refusal is not None:
            _print_refusal(console, picture.path.name, picture.refusal)


def _print_refusal(console: Console, name: str, refusal: InvalidInput) -> None:
    console.print(Text.assemble((printable(name), "bold"), f": {refusal.message}. {refusal.hint}"), soft_wrap=True)


def _parts(faces: "tuple[ExaminedFace, ...]") -> tuple[str, str, str, str, str]:
    if not faces:
        return ("", "", "", "", "")
    quality = faces[0].quality
    parts = (quality.sharpness, quality.frontality, quality.exposure)
    sharp, frontal, light = (f"{part:.2f}" for part in parts)
    return (f"{quality.score:.2f}", f"{quality.eye_distance:.0f}", sharp, frontal, light)
