"""Telling browsers: encrypted for each of them (RFC 8291), signed by this installation's key (RFC 8292)."""

import json
import os
import struct
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sightline.core import base64url, outbound
from sightline.core.errors import AddressRefused, DeliveryFailed, DeliveryRefused
from sightline.core.outbound import OutboundRequest
from sightline.services.notification_message import Browser, Notification, Receipt, Senders, Tally

GONE: Final = frozenset({404, 410})
"""RFC 8030, 7.3: the subscription is no more."""
KEPT_SECONDS: Final = 4 * 3600
"""How long a push service keeps it for a browser that is off; an older alert is on the page anyway."""
RECORD_BYTES: Final = 4096
LONGEST: Final = 3000
"""Bytes of text; push services take 4096 in all."""
_TOKEN_LIFE = timedelta(hours=12)
"""RFC 8292, 2: 24 hours at most."""


async def send(
    senders: Senders,
    browsers: tuple[Browser, ...],
    notification: Notification,
    reached: frozenset[str],
    *,
    now: datetime,
) -> Receipt:
    """Tell each browser that was not reached before. Raises DeliveryFailed, DeliveryRefused, AddressRefused."""
    if not browsers:
        raise DeliveryRefused(
            "no browser of these people is subscribed", hint="They switch it on under Notifications, This browser."
        )
    tally, content = Tally(reached), payload(notification)
    for browser in browsers:
        if tally.has(str(browser.subscription_id)):
            continue
        try:
            request = _request(senders, browser, content, notification, now)
            await outbound.post(request, senders.policy, transport=senders.transport)
        except (DeliveryFailed, AddressRefused) as error:
            if isinstance(error, DeliveryFailed) and error.answer in GONE:
                tally.gone.append(browser.subscription_id)
            else:
                tally.failed(str(browser.subscription_id), error)
        else:
            tally.told(str(browser.subscription_id))
    return tally.receipt("browsers")


def payload(notification: Notification) -> bytes:
    """What the page's service worker shows. The push service in between cannot read it."""
    content = {
        "id": str(notification.id),
        "type": notification.kind,
        "title": notification.title_line[:200],
        "body": notification.text[:1000],
        "link": notification.link,
        "alert_id": notification.data.get("alert_id"),
        "severity": notification.severity,
    }
    whole = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    if len(whole) > LONGEST:  # long words in long scripts: the title says enough
        content["body"] = ""
        whole = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return whole


def encrypted(
    plain: bytes, browser: Browser, *, own: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """One record of aes128gcm (RFC 8188) for this browser (RFC 8291, 3.4). own, salt: of the RFC's example."""
    own, salt = own or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    theirs, ours = _point(browser.key), _point(own.public_key())
    secret = own.exchange(ec.ECDH(), browser.key)
    material = _derived(secret, browser.auth, b"WebPush: info\0" + theirs + ours, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + struct.pack("!LB", RECORD_BYTES, len(ours)) + ours
    return head + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def authorization(endpoint: str, key: ec.EllipticCurvePrivateKey, *, now: datetime, subject: str) -> str:
    """The header that says who pushes. subject: whom the push service may write to about it."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + _TOKEN_LIFE).timestamp()), "sub": subject}
    signed = f"{base64url.encode(_json({'typ': 'JWT', 'alg': 'ES256'}))}.{base64url.encode(_json(claims))}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = base64url.encode(r.to_bytes(32) + s.to_bytes(32))
    return f"vapid t={signed}.{signature}, k={base64url.encode(_point(key.public_key()))}"


def _request(
    senders: Senders, browser: Browser, content: bytes, notification: Notification, now: datetime
) -> OutboundRequest:
    if senders.push_key is None:
        raise DeliveryFailed("the key that signs pushes is not there", hint="See SIGHTLINE_NOTIFICATIONS__PUSH_KEY.")
    signed = authorization(browser.endpoint, senders.push_key, now=now, subject=f"mailto:{senders.smtp.sender}")
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(KEPT_SECONDS),
        "Urgency": "high",
        "Topic": base64url.encode(notification.id.bytes),  # a second attempt replaces the first (RFC 8030, 5.4)
        "Authorization": signed,
    }
    return OutboundRequest(browser.endpoint, encrypted(content, browser), headers)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length=length, salt=salt, info=info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
