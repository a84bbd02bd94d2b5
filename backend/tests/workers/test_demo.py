"""What the demo prepares: the same at every start, also for other ports and for a camera of one's own."""

import asyncio
from pathlib import Path

import av
import pytest
from PIL import Image
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings
from sightline.core.database import SYSTEM
from sightline.core.sealing import open_sealer
from sightline.models import Camera
from sightline.services import camera_secrets, cameras
from sightline.services.camera_secrets import CameraAddress
from sightline.workers import demo
from tests.support.database import DatabaseAddress, connected

Stored = tuple[str, str, bool, str | None]


@pytest.fixture
def settings(own_database: DatabaseAddress, tmp_path: Path) -> Settings:
    base = Settings(data_dir=tmp_path)
    url = SecretStr(own_database.app_dsn)
    return base.model_copy(update={"database": base.database.model_copy(update={"url": url})})


def own_cameras(port: int) -> dict[str, tuple[str, str]]:
    return {camera.name: (camera.location, camera.url(port)) for camera in demo.CAMERAS}


def stored(address: DatabaseAddress, settings: Settings) -> list[Stored]:
    """Name, address, whether it is watched, and password of every camera."""

    async def read() -> list[Stored]:
        async with connected(address) as database, database.session(SYSTEM) as session:
            return [
                (camera.name, camera.stream_url, camera.detection_enabled, (await _address(session, camera)).password)
                for camera in sorted(await cameras.list_cameras(session), key=lambda camera: camera.name)
            ]

    async def _address(session: AsyncSession, camera: Camera) -> CameraAddress:
        return await camera_secrets.read(session, camera, open_sealer(settings))

    return asyncio.run(read())


def test_a_second_start_finds_everything_and_adds_nothing(settings: Settings, own_database: DatabaseAddress) -> None:
    for _ in range(2):
        demo.prepare_database(settings, own_cameras(18554))
    assert [row[0] for row in stored(own_database, settings)] == ["Corridor", "Entrance"]
    assert all(":18554/" in row[1] and row[2] for row in stored(own_database, settings))
    assert not demo.is_enrolled(settings, demo.GUEST)


def test_another_port_is_another_address_of_the_same_cameras(settings: Settings, own_database: DatabaseAddress) -> None:
    for port in (18554, 18600):
        demo.prepare_database(settings, own_cameras(port))
    assert len(stored(own_database, settings)) == 2
    assert all(":18600/" in row[1] for row in stored(own_database, settings))


def test_a_camera_of_ones_own_replaces_the_demos_and_keeps_its_login_apart(
    settings: Settings, own_database: DatabaseAddress
) -> None:
    demo.prepare_database(settings, own_cameras(18554))
    for password in ("first", "second", "second"):
        demo.prepare_database(settings, {demo.YOUR_CAMERA: ("", f"rtsp://me:{password}@my.example/1")})
    corridor, entrance, own = stored(own_database, settings)
    assert own == (demo.YOUR_CAMERA, "rtsp://my.example/1", True, "second")
    assert (corridor[2], entrance[2]) == (False, False)
    demo.prepare_database(settings, own_cameras(18554))
    assert [row[2] for row in stored(own_database, settings)] == [True, True, False]


def test_clips_are_rendered_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second guest's picture is fetched from a package; here any picture will do."""
    monkeypatch.setattr(demo, "SECONDS", 0.4)
    monkeypatch.setattr(demo, "fetch", lambda *_: demo.portrait_of_guest().read_bytes())
    monkeypatch.setattr(Image.Image, "crop", lambda picture, _box: picture)
    clips = demo.prepare_media(tmp_path, tmp_path / "cache")
    assert sorted(path.name for path in clips.iterdir()) == ["corridor.mp4", "entrance.mp4"]
    with av.open(str(clips / "entrance.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 6
    monkeypatch.setattr(demo, "render_clip", None)
    assert demo.prepare_media(tmp_path, tmp_path / "cache") == clips
