"""Installed packs: what is whole is listed and verified, what is damaged says so, nothing is half-written."""

import errno
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import onnxruntime as ort
import pytest

from sightline.core.config import Settings
from sightline.core.errors import InvalidInput, ModelPackError, PackDamaged, PackNotAvailable, PackNotInstalled
from sightline.vision.model_packs import packages
from sightline.vision.model_packs.files import sha256_of
from sightline.vision.model_packs.importer import import_folder
from sightline.vision.model_packs.manifest import Manifest, OperatingPointsEntry, PointEntry
from sightline.vision.model_packs.store import InstalledPack, PackStore, update_operating_points
from tests.vision import tiny_models


@pytest.fixture
def store(tmp_path: Path) -> PackStore:
    return PackStore(tmp_path / "packs", tmp_path / "cache")


@pytest.fixture
def pack(store: PackStore, tmp_path: Path) -> InstalledPack:
    """A small whole pack: SCRFD and a 512-d embedder."""
    folder = tmp_path / "mine"
    tiny_models.scrfd(folder / "detector.onnx")
    tiny_models.regressor(folder / "embedder.onnx", 512)
    return import_folder(store, folder, accept_licence=True).packs[0]


def claim(pack: InstalledPack, part: str, **changes: object) -> None:
    """Change what the manifest says of a part, its checksum following the file."""
    path = pack.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest[part] |= {"sha256": sha256_of(pack.folder / manifest[part]["file"]), **changes}
    path.write_text(json.dumps(manifest))


class TestLite:
    @pytest.mark.usefixtures("lite_pack")
    def test_a_second_installation_needs_no_network(self, store: PackStore, monkeypatch: pytest.MonkeyPatch) -> None:
        for wanted in ("*centerface.onnx", "*MobileFaceNet.tflite"):
            kept = next((Settings().cache_dir / "models").glob(wanted))
            (store.cache_dir / "models").mkdir(parents=True, exist_ok=True)
            shutil.copy(kept, store.cache_dir / "models")
        monkeypatch.setattr(packages, "_run", lambda *_: pytest.fail("went to the network"))
        installed = store.install("lite")
        assert store.verify("lite") == installed
        assert installed.manifest.embedder.dimensions == 192
        assert installed.manifest.detector.provenance == "training data rights: not verified"

    def test_its_thresholds_are_those_measured_and_the_strictest_rate_is_not(self, lite_pack: Path) -> None:
        curve = PackStore(lite_pack.parent).get("lite").manifest.curve
        assert curve.min_similarity(1e-2) == 0.348
        assert curve.min_similarity(1e-4) == 0.532
        assert curve.min_similarity(1e-6) is None
        assert curve.impostor_pairs > 29_000_000
        assert curve.genuine_pairs == 8_101

    def test_its_weights_are_no_inputs_so_that_they_can_be_folded(self, lite_pack: Path) -> None:
        session = ort.InferenceSession(lite_pack / "centerface.onnx", providers=["CPUExecutionProvider"])
        assert session.get_overridable_initializers() == []
        assert session.get_inputs()[0].shape == ["batch", 3, "height", "width"]

    @pytest.mark.usefixtures("lite_pack")
    def test_a_damaged_one_is_repaired_by_installing_again(self, store: PackStore) -> None:
        store.cache_dir = Settings().cache_dir
        folder = store.install("lite").folder
        (folder / "centerface.onnx").write_bytes(b"overwritten")
        with pytest.raises(PackDamaged, match=r"centerface\.onnx is not the file") as caught:
            store.verify("lite")
        assert "sightline models install lite" in caught.value.hint
        store.install("lite")
        store.verify("lite")


class TestStore:
    def test_lists_what_is_there_by_name(self, store: PackStore, pack: InstalledPack) -> None:
        assert [one.name for one in store.list()] == ["mine"]
        assert store.get("mine") == pack
        assert store.broken() == ()

    def test_an_empty_store_says_how_to_begin(self, store: PackStore) -> None:
        assert store.list() == ()
        with pytest.raises(PackNotInstalled) as caught:
            store.get("lite")
        assert "sightline models install lite" in caught.value.hint

    @pytest.mark.parametrize("name", ["..", "../mine", ".mine.lock", "", "nobody"])
    @pytest.mark.usefixtures("pack")
    def test_only_names_of_packs_are_packs(self, store: PackStore, name: str) -> None:
        with pytest.raises(PackNotInstalled):
            store.get(name)

    @pytest.mark.parametrize("name", ["standard", "insightface", "cpu"])
    def test_packs_that_cannot_be_downloaded_say_where_their_files_are(self, store: PackStore, name: str) -> None:
        with pytest.raises(PackNotAvailable) as caught:
            store.install(name)
        assert "sightline models import" in caught.value.hint

    def test_a_manifest_that_is_no_manifest_is_listed_as_broken(self, store: PackStore, pack: InstalledPack) -> None:
        (pack.folder / "manifest.json").write_text('{"name": "mine"}')
        assert store.list() == ()
        assert [one.name for one in store.broken()] == ["mine"]
        with pytest.raises(PackDamaged, match=r"manifest\.json is not usable: title"):
            store.get("mine")

    def test_operating_points_are_replaced_in_one_step(self, store: PackStore, pack: InstalledPack) -> None:
        measured = OperatingPointsEntry(
            source="our cameras",
            impostor_pairs=3_000,
            genuine_pairs=40,
            points=(PointEntry(fmr=1e-2, min_similarity=0.4), PointEntry(fmr=1e-3, min_similarity=None)),
        )
        update_operating_points(store, "mine", measured)
        assert store.get("mine").manifest.operating_points == measured
        assert sorted(path.name for path in pack.folder.iterdir()) == [
            "detector.onnx",
            "embedder.onnx",
            "manifest.json",
        ]


