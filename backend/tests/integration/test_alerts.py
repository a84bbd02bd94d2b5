"""Alerts: raised by lists and rules, handled step by step, by one person or two."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.factories import CameraBody, CameraGroupBody, RuleBody, SubjectBody, WatchlistBody
from tests.integration.served import Client, Served, answered, policy, refusal

ALERTS = "/v1/alerts"
RULES = f"{ALERTS}/rules"


@dataclass(frozen=True)
class Scene:
    """A listed person and a camera that may see them."""

    camera: str
    subject: str
    watchlist: int
    served: Served

    def alert(self, client: Client, **track: Any) -> dict[str, Any]:
        """They are seen; the one alert of it."""
        seen = self.served.see(self.camera, subject=self.subject, **track)
        (alert,) = [one for one in self.alerts(client) if one["sighting_id"] == seen]
        return alert

    def alerts(self, client: Client) -> list[dict[str, Any]]:
        return client.all_of(ALERTS, camera_id=self.camera)


@pytest.fixture
def scene(served: Served, admin: Client, operator: Client) -> Scene:
    watchlist = admin.make("/v1/watchlists", WatchlistBody.new())["id"]
    subject = operator.make("/v1/subjects", SubjectBody.new(watchlist_id=watchlist))["id"]
    return Scene(admin.make("/v1/cameras", CameraBody.new())["id"], subject, watchlist, served)


def test_an_alert_from_its_birth_to_its_verdict(scene: Scene, operator: Client, viewer: Client) -> None:
    alert = scene.alert(operator)
    address = f"{ALERTS}/{alert['id']}"
    assert (alert["status"], alert["severity"], alert["subject_id"]) == ("new", "high", scene.subject)
    assert refusal(operator.post(f"{address}/reopen")) == (409, "conflict")
    assert refusal(viewer.post(f"{address}/acknowledge")) == (403, "forbidden")
    assert (
        answered(operator.post(f"{address}/acknowledge", json={"note": "on my way"}), 200)["status"] == "acknowledged"
    )
    assert refusal(operator.post(f"{address}/resolve", json={"verdict": "maybe"})) == (422, "invalid_input")
    order = {"verdict": "true_match", "note": "spoke to them"}
    resolved = answered(operator.post(f"{address}/resolve", json=order), 200)
    assert (resolved["status"], resolved["verdict"]) == ("resolved", "true_match")
    told = viewer.read(address)["history"]
    assert [(one["kind"], one["note"]) for one in told] == [
        ("acknowledged", "on my way"),
        ("resolved", "spoke to them"),
    ]
    assert refusal(operator.post(f"{address}/acknowledge")) == (409, "conflict")


def test_of_many_who_take_an_alert_one_has_it(scene: Scene, served: Served, operator: Client) -> None:
    address = f"{ALERTS}/{scene.alert(operator)['id']}"
    guards = [served.hire("operator") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda guard: guard.post(f"{address}/acknowledge").status_code, guards))
    assert sorted(codes) == [200, 409, 409, 409]
    winner = guards[codes.index(200)].read("/v1/auth/me")["username"]
    detail = operator.read(address)
    assert detail["acknowledged_by_name"] == winner
    assert len(detail["history"]) == 1


def test_strangers_and_the_unlisted_raise_nothing_and_nobody_twice(
    scene: Scene, served: Served, operator: Client
) -> None:
    served.see(scene.camera)
    unlisted = operator.make("/v1/subjects", SubjectBody.new())["id"]
    served.see(scene.camera, subject=unlisted)
    assert scene.alerts(operator) == []
    for _ in range(3):
        served.see(scene.camera, subject=scene.subject)
    assert len(scene.alerts(operator)) == 1, "within the cooldown"


def test_a_rule_watches_for_somebody_who_is_on_no_list(scene: Scene, served: Served, operator: Client) -> None:
    visitor = operator.make("/v1/subjects", SubjectBody.new())["id"]
    past = datetime.now(UTC) - timedelta(minutes=20)
    served.see(scene.camera, subject=visitor, first_seen=past, last_seen=past)
    body = RuleBody.new(camera_id=scene.camera, subject_id=visitor)
    span = {"since": (past - timedelta(hours=1)).isoformat(), "until": datetime.now(UTC).isoformat()}
    tried = answered(operator.post(f"{RULES}/dry-run", json={"rule": body, **span}), 200)
    assert (tried["alerts"], tried["sightings"] >= 1) == (1, True)
    assert scene.alerts(operator) == [], "trying a rule raises nothing"

    made = operator.post(RULES, json=body)
    rule = answered(made, 201)
    seen = served.see(scene.camera, subject=visitor)
    (alert,) = scene.alerts(operator)
    assert (alert["sighting_id"], alert["rule_id"], alert["severity"]) == (seen, rule["id"], "critical")

    address, current = made.headers["Location"], {"If-Match": made.headers["ETag"]}
    off = {**body, "is_active": False}
    assert answered(operator.put(address, json=off, headers=current), 200)["is_active"] is False
    assert refusal(operator.put(address, json=body, headers=current)) == (412, "precondition_failed")
    served.see(scene.camera, subject=visitor)
    assert len(scene.alerts(operator)) == 1, "a rule that is off raises nothing"
    assert operator.delete(address).status_code == 204
    assert refusal(operator.get(address)) == (404, "not_found")
    assert len(scene.alerts(operator)) == 1, "its alerts stay"


@pytest.mark.parametrize(
    "change",
    [
        {"min_similarity": 1.5},
        {"severity": "apocalyptic"},
        {"cooldown_seconds": -1},
        {"name": ""},
        {"name": "nul\0"},
        {"camera_id": "elsewhere"},
        {"schedule": {"time_zone": "Mars/Olympus", "windows": []}},
        {"script": "rm -rf /"},
    ],
)
def test_rules_that_make_no_sense_are_not_made(operator: Client, viewer: Client, change: dict[str, Any]) -> None:
    before = len(operator.all_of(RULES))
    assert refusal(operator.post(RULES, json=RuleBody.new(**change))) == (422, "invalid_input")
    assert refusal(viewer.post(RULES, json=RuleBody.new())) == (403, "forbidden")
    assert len(operator.all_of(RULES)) == before


def test_several_are_taken_at_once(scene: Scene, served: Served, admin: Client, operator: Client) -> None:
    ids = [scene.alert(operator)["id"]]
    elsewhere = Scene(admin.make("/v1/cameras", CameraBody.new())["id"], scene.subject, scene.watchlist, served)
    ids.append(elsewhere.alert(operator)["id"])
    nobody = str(uuid4())
    items = answered(operator.post(f"{ALERTS}/bulk", json={"action": "acknowledge", "ids": [*ids, nobody]}), 200)
    assert [one["done"] for one in items["items"]] == [True, True, False]
    assert items["items"][2]["code"] == "not_found"
    taken = operator.all_of(ALERTS, subject_id=scene.subject, status="acknowledged", limit=1)
    assert sorted(one["id"] for one in taken) == sorted(ids)


def test_other_buildings_alerts_are_not_there(served: Served, admin: Client, operator: Client) -> None:
    mine, theirs = (admin.make("/v1/camera-groups", CameraGroupBody.new())["id"] for _ in range(2))
    watchlist = admin.make("/v1/watchlists", WatchlistBody.new())["id"]
    subject = operator.make("/v1/subjects", SubjectBody.new(watchlist_id=watchlist))["id"]
    scene = Scene(admin.make("/v1/cameras", CameraBody.new(group_id=theirs))["id"], subject, watchlist, served)
    alert = scene.alert(admin)
    guard = served.hire("operator", camera_group_ids=[mine])
    assert scene.alerts(guard) == []
    assert refusal(guard.get(f"{ALERTS}/{alert['id']}")) == (404, "not_found")
    assert refusal(guard.post(f"{ALERTS}/{alert['id']}/acknowledge")) == (404, "not_found")
    assert admin.read(f"{ALERTS}/{alert['id']}")["status"] == "new"


def test_where_the_house_asks_two_people_look_at_a_match(scene: Scene, served: Served, admin: Client) -> None:
    first, second = served.hire("operator"), served.hire("operator")
    with policy(admin, "privacy", match_needs_verification=True):
        alert = scene.alert(first)
    address = f"{ALERTS}/{alert['id']}"
    assert alert["verification"] == "pending"
    first.post(f"{address}/acknowledge").raise_for_status()
    assert refusal(first.post(f"{address}/verify", json={"confirmed": True})) == (403, "approval_required")
    confirmed = answered(second.post(f"{address}/verify", json={"confirmed": True}), 200)
    assert (confirmed["verification"], confirmed["history"][-1]["kind"]) == ("confirmed", "confirmed")
    assert refusal(second.post(f"{address}/verify", json={"confirmed": False})) == (409, "conflict")
