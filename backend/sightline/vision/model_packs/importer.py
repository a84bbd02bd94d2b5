"""Makes packs out of a user's folder of model files."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sightline.core.errors import InvalidInput, LicenceNotAccepted, PackDamaged, PackNotInstalled
from sightline.vision.model_packs.catalogue import LITE
from sightline.vision.model_packs.files import MANIFEST
from sightline.vision.model_packs.manifest import (
    DetectorEntry,
    DetectorKind,
    EmbedderEntry,
    Manifest,
)
from sightline.vision.model_packs.measurements import YUNET_MOBILEFACENET_ACCURACY, with_another_detector
from sightline.vision.model_packs.store import InstalledPack, PackStore, read_manifest
from sightline.vision.model_packs.survey import Ignored, Survey, survey_folder

ACCEPT = "--accept-licence"

_TITLES = {
    DetectorKind.CENTERFACE: "CenterFace",
    DetectorKind.YUNET: "YuNet",
    DetectorKind.SCRFD: "SCRFD",
    DetectorKind.YOLOV8_FACE: "YOLOv8-face",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A pack that was not imported because its licence was not accepted."""

    name: str
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a folder."""

    packs: tuple[InstalledPack, ...]
    ignored: tuple[Ignored, ...]
    refused: tuple[Refused, ...]

    def require_all(self) -> None:
        """Raise LicenceNotAccepted, naming the licences, where packs were left out."""
        if not self.refused:
            return
        left_out = "; ".join(f"{one.name} ({', '.join(one.licences)})" for one in self.refused)
        raise LicenceNotAccepted(
            f"not imported, because the licence was not accepted: {left_out}",
            hint=f"Read the licence of these files; if you may use them, run the same command with {ACCEPT}.",
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """A pack to be and where its files are now."""

    manifest: Manifest
    files: dict[str, Path]

    def build(self, folder: Path) -> Manifest:
        for name, source in self.files.items():
            shutil.copyfile(source, folder / name)
        return self.manifest


def import_folder(
    store: PackStore,
    folder: Path,
    *,
    name: str | None = None,
    accept_licence: bool = False,
    replace: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> ImportReport:
    """Import a pack's folder, or one pack per detector in a folder of ONNX files.

    Packs under a restrictive or unknown licence are left out unless accept_licence is set (see
    `ImportReport.require_all`). Raises InvalidInput where nothing can be used or a name is taken,
    PackNotInstalled where the pack lite would have to lend a model, PackDamaged.
    """
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is not a folder", hint="Give the folder that holds the model files.")
    plans, ignored = _plans(store, folder, name, report)
    packs: list[InstalledPack] = []
    refused: list[Refused] = []
    for plan in plans:
        licences = _restrictions(plan.manifest)
        if licences and not accept_licence and not _is_installed(store, plan.manifest):
            refused.append(Refused(plan.manifest.name, licences))
            continue
        report(f"importing {plan.manifest.name}")
        packs.append(_put(store, plan, replace=replace))
    return ImportReport(tuple(packs), ignored, tuple(refused))


def _plans(
    store: PackStore, folder: Path, name: str | None, report: Callable[[str], None]
) -> tuple[list[_Plan], tuple[Ignored, ...]]:
    if (folder / MANIFEST).is_file():
        return [_plan_of_pack(folder, name)], ()
    survey = survey_folder(folder, report)
    plans = _plans_of_files(store, survey)
    if name is None:
        return plans, survey.ignored
    if len(plans) != 1:
        names = ", ".join(plan.manifest.name for plan in plans)
        raise InvalidInput(
            f"--name is for one pack, this folder makes several: {names}",
            hint="Leave --name out, or put the files of one pack into a folder of their own.",
        )
    return [_renamed(plans[0], name)], survey.ignored


def _plan_of_pack(folder: Path, name: str | None) -> _Plan:
    """A pack's folder as it is, for example from another machine."""
    manifest = read_manifest(folder)
    entries = (manifest.detector, manifest.embedder)
    missing = [entry.file for entry in entries if not (folder / entry.file).is_file()]
    if missing:
        raise PackDamaged(f"{missing[0]} is missing in {folder}", hint="Copy the pack's whole folder again.")
    plan = _Plan(manifest, {entry.file: folder / entry.file for entry in entries})
    return _renamed(plan, name) if name else plan


