"""Folders of model files as users have them: recognised by what they are, licences asked for."""

import json
import shutil
from pathlib import Path

import pytest

from sightline.core.errors import InvalidInput, LicenceNotAccepted, PackDamaged, PackNotInstalled
from sightline.vision.model_packs.importer import import_folder
from sightline.vision.model_packs.manifest import DetectorKind
from sightline.vision.model_packs.store import PackStore
from tests.vision import tiny_models


@pytest.fixture
def store(tmp_path: Path) -> PackStore:
    return PackStore(tmp_path / "packs")


@pytest.fixture
def store_with_lite(store: PackStore, lite_pack: Path) -> PackStore:
    shutil.copytree(lite_pack, store.packs_dir / "lite")
    return store


def test_buffalo_becomes_one_pack_and_its_attribute_model_is_never_taken(store: PackStore, tmp_path: Path) -> None:
    report = import_folder(store, tiny_models.buffalo(tmp_path / "buffalo_l"), accept_licence=True)
    (pack,) = report.packs
    assert pack.name == "buffalo_l"
    assert (pack.manifest.detector.kind, pack.manifest.embedder.dimensions) == (DetectorKind.SCRFD, 512)
    assert not pack.manifest.detector.dynamic_batch
    assert pack.manifest.embedder.dynamic_batch
    assert pack.manifest.operating_points is None
    assert pack.manifest.embedder.model_version.startswith("w600k_r50-")
    assert "non-commercial" in pack.manifest.embedder.licence
    reasons = {one.file: one.reason for one in report.ignored}
    assert "infers attributes" in reasons["genderage.onnx"]
    assert "landmark model" in reasons["2d106det.onnx"]
    assert "landmark model" in reasons["1k3d68.onnx"]
    store.verify("buffalo_l")


def test_restricted_files_wait_for_acceptance_which_names_licence_and_flag(store: PackStore, tmp_path: Path) -> None:
    folder = tiny_models.buffalo(tmp_path / "buffalo_l")
    report = import_folder(store, folder)
    assert report.packs == ()
    with pytest.raises(LicenceNotAccepted, match=r"w600k_r50\.onnx: InsightFace model zoo") as caught:
        report.require_all()
    assert "--accept-licence" in caught.value.hint
    assert store.list() == ()
    import_folder(store, folder, accept_licence=True).require_all()
    import_folder(store, folder).require_all()  # accepted before: nothing is asked twice


def test_the_shared_models_become_two_packs_with_the_embedder_of_lite(
    store_with_lite: PackStore, models_dir: Path
) -> None:
    free = import_folder(store_with_lite, models_dir)
    assert [pack.name for pack in free.packs] == ["cpu"]
    assert [one.name for one in free.refused] == ["yolov8n-face-lab"]
    assert "AGPL-3.0" in free.refused[0].licences[0]
    everything = import_folder(store_with_lite, models_dir, accept_licence=True)
    cpu, yolo = (store_with_lite.verify(name) for name in ("cpu", "yolov8n-face-lab"))
    assert {pack.name for pack in everything.packs} == {"cpu", "yolov8n-face-lab"}
    assert cpu.manifest.detector.colour_order == "BGR"
    assert cpu.manifest.detector.licence == "Apache-2.0"
    assert (yolo.manifest.detector.score_threshold, yolo.manifest.detector.nms_iou) == (0.7, 0.45)
    for pack in (cpu, yolo):
        assert pack.manifest.embedder == store_with_lite.get("lite").manifest.embedder
        assert pack.manifest.curve.min_similarity(1e-4) == 0.532
        assert "another detector" in pack.manifest.curve.source


def test_importing_again_keeps_what_was_calibrated(store: PackStore, tmp_path: Path) -> None:
    folder = tiny_models.buffalo(tmp_path / "mine")
    import_folder(store, folder, accept_licence=True)
    store.write_manifest("mine", lambda manifest: manifest.model_copy(update={"title": "calibrated"}))
    import_folder(store, folder, accept_licence=True)
    assert store.get("mine").manifest.title == "calibrated"
    import_folder(store, folder, accept_licence=True, replace=True)
    assert store.get("mine").manifest.title != "calibrated"


def test_other_files_under_a_taken_name_need_replace(store: PackStore, tmp_path: Path) -> None:
    folder = tiny_models.buffalo(tmp_path / "mine")
    import_folder(store, folder, accept_licence=True)
    tiny_models.regressor(folder / "w600k_r50.onnx", 256)
    with pytest.raises(InvalidInput, match="installed already"):
        import_folder(store, folder, accept_licence=True)
    replaced = import_folder(store, folder, accept_licence=True, replace=True)
    assert replaced.packs[0].manifest.embedder.dimensions == 256


