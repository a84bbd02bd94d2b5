"""Faces in pictures that the API gets: models of the pack in use, once per process, on a few threads of their own."""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from sightline.core.config import Settings
from sightline.core.errors import ModelPackError

if TYPE_CHECKING:
    from sightline.vision.loading import Models

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

AT_ONCE = 2
"""Pictures that are worked on at once, decoding included: two of 40 million pixels take 0.7 GB for a moment."""


class FaceInference:
    """Runs work on the models of one pack, and of another from the moment when they are loaded. Close it with close().

    pack: whose models answer; wanted: whose models should, also while they are loaded or where they are missing.
    """

    def __init__(self, settings: Settings, *, load: "Callable[[Settings], Models] | None" = None) -> None:
        """load: where not the installed pack shall be used."""
        self._settings = settings
        self._load = load or load_pack
        self._models: Models | None = None
        self.pack = self.wanted = settings.recognition.pack
        self._told = ""
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="faces")

    async def run(self, work: "Callable[[Models], Answer]") -> Answer:
        """The answer of work(models), on a thread. Raises what it raises, PackNotInstalled, PackDamaged."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(self._run, work))

    async def use(self, pack: str) -> bool:
        """Load this pack's models, while the former ones answer; whether they answer now.

        What is wrong is logged, and told to whoever asks next where there are no former ones.
        """
        self.wanted = pack
        if pack == self.pack and self._models is not None:
            return True
        began = perf_counter()
        try:
            models = await asyncio.to_thread(self._loaded, pack)
        except ModelPackError as error:
            if error.message != self._told:
                former = f"; {self.pack} goes on" if self._models is not None else ""
                logger.warning("faces cannot be searched by pack %s: %s%s", pack, error.message, former)
            self._told = error.message
            return False
        with self._lock:
            self._models, self.pack = models, pack
        logger.info("models of pack %s are loaded after %.1f s", pack, perf_counter() - began)
        return True

    def close(self) -> None:
        """Let what runs come to its end, and take nothing new."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _run(self, work: "Callable[[Models], Answer]") -> Answer:
        with self._lock:
            if self._models is None:
                self._models, self.pack = self._load(self._with(self.wanted)), self.wanted
            models = self._models
        return work(models)

    def _loaded(self, pack: str) -> "Models":
        """On a thread of its own: what answers meanwhile shall not wait."""
        models = self._load(self._with(pack))
        models.warm_up()
        return models

    def _with(self, pack: str) -> Settings:
        recognition = self._settings.recognition.model_copy(update={"pack": pack})
        return self._settings.model_copy(update={"recognition": recognition})


def load_pack(settings: Settings) -> "Models":
    """The models of the pack that the settings name. Raises PackNotInstalled, PackDamaged."""
    from sightline.vision.loading import load_models  # noqa: PLC0415 - 60 MB that a process without them spares
    from sightline.vision.model_packs.store import PackStore  # noqa: PLC0415
    from sightline.vision.runtime import RuntimeOptions  # noqa: PLC0415

    pack = PackStore.from_settings(settings).get(settings.recognition.pack)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    options = RuntimeOptions(threads=min(AT_ONCE, cores))
    return load_models(pack.folder, pack.manifest, options, min_score=settings.detection.min_score)
