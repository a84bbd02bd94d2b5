"""Keys are rotated from the command line, and running processes take them."""

from pathlib import Path
from uuid import uuid4

import pytest

from sightline.core.config import Settings
from sightline.core.sealing import open_sealer
from sightline.services.receipts import open_signer
from sightline.services.tokens import open_tokens
from tests.commands.conftest import Cli


def test_new_keys_are_taken_at_once_and_old_ones_still_open(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path))
    settings = Settings(data_dir=tmp_path)
    sealer, tokens, signer = open_sealer(settings), open_tokens(settings), open_signer(settings)
    receipt, before = signer.sign("{}"), signer.public_keys()
    sealed = sealer.seal(b"secret", context="x")
    token = tokens.issue(user_id=uuid4(), session_id=uuid4()).text
    said = cli("admin", "rotate-keys")
    assert said.code == 0
    assert sealer.open(sealed, context="x") == b"secret"
    fresh = sealer.seal(b"secret", context="x")
    assert fresh[:9] != sealed[:9]
    assert fresh[1:9].hex() in said.both
    tokens.read(token)  # or it raises
    assert signer.read(receipt) == "{}"
    assert signer.read(signer.sign("[]")) == "[]"
    assert (len(signer.public_keys()), signer.public_keys()[1:]) == (2, before), "the new one first"
    for path in (tmp_path / "keys").glob("*.json"):
        assert path.stat().st_mode & 0o777 == 0o600
        assert not any(entry in said.both for entry in path.read_text().split('"') if len(entry) > 40)
