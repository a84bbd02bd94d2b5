"""Stays connected to the brokers of MQTT channels, so that they can say when nobody watches any more (the last will).

Deliveries have connections of their own; this one only keeps <prefix>/status at "online". Where several workers run,
the will of one that dies says "offline", and the others correct it.
"""

import asyncio
import logging
from typing import Final
from uuid import UUID

import aiomqtt
from sqlalchemy import select

from sightline.core.database import WORKER, Database
from sightline.core.errors import AppError, ServiceUnavailable
from sightline.core.outbound import OutboundPolicy
from sightline.core.sealing import Sealer
from sightline.models import NotificationChannel
from sightline.schemas.channels import ChannelKind, MqttChannelIn
from sightline.services import channel_secrets, mqtt_sender
from sightline.services.mqtt_sender import OFFLINE, ONLINE
from sightline.workers.clock import pause

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 15.0
"""How often channels are compared: one that was added is shown as available after so long at most."""
FIRST_PAUSE: Final = 2.0
LAST_PAUSE: Final = 120.0
"""Seconds between attempts to connect; doubled from the one to the other."""


class MqttPresence:
    """One connection per active MQTT channel."""

    def __init__(self, database: Database, sealer: Sealer, policy: OutboundPolicy) -> None:
        self._database = database
        self._sealer = sealer
        self._policy = policy
        self._kept: dict[UUID, tuple[MqttChannelIn, asyncio.Task[None]]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the channels until stop is set; then say goodbye."""
        try:
            while not stop.is_set():
                try:
                    await self._follow(await self._wanted())
                except ServiceUnavailable as error:
                    logger.warning("MQTT channels are not read: %s", error.message)
                await pause(stop, LOOK_SECONDS)
        finally:
            await self._follow({})

    async def _wanted(self) -> dict[UUID, MqttChannelIn]:
        statement = select(NotificationChannel).where(
            NotificationChannel.kind == ChannelKind.MQTT, NotificationChannel.is_active
        )
        async with self._database.session(WORKER) as session:
            rows = (await session.scalars(statement)).all()
        wanted: dict[UUID, MqttChannelIn] = {}
        for row in rows:
            try:
                channel = channel_secrets.opened(row, self._sealer)
            except ServiceUnavailable:
                raise
            except AppError as error:  # of this channel only; its deliveries say the same in their log
                logger.warning("channel %s: %s", row.id, error.message)
                continue
            if isinstance(channel, MqttChannelIn):
                wanted[row.id] = channel
        return wanted

    async def _follow(self, wanted: dict[UUID, MqttChannelIn]) -> None:
        over = [one for one, (channel, _) in self._kept.items() if wanted.get(one) != channel]
        tasks = [self._kept.pop(one)[1] for one in over]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for one, channel in wanted.items():
            if one not in self._kept:
                self._kept[one] = (channel, asyncio.create_task(self._stay(one, channel), name=f"mqtt {one}"))

    async def _stay(self, channel_id: UUID, channel: MqttChannelIn) -> None:
        """Connected, again and again, until cancelled."""
        seconds = FIRST_PAUSE
        while True:
            try:
                await self._session(channel)
                seconds = FIRST_PAUSE
            except (aiomqtt.MqttError, AppError) as error:
                reason = error.message if isinstance(error, AppError) else type(error).__name__
                logger.warning("channel %s: not connected to its broker: %s", channel_id, reason)
            await asyncio.sleep(seconds)
            seconds = min(seconds * 2, LAST_PAUSE)

    async def _session(self, channel: MqttChannelIn) -> None:
        """One connection: birth, watch over the status, goodbye. Raises MqttError when it is lost."""
        topic = f"{channel.topic_prefix}/status"
        will = aiomqtt.Will(topic, OFFLINE, qos=1, retain=True)
        async with mqtt_sender.connected(channel, self._policy, will=will) as client:
            try:
                await client.publish(topic, ONLINE, qos=1, retain=True)
                await client.subscribe(topic, qos=1)
                async for message in client.messages:
                    if message.payload == OFFLINE.encode():
                        await client.publish(topic, ONLINE, qos=1, retain=True)
            except asyncio.CancelledError:
                await client.publish(topic, OFFLINE, qos=1, retain=True)
                raise
