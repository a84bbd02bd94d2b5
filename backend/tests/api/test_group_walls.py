"""Whoever is limited to some cameras learns nothing of the others, on whichever route they ask."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Role
from tests.api.conftest import SignIn, World

pytestmark = pytest.mark.asyncio

ENDLESS = {"/v1/events"}
SEARCHED = {"since": "2000-01-01T00:00:00Z"}


async def _alert_in_vault(database: Database, world: World) -> UUID:
    """Somebody known was seen in the vault, an alert was raised on it, and a person decided about it."""
    given = {"camera": world.vault.id, "sighting": world.in_vault, "guest": world.guest.id}
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("UPDATE sightings SET subject_id = :guest, confidence = 0.6 WHERE id = :sighting"), given
        )
        await session.execute(
            text(
                "INSERT INTO sighting_corrections (sighting_id, detected_at, camera_id, verdict, subject_id)"
                " SELECT id, detected_at, camera_id, 'confirmed', subject_id FROM sightings WHERE id = :sighting"
            ),
            given,
        )
        alert: UUID = (
            await session.execute(
                text(
                    "INSERT INTO alerts (sighting_id, sighting_detected_at, camera_id, subject_id, severity, message,"
                    " matched_at) SELECT id, detected_at, camera_id, subject_id, 'high', 'Match at camera Vault', now()"
                    " FROM sightings WHERE id = :sighting RETURNING id"
                ),
                given,
            )
        ).scalar_one()
        await session.execute(text("INSERT INTO alert_rules (name, camera_id) VALUES ('Vault', :camera)"), given)
    return alert


def _addresses(app: FastAPI, ids: dict[str, object]) -> Iterator[str]:
    """Every GET of the description, with the ids of the vault where it takes some."""
    for path, methods in app.openapi()["paths"].items():
        if "get" not in methods or path in ENDLESS:
            continue
        given = [one["name"] for one in methods["get"].get("parameters", ()) if one["in"] == "path"]
        if all(name in ids for name in given):
            yield path.format(**ids)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
async def test_no_route_tells_of_a_camera_of_another_group(
    app: FastAPI, sign_in: SignIn, world: World, database: Database, role: Role
) -> None:
    alert = await _alert_in_vault(database, world)
    ids: dict[str, Any] = {
        "camera_id": world.vault.id,
        "sighting_id": world.in_vault,
        "alert_id": alert,
        "subject_id": world.guest.id,
    }
    browser, addresses = await sign_in(role), list(_addresses(app, ids))
    assert len(addresses) > 40
    purpose = {"Sightline-Purpose": "Case 7"}
    for address in addresses:
        answer = await browser.get(address, headers=purpose, params=SEARCHED if "analytics" in address else None)
        told = answer.text.replace(address, "")  # a refusal names the path that was asked for
        if answer.status_code >= 400:
            told = told.replace(str(ids["sighting_id"]), "").replace(str(alert), "").replace(str(world.vault.id), "")
        for secret in ("Vault", str(world.vault.id), str(world.in_vault), str(alert)):
            assert secret not in told, address
        if any(str(ids[name]) in address for name in ("camera_id", "sighting_id", "alert_id")):
            assert answer.status_code in {403, 404, 422, 503}, address  # 503: without a model pack nobody is searched


async def test_nothing_of_another_group_is_exported_tried_or_changed(
    sign_in: SignIn, world: World, database: Database
) -> None:
    alert = await _alert_in_vault(database, world)
    operator, admin = await sign_in(Role.OPERATOR), await sign_in(Role.ADMIN)
    for body in ({"format": "csv"}, {"format": "json", "camera_id": [str(world.vault.id)]}):
        told = (await operator.post("/v1/sightings/export", json=body)).text
        assert str(world.in_vault) not in told
        assert "Vault" not in told
    now = datetime.now(UTC)
    span = {"since": (now - timedelta(days=1)).isoformat(), "until": now.isoformat()}
    tried = await operator.post("/v1/alerts/rules/dry-run", json={"rule": {"name": "x"}, **span})
    assert (tried.status_code, tried.json()["alerts"]) == (200, 1), tried.text
    assert str(world.in_vault) not in tried.text
    changes: tuple[tuple[str, dict[str, object]], ...] = (
        (f"/v1/sightings/{world.in_vault}/reject", {}),
        (f"/v1/sightings/{world.in_vault}/assign", {"subject_id": str(world.guest.id)}),
        (f"/v1/sightings/{world.in_vault}/undo", {}),
        (f"/v1/alerts/{alert}/acknowledge", {}),
        (f"/v1/alerts/{alert}/resolve", {"verdict": "true_match"}),
        (f"/v1/alerts/{alert}/assign", {"assigned_to": None}),
        (f"/v1/alerts/{alert}/comments", {"note": "x"}),
        (f"/v1/alerts/{alert}/verify", {"confirmed": True}),
        (f"/v1/cameras/{world.vault.id}/enable", {}),
        (f"/v1/cameras/{world.vault.id}/disable", {}),
    )
    before = (await admin.get(f"/v1/alerts/{alert}")).json()
    for path, given in changes:
        assert (await operator.post(path, json=given)).status_code == 404, path
    bulk = await operator.post("/v1/alerts/bulk", json={"action": "acknowledge", "ids": [str(alert)]})
    assert [item["code"] for item in bulk.json()["items"]] == ["not_found"]
    bulk = await operator.post("/v1/sightings/bulk", json={"action": "reject", "ids": [str(world.in_vault)]})
    assert [item["code"] for item in bulk.json()["items"]] == ["not_found"]
    assert (await admin.get(f"/v1/alerts/{alert}")).json() == before
    assert (await admin.get(f"/v1/cameras/{world.vault.id}")).json()["detection_enabled"] is True


async def test_the_numbers_of_another_group_are_counted_nowhere(
    sign_in: SignIn, world: World, database: Database
) -> None:
    operator, admin = await sign_in(Role.OPERATOR), await sign_in(Role.ADMIN)
    paths = (
        "/v1/analytics/trends?interval=hour",
        "/v1/analytics/heatmap",
        "/v1/analytics/recognition",
        "/v1/alerts/count",
        "/v1/alerts?total=true",
        "/v1/sightings?total=true",
        "/v1/sightings/errors",
        f"/v1/analytics/subjects/{world.guest.id}",
    )
    before = [(await operator.get(path)).json() for path in paths[3:]]
    everything = [(await admin.get(path)).json() for path in paths[3:]]
    await _alert_in_vault(database, world)
    after = [(await operator.get(path)).json() for path in paths[3:]]
    for path, was, now in zip(paths[3:], before, after, strict=True):
        assert _numbers(was) == _numbers(now), path
    assert [_numbers((await admin.get(path)).json()) for path in paths[3:]] != [_numbers(one) for one in everything]
    vault = {"camera_id": str(world.vault.id)}
    for path in paths[:2]:
        found = (await operator.get(path, params={**vault, "interval": "hour"})).json()
        assert sum(_numbers(found)) == 0 or "code" in found, path


def _numbers(found: object) -> list[float]:
    """Every count in an answer, in its order; times and addresses of pictures change by themselves."""
    if isinstance(found, dict):
        return [number for name in sorted(found) for number in _numbers(found[name])]
    if isinstance(found, list):
        return [number for one in found for number in _numbers(one)]
    return [] if isinstance(found, bool | str) or found is None else [float(str(found))]
