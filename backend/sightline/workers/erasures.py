"""Completes erasures whose second step was interrupted, by a crash or an object store that was away."""

import asyncio
import logging

from sightline.core.errors import ServiceUnavailable
from sightline.services import erasure
from sightline.services.erasure import ErasureServices
from sightline.workers.clock import pause

logger = logging.getLogger(__name__)

ROUND_SECONDS = 30.0


async def complete_erasures(opened: ErasureServices, stop: asyncio.Event) -> None:
    """Look every half minute, until stop is set."""
    while not stop.is_set():
        try:
            await erasure.complete_pending(opened)
        except ServiceUnavailable as error:
            logger.warning("erasures wait: %s", error.message)
        await pause(stop, ROUND_SECONDS)
