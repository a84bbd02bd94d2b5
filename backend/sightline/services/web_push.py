"""Browsers that are told of alerts by Web Push: the key that signs for us (VAPID, RFC 8292), and who subscribed.

The address of a subscription lets whoever knows it write to that browser: it is sealed, and looked for by its digest.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core import base64url, outbound
from sightline.core.config import Settings
from sightline.core.errors import AddressRefused, Conflict, InvalidInput, NotFound
from sightline.core.key_ring import KeyRing, parse_keys
from sightline.core.sealing import Sealer
from sightline.models import PushSubscription
from sightline.schemas.push import PushSubscriptionIn
from sightline.services.notification_message import Browser

MOST_OF_ONE_USER = 20
"""Browsers of one person."""
ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""SEC 2, 2.4.2."""
HTTPS_PORTS = (None, 443)


def vapid_key(settings: Settings) -> ec.EllipticCurvePrivateKey:
    """The key that signs pushes: by SIGHTLINE_NOTIFICATIONS__PUSH_KEY, else of the data folder, made on first use.

    Browsers accept pushes by this key alone: with another one everybody subscribes again. Raises DataFolderUnusable.
    """
    given = settings.notifications.push_key
    if given is not None:
        seed = parse_keys(given.get_secret_value(), variable="SIGHTLINE_NOTIFICATIONS__PUSH_KEY")[0]
    else:
        seed = KeyRing.in_file(settings.keys_dir / "web_push.json").current.secret
    # from 32 random bytes to 1 … n-1; the bias of 2^-32 is that of n itself and of no use to anybody
    return ec.derive_private_key(int.from_bytes(seed) % (ORDER_OF_P256 - 1) + 1, ec.SECP256R1())


def public_key(settings: Settings) -> str:
    """What browsers subscribe with: the uncompressed point in base64url. Raises DataFolderUnusable."""
    point = vapid_key(settings).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64url.encode(point)


async def list_subscriptions(session: AsyncSession, *, user_id: UUID) -> Sequence[PushSubscription]:
    """Browsers of one user, the newest first."""
    statement = select(PushSubscription).where(PushSubscription.user_id == user_id)
    return (await session.scalars(statement.order_by(PushSubscription.id.desc()))).all()


async def subscribe(
    session: AsyncSession, *, user_id: UUID, given: PushSubscriptionIn, sealer: Sealer
) -> PushSubscription:
    """Keep a browser; one that is kept already gets its new keys, one of somebody else becomes this user's.

    Raises AddressRefused, InvalidInput (keys that are none), Conflict (too many).
    """
    host = _host(given.endpoint)
    _require_keys(given)
    digest = hashlib.sha256(given.endpoint.encode()).digest()
    own = select(PushSubscription).where(PushSubscription.user_id == user_id)
    kept = (await session.scalars(own.where(PushSubscription.endpoint_hash == digest).with_for_update())).one_or_none()
    if kept is None:
        if (await session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= MOST_OF_ONE_USER:
            raise Conflict(f"you have {MOST_OF_ONE_USER} browsers already", hint="Remove one that you no longer use.")
        new_id: UUID = (await session.execute(text("SELECT uuidv7()"))).scalar_one()
        kept = PushSubscription(id=new_id, user_id=user_id, endpoint_hash=digest, host=host)
        session.add(kept)
    plain = {"endpoint": given.endpoint, "p256dh": given.keys.p256dh, "auth": given.keys.auth}
    kept.secrets = sealer.seal(json.dumps(plain).encode(), context=f"push:{kept.id}")
    kept.device = given.device
    kept.expires_at = None if given.expiration_time is None else _moment(given.expiration_time)
    await session.flush()
    await session.refresh(kept)
    return kept


async def unsubscribe(session: AsyncSession, *, user_id: UUID, subscription_id: UUID) -> None:
    """Forget a browser of this user. Raises NotFound."""
    statement = (
        delete(PushSubscription)
        .where(PushSubscription.id == subscription_id, PushSubscription.user_id == user_id)
        .returning(PushSubscription.id)
    )
    if await session.scalar(statement) is None:
        raise NotFound("no such subscription of yours", hint="It may have been removed already.")


def opened(subscription_id: UUID, secrets: bytes, sealer: Sealer) -> Browser:
    """A subscription's address and keys, for senders only. Raises SecretUnreadable."""
    plain = json.loads(sealer.open(secrets, context=f"push:{subscription_id}"))
    point = base64.urlsafe_b64decode(plain["p256dh"].rstrip("=") + "=")
    auth = base64.urlsafe_b64decode(plain["auth"].rstrip("=") + "==")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    return Browser(subscription_id, plain["endpoint"], key, auth)


async def note_pushes(session: AsyncSession, *, told: Sequence[UUID], gone: Sequence[UUID]) -> None:
    """These browsers were told, and those have unsubscribed at their push service: they are forgotten."""
    if told:
        statement = update(PushSubscription).where(PushSubscription.id.in_(told)).values(last_used_at=func.now())
        await session.execute(statement)
    if gone:
        await session.execute(delete(PushSubscription).where(PushSubscription.id.in_(gone)))


def _host(endpoint: str) -> str:
    """Of a push service: https on its usual port, by name. Where it leads is checked when it is sent to."""
    parts = outbound.parse(endpoint)
    host = parts.hostname or ""
    if parts.scheme != "https" or parts.port not in HTTPS_PORTS or parts.fragment or not parts.path.strip("/"):
        raise AddressRefused("this is no address of a push service", hint="Send what the browser gave, unchanged.")
    if "." not in host or host.rpartition(".")[2].isdigit() or ":" in host:
        raise AddressRefused("a push service has a name in the Internet", hint="Send what the browser gave, unchanged.")
    return host


def _require_keys(given: PushSubscriptionIn) -> None:
    try:
        point = base64.urlsafe_b64decode(given.keys.p256dh.rstrip("=") + "=")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        base64.urlsafe_b64decode(given.keys.auth.rstrip("=") + "==")
    except (ValueError, binascii.Error) as error:
        raise InvalidInput("keys.p256dh is no point of P-256", hint="Send what the browser gave, unchanged.") from error


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
