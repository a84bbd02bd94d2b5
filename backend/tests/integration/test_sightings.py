"""Sightings: filtered, turned page by page, exported, shown, corrected, and searched by face."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.factories import CameraBody, CameraGroupBody, SubjectBody
from tests.integration.served import Client, Served, answered, known_as, policy, refusal

SIGHTINGS = "/v1/sightings"
PURPOSE = {"Sightline-Purpose": "case 2026-117"}
NOW = datetime.now(UTC)


@pytest.fixture
def camera(admin: Client) -> str:
    return str(admin.make("/v1/cameras", CameraBody.new())["id"])


@pytest.fixture
def subject(operator: Client) -> str:
    return str(operator.make("/v1/subjects", SubjectBody.new())["id"])


def _ids(found: list[dict[str, object]]) -> list[object]:
    return [one["id"] for one in found]


def test_filters_say_what_they_mean(served: Served, operator: Client, camera: str, subject: str) -> None:
    early, late = NOW - timedelta(hours=3), NOW - timedelta(hours=1)
    faint = served.see(camera, first_seen=early, last_seen=early, quality=0.2)
    named = served.see(camera, match=known_as(subject, 0.61), first_seen=late, last_seen=late)
    there = served.see(camera, closed=False)
    between = (late - timedelta(minutes=1)).isoformat()
    cases: list[tuple[dict[str, object], list[str]]] = [
        ({}, [there, named, faint]),
        ({"sort": "detected_at"}, [faint, named, there]),
        ({"known": True}, [named]),
        ({"known": False}, [there, faint]),
        ({"subject_id": subject}, [named]),
        ({"min_similarity": 0.7}, []),
        ({"min_quality": 0.5}, [there, named]),
        ({"until": between}, [faint]),
        ({"since": between}, [there, named]),
        ({"open": True}, [there]),
        ({"verdict": "rejected"}, []),
    ]
    for params, expected in cases:
        assert _ids(operator.all_of(SIGHTINGS, camera_id=camera, **params)) == expected, params
    for wrong in ({"min_similarity": 2}, {"since": "yesterday"}, {"sort": "embedding"}, {"camera_id": "1 OR 1=1"}):
        assert refusal(operator.get(SIGHTINGS, params=wrong)) == (422, "invalid_input"), wrong


def test_pages_neither_repeat_nor_skip_while_people_keep_coming(served: Served, viewer: Client, camera: str) -> None:
    same = NOW - timedelta(minutes=30)
    before = {served.see(camera, first_seen=same, last_seen=same) for _ in range(7)}
    page = viewer.read(SIGHTINGS, camera_id=camera, limit=2, total=True)
    seen = _ids(page["items"])
    assert page["total"] == 7
    while page["next"]:
        served.see(camera)
        page = viewer.read(SIGHTINGS, camera_id=camera, limit=2, cursor=page["next"])
        seen += _ids(page["items"])
    assert len(seen) == 7
    assert set(seen) == before
    first = viewer.read(SIGHTINGS, camera_id=camera, limit=2)["next"]
    other_order = viewer.get(SIGHTINGS, params={"camera_id": camera, "sort": "detected_at", "cursor": first})
    assert refusal(other_order) == (422, "invalid_input")


def test_an_export_is_whole_and_harmless(served: Served, admin: Client, operator: Client, viewer: Client) -> None:
    evil = f'=HYPERLINK("http://x") {uuid4()}'
    camera = admin.make("/v1/cameras", CameraBody.new(name=evil))["id"]
    seen = {served.see(camera) for _ in range(5)}
    order = {"camera_id": [camera], "format": "csv"}
    table = operator.post(f"{SIGHTINGS}/export", json=order, headers=PURPOSE)
    assert table.status_code == 200
    assert "attachment" in table.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {row["id"] for row in rows} == seen
    assert {row["camera_name"] for row in rows} == {f"'{evil}"}
    as_json = operator.post(f"{SIGHTINGS}/export", json={**order, "format": "json"}, headers=PURPOSE).json()
    assert {row["id"] for row in (as_json if isinstance(as_json, list) else as_json["items"])} == seen
    lines = operator.post(f"{SIGHTINGS}/export", json={**order, "format": "jsonl"}, headers=PURPOSE).text
    assert {json.loads(line)["camera_name"] for line in lines.splitlines()} == {evil}
    assert refusal(viewer.post(f"{SIGHTINGS}/export", json=order)) == (403, "forbidden")
    assert refusal(operator.post(f"{SIGHTINGS}/export", json={**order, "where": "1=1"})) == (422, "invalid_input")


def test_pictures_are_shown_to_those_who_may_and_cached_by_nobody_else(
    served: Served, admin: Client, auditor: Client
) -> None:
    mine, theirs = (admin.make("/v1/camera-groups", CameraGroupBody.new())["id"] for _ in range(2))
    seen = served.see(admin.make("/v1/cameras", CameraBody.new(group_id=mine))["id"])
    guard, owner = (served.hire("operator", camera_group_ids=[group]) for group in (theirs, mine))
    for suffix in ("/image", "/context"):
        shown = owner.get(f"{SIGHTINGS}/{seen}{suffix}")
        assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
        assert "private" in shown.headers["Cache-Control"]
        assert refusal(guard.get(f"{SIGHTINGS}/{seen}{suffix}")) == (404, "not_found")
        assert refusal(auditor.get(f"{SIGHTINGS}/{seen}{suffix}")) == (403, "forbidden")
    assert refusal(guard.get(f"{SIGHTINGS}/{seen}")) == (404, "not_found")
    link = owner.read(f"{SIGHTINGS}/{seen}")["image_url"]
    opened = served.client().get(link)
    assert (opened.status_code, "private" in opened.headers["Cache-Control"]) == (200, True)
    flipped = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert refusal(served.client().get(flipped))[0] in {403, 404}


def test_a_wrong_name_is_taken_away_counted_and_given_to_somebody_else(
    served: Served, operator: Client, viewer: Client, camera: str, subject: str
) -> None:
    seen = served.see(camera, subject=subject)
    twin = operator.make("/v1/subjects", SubjectBody.new())
    assert refusal(viewer.post(f"{SIGHTINGS}/{seen}/reject", json={})) == (403, "forbidden")
    rejected = answered(operator.post(f"{SIGHTINGS}/{seen}/reject", json={"note": "a scar is missing"}), 200)
    assert (rejected["verdict"], rejected["subject_id"]) == ("rejected", None)
    counted = operator.read(f"{SIGHTINGS}/errors", camera_id=camera)
    assert [one["false_matches"] for one in counted["cameras"] if one["id"] == camera] == [1]
    assert [one["false_matches"] for one in counted["subjects"] if one["id"] == subject] == [1]
    given = answered(operator.post(f"{SIGHTINGS}/{seen}/assign", json={"subject_id": twin["id"]}), 200)
    assert (given["verdict"], given["subject_name"]) == ("assigned", twin["name"])
    assert _ids(operator.all_of(SIGHTINGS, subject_id=twin["id"])) == [seen]
    nobody = operator.post(f"{SIGHTINGS}/{seen}/assign", json={"subject_id": str(uuid4())})
    assert nobody.status_code in {404, 422}
    detail = viewer.read(f"{SIGHTINGS}/{seen}")
    assert [one["verdict"] for one in detail["corrections"]] == ["rejected", "assigned"]
    assert detail["corrections"][0]["note"] == "a scar is missing"


def test_many_corrections_stand_each_alone(served: Served, operator: Client, camera: str, subject: str) -> None:
    named, unknown, nobody = served.see(camera, subject=subject), served.see(camera), str(uuid4())
    order = {"ids": [named, unknown, nobody], "action": "reject"}
    items = answered(operator.post(f"{SIGHTINGS}/bulk", json=order), 200)["items"]
    assert [(one["id"], one["done"]) for one in items] == [(named, True), (unknown, False), (nobody, False)]
    assert _ids(operator.all_of(SIGHTINGS, camera_id=camera, verdict="rejected")) == [named]


@pytest.fixture
def found_before(served: Served, admin: Client, operator: Client, camera: str, media_dir: Path) -> Iterator[str]:
    """Somebody was seen, and is enrolled so that their template is a real one; the sighting's id."""
    subject = operator.make("/v1/subjects", SubjectBody.new())["id"]
    operator.enrol(subject, media_dir / "people" / "barack-obama-1.jpg")
    template, model = served.template(subject)
    yield served.see(camera, subject=subject, template=template, model_version=model)
    admin.delete(f"/v1/subjects/{subject}").raise_for_status()


