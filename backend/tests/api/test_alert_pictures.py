"""Pictures in lists of alerts: for whom, and where there are some."""

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Role
from tests.api.conftest import JPEG, SignIn, World
from tests.api.test_key_scopes import key_of, machine


@pytest.mark.asyncio
async def test_an_alert_shows_the_face_of_its_sighting_and_each_look_is_on_record(
    sign_in: SignIn, world: World, database: Database
) -> None:
    viewer = await sign_in(Role.VIEWER)
    (row,) = (await viewer.get("/v1/alerts")).json()["items"]
    shown = await viewer.get(row["image_url"])
    assert (shown.status_code, shown.content) == (200, JPEG)
    whole = (await viewer.get(f"/v1/alerts/{row['id']}")).json()
    assert whole["image_url"].startswith("/v1/media?token=")
    operator = await sign_in(Role.OPERATOR)
    changed = (await operator.post(f"/v1/alerts/{row['id']}/acknowledge")).json()
    assert changed["image_url"].startswith("/v1/media?token=")
    async with database.session(SYSTEM) as session:
        looks = text("SELECT record_id FROM audit_entries WHERE action = 'VIEW' AND table_name = 'sightings'")
        assert [str(one) for one in await session.scalars(looks)] == [str(world.known)]


@pytest.mark.asyncio
async def test_no_picture_where_none_is_kept_or_nobody_may_see_it(
    sign_in: SignIn, world: World, database: Database, app: FastAPI
) -> None:
    operator = await sign_in(Role.OPERATOR)
    async with machine(app, await key_of(operator, "read_alerts")) as program:
        assert (await program.get("/v1/alerts")).json()["items"][0]["image_url"] is None
    async with machine(app, await key_of(operator, "read_alerts", "see_pictures")) as program:
        assert (await program.get("/v1/alerts")).json()["items"][0]["image_url"] is not None
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("INSERT INTO settings (key, value) VALUES ('privacy', '{\"purpose_required\": true}')")
        )
    assert (await operator.get("/v1/alerts")).json()["items"][0]["image_url"] is None
    stated = {"Sightline-Purpose": "case 8"}
    (row,) = (await operator.get("/v1/alerts", headers=stated)).json()["items"]
    assert (await operator.get(row["image_url"])).status_code == 200
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE sightings SET image_path = NULL WHERE id = :id"), {"id": world.known})
    (row,) = (await operator.get("/v1/alerts", headers=stated)).json()["items"]
    assert (row["sighting_id"], row["image_url"]) == (str(world.known), None)
    assert (await (await sign_in(Role.AUDITOR)).get("/v1/alerts")).status_code == 403
