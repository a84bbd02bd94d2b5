"""Subjects: enrolled from pictures, found by face, changed, merged, imported and exported."""

import csv
import io
import zipfile
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.factories import CameraBody, SubjectBody, WatchlistBody
from tests.integration.served import Client, Served, answered, refusal

pytestmark = pytest.mark.media
SUBJECTS = "/v1/subjects"
BIDEN, OTHER_BIDEN = "joe-biden-1.jpg", "joe-biden-2.jpg"


@pytest.fixture(scope="module")
def people(media_dir: Path) -> Path:
    return media_dir / "people"


def _search(client: Client, picture: bytes) -> httpx.Response:
    files = {"file": ("../../probe.jpg", picture, "image/jpeg")}
    return client.post(f"{SUBJECTS}/search", files=files)


def _upload(client: Client, subject: str, data: bytes, **params: str) -> httpx.Response:
    return client.post(f"{SUBJECTS}/{subject}/images", files={"file": ("x.jpg", data, "image/jpeg")}, params=params)


def test_the_life_of_a_subject(admin: Client, operator: Client, viewer: Client) -> None:
    watchlist = admin.make("/v1/watchlists", WatchlistBody.new())
    body = SubjectBody.new(watchlist_id=watchlist["id"], metadata={"team": "night"})
    made = operator.post(SUBJECTS, json=body)
    subject = answered(made, 201)
    assert (subject["watchlist_name"], subject["images"]) == (watchlist["name"], 0)
    address = made.headers["Location"]
    assert viewer.read(address)["metadata"] == {"team": "night"}
    found = viewer.read(SUBJECTS, q=body["external_id"], sort="-relevance", limit=1)["items"]
    assert [one["id"] for one in found] == [subject["id"]]

    current = {"If-Match": made.headers["ETag"]}
    changed = answered(operator.put(address, json={"name": "Somebody Else"}, headers=current), 200)
    assert (changed["external_id"], changed["watchlist_id"], changed["metadata"]) == (None, None, {})
    assert refusal(operator.put(address, json=body, headers=current)) == (412, "precondition_failed")
    assert refusal(viewer.put(address, json=body, headers={"If-Match": "*"})) == (403, "forbidden")

    assert refusal(operator.delete(address)) == (403, "forbidden")
    assert answered(admin.delete(address), 200)["content"]["clean"] is True
    assert refusal(operator.get(address)) == (404, "not_found")


def test_a_watchlist_in_use_stays(admin: Client, operator: Client) -> None:
    watchlist = admin.make("/v1/watchlists", WatchlistBody.new())
    operator.make(SUBJECTS, SubjectBody.new(watchlist_id=watchlist["id"]))
    assert refusal(admin.delete(f"/v1/watchlists/{watchlist['id']}")) == (409, "conflict")
    assert admin.read(f"/v1/watchlists/{watchlist['id']}")["subjects"] == 1
    nowhere = operator.post(SUBJECTS, json=SubjectBody.new(watchlist_id=2**31 - 1))
    assert nowhere.status_code in {404, 422}


def test_a_person_is_found_by_another_picture(admin: Client, operator: Client, viewer: Client, people: Path) -> None:
    subject = operator.make(SUBJECTS, SubjectBody.new())["id"]
    image = operator.enrol(subject, people / BIDEN)
    assert image["face_count"] == 1
    assert operator.read(f"{SUBJECTS}/{subject}")["images"] == 1
    found = answered(_search(operator, (people / OTHER_BIDEN).read_bytes()), 200)
    best = found["candidates"][0]
    assert (best["subject_id"], best["image_id"], best["is_match"]) == (subject, image["id"], True)
    assert best["similarity"] >= found["min_similarity"]
    assert not any(one["is_match"] for one in found["candidates"] if one["subject_id"] != subject)
    stranger = answered(_search(operator, (people / "alex-lacamoire-1.png").read_bytes()), 200)
    assert not any(one["is_match"] for one in stranger["candidates"] if one["subject_id"] == subject)

    picture = viewer.get(f"{SUBJECTS}/{subject}/images/{image['id']}/picture")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert "private" in picture.headers["Cache-Control"]
    assert refusal(_search(viewer, (people / OTHER_BIDEN).read_bytes())) == (403, "forbidden")

    again = _upload(operator, subject, (people / BIDEN).read_bytes())
    assert refusal(again) == (409, "duplicate_image")
    other = operator.make(SUBJECTS, SubjectBody.new())["id"]
    alike = _upload(operator, other, (people / OTHER_BIDEN).read_bytes())
    assert refusal(alike) == (409, "looks_like_other")
    assert alike.json()["resembles"]["subject_id"] == subject

    assert operator.delete(f"{SUBJECTS}/{subject}/images/{image['id']}").status_code == 204
    gone = answered(_search(operator, (people / OTHER_BIDEN).read_bytes()), 200)
    assert subject not in {one["subject_id"] for one in gone["candidates"]}
    admin.delete(f"{SUBJECTS}/{subject}").raise_for_status()


