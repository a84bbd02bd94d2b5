"""Cameras: made, changed, switched, grouped, tried out and counted, by those who may."""

from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from sightline.services.sightings import MinuteCount
from tests.factories import CameraBody, CameraGroupBody
from tests.integration.served import Client, Served, answered, refusal
from tests.support.ports import free_port
from tests.support.rtsp_server import RtspServer, serve

CAMERAS = "/v1/cameras"


def test_the_life_of_a_camera(admin: Client, operator: Client) -> None:
    body = CameraBody.new(password="of-camera-only")
    made = admin.post(CAMERAS, json=body)
    camera = answered(made, 201)
    address = made.headers["Location"]
    assert (camera["name"], camera["has_credentials"]) == (body["name"], True)
    read = admin.get(address)
    assert read.headers["ETag"] == made.headers["ETag"]
    for answer in (made, read, operator.get(address), admin.get(CAMERAS)):
        assert "of-camera-only" not in answer.text
    assert operator.read(address)["stream_url"] is None

    change = {**body, "name": f"{body['name']} (north)"}
    assert refusal(admin.put(address, json=change)) == (428, "precondition_required")
    current = {"If-Match": read.headers["ETag"]}
    changed = admin.put(address, json=change, headers=current)
    assert answered(changed, 200)["name"] == change["name"]
    assert refusal(admin.put(address, json=body, headers=current)) == (412, "precondition_failed")
    assert admin.read(address)["name"] == change["name"]

    assert admin.delete(address).status_code == 204
    assert refusal(admin.get(address)) == (404, "not_found")
    assert refusal(admin.delete(address)) == (404, "not_found")


def test_of_two_who_change_at_once_one_is_told(admin: Client) -> None:
    body = CameraBody.new()
    made = admin.post(CAMERAS, json=body)
    current = {"If-Match": made.headers["ETag"]}

    def move(place: str) -> int:
        return admin.put(made.headers["Location"], json={**body, "location": place}, headers=current).status_code

    places = ["Attic", "Basement"]
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(move, places))
    assert sorted(codes) == [200, 412]
    assert admin.read(made.headers["Location"])["location"] == places[codes.index(200)]


def test_a_creation_sent_again_is_done_once(admin: Client) -> None:
    body, key = CameraBody.new(), {"Idempotency-Key": str(uuid4())}
    first = admin.post(CAMERAS, json=body, headers=key)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: admin.post(CAMERAS, json=body, headers=key), range(4)))
    assert {answered(answer, 201)["id"] for answer in again} == {answered(first, 201)["id"]}
    assert {answer.headers["Idempotent-Replayed"] for answer in again} == {"true"}
    assert len(admin.all_of(CAMERAS, q=body["name"])) == 1
    other = admin.post(CAMERAS, json=CameraBody.new(), headers=key)
    assert refusal(other) == (422, "idempotency_key_reused")


def test_every_camera_is_on_one_page(admin: Client) -> None:
    ward = admin.make("/v1/camera-groups", CameraGroupBody.new())["id"]
    made = [admin.make(CAMERAS, CameraBody.new(group_id=ward))["name"] for _ in range(7)]
    listed = admin.all_of(CAMERAS, group_id=ward, limit=3, sort="-name")
    assert [camera["name"] for camera in listed] == sorted(made, reverse=True)
    assert admin.read(CAMERAS, group_id=ward, limit=1, total=True)["total"] == 7
    for wrong in ({"sort": "password"}, {"limit": 100_000}, {"cursor": "made-up"}):
        assert refusal(admin.get(CAMERAS, params=wrong)) == (422, "invalid_input"), wrong


def test_operators_switch_and_viewers_look(admin: Client, operator: Client, viewer: Client, auditor: Client) -> None:
    address = f"{CAMERAS}/{admin.make(CAMERAS, CameraBody.new())['id']}"
    assert answered(operator.post(f"{address}/disable"), 200)["detection_enabled"] is False
    for reader in (viewer, auditor):
        assert refusal(reader.post(f"{address}/enable")) == (403, "forbidden")
        assert reader.read(address)["detection_enabled"] is False
    assert answered(operator.post(f"{address}/enable"), 200)["detection_enabled"] is True
    for path, body in ((CAMERAS, CameraBody.new()), (f"{CAMERAS}/bulk", {"ids": [str(uuid4())], "action": "delete"})):
        assert refusal(operator.post(path, json=body)) == (403, "forbidden")