def _ask(client: Client, picture: Path, **form: object) -> httpx.Response:
    files = {"file": ("face.jpg", picture.read_bytes(), "image/jpeg")}
    return client.post(f"{SIGHTINGS}/search", files=files, data=form, headers=PURPOSE)


@pytest.mark.media
def test_a_face_is_found_in_the_past(
    operator: Client, viewer: Client, camera: str, found_before: str, media_dir: Path
) -> None:
    people = media_dir / "people"
    found = answered(_ask(operator, people / "barack-obama-2.jpg", camera_id=camera), 200)["items"]
    assert [match["sighting"]["id"] for match in found] == [found_before]
    assert answered(_ask(operator, people / "joe-biden-1.jpg", camera_id=camera), 200)["items"] == []
    elsewhere = _ask(operator, people / "barack-obama-2.jpg", camera_id=str(uuid4()))
    assert answered(elsewhere, 200)["items"] == []
    assert refusal(_ask(viewer, people / "barack-obama-2.jpg")) == (403, "forbidden")
    files = {"file": ("face.jpg", (people / "barack-obama-2.jpg").read_bytes(), "image/jpeg")}
    assert refusal(operator.post(f"{SIGHTINGS}/search", files=files)) == (422, "purpose_required")


@pytest.mark.media
def test_where_the_house_asks_somebody_else_lets_the_search_happen(
    served: Served, admin: Client, operator: Client, camera: str, found_before: str, media_dir: Path
) -> None:
    colleague = served.hire("operator")
    with policy(admin, "privacy", search_needs_approval=True):
        asked = _ask(operator, media_dir / "people" / "barack-obama-2.jpg", camera_id=camera)
        address = asked.headers["Location"]
        assert answered(asked, 202)["status"] == "pending"
        assert refusal(operator.post(f"{address}/approve", json={})) == (403, "approval_required")
        assert operator.read(address)["found"] is None
        answered(colleague.post(f"{address}/approve", json={"note": "warrant seen"}), 200)
        found = operator.read(address)["found"]["items"]
        assert [match["sighting"]["id"] for match in found] == [found_before]
        assert refusal(colleague.post(f"{address}/deny", json={})) == (409, "conflict")


def test_where_the_house_asks_nobody_looks_without_saying_why(served: Served, admin: Client, camera: str) -> None:
    seen, guard = served.see(camera), served.hire("viewer")
    with policy(admin, "privacy", purpose_required=True):
        assert refusal(guard.get(f"{SIGHTINGS}/{seen}")) == (422, "purpose_required")
        assert guard.get(f"{SIGHTINGS}/{seen}", headers=PURPOSE).status_code == 200
    assert guard.get(f"{SIGHTINGS}/{seen}").status_code == 200
