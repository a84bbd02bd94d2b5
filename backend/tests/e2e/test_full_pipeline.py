"""From a camera's frame to an alert that is dealt with, over the API alone: what a client developer would write."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.factories import SubjectBody, WatchlistBody
from tests.integration.served import WAIT, Client, answered, move_in, refusal, until
from tests.support.machine import Machine, machine
from tests.support.rtsp_server import RtspServer, serve

pytestmark = [pytest.mark.media, pytest.mark.e2e]

SINGER = "lin-manuel-miranda-1.png"


@dataclass(frozen=True)
class House:
    """A new installation, its administrator, and a camera in the network that nobody has told it of yet."""

    system: Machine
    admin: Client
    stream: RtspServer


@pytest.fixture(scope="module")
def house(media_dir: Path, lite_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    env = {"SIGHTLINE_CAPTURE__ALLOW_LOOPBACK": "true"}
    with (
        serve({"stage": media_dir / "clips" / "stage.mp4"}, login=("viewer", "of-the-camera")) as stream,
        machine(tmp_path_factory.mktemp("house") / "data", lite_pack, env=env) as system,
        move_in(f"http://127.0.0.1:{system.port}", system.said) as admin,
    ):
        yield House(system, admin, stream)


def _hear(connection: ClientConnection, topic: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The record of the first event of a topic that is wanted."""

    def told() -> dict[str, Any] | None:
        message = json.loads(connection.recv(timeout=WAIT))
        assert message["type"] in {"welcome", "subscribed", "event", "heartbeat"}, message
        if message["type"] != "event" or message["topic"] != topic:
            return None
        record: dict[str, Any] = message["data"]
        return record if wanted(record) else None

    return until(told, f"an event of {topic}")


def test_from_frame_to_alert(house: House, media_dir: Path) -> None:
    admin = house.admin
    watchlist = admin.make("/v1/watchlists", WatchlistBody.new(priority=5))
    subject = admin.make("/v1/subjects", SubjectBody.new(watchlist_id=watchlist["id"]))
    picture = media_dir / "people" / SINGER
    admin.enrol(subject["id"], picture)

    login = {"stream_url": house.stream.url("stage"), "username": "viewer", "password": "of-the-camera"}
    assert answered(admin.post("/v1/cameras/probe", json=login), 200)["reachable"] is True
    address = f"ws://127.0.0.1:{house.system.port}/v1/ws?topics=recognitions,alerts,cameras"
    token = admin.headers["Authorization"]
    with connect(address, additional_headers={"Authorization": token}, compression=None) as listening:
        camera = admin.make("/v1/cameras", {"name": "Stage", **login})
        here: Callable[[dict[str, Any]], bool] = lambda record: record["camera_id"] == camera["id"]  # noqa: E731
        seen = _hear(listening, "recognitions", lambda one: here(one) and one["subject_id"] == subject["id"])
        assert seen["subject_name"] == subject["name"]
        alert = _hear(listening, "alerts", here)
        assert (alert["subject_id"], alert["severity"], alert["status"]) == (subject["id"], "critical", "new")
        path = f"/v1/alerts/{alert['id']}"
        answered(admin.post(f"{path}/acknowledge"), 200)
        assert _hear(listening, "alerts", lambda one: one["id"] == alert["id"] and one["status"] != "new")
        answered(admin.post(f"{path}/resolve", json={"verdict": "true_match"}), 200)
        # Faces are told as they are found, a camera's state a moment later.
        until(lambda: admin.read("/v1/cameras")["items"][0]["status"] == "active", "the camera's state")

        answered(admin.post(f"/v1/cameras/{camera['id']}/disable"), 200)
        assert _hear(listening, "cameras", lambda one: one["id"] == camera["id"] and one["status"] == "inactive")
    until(lambda: not admin.all_of("/v1/sightings", open=True), "the ends of all tracks")
    _look_back(admin, camera["id"], subject["id"], picture)


def _look_back(admin: Client, camera: str, subject: str, picture: Path) -> None:
    """What is left of it: sightings with pictures, found by face, counted; one alert; a log that is whole."""
    known = admin.all_of("/v1/sightings", camera_id=camera, subject_id=subject)
    assert known
    for suffix in ("image", "context"):
        shown = admin.get(f"/v1/sightings/{known[0]['id']}/{suffix}")
        assert (shown.status_code, shown.content[:3]) == (200, b"\xff\xd8\xff")
    files = {"file": (SINGER, picture.read_bytes(), "image/png")}
    found = admin.post("/v1/sightings/search", files=files, headers={"Sightline-Purpose": "looking back"})
    assert {match["sighting"]["subject_id"] for match in answered(found, 200)["items"]} == {subject}
    (alert,) = admin.all_of("/v1/alerts")
    assert (alert["status"], alert["verdict"]) == ("resolved", "true_match")
    stats = until(lambda: _counted(admin, camera), "the counts")
    assert stats["total"]["recognitions"] >= 1
    report = admin.read("/v1/audit/verification")
    assert (report["is_whole"], report["problems"]) == (True, [])


def _counted(admin: Client, camera: str) -> dict[str, Any] | None:
    stats = admin.read(f"/v1/cameras/{camera}/stats")
    return stats if stats["total"]["frames"] and stats["total"]["recognitions"] else None


def test_the_camera_stays_off(house: House) -> None:
    (camera,) = house.admin.read("/v1/cameras")["items"]
    assert (camera["detection_enabled"], camera["status"]) == (False, "inactive")
    assert refusal(house.admin.get(f"/v1/cameras/{camera['id']}/snapshot"))[0] in {404, 409, 503}