def test_many_are_moved_at_once_and_the_unknown_one_is_named(admin: Client) -> None:
    ward = admin.make("/v1/camera-groups", CameraGroupBody.new())["id"]
    ids = [admin.make(CAMERAS, CameraBody.new())["id"] for _ in range(3)]
    nobody = str(uuid4())
    order = {"ids": [*ids, nobody], "action": "set_group", "group_id": ward}
    items = answered(admin.post(f"{CAMERAS}/bulk", json=order), 200)["items"]
    assert {one["id"]: one["code"] for one in items if not one["done"]} == {nobody: "not_found"}
    assert {camera["id"] for camera in admin.all_of(CAMERAS, group_id=ward)} == set(ids)
    assert admin.read(f"/v1/camera-groups/{ward}")["cameras"] == 3


def test_a_guard_sees_the_cameras_of_their_building_only(served: Served, admin: Client) -> None:
    mine, theirs = (admin.make("/v1/camera-groups", CameraGroupBody.new())["id"] for _ in range(2))
    here, there = (admin.make(CAMERAS, CameraBody.new(group_id=group))["id"] for group in (mine, theirs))
    guard = served.hire("operator", camera_group_ids=[mine])
    listed = {camera["id"] for camera in guard.all_of(CAMERAS)}
    assert here in listed
    assert there not in listed
    for suffix in ("", "/stats", "/stream", "/snapshot"):
        assert refusal(guard.get(f"{CAMERAS}/{there}{suffix}")) == (404, "not_found")
    assert refusal(guard.post(f"{CAMERAS}/{there}/disable")) == (404, "not_found")


@pytest.fixture(scope="module")
def stream(media_dir: Path) -> Iterator[RtspServer]:
    with serve({"stage": media_dir / "clips" / "stage.mp4"}, login=("viewer", "of-stream")) as server:
        yield server


@pytest.mark.media
def test_a_stream_is_tried_before_it_is_kept(admin: Client, stream: RtspServer) -> None:
    order = {"stream_url": stream.url("stage"), "username": "viewer", "password": "of-stream"}
    answer = admin.post(f"{CAMERAS}/probe", json=order)
    said = answered(answer, 200)
    assert (said["reachable"], said["codec"], said["width"], said["height"]) == (True, "h264", 640, 360)
    assert said["fps"] == pytest.approx(29.97, abs=0.5)
    assert said["picture"] is None
    assert "of-stream" not in answer.text
    shown = answered(admin.post(f"{CAMERAS}/probe", json={**order, "picture": True}), 200)
    assert b64decode(shown["picture"]).startswith(b"\xff\xd8\xff"), "a JPEG"
    wrong = answered(admin.post(f"{CAMERAS}/probe", json={**order, "password": "of-nobody"}), 200)
    assert (wrong["reachable"], wrong["code"]) == (False, "source_denied")
    closed = answered(admin.post(f"{CAMERAS}/probe", json={"stream_url": f"rtsp://127.0.0.1:{free_port()}/x"}), 200)
    assert (closed["reachable"], closed["code"]) == (False, "source_unreachable")


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "rtsp://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.169.254]/",
        "gopher://192.0.2.1/",
        "rtsp://",
        "rtsp://camera\0/live",
        "-i /etc/passwd",
    ],
)
def test_addresses_that_no_camera_has_are_neither_tried_nor_kept(admin: Client, address: str) -> None:
    before = admin.read(CAMERAS, limit=1, total=True)["total"]
    probed = admin.post(f"{CAMERAS}/probe", json={"stream_url": address})
    if probed.status_code == 200:
        assert (probed.json()["reachable"], probed.json()["code"]) == (False, "address_not_allowed")
    else:
        assert probed.status_code == 422
    assert admin.post(CAMERAS, json=CameraBody.new(stream_url=address)).status_code == 422
    assert admin.read(CAMERAS, limit=1, total=True)["total"] == before


def test_counts_come_back_as_statistics(served: Served, admin: Client, viewer: Client) -> None:
    camera = admin.make(CAMERAS, CameraBody.new())["id"]
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
    ids = UUID(camera)
    served.count(
        MinuteCount(ids, minute, 300, 40, 4, 1), MinuteCount(ids, minute + timedelta(minutes=1), 300, 20, 2, 0)
    )
    served.see(camera)
    since = (minute - timedelta(hours=1)).isoformat()
    stats = viewer.read(f"{CAMERAS}/{camera}/stats", interval="hour", since=since)
    assert stats["watched_minutes"] == 2
    counted = {key: stats["total"][key] for key in ("frames", "detections", "tracks", "recognitions")}
    assert counted == {"frames": 600, "detections": 60, "tracks": 6, "recognitions": 1}
    assert sum(bucket["frames"] for bucket in stats["buckets"]) == 600
    until_before = {"since": minute.isoformat(), "until": since}
    assert viewer.get(f"{CAMERAS}/{camera}/stats", params=until_before).status_code == 422
