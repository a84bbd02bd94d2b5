"""What one API process holds open: database, Redis, object store, and what stands on them."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis

from sightline.api.hub import Hub
from sightline.core.config import Settings
from sightline.core.database import Database
from sightline.core.errors import ServiceUnavailable
from sightline.core.key_ring import KeyRing
from sightline.core.redis import open_redis
from sightline.core.sealing import Sealer, open_sealer
from sightline.core.storage import ObjectStorage, UrlSigner, open_storage
from sightline.services import acknowledge_links, pack_in_use
from sightline.services.camera_control import CameraControl
from sightline.services.face_inference import FaceInference
from sightline.services.login_throttle import LoginThrottle
from sightline.services.logins import Logins
from sightline.services.match_rates import MatchRates
from sightline.services.media_links import MediaLinks, open_links
from sightline.services.rate_limits import RateLimits
from sightline.services.tokens import AccessTokens, open_tokens
from sightline.vision.model_packs.store import PackStore


@dataclass(frozen=True)
class Resources:
    """Opened by the lifespan, closed with it."""

    settings: Settings
    database: Database
    redis: Redis
    storage: ObjectStorage
    throttle: LoginThrottle
    rates: MatchRates
    hub: Hub
    limits: RateLimits
    tokens: AccessTokens
    logins: Logins
    sealer: Sealer
    links: MediaLinks
    acknowledge_keys: KeyRing
    faces: FaceInference
    control: CameraControl


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Nothing is asked for an answer yet: /readyz tells whether the servers are there."""
    database = _database(settings)
    redis = open_redis(settings.redis)
    hub = Hub(redis)
    faces = FaceInference(settings)
    throttle, sealer = LoginThrottle(redis), open_sealer(settings)
    control = CameraControl(database, sealer, settings.capture)
    rates = MatchRates(PackStore.from_settings(settings), settings.recognition.pack)

    async def use_pack(name: str) -> None:
        if await faces.use(name):
            rates.use(name)

    background = {
        asyncio.create_task(hub.run(), name="hub"),
        asyncio.create_task(pack_in_use.follow(database, settings, use_pack), name="pack in use"),
    }
    try:
        yield Resources(
            settings,
            database,
            redis,
            _storage(settings),
            throttle,
            rates,
            hub,
            RateLimits(redis, settings.api.rate_limits),
            open_tokens(settings),
            Logins(database, throttle, sealer, remembered=timedelta(days=settings.jwt.refresh_days)),
            sealer,
            open_links(settings),
            acknowledge_links.open_keys(settings),
            faces,
            control,
        )
    finally:
        hub.close()
        await control.close()
        faces.close()
        for task in background:
            task.cancel()
        await asyncio.wait(background)
        await redis.aclose()
        await database.dispose()


def _database(settings: Settings) -> Database:
    if settings.database.url is None:
        raise ServiceUnavailable(
            "no address of a database is known", hint="start `sightline up`, or set SIGHTLINE_DATABASE__URL"
        )
    return Database(
        settings.database.url.get_secret_value(),
        pool_size=settings.database.pool_size,
        max_overflow=settings.database.max_overflow,
        pool_timeout=settings.database.pool_timeout,
        statement_timeout=settings.database.statement_timeout,
    )


def _storage(settings: Settings) -> ObjectStorage:
    key = settings.storage.signing_key
    signer = UrlSigner(key.get_secret_value() if key else secrets.token_urlsafe(32))
    return open_storage(settings.storage, folder=settings.objects_dir, signer=signer)
