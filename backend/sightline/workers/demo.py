"""`sightline demo`: two cameras in a loop, played over RTSP, with two guests in the public domain.

Grace Hopper (US Navy; in matplotlib's sample data) is enrolled; Eileen Collins (NASA; scikit-image's "astronaut") is
not. Nobody else appears anywhere in the product.
"""

import asyncio
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import matplotlib as mpl
from PIL import Image

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.sealing import open_sealer
from sightline.media.demo_clip import Passage, render_clip
from sightline.services import cameras, sessions, subjects, users, watchlists
from sightline.vision.model_packs.packages import WheelFile, fetch

GUEST, WATCHLIST = "Grace Hopper", "Demo guests"
HOST = "127.0.0.1"

ASTRONAUT = WheelFile(
    requirement="scikit-image==0.26.0",
    wheel_sha256="74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
    member="skimage/data/astronaut.png",
    sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    platform=("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11", "--implementation", "cp"),
)
"""Eileen Collins, NASA, in the public domain. A picture is the same in every platform's wheel."""

SECONDS = 24.0


@dataclass(frozen=True, slots=True)
class DemoCamera:
    """A camera of the demo: its name, and the file that is played for it."""

    name: str
    location: str
    file: str

    def url(self, port: int) -> str:
        """Where it is played, for ever."""
        return f"rtsp://{HOST}:{port}/{self.file}?play_count=0"


CAMERAS = (
    DemoCamera("Entrance", "Ground floor", "entrance.mp4"),
    DemoCamera("Corridor", "First floor", "corridor.mp4"),
)

YOUR_CAMERA = "Your camera"
"""The one of --source."""

OWN_CAMERAS = frozenset({YOUR_CAMERA, *(camera.name for camera in CAMERAS)})


def prepare_media(folder: Path, cache_dir: Path) -> Path:
    """Render the cameras' clips where they are missing; gives the folder to play. Raises PackNotAvailable."""
    clips = folder / "clips"
    clips.mkdir(parents=True, exist_ok=True)
    if all((clips / camera.file).exists() for camera in CAMERAS):
        return clips
    hopper = Image.open(portrait_of_guest()).convert("RGB")
    content = fetch(ASTRONAUT, cache_dir, lambda _words: None)
    collins = Image.open(io.BytesIO(content)).convert("RGB").crop((60, 0, 400, 400))
    scripts = {
        "entrance.mp4": [
            Passage(hopper, 1, 8, (-0.1, 1.1), (200, 270)),
            Passage(collins, 7, 8, (1.1, -0.1), (230, 200), mirrored=True, light=0.8),
            Passage(hopper, 16, 7, (1.1, -0.1), (180, 220), mirrored=True, light=1.2, blur=0.6),
        ],
        "corridor.mp4": [
            Passage(collins, 2, 9, (-0.1, 1.1), (180, 250), light=1.15),
            Passage(hopper, 10, 9, (1.1, -0.1), (240, 190), light=0.7, blur=0.8),
        ],
    }
    for camera in CAMERAS:
        unfinished = clips / f".{camera.file}"
        render_clip(unfinished, camera.name, scripts[camera.file], seconds=SECONDS)
        unfinished.rename(clips / camera.file)
    return clips


def portrait_of_guest() -> Path:
    """The picture that the guest is enrolled with."""
    return Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"


def prepare_database(settings: Settings, addresses: dict[str, tuple[str, str]]) -> None:
    """Make the watchlist and the cameras (name -> location, address) where they are missing; switch the others off."""
    asyncio.run(_prepare(settings, addresses))


def is_enrolled(settings: Settings, name: str) -> bool:
    """Whether a subject of this name exists."""
    return asyncio.run(_is_enrolled(settings, name))


def login_link(settings: Settings) -> str:
    """An address that opens the page without a password, once, within ten minutes."""
    return asyncio.run(_login_link(settings))


async def _prepare(settings: Settings, addresses: dict[str, tuple[str, str]]) -> None:
    database, sealer = _database(settings), open_sealer(settings)
    try:
        async with database.session(SYSTEM) as session:
            if await watchlists.find(session, name=WATCHLIST) is None:
                approval = watchlists.Approval(
                    "demonstration with pictures in the public domain",
                    "whoever started the demo",
                    datetime.now(UTC) + timedelta(days=365),
                )
                await watchlists.create(session, name=WATCHLIST, approval=approval)
            known = {camera.name: camera for camera in await cameras.list_cameras(session)}
            for name, (location, url) in addresses.items():
                if name not in known:
                    await cameras.create(session, name=name, stream_url=url, sealer=sealer, location=location)
                else:  # another --camera-port or --source than at the last start
                    await cameras.readdress(session, name_or_id=name, stream_url=url, sealer=sealer)
            for name in OWN_CAMERAS & known.keys():
                known[name].detection_enabled = name in addresses  # --source plays none of the demo's own
    finally:
        await database.dispose()


async def _is_enrolled(settings: Settings, name: str) -> bool:
    database = _database(settings)
    try:
        async with database.session(SYSTEM) as session:
            return bool(await subjects.find_by_name(session, name=name))
    finally:
        await database.dispose()


async def _login_link(settings: Settings) -> str:
    database = _database(settings)
    try:
        async with database.session(SYSTEM) as session:
            admin = await users.get(session, username="admin")
            token = await sessions.create_login_link(session, user_id=admin.id)
    finally:
        await database.dispose()
    return f"{settings.api.url}/enter?token={token}"


def _database(settings: Settings) -> Database:
    url = settings.database.url
    return Database(url.get_secret_value() if url else "", pool_size=1, max_overflow=0)
