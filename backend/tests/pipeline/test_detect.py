"""Which frames are analysed, and which faces count."""

from sightline.domain.regions import Polygon
from sightline.pipeline.detect import CameraRules, DetectStage, RuleBook
from sightline.pipeline.gate import MotionGate
from tests.pipeline.fakes import Painted, PaintedDetector, frame_at

LEFT_HALF = Polygon(((0, 0), (0.5, 0), (0.5, 1), (0, 1)))


def test_a_batch_over_cameras_is_one_call_and_keeps_its_order() -> None:
    detector = PaintedDetector()
    frames = [
        frame_at(0, Painted(1, 100), camera_id="a"),
        frame_at(0, camera_id="b"),
        frame_at(0, Painted(1, 100), Painted(2, 300), camera_id="c"),
    ]
    found = DetectStage(detector).process(frames)
    assert [len(one.faces) for one in found] == [1, 0, 2]
    assert [one.frame for one in found] == frames
    assert detector.calls == 1


def test_an_empty_batch_asks_nobody() -> None:
    detector = PaintedDetector()
    assert DetectStage(detector).process([]) == []
    assert detector.calls == 0


def test_a_still_scene_is_analysed_at_first_and_then_each_second_while_a_face_is_there() -> None:
    detector = PaintedDetector()
    stage = DetectStage(detector, MotionGate())
    batches = [stage.process([frame_at(tick / 5, Painted(1, 300))])[0] for tick in range(11)]
    assert [batch.analysed for batch in batches] == [tick % 5 == 0 for tick in range(11)]
    assert detector.seen == 3


def test_frames_kept_back_are_not_converted() -> None:
    class Unconverted:
        def bgr(self) -> None:
            raise AssertionError("converted")

    stage = DetectStage(PaintedDetector(), MotionGate())
    first = frame_at(0)
    stage.process([first])
    still = type(first)("gate", 1, 0.2, 0.2, 640, 360, first.luma, Unconverted())  # type: ignore[arg-type]
    assert not stage.process([still])[0].analysed


def test_a_face_that_enters_is_found_in_the_frame_that_first_shows_it() -> None:
    stage = DetectStage(PaintedDetector(), MotionGate())
    scenes = [(), (), (Painted(1, 400, size=21),), (Painted(1, 400, size=21),)]
    found = [stage.process([frame_at(tick / 5, *faces)])[0] for tick, faces in enumerate(scenes)]
    assert [len(one.faces) for one in found] == [0, 0, 1, 0]
    assert [one.analysed for one in found] == [True, False, True, False]


def test_only_faces_with_their_centre_in_the_region_of_interest_count() -> None:
    rules = RuleBook(cameras={"gate": CameraRules(interest=(LEFT_HALF,))})
    stage = DetectStage(PaintedDetector(), rules=rules)
    faces = (Painted(1, 260), Painted(2, 345))  # the second one's box reaches into the region
    here, elsewhere = stage.process([frame_at(0, *faces), frame_at(0, *faces, camera_id="yard")])
    assert here.faces.boxes[:, 0].tolist() == [230]
    assert len(elsewhere.faces) == 2


def test_faces_with_too_little_between_the_eyes_do_not_count() -> None:
    rules = RuleBook(CameraRules(min_eye_distance_detect=20))
    stage = DetectStage(PaintedDetector(), rules=rules)
    found = stage.process([frame_at(0, Painted(1, 100, size=40), Painted(2, 300, size=60))])
    assert found[0].faces.eye_distances.tolist() == [24]