def _plans_of_files(store: PackStore, survey: Survey) -> list[_Plan]:
    if not survey.detectors and not survey.embedders:
        reasons = "; ".join(f"{one.file}: {one.reason}" for one in survey.ignored) or "no .onnx file in it"
        raise InvalidInput(
            f"nothing in {survey.folder} can be used: {reasons}",
            hint="Detectors: YuNet, SCRFD, YOLOv8-face with landmarks, CenterFace. Embedders: ArcFace style, 112×112.",
        )
    if len(survey.embedders) > 1:
        names = ", ".join(entry.file for entry in survey.embedders)
        raise InvalidInput(
            f"{survey.folder} holds several embedders: {names}", hint="A pack has one: leave one in the folder."
        )
    return [_plan(store, survey, detector) for detector in survey.detectors or (None,)]


def _plan(store: PackStore, survey: Survey, detector: DetectorEntry | None) -> _Plan:
    """Pair a detector with the folder's embedder; what the folder lacks is taken from the pack lite."""
    embedder = survey.embedders[0] if survey.embedders else None
    lite = _lite(store, needed_for=None if detector and embedder else survey.folder.name)
    files = {entry.file: survey.paths[entry.file] for entry in (detector, embedder) if entry}
    if detector is None and lite:
        detector = lite.manifest.detector
        files[detector.file] = lite.folder / detector.file
    if lite and (embedder is None or embedder.sha256 == lite.manifest.embedder.sha256):
        files.pop(embedder.file if embedder else "", None)
        embedder = lite.manifest.embedder
        files[embedder.file] = lite.folder / embedder.file
    if detector is None or embedder is None:
        raise AssertionError("a folder without models was refused before")
    return _Plan(_manifest(survey, detector, embedder, lite), files)


def _lite(store: PackStore, needed_for: str | None) -> InstalledPack | None:
    """The pack lite; None where it is not usable and nothing needs it."""
    try:
        return store.get(LITE)
    except (PackNotInstalled, PackDamaged) as error:
        if needed_for is None:
            return None
        raise PackNotInstalled(
            f"{needed_for} lacks a detector or an embedder, which would be lent by the pack {LITE}: {error.message}",
            hint=f"Run `sightline models install {LITE}` first.",
        ) from error


def _manifest(survey: Survey, detector: DetectorEntry, embedder: EmbedderEntry, lite: InstalledPack | None) -> Manifest:
    title = _TITLES[detector.kind]
    lent = lite is not None and embedder.sha256 == lite.manifest.embedder.sha256
    points = with_another_detector(lite.manifest.operating_points, title) if lite and lent else None
    return Manifest(
        name=_pack_name(survey, detector, embedder),
        title=f"{title} + {'MobileFaceNet' if lent else Path(embedder.file).stem}",
        detector=detector,
        embedder=embedder,
        operating_points=points,
        accuracy=YUNET_MOBILEFACENET_ACCURACY if lent and detector.kind is DetectorKind.YUNET else (),
    )


def _pack_name(survey: Survey, detector: DetectorEntry, embedder: EmbedderEntry) -> str:
    if not survey.detectors:
        return valid_name(Path(embedder.file).stem)
    if detector.kind is DetectorKind.YUNET and not survey.embedders:
        return "cpu"
    if detector.kind is DetectorKind.YOLOV8_FACE or len(survey.detectors) > 1:
        return valid_name(Path(detector.file).stem)
    return valid_name(survey.folder.resolve().name)


def valid_name(text: str) -> str:
    """A pack's name made of any text. Raises InvalidInput where nothing is left of it."""
    name = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).lstrip("._-")[:64]
    if not name or name == LITE:
        raise InvalidInput(f"{text!r} cannot be a pack's name here", hint="Give one with --name, such as my-pack.")
    return name


def _renamed(plan: _Plan, name: str) -> _Plan:
    return _Plan(plan.manifest.model_copy(update={"name": valid_name(name)}), plan.files)


def _restrictions(manifest: Manifest) -> tuple[str, ...]:
    entries = (manifest.detector, manifest.embedder)
    return tuple(f"{entry.file}: {entry.licence}" for entry in entries if entry.restricted)


def _put(store: PackStore, plan: _Plan, *, replace: bool) -> InstalledPack:
    """Import one pack; the same pack once more leaves it, and what was measured with it, alone."""
    name = plan.manifest.name
    if not replace and _is_installed(store, plan.manifest):
        return store.verify(name)
    return store.add(name, plan.build, replace=replace)


def _is_installed(store: PackStore, manifest: Manifest) -> bool:
    """Whether a pack of this name with these very files is there, its licence accepted before."""
    wanted = (manifest.name, manifest.detector.sha256, manifest.embedder.sha256)
    return any(wanted == (p.name, p.manifest.detector.sha256, p.manifest.embedder.sha256) for p in store.list())
