"""Access tokens: JSON Web Tokens (RFC 7519) that live for minutes and name a session of the database.

They say who, never what somebody may do: role and session are looked up on every request, so that a logout, another
role or a deactivation holds at once.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import GuestProtocol, OctKey

from sightline.core.config import JwtSettings, Settings
from sightline.core.errors import Unauthenticated
from sightline.core.key_ring import Key, KeyRing

ISSUER = "sightline"
AUDIENCE = "sightline-api"
TYPE = "at+jwt"
"""RFC 9068: no other kind of token of the same key is taken for an access token."""
LEEWAY = 5
"""Seconds by which the clocks of two servers may differ."""
LONGEST = 2048
"""Characters; ours have about 350."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token for its owner."""

    text: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"AccessToken(expires_at={self.expires_at})"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says, once its signature and times were checked."""

    user_id: UUID
    session_id: UUID
    expires_at: datetime


class AccessTokens:
    """Issues and reads access tokens; one algorithm, keys from a ring that can be rotated."""

    def __init__(self, ring: KeyRing, settings: JwtSettings) -> None:
        self._ring = ring
        self._algorithm = settings.algorithm
        self.life = timedelta(minutes=settings.access_minutes)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            sid={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )

    def issue(self, *, user_id: UUID, session_id: UUID) -> AccessToken:
        """A token that begins now."""
        now = int(time.time())
        expires = now + int(self.life.total_seconds())
        key = self._ring.newest()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "sid": str(session_id),
            "iat": now,
            "exp": expires,
            "jti": secrets.token_urlsafe(12),
        }
        header = {"alg": self._algorithm, "kid": key.id.hex()}
        text = jwt.encode(header, claims, self._jwk(key), algorithms=[self._algorithm], default_type=TYPE)
        return AccessToken(text, datetime.fromtimestamp(expires, UTC))

    def read(self, text: str) -> Claims:
        """Check algorithm, key, signature, issuer, audience and times. Raises Unauthenticated, which says why."""
        try:
            if len(text) > LONGEST:
                raise ValueError("too long for a token of ours")
            token = jwt.decode(text, self._key_of, algorithms=[self._algorithm])
            self._claims.validate(token.claims)
            return Claims(
                UUID(token.claims["sub"]),
                UUID(token.claims["sid"]),
                datetime.fromtimestamp(token.claims["exp"], UTC),
            )
        except ExpiredTokenError as error:
            raise Unauthenticated("the access token has expired", hint="Renew it, or log in again.") from error
        except (JoseError, ValueError, TypeError, OverflowError, RecursionError, AttributeError) as error:
            raise Unauthenticated("the access token is not valid", hint="Log in.") from error

    def _key_of(self, token: GuestProtocol) -> OctKey:
        """The key that the header names, before anything is computed with it."""
        header = token.headers()
        if header.get("typ") != TYPE:
            raise ValueError("another type of token")
        key = self._ring.find(bytes.fromhex(str(header.get("kid", ""))))
        if key is None or self._ring.has_ended(key, grace=self.life):
            raise ValueError("an unknown key")
        return self._jwk(key)

    def _jwk(self, key: Key) -> OctKey:
        """64 bytes for any of the algorithms (RFC 7518, 3.2: a key as long as the hash), bound to this purpose."""
        return OctKey.import_key(hashlib.sha512(b"sightline access token:" + key.secret).digest())


def open_tokens(settings: Settings) -> AccessTokens:
    """By SIGHTLINE_JWT__SECRET_KEY, else by a key ring in the data folder, made here. Raises DataFolderUnusable."""
    return AccessTokens(_ring(settings), settings.jwt)


def _ring(settings: Settings) -> KeyRing:
    given = [key for key in (settings.jwt.secret_key, settings.jwt.previous_secret_key) if key is not None]
    if settings.jwt.secret_key is None:
        return KeyRing.in_file(settings.keys_dir / "jwt.json")
    return KeyRing.given([key.get_secret_value().encode() for key in given])
