"""A day in the house: the operator looks at people, the auditor finds each look, and who wants to be forgotten is."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.factories import CameraBody, SubjectBody, WatchlistBody
from tests.integration.served import Client, Served, answered, refusal, until

pytestmark = pytest.mark.media
CASE = "case 2026-118"
PURPOSE = {"Sightline-Purpose": CASE}
SINGER = "lin-manuel-miranda-1.png"


@dataclass(frozen=True)
class Day:
    """What the operator did. looks: action, table and record of each look at a person."""

    operator: Client
    subject: str
    name: str
    sighting: str
    image: str
    picture: Path
    looks: list[tuple[str, str, str | None]]


@pytest.fixture(scope="module")
def day(served: Served, media_dir: Path) -> Day:
    """Enrol, search, export, look, correct, and handle an alert to its end."""
    admin, operator = served.of("admin"), served.hire("operator")
    picture = media_dir / "people" / SINGER
    watchlist = admin.make("/v1/watchlists", WatchlistBody.new())["id"]
    body = SubjectBody.new(watchlist_id=watchlist)
    subject = operator.make("/v1/subjects", body)["id"]
    image = operator.enrol(subject, picture)["id"]
    camera = admin.make("/v1/cameras", CameraBody.new())["id"]
    template, model = served.template(subject)
    seen = served.see(camera, subject=subject, template=template, model_version=model)

    files = {"file": (SINGER, picture.read_bytes(), "image/png")}
    found = answered(operator.post("/v1/subjects/search", files=files, headers=PURPOSE), 200)
    assert found["candidates"][0]["subject_id"] == subject
    files = {"file": (SINGER, picture.read_bytes(), "image/png")}
    past = answered(operator.post("/v1/sightings/search", files=files, headers=PURPOSE), 200)
    assert seen in {match["sighting"]["id"] for match in past["items"]}
    order = {"camera_id": [camera]}
    assert seen in operator.post("/v1/sightings/export", json=order, headers=PURPOSE).text
    for path in (
        f"/v1/subjects/{subject}",
        f"/v1/subjects/{subject}/images/{image}/picture",
        f"/v1/sightings/{seen}",
        f"/v1/sightings/{seen}/image",
        f"/v1/sightings/{seen}/context",
        f"/v1/subjects/{subject}/timeline",
    ):
        operator.get(path, headers=PURPOSE).raise_for_status()

    twin = operator.make("/v1/subjects", SubjectBody.new())["id"]
    answered(operator.post(f"/v1/sightings/{seen}/assign", json={"subject_id": twin}, headers=PURPOSE), 200)
    answered(operator.post(f"/v1/sightings/{seen}/undo", json={}, headers=PURPOSE), 200)
    (alert,) = operator.all_of("/v1/alerts", camera_id=camera)
    if alert["status"] != "resolved":  # the correction may have closed it
        answered(operator.post(f"/v1/alerts/{alert['id']}/acknowledge"), 200)
        answered(operator.post(f"/v1/alerts/{alert['id']}/resolve", json={"verdict": "true_match"}), 200)
    looks: list[tuple[str, str, str | None]] = [
        ("SEARCH", "subjects", None),
        ("SEARCH", "sightings", None),
        ("EXPORT", "sightings", None),
        ("VIEW", "subjects", subject),
        ("VIEW", "images", image),
        ("VIEW", "sightings", seen),
    ]
    return Day(operator, subject, body["name"], seen, image, picture, looks)


def _entries(auditor: Client, who: str, **params: Any) -> list[dict[str, Any]]:
    return auditor.all_of("/v1/audit", user_id=who, limit=200, **params)


def test_the_auditor_finds_every_look_and_its_purpose(day: Day, auditor: Client, served: Served) -> None:
    who = day.operator.read("/v1/auth/me")["user_id"]
    entries = _entries(auditor, who)
    for action, table, record in day.looks:
        found = [one for one in entries if (one["action"], one["table_name"]) == (action, table)]
        found = [one for one in found if record in {None, one["record_id"]}]
        assert found, (action, table, record)
        assert all(one["new_values"].get("purpose") == CASE for one in found), (action, table)
        assert {one["actor"] for one in found} == {"operator"}
    written = {(one["action"], one["table_name"]) for one in entries}
    assert {("INSERT", "subjects"), ("INSERT", "images"), ("UPDATE", "alerts")} <= written
    about = auditor.all_of("/v1/audit", subject_id=day.subject, limit=200)
    assert {("VIEW", "subjects"), ("INSERT", "subjects")} <= {(one["action"], one["table_name"]) for one in about}
    for client in (day.operator, served.of("viewer")):
        assert refusal(client.get("/v1/audit")) == (403, "forbidden")


def test_the_log_holds_neither_templates_nor_pictures_nor_passwords(day: Day, auditor: Client) -> None:
    text = auditor.get("/v1/audit", params={"subject_id": day.subject, "limit": 200}).text
    assert '"embedding":[' not in text.replace(" ", "")
    assert "hashed_password" not in text


def test_an_auditor_looks_at_the_log_and_at_no_person(day: Day, auditor: Client) -> None:
    for path in (f"/v1/subjects/{day.subject}", f"/v1/sightings/{day.sighting}/image", "/v1/alerts"):
        assert refusal(auditor.get(path)) == (403, "forbidden")


def test_the_chain_holds_until_somebody_touches_it(day: Day, auditor: Client, served: Served) -> None:
    def sealed() -> dict[str, Any] | None:
        report = auditor.read("/v1/audit/verification")
        return report if report["pending"] <= 2 else None  # looking at it is an event too

    report = until(sealed, "the seals")
    assert (report["is_whole"], report["problems"]) == (True, [])
    assert report["events"] > len(day.looks)
    entry = next(one for one in _entries(auditor, day.operator.read("/v1/auth/me")["user_id"]) if one["position"])
    change = "UPDATE audit_logs SET table_name = $1 WHERE id = $2::text::uuid"
    served.tamper(change, "layouts", entry["id"])
    touched = auditor.read("/v1/audit/verification")
    assert touched["is_whole"] is False
    assert entry["id"] in {problem["audit_id"] for problem in touched["problems"]}
    served.tamper(change, entry["table_name"], entry["id"])
    assert auditor.read("/v1/audit/verification")["is_whole"] is True


def test_who_wants_to_be_forgotten_is(day: Day, admin: Client, auditor: Client, served: Served) -> None:
    assert refusal(day.operator.post(f"/v1/subjects/{day.subject}/erase", json={})) == (403, "forbidden")
    access = answered(admin.post(f"/v1/subjects/{day.subject}/access-export", json={"reason": "DSR-118"}), 202)
    admin.finished(access)
    copy = admin.get(f"/v1/jobs/{access['id']}/result")
    assert (copy.status_code, copy.content[:2]) == (200, b"PK")

    order = {"reason": "request", "reference": "DSR-2026-118"}
    erased = admin.post(f"/v1/subjects/{day.subject}/erase", json=order)
    receipt = answered(erased, 200)
    assert receipt["content"]["clean"] is True
    assert receipt["subject_digest"] == hashlib.sha256(day.subject.encode()).hexdigest()
    assert day.name not in erased.text

    for path in (f"/v1/subjects/{day.subject}", f"/v1/subjects/{day.subject}/images/{day.image}/picture"):
        assert refusal(day.operator.get(path)) == (404, "not_found")
    assert day.operator.read(f"/v1/sightings/{day.sighting}")["subject_id"] is None
    files = {"file": (SINGER, day.picture.read_bytes(), "image/png")}
    found = answered(day.operator.post("/v1/subjects/search", files=files, headers=PURPOSE), 200)
    assert day.subject not in {one["subject_id"] for one in found["candidates"]}
    files = {"file": (SINGER, day.picture.read_bytes(), "image/png")}
    past = answered(day.operator.post("/v1/sightings/search", files=files, headers=PURPOSE), 200)
    assert day.sighting not in {match["sighting"]["id"] for match in past["items"]}
    assert day.name not in auditor.get("/v1/audit", params={"limit": 200}).text
    dump = served.rows("SELECT 1 FROM subjects WHERE name = $1 OR id::text = $2", day.name, day.subject)
    assert dump == []

    checked = answered(auditor.post("/v1/erasures/verify", json={"receipt": receipt["receipt"]}), 200)
    assert (checked["valid"], checked["known"]) == (True, True)
    head, content, signature = receipt["receipt"].split(".")
    forged = f"{head}.{content}.{signature[:-4]}AAAA"
    assert answered(auditor.post("/v1/erasures/verify", json={"receipt": forged}), 200)["valid"] is False
    (noted,) = auditor.read("/v1/erasures", subject_id=day.subject)["items"]
    assert noted["reference"] == "DSR-2026-118"
    report = auditor.read("/v1/audit/verification")
    assert (report["is_whole"], report["problems"]) == (True, []), "erasing is no tampering"