def test_pictures_that_cannot_be_enrolled_say_why_and_leave_nothing(operator: Client, people: Path) -> None:
    subject = operator.make(SUBJECTS, SubjectBody.new())["id"]
    whole = (people / BIDEN).read_bytes()
    cases = [
        (b"", {(422, "image_rejected")}),
        (b"<svg onload='alert(1)'/>", {(422, "image_rejected"), (415, "unsupported_media")}),
        (whole[: len(whole) // 2], {(422, "image_rejected")}),
        ((people / "two-people.jpg").read_bytes(), {(422, "several_faces_found"), (422, "face_refused")}),
        (bytes(21 * 2**20), {(413, "too_large")}),
    ]
    for data, expected in cases:
        assert refusal(_upload(operator, subject, data)) in expected
    assert operator.read(f"{SUBJECTS}/{subject}/images")["items"] == []
    assert refusal(_upload(operator, str(uuid4()), whole)) == (404, "not_found")


def test_two_records_of_one_person_become_one(admin: Client, operator: Client, served: Served, people: Path) -> None:
    kept, emptied = (operator.make(SUBJECTS, SubjectBody.new())["id"] for _ in range(2))
    operator.enrol(kept, people / BIDEN)
    second = _upload(operator, emptied, (people / OTHER_BIDEN).read_bytes(), allow_resembling="true")
    assert second.status_code == 201, second.text
    camera = admin.make("/v1/cameras", CameraBody.new())["id"]
    sightings = {served.see(camera, subject=one) for one in (kept, emptied)}
    merged = answered(operator.post(f"{SUBJECTS}/{kept}/merge", json={"emptied_id": emptied}), 200)
    assert merged["subject"]["images"] == 2
    assert refusal(operator.get(f"{SUBJECTS}/{emptied}")) == (404, "not_found")
    timeline = operator.all_of(f"{SUBJECTS}/{kept}/timeline", limit=1)
    assert {entry["sighting_id"] for entry in timeline} == sightings
    found = answered(_search(operator, (people / OTHER_BIDEN).read_bytes()), 200)["candidates"]
    assert found[0]["subject_id"] == kept
    admin.delete(f"{SUBJECTS}/{kept}").raise_for_status()


def test_a_table_with_pictures_is_tried_then_taken_over(admin: Client, operator: Client, people: Path) -> None:
    tag = f"import-{uuid4().hex[:8]}"
    table = f"name,external_id,images\nJoe,{tag}-1,joe.jpg\n=cmd|' /C calc'!A0,{tag}-2,\n,{tag}-3,\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as pictures:
        pictures.write(people / BIDEN, "joe.jpg")
    files = {"file": ("p.csv", table.encode(), "text/csv"), "images": ("i.zip", archive.getvalue(), "application/zip")}
    accepted = operator.post(f"{SUBJECTS}/imports", files=files, data={"dry_run": "true"})
    job = answered(accepted, 202)
    operator.finished(job)
    assert operator.all_of(SUBJECTS, q=tag) == []
    tried = operator.read(f"{SUBJECTS}/imports/{job['id']}")
    assert [row["status"] for row in tried["rows"]] == ["created", "created", "failed"]

    applied = answered(operator.post(f"{SUBJECTS}/imports/{job['id']}/apply", json={}), 202)
    operator.finished(applied)
    made = {one["external_id"]: one for one in operator.all_of(SUBJECTS, q=tag)}
    assert sorted(made) == [f"{tag}-1", f"{tag}-2"]
    assert made[f"{tag}-1"]["images"] == 1

    assert refusal(operator.post(f"{SUBJECTS}/export", json={})) == (403, "forbidden")
    ids = [one["id"] for one in made.values()]
    export = answered(admin.post(f"{SUBJECTS}/export", json={"ids": ids, "format": "csv"}), 202)
    admin.finished(export)
    result = admin.get(f"/v1/jobs/{export['id']}/result")
    assert refusal(operator.get(f"/v1/jobs/{export['id']}/result")) == (404, "not_found")
    rows = list(csv.DictReader(io.StringIO(_text(result))))
    assert {row["external_id"] for row in rows} == set(made)
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
    for one in ids:
        admin.delete(f"{SUBJECTS}/{one}").raise_for_status()


def _text(result: httpx.Response) -> str:
    """The table of an export, also where it comes in an archive."""
    assert result.status_code == 200
    if not zipfile.is_zipfile(io.BytesIO(result.content)):
        return result.content.decode("utf-8-sig")
    with zipfile.ZipFile(io.BytesIO(result.content)) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".csv"))
        return archive.read(name).decode("utf-8-sig")
