"""From rows to what is watched: a camera that cannot be watched as configured is refused with its reason."""

import math
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.config import Settings
from sightline.media.sources import SourceKind, Transport
from sightline.services.cameras import CameraSource
from sightline.workers.camera_plans import plan_cameras, share_of

SETTINGS = Settings()
TRIANGLE = [[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]]


def source(url: str = "rtsp://u:s3cret@cam.example/1", *, tell: bool = True, **config: object) -> CameraSource:
    return CameraSource(
        uuid4(), "Door", url, detection_enabled=True, recognition_enabled=tell, config=config, is_trusted=True
    )


def test_a_plain_camera_takes_the_settings() -> None:
    (planned,), refused = plan_cameras([source()], SETTINGS)
    assert not refused
    assert planned.plan.source.url == "rtsp://u:s3cret@cam.example/1"
    assert (planned.plan.transport, planned.plan.loop, planned.plan.realtime) == (Transport.TCP, False, False)
    assert not planned.plan.regions.privacy
    assert planned.min_eye_distance_detect == SETTINGS.detection.min_eye_distance
    assert planned.min_eye_distance_recognise == SETTINGS.recognition.min_eye_distance


def test_a_cameras_own_wishes_come_first() -> None:
    wishes = source("file:///films/a%20film.mp4", transport="udp", loop=True, privacy=[TRIANGLE], min_eye_distance=20)
    (planned,), _ = plan_cameras([wishes], SETTINGS)
    assert planned.plan.source.kind is SourceKind.FILE
    assert str(planned.plan.source.path) == "/films/a film.mp4"
    assert (planned.plan.transport, planned.plan.loop, planned.plan.realtime) == (Transport.UDP, True, True)
    assert len(planned.plan.regions.privacy) == 1
    assert planned.min_eye_distance_detect == 20


def test_where_recognition_is_off_no_face_is_large_enough_to_be_told() -> None:
    (planned,), _ = plan_cameras([source(tell=False, min_eye_distance_recognise=3)], SETTINGS)
    assert planned.min_eye_distance_recognise == math.inf


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (source(transport="pigeon"), "wrong at transport"),
        (source(loop="perhaps"), "wrong at loop"),
        (source(min_eye_distance=-1), "wrong at min_eye_distance"),
        (source(privacy="everything"), "wrong at privacy"),
        (source(privacy=[[[0, 0], [1, 1]]]), "at least 3 points"),
        (source(privacy=[[[0, 0], [2.5, 0], [0, 1]]]), "from 0 to 1"),
        (source(interest=[[["a", 0], [1, 0], [0, 1]]]), "wrong at interest"),
        (source("gopher://u:s3cret@cam.example/"), "gopher"),
        (source("rtsp://u:s3cret@cam.example:99999/"), "malformed"),
    ],
)
def test_what_is_not_understood_is_refused_and_the_others_are_watched(bad: CameraSource, reason: str) -> None:
    """A privacy mask above all: nobody may see what it should hide."""
    planned, (refused,) = plan_cameras([source(), bad, source()], SETTINGS)
    assert len(planned) == 2
    assert refused.source is bad
    assert reason in refused.error
    assert "s3cret" not in refused.error


ids = st.lists(st.uuids(), unique=True, max_size=40)


def _with_ids(numbers: Sequence[UUID]) -> list[CameraSource]:
    return [CameraSource(number, "c", "rtsp://c/", True, True, {}) for number in numbers]


@given(numbers=ids, count=st.integers(1, 8))
def test_every_camera_belongs_to_one_worker(numbers: list[UUID], count: int) -> None:
    cameras = _with_ids(numbers)
    shares = [share_of(cameras, index=index, count=count) for index in range(count)]
    assert sorted(camera.id for share in shares for camera in share) == sorted(numbers)


@given(numbers=ids.filter(bool), count=st.integers(1, 8), data=st.data())
def test_a_camera_that_goes_moves_no_other(numbers: list[UUID], count: int, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(numbers))
    for index in range(count):
        before = share_of(_with_ids(numbers), index=index, count=count)
        after = share_of(_with_ids([number for number in numbers if number != gone]), index=index, count=count)
        assert {camera.id for camera in after} == {camera.id for camera in before} - {gone}


def test_shares_are_about_equal() -> None:
    cameras = _with_ids([uuid4() for _ in range(400)])
    assert all(140 <= len(share_of(cameras, index=index, count=2)) <= 260 for index in range(2))  # 200 ± 6 sigma


def test_addresses_that_people_entered_are_opened_under_the_policy_only() -> None:
    entered = [
        CameraSource(uuid4(), "c", url, True, True, {})
        for url in ("rtsp://cam.example/1", "file:///etc/passwd", "rtsp://127.0.0.1/", "http://169.254.169.254/")
    ]
    planned, refused = plan_cameras(entered, SETTINGS)
    again, _ = plan_cameras(entered, SETTINGS)
    assert [camera.plan.source.url for camera in planned] == ["rtsp://cam.example/1"]
    assert len(refused) == 3
    assert planned[0].plan.guard is not None
    assert planned[0].plan == again[0].plan, "a camera is not opened anew at each look"


def test_a_login_that_cannot_be_opened_stops_its_camera_with_the_reason() -> None:
    lost = CameraSource(uuid4(), "c", "", True, True, {}, problem="its key is lost")
    _, (refused,) = plan_cameras([lost], SETTINGS)
    assert refused.error == "its key is lost"
