"""Access tokens: ours are read, and every way to make one up is refused."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from sightline.core.config import JwtSettings, Settings
from sightline.core.errors import Unauthenticated
from sightline.core.key_ring import KeyRing, rotate
from sightline.services import tokens
from sightline.services.tokens import AUDIENCE, ISSUER, TYPE, AccessTokens, open_tokens

USER, SESSION = uuid4(), uuid4()
SECRET = "k2Jx8vQp0RzT5mYw7BnC1dLf4HsG9aEu"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, jwt=JwtSettings(secret_key=SecretStr(SECRET)))


@pytest.fixture
def issued(settings: Settings) -> AccessTokens:
    return open_tokens(settings)


def _key(secret: str = SECRET) -> bytes:
    return hashlib.sha512(b"sightline access token:" + secret.encode()).digest()


def _claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(USER),
        "sid": str(SESSION),
        "iat": now,
        "exp": now + 60,
        "jti": "x",
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def _header(**changes: object) -> dict[str, object]:
    kid = KeyRing.given([SECRET.encode()]).current.id.hex()
    return {name: value for name, value in {"alg": "HS256", "kid": kid, "typ": TYPE, **changes}.items() if value}


def _token(header: dict[str, object], claims: object, key: bytes | None = None) -> str:
    """Signed by hand: with HMAC-SHA-256, whatever the header says."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = hmac.digest(key or _key(), b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def test_what_was_issued_is_read(issued: AccessTokens) -> None:
    token = issued.issue(user_id=USER, session_id=SESSION)
    claims = issued.read(token.text)
    assert (claims.user_id, claims.session_id, claims.expires_at) == (USER, SESSION, token.expires_at)
    assert abs(token.expires_at - datetime.now(UTC) - timedelta(minutes=15)) < timedelta(minutes=1)
    assert token.text not in repr(token)
    assert issued.read(_token(_header(), _claims())).user_id == USER


def _rs256() -> str:
    return jwt.encode(_header(alg="RS256"), _claims(), RSAKey.generate_key(2048), algorithms=["RS256"])


FORGED: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "no token": lambda: "hello",
    "three dots": lambda: "..",
    "not base64": lambda: "\u00e4.\u00f6.\u00fc",
    "none": lambda: _token(_header(alg="none"), _claims()),
    "none without signature": lambda: _token(_header(alg="none"), _claims()).rpartition(".")[0] + ".",
    "None": lambda: _token(_header(alg="nOnE"), _claims()).rpartition(".")[0] + ".",
    "no algorithm": lambda: _token(_header(alg=None), _claims()),
    "signature cut off": lambda: _token(_header(), _claims()).rpartition(".")[0] + ".",
    "another HMAC": lambda: jwt.encode(
        _header(alg="HS512"), _claims(), OctKey.import_key(_key()), algorithms=["HS512"]
    ),
    "public key": _rs256,
    "wrong key": lambda: _token(_header(), _claims(), _key("another-secret")),
    "bare secret as key": lambda: _token(_header(), _claims(), SECRET.encode()),
    "unknown key": lambda: _token(_header(kid="00" * 8), _claims()),
    "key id of other type": lambda: _token(_header(kid=7), _claims()),
    "key id is a path": lambda: _token(_header(kid="../../dev/null"), _claims()),
    "no key id": lambda: _token(_header(kid=None), _claims()),
    "another type": lambda: _token(_header(typ="JWT"), _claims()),
    "unknown critical header": lambda: _token(_header(crit=["exp2"], exp2=1), _claims()),
    "key within": lambda: _token(_header(jwk={"kty": "oct", "k": "AAAA"}, kid=None), _claims(), b"\0\0\0"),
    "expired": lambda: _token(_header(), _claims(exp=int(time.time()) - 10)),
    "never ends": lambda: _token(_header(), _claims(exp=None)),
    "ends at infinity": lambda: _token(_header(), _claims(exp=float("inf"))),
    "ends as text": lambda: _token(_header(), _claims(exp="9999999999")),
    "ends after the calendar": lambda: _token(_header(), _claims(exp=10**20)),
    "issued tomorrow": lambda: _token(_header(), _claims(iat=int(time.time()) + 86400)),
    "wrong audience": lambda: _token(_header(), _claims(aud="another-api")),
    "no audience": lambda: _token(_header(), _claims(aud=None)),
    "wrong issuer": lambda: _token(_header(), _claims(iss="somebody")),
    "no session": lambda: _token(_header(), _claims(sid=None)),
    "session is no id": lambda: _token(_header(), _claims(sid="1 OR 1=1")),
    "session is a list": lambda: _token(_header(), _claims(sid=[str(SESSION)])),
    "claims are a list": lambda: _token(_header(), ["sub", str(USER)]),
    "claims too deep": lambda: _token(_header(), _claims(x="[" * 100)).replace(".", ".W1tb", 1),
    "too long": lambda: _token(_header(), _claims(x="x" * 3000)),
    "encrypted": lambda: "a.b.c.d.e",
}


@pytest.mark.parametrize("name", FORGED)
def test_no_token_that_we_did_not_issue_is_read(issued: AccessTokens, name: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        issued.read(FORGED[name]())
    assert refused.value.status == 401
    assert SECRET not in refused.value.message + refused.value.hint


def test_a_changed_claim_breaks_the_signature(issued: AccessTokens) -> None:
    head, _, signature = issued.issue(user_id=USER, session_id=SESSION).text.split(".")
    body = base64.urlsafe_b64encode(json.dumps(_claims(sub=str(uuid4()))).encode()).rstrip(b"=").decode()
    with pytest.raises(Unauthenticated):
        issued.read(f"{head}.{body}.{signature}")


def test_a_new_key_signs_at_once_and_the_old_one_counts_while_its_tokens_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path)
    one, other = open_tokens(settings), open_tokens(settings)
    old = one.issue(user_id=USER, session_id=SESSION).text
    rotate(settings.keys_dir / "jwt.json", keep=3)
    new = one.issue(user_id=USER, session_id=SESSION).text
    assert jwt_kid(old) != jwt_kid(new)
    assert other.read(new).user_id == other.read(old).user_id == USER
    monkeypatch.setattr("sightline.core.key_ring.datetime", Later)
    with pytest.raises(Unauthenticated):
        other.read(old)
    assert other.read(new).user_id == USER


class Later(datetime):
    """The clock twenty minutes on."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + timedelta(minutes=20)


def jwt_kid(token: str) -> str:
    head = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


def test_a_cluster_can_change_its_key(tmp_path: Path, issued: AccessTokens) -> None:
    token = issued.issue(user_id=USER, session_id=SESSION).text
    fresh = JwtSettings(secret_key=SecretStr(SECRET[::-1]), previous_secret_key=SecretStr(SECRET))
    changed = open_tokens(Settings(data_dir=tmp_path, jwt=fresh))
    assert changed.read(token).user_id == USER
    with pytest.raises(Unauthenticated):
        issued.read(changed.issue(user_id=USER, session_id=SESSION).text)
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_each_algorithm_reads_its_own_only(tmp_path: Path, algorithm: str) -> None:
    def opened(name: str) -> AccessTokens:
        return open_tokens(Settings(data_dir=tmp_path, jwt=JwtSettings(algorithm=name)))

    token = opened(algorithm).issue(user_id=USER, session_id=SESSION).text
    assert opened(algorithm).read(token).session_id == SESSION
    assert len(token) < tokens.LONGEST
    for other in {"HS256", "HS384", "HS512"} - {algorithm}:
        with pytest.raises(Unauthenticated):
            opened(other).read(token)
