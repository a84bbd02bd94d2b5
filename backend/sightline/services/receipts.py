"""Signing receipts: JWS in compact form (RFC 7515), Ed25519 (RFC 9864), the algorithm pinned."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from sightline.core.config import Settings
from sightline.core.errors import InvalidInput
from sightline.core.key_ring import KeyRing, parse_keys

ALGORITHM = "Ed25519"
_PURPOSE = b"sightline receipts of erasure, Ed25519 seed"


class ReceiptSigner:
    """Signs with the newest key, and knows signatures of the older ones. Sees keys that a rotation adds."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._derived: dict[bytes, OKPKey] = {}

    def sign(self, content: str) -> str:
        """content: JSON text."""
        kid, key = next(iter(self._keys().items()))
        return jws.serialize_compact({"alg": ALGORITHM, "kid": kid}, content.encode(), key, algorithms=[ALGORITHM])

    def read(self, receipt: str) -> str:
        """The JSON text of a receipt that one of our keys signed. Raises InvalidInput."""
        try:
            kid = str(jws.extract_compact(receipt.encode()).headers()["kid"])
            found = jws.deserialize_compact(receipt, self._keys()[kid], algorithms=[ALGORITHM])
            return found.payload.decode()
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise InvalidInput(
                "this receipt was not signed here, or was changed", hint="Paste it whole, as it was given out."
            ) from error

    def public_keys(self) -> list[dict[str, str]]:
        """As JWK, the current one first."""
        return [
            {**{name: str(value) for name, value in key.as_dict(private=False).items()}, "kid": kid, "alg": ALGORITHM}
            for kid, key in self._keys().items()
        ]

    def _keys(self) -> dict[str, OKPKey]:
        """By their thumbprints, the newest first."""
        self._ring.newest()
        for one in self._ring.all():
            if one.id not in self._derived:
                self._derived[one.id] = _signing_key(one.secret)
        keys = [self._derived[one.id] for one in self._ring.all()]
        return {_kid(key): key for key in keys}


def open_signer(settings: Settings) -> ReceiptSigner:
    """By a key in the data folder; where SIGHTLINE_SEALING__KEYS is set, as in clusters, derived from that.

    Raises ConfigInvalid, DataFolderUnusable.
    """
    if settings.sealing.keys is not None:
        text = settings.sealing.keys.get_secret_value()
        return ReceiptSigner(KeyRing.given(parse_keys(text, variable="SIGHTLINE_SEALING__KEYS")))
    return ReceiptSigner(KeyRing.in_file(settings.keys_dir / "receipts.json"))


def _signing_key(secret: bytes) -> OKPKey:
    """Never the secret itself, which may seal other things: a seed derived from it (RFC 5869)."""
    seed = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return OKPKey.import_key(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _kid(key: OKPKey) -> str:
    return key.thumbprint()