class TestVerify:
    def test_a_whole_pack_passes(self, store: PackStore, pack: InstalledPack) -> None:
        assert store.verify("mine") == pack

    def test_a_missing_file_is_named(self, store: PackStore, pack: InstalledPack) -> None:
        (pack.folder / "embedder.onnx").unlink()
        with pytest.raises(PackDamaged, match=r"embedder\.onnx is missing") as caught:
            store.verify("mine")
        assert "sightline models import DIR --name mine --replace" in caught.value.hint

    def test_a_wrong_checksum_is_told_before_the_file_is_loaded(self, store: PackStore, pack: InstalledPack) -> None:
        with (pack.folder / "detector.onnx").open("ab") as file:
            file.write(b"\x00")
        with pytest.raises(PackDamaged, match=r"detector\.onnx is not the file that was installed"):
            store.verify("mine")

    def test_vectors_of_another_length_are_refused(self, store: PackStore, pack: InstalledPack) -> None:
        tiny_models.regressor(pack.folder / "embedder.onnx", 256)
        claim(pack, "embedder")
        with pytest.raises(PackDamaged, match="vectors of 512 numbers"):
            store.verify("mine")

    def test_a_detector_of_another_kind_is_refused(self, store: PackStore, pack: InstalledPack) -> None:
        tiny_models.yunet(pack.folder / "detector.onnx")
        claim(pack, "detector")
        with pytest.raises(PackDamaged, match="does not answer like a scrfd detector"):
            store.verify("mine")

    def test_a_batch_that_is_not_free_is_refused(self, store: PackStore, pack: InstalledPack) -> None:
        tiny_models.regressor(pack.folder / "embedder.onnx", 512, batch=1)
        claim(pack, "embedder")
        with pytest.raises(PackDamaged, match="failed on input"):
            store.verify("mine")
        claim(pack, "embedder", dynamic_batch=False)
        store.verify("mine")

    def test_numbers_that_are_not_finite_are_refused(self, store: PackStore, pack: InstalledPack) -> None:
        tiny_models.regressor(pack.folder / "embedder.onnx", 512, bad=True)
        claim(pack, "embedder")
        with pytest.raises(PackDamaged, match="not finite"):
            store.verify("mine")

    def test_what_is_no_model_is_refused(self, store: PackStore, pack: InstalledPack) -> None:
        (pack.folder / "detector.onnx").write_bytes(b"<html>not found</html>")
        claim(pack, "detector")
        with pytest.raises(PackDamaged, match=r"detector\.onnx cannot be loaded"):
            store.verify("mine")


class TestPublishing:
    def test_a_full_disk_leaves_nothing_and_says_what_to_do(self, store: PackStore) -> None:
        def build(folder: Path) -> Manifest:
            (folder / "half.onnx").write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "half.onnx"))

        with pytest.raises(ModelPackError, match="No space left") as caught:
            store.add("mine", build)
        assert "SIGHTLINE_DATA_DIR" in caught.value.hint
        assert store.list() == ()
        assert [path for path in store.packs_dir.iterdir() if path.is_dir()] == []

    def test_a_failed_replacement_leaves_the_old_pack(self, store: PackStore, pack: InstalledPack) -> None:
        def build(folder: Path) -> Manifest:
            (folder / "detector.onnx").write_bytes(b"not what the manifest says")
            shutil.copy(pack.folder / "embedder.onnx", folder)
            return pack.manifest

        with pytest.raises(PackDamaged):
            store.add("mine", build, replace=True)
        assert store.verify("mine") == pack

    def test_what_a_killed_installation_left_is_removed_by_the_next(
        self, store: PackStore, pack: InstalledPack
    ) -> None:
        stale = store.packs_dir / ".new-mine-killed"
        stale.mkdir()
        (stale / "detector.onnx").write_bytes(b"half")
        store.add("mine", lambda folder: copied(pack, folder), replace=True)
        assert not stale.exists()
        assert [one.name for one in store.list()] == ["mine"]

    def test_of_two_that_take_one_name_at_once_one_wins_whole(self, store: PackStore, pack: InstalledPack) -> None:
        ready = Barrier(2)

        def attempt(_: int) -> str:
            ready.wait(10)
            manifest = pack.manifest.model_copy(update={"name": "other"})
            try:
                store.add("other", lambda folder: copied(pack, folder, manifest))
            except InvalidInput:
                return "taken"
            return "added"

        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(attempt, range(2))) == ["added", "taken"]
        store.verify("other")


def copied(pack: InstalledPack, folder: Path, manifest: Manifest | None = None) -> Manifest:
    for file in (pack.manifest.detector.file, pack.manifest.embedder.file):
        shutil.copy(pack.folder / file, folder)
    return manifest or pack.manifest