def test_a_pack_folder_from_another_machine_is_taken_as_it_is(store: PackStore, tmp_path: Path) -> None:
    import_folder(store, tiny_models.buffalo(tmp_path / "mine"), accept_licence=True)
    elsewhere = PackStore(tmp_path / "elsewhere")
    report = import_folder(elsewhere, store.packs_dir / "mine", accept_licence=True)
    assert report.packs[0].manifest == store.get("mine").manifest
    (store.packs_dir / "mine" / "det_10g.onnx").unlink()
    with pytest.raises(PackDamaged, match=r"det_10g\.onnx is missing"):
        import_folder(elsewhere, store.packs_dir / "mine", accept_licence=True)


def test_a_manifest_cannot_reach_out_of_its_folder(store: PackStore, tmp_path: Path) -> None:
    import_folder(store, tiny_models.buffalo(tmp_path / "mine"), accept_licence=True)
    manifest = store.packs_dir / "mine" / "manifest.json"
    changed = json.loads(manifest.read_text())
    changed["detector"]["file"] = "../../secret.onnx"
    manifest.write_text(json.dumps(changed))
    with pytest.raises(PackDamaged, match=r"detector\.file"):
        import_folder(PackStore(tmp_path / "elsewhere"), store.packs_dir / "mine", accept_licence=True)


@pytest.mark.parametrize(
    ("channels", "size", "dynamic"), [(20, None, True), (15, None, True), (20, 640, False)], ids=str
)
def test_yolov8_faces_of_all_exports_are_recognised(
    store: PackStore, tmp_path: Path, channels: int, size: int | None, *, dynamic: bool
) -> None:
    folder = tmp_path / "models"
    tiny_models.yolov8(folder / "YOLOv8n Face.onnx", channels, size=size, licence="AGPL-3.0 License")
    tiny_models.regressor(folder / "arcface.onnx", 512)
    (pack,) = import_folder(store, folder, accept_licence=True).packs
    assert pack.name == "yolov8n-face"
    assert pack.manifest.detector.kind is DetectorKind.YOLOV8_FACE
    assert pack.manifest.detector.dynamic_batch is dynamic
    assert pack.manifest.detector.licence == "AGPL-3.0 License"
    assert (pack.manifest.embedder.licence, pack.manifest.embedder.restricted) == ("unknown", True)


def test_a_detector_without_landmarks_is_not_enough(store: PackStore, tmp_path: Path) -> None:
    tiny_models.yolov8(tmp_path / "models" / "yolov8n.onnx", 5)
    with pytest.raises(InvalidInput, match="a detector without landmarks: its faces could not be aligned"):
        import_folder(store, tmp_path / "models", accept_licence=True)


def test_each_detector_of_a_folder_makes_a_pack_unless_one_name_is_given(store: PackStore, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    tiny_models.centerface(folder / "centre.onnx")
    tiny_models.scrfd(folder / "scrfd_500m.onnx")
    tiny_models.regressor(folder / "arcface.onnx", 512)
    with pytest.raises(InvalidInput, match="this folder makes several: centre, scrfd_500m"):
        import_folder(store, folder, name="one", accept_licence=True)
    report = import_folder(store, folder, accept_licence=True)
    assert {pack.name: pack.manifest.detector.kind for pack in report.packs} == {
        "centre": DetectorKind.CENTERFACE,
        "scrfd_500m": DetectorKind.SCRFD,
    }


def test_an_embedder_alone_borrows_the_detector_of_lite(store_with_lite: PackStore, tmp_path: Path) -> None:
    tiny_models.regressor(tmp_path / "models" / "glintr100.onnx", 512)
    (pack,) = import_folder(store_with_lite, tmp_path / "models", accept_licence=True).packs
    assert pack.name == "glintr100"
    assert pack.manifest.detector == store_with_lite.get("lite").manifest.detector
    assert pack.manifest.operating_points is None


def test_a_lone_detector_without_lite_says_to_install_it(store: PackStore, tmp_path: Path) -> None:
    tiny_models.yunet(tmp_path / "models" / "yunet.onnx")
    with pytest.raises(PackNotInstalled) as caught:
        import_folder(store, tmp_path / "models", accept_licence=True)
    assert "sightline models install lite" in caught.value.hint


def test_two_embedders_in_a_folder_are_a_question(store: PackStore, tmp_path: Path) -> None:
    tiny_models.regressor(tmp_path / "models" / "a.onnx", 512)
    tiny_models.regressor(tmp_path / "models" / "b.onnx", 256)
    with pytest.raises(InvalidInput, match=r"several embedders: a\.onnx, b\.onnx"):
        import_folder(store, tmp_path / "models", accept_licence=True)


def test_rubbish_and_empty_folders_are_told(store: PackStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not a folder"):
        import_folder(store, tmp_path / "nowhere")
    (tmp_path / "models").mkdir()
    with pytest.raises(InvalidInput, match=r"no \.onnx file"):
        import_folder(store, tmp_path / "models")
    (tmp_path / "models" / "cat.onnx").write_bytes(b"meow")
    with pytest.raises(InvalidInput, match=r"cat\.onnx cannot be loaded"):
        import_folder(store, tmp_path / "models")


def test_lite_is_not_a_name_for_other_models(store: PackStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be a pack's name"):
        import_folder(store, tiny_models.buffalo(tmp_path / "mine"), name="lite", accept_licence=True)
