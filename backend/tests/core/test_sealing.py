"""Secrets at rest: what is sealed opens in its place and nowhere else."""

import base64
import secrets
from pathlib import Path

import pytest
from pydantic import SecretStr

from sightline.core.config import SealingSettings, Settings
from sightline.core.errors import ConfigInvalid, DataFolderUnusable, SecretUnreadable
from sightline.core.key_ring import KeyRing, rotate
from sightline.core.sealing import Sealer, open_sealer

PLAIN = b'{"username": "view", "password": "hunter2"}'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def test_what_was_sealed_opens_and_shows_nothing_before(settings: Settings) -> None:
    sealer = open_sealer(settings)
    sealed = sealer.seal(PLAIN, context="camera:1")
    assert b"hunter2" not in sealed
    assert sealed != sealer.seal(PLAIN, context="camera:1")
    assert sealer.open(sealed, context="camera:1") == PLAIN
    assert open_sealer(settings).open(sealed, context="camera:1") == PLAIN


@pytest.mark.parametrize("where", [0, 3, 12, -1])
def test_a_changed_secret_does_not_open(settings: Settings, where: int) -> None:
    sealer = open_sealer(settings)
    sealed = bytearray(sealer.seal(PLAIN, context="camera:1"))
    sealed[where] ^= 1
    with pytest.raises(SecretUnreadable) as refused:
        sealer.open(bytes(sealed), context="camera:1")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(8), b"plain text from before"])
def test_what_was_never_sealed_does_not_open(settings: Settings, sealed: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        open_sealer(settings).open(sealed, context="camera:1")


def test_a_cut_off_secret_of_ours_does_not_open(settings: Settings) -> None:
    sealer = open_sealer(settings)
    with pytest.raises(SecretUnreadable):
        sealer.open(sealer.seal(PLAIN, context="camera:1")[:15], context="camera:1")


def test_a_secret_moved_to_another_record_does_not_open(settings: Settings) -> None:
    sealer = open_sealer(settings)
    with pytest.raises(SecretUnreadable):
        sealer.open(sealer.seal(PLAIN, context="camera:1"), context="camera:2")


def test_the_key_lies_in_a_file_for_its_owner_alone(settings: Settings) -> None:
    open_sealer(settings)
    path = settings.keys_dir / "sealing.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_new_key_seals_and_the_old_one_still_opens_in_a_running_process(settings: Settings) -> None:
    running = open_sealer(settings)
    old = running.seal(PLAIN, context="camera:1")
    rotate(settings.keys_dir / "sealing.json", keep=5)
    later = open_sealer(settings)
    assert later.is_stale(old)
    assert later.open(old, context="camera:1") == PLAIN
    new = later.seal(PLAIN, context="camera:1")
    assert not later.is_stale(new)
    assert running.open(new, context="camera:1") == PLAIN


def test_a_cluster_gives_its_keys(tmp_path: Path) -> None:
    old, new = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))

    def sealer(keys: str) -> Sealer:
        return open_sealer(Settings(data_dir=tmp_path, sealing=SealingSettings(keys=SecretStr(keys))))

    sealed = sealer(old).seal(PLAIN, context="x")
    assert sealer(f"{new}, {old}").open(sealed, context="x") == PLAIN
    with pytest.raises(SecretUnreadable):
        sealer(new).open(sealed, context="x")
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("keys", ["", "short", "YWJj", "!" * 44])
def test_a_weak_key_is_refused_without_being_repeated(tmp_path: Path, keys: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        open_sealer(Settings(data_dir=tmp_path, sealing=SealingSettings(keys=SecretStr(keys))))
    assert not keys or keys not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "[1]", '[{"key": "YWJj", "created_at": "2026-01-01T00:00:00+00:00"}]']
)
def test_a_damaged_key_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ring.json"
    path.write_text(text)
    with pytest.raises(DataFolderUnusable, match=r"ring\.json"):
        KeyRing.in_file(path)


def test_no_repr_shows_a_key(settings: Settings) -> None:
    open_sealer(settings)
    ring = KeyRing.in_file(settings.keys_dir / "sealing.json")
    assert repr(ring.current.secret)[2:10] not in repr(ring.current)
