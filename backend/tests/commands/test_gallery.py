"""`sightline gallery` beside a running system: from one pack to another and back."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import Cli
from tests.services.real_packs import real_store
from tests.support.guests import PORTRAIT
from tests.support.machine import Machine, machine

pytestmark = pytest.mark.media


OTHER = "other/1"


@pytest.fixture(scope="module")
def system(lite_pack: Path, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine of its own, with packs of its own: after a move its gallery is another one."""
    packs = real_store(tmp_path_factory.mktemp("packs") / "models", lite_pack, models_dir).packs_dir
    _put_other_pack(packs / "other", lite_pack)
    with machine(tmp_path_factory.mktemp("moving") / "data", packs / "lite") as running:
        yield running


def _put_other_pack(folder: Path, lite_pack: Path) -> None:
    """The default pack's files under another name and model, whose templates may not be compared with its own."""
    folder.mkdir()
    for file in lite_pack.iterdir():
        (folder / file.name).symlink_to(file.resolve())
    manifest = json.loads((lite_pack / "manifest.json").read_text())
    manifest["name"], manifest["embedder"]["model_version"] = "other", OTHER
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_gallery_moves_enrolment_follows_and_it_moves_on(system: Machine, beside: Cli) -> None:
    assert beside("enroll", "Grace Hopper", PORTRAIT).code == 0
    before = json.loads(beside("gallery", "status", "--json").stdout)
    assert (before["pack"], [one["templates"] for one in before["models"]], before["refused"]) == ("lite", [1], [])

    moved = beside("gallery", "reembed", "--pack", "other", "--json")
    assert moved.code == 0, moved.both
    told = json.loads(moved.stdout)
    assert (told["made"], told["total"], told["switched"], told["refused"]) == (1, 1, True, [])
    after = json.loads(beside("gallery", "status", "--json").stdout)
    assert (after["pack"], {one["templates"] for one in after["models"]}) == ("other", {1})
    assert len(after["models"]) == 2, "the former ones stay for their grace"

    twin = beside("enroll", "G. Hopper", PORTRAIT)
    assert (twin.code, "this face looks like Grace Hopper" in twin.both) == (2, True), "compared by the new model"
    done = beside("enroll", "G. Hopper", PORTRAIT, "--yes")
    assert "G. Hopper enrolled with 1 pictures (other)" in done.both
    versions = asyncio.run(system.query("SELECT DISTINCT model_version FROM images"))
    assert [row["model_version"] for row in versions] == [OTHER]

    assert beside("gallery", "reembed", "--pack", "cpu", "--keep-old").code == 0
    status = beside("gallery", "status").both
    assert "workers use the pack cpu" in status
    assert OTHER in status
