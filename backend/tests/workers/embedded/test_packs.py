"""A start sees to it that the pack is there and its model is the active one, or says what is to be done."""

import subprocess
from pathlib import Path

import pytest
from pydantic import SecretStr

from sightline.core.config import RecognitionSettings, Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.errors import PackNotInstalled
from sightline.services import gallery
from sightline.workers.embedded import packs
from tests.support.database import MODEL, DatabaseAddress, add_subject, connected, template_of


def test_an_installed_pack_is_taken_as_it_is(lite_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(lite_pack.parent)
    assert packs.provide_pack(Settings(data_dir=tmp_path)).folder.resolve() == lite_pack.resolve()


def test_the_default_pack_is_installed_where_it_is_missing(
    lite_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own, into this data folder; the process here only puts the pack into its place."""

    def install(words: list[str], *, env: dict[str, str], **_: object) -> "subprocess.CompletedProcess[str]":
        assert words[2:] == ["sightline", "models", "install", "lite"]
        Path(env["SIGHTLINE_DATA_DIR"], "models").symlink_to(lite_pack.parent)
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(packs.subprocess, "run", install)  # type: ignore[attr-defined]
    assert packs.provide_pack(Settings(data_dir=tmp_path)).manifest.name == "lite"


def test_an_installation_that_fails_is_told_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 4, "", "error [pack_not_available] the index does not answer\n")
    monkeypatch.setattr(packs.subprocess, "run", lambda *_, **__: failed)  # type: ignore[attr-defined]
    with pytest.raises(PackNotInstalled, match="the index does not answer") as told:
        packs.provide_pack(Settings(data_dir=tmp_path))
    assert "sightline models install lite" in told.value.hint


def test_another_pack_is_not_chosen_for_anybody(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, recognition=RecognitionSettings(pack="standard"))
    with pytest.raises(PackNotInstalled, match="standard"):
        packs.provide_pack(settings)


@pytest.mark.asyncio
async def test_the_packs_model_becomes_the_one_that_is_searched(
    database: Database, own_database: DatabaseAddress, lite_pack: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").symlink_to(lite_pack.parent)
    base = Settings(data_dir=tmp_path)
    url = SecretStr(own_database.app_dsn)
    settings = base.model_copy(update={"database": base.database.model_copy(update={"url": url})})
    async with database.session(SYSTEM) as session:
        await add_subject(session, seed=1)  # enrolled with the model of tests
        await gallery.activate_model(session, model_version=MODEL)

    async def found() -> int:
        async with connected(own_database) as pool, pool.session(SYSTEM) as session:
            return len((await gallery.search(session, probes=template_of(1)[None], min_similarity=0.5, top_k=1))[0])

    assert await found() == 1
    await packs.activate_pack(settings, packs.provide_pack(settings))
    assert await found() == 0  # its templates are of another model
