"""Links to pictures: they work without a login for a few minutes, for whom they were made, as long as that one may."""

import base64
import string
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Role
from sightline.core.errors import SignatureRefused
from sightline.core.key_ring import KeyRing
from sightline.services.media_links import Grant, MediaLinks, PictureKind
from tests.api.conftest import JPEG, SignIn, World

RING = KeyRing.given([b"k" * 32])


async def _link(browser: httpx.AsyncClient, name: str = "image_url") -> str:
    answer = await browser.get("/v1/sightings", params={"known": True})
    return str(answer.json()["items"][0][name])


@pytest.mark.asyncio
async def test_a_link_shows_the_picture_without_a_login_and_puts_the_look_on_record(
    client: httpx.AsyncClient, sign_in: SignIn, world: World, database: Database
) -> None:
    viewer = await sign_in(Role.VIEWER)
    answer = await client.get(await _link(viewer))
    assert (answer.content, answer.headers["content-type"]) == (JPEG, "image/jpeg")
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert (await client.get(await _link(viewer, "context_url"))).status_code == 200
    async with database.session(SYSTEM) as session:
        looks = await session.execute(
            text(
                "SELECT actor, record_id, new_values ->> 'picture' FROM audit_entries WHERE action = 'VIEW' ORDER BY id"
            )
        )
        assert [tuple(row) for row in looks] == [
            ("viewer", str(world.known), "crop"),
            ("viewer", str(world.known), "frame"),
        ]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET is_active = false WHERE role = 'viewer'",
        "UPDATE users SET role = 'auditor' WHERE role = 'viewer'",
        "DELETE FROM users WHERE role = 'viewer'",
    ],
)
async def test_a_link_ends_with_the_right_to_look(
    client: httpx.AsyncClient, sign_in: SignIn, world: World, database: Database, change: str
) -> None:
    link = await _link(await sign_in(Role.VIEWER))
    async with database.session(SYSTEM) as session:
        await session.execute(text(change))
    answer = await client.get(link)
    assert (answer.status_code, answer.json()["code"]) == (403, "signature_refused")


@pytest.mark.asyncio
async def test_a_link_shows_what_its_user_may_see_now(
    app: FastAPI, client: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        viewer = (await session.execute(text("SELECT id FROM users WHERE role = 'viewer'"))).scalar_one()
    links: MediaLinks = app.state.resources.links
    for record in (world.in_vault, uuid4()):
        answer = await client.get(links.url(Grant(PictureKind.SIGHTING_IMAGE, record, viewer)))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.asyncio
@pytest.mark.parametrize("token", ["", "x" * 2001, "AAAA", "ä", "%00", "../../etc/passwd"])
async def test_tokens_that_are_none_of_ours(client: httpx.AsyncClient, world: World, token: str) -> None:
    assert (await client.get("/v1/media", params={"token": token})).status_code in {403, 422}


def test_no_bit_of_a_link_can_be_changed() -> None:
    links = MediaLinks(RING)
    token = links.url(Grant(PictureKind.SIGHTING_IMAGE, uuid4(), uuid4(), "why")).partition("token=")[2]
    whole = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for place in range(len(whole)):
        forged = bytes(whole[:place]) + bytes([whole[place] ^ 1]) + bytes(whole[place + 1 :])
        with pytest.raises(SignatureRefused):
            links.read(base64.urlsafe_b64encode(forged).decode().rstrip("="))


@pytest.mark.parametrize("purpose", ["why", "whys", "whyes"])
def test_no_letter_of_a_link_can_be_changed(purpose: str) -> None:
    """Also not the last, some of whose bits may belong to no byte: the three purposes leave 0, 2 and 4 of them."""
    links = MediaLinks(RING)
    token = links.url(Grant(PictureKind.SIGHTING_IMAGE, uuid4(), uuid4(), purpose)).partition("token=")[2]
    for letter in set(string.ascii_letters + string.digits + "-_") - {token[-1]}:
        with pytest.raises(SignatureRefused):
            links.read(token[:-1] + letter)


def test_links_of_a_minute_are_alike_and_end() -> None:
    now = 1_800_000_010.0
    links = MediaLinks(RING, clock=lambda: now)
    grant = Grant(PictureKind.SIGHTING_CONTEXT, uuid4(), uuid4(), "Fall 7, Türe")
    first = links.url(grant)
    now += 40
    assert links.url(grant) == first
    assert links.read(first.partition("token=")[2]) == grant
    now += 400
    with pytest.raises(SignatureRefused, match="ended"):
        links.read(first.partition("token=")[2])


def test_a_link_of_another_installation_is_refused() -> None:
    token = MediaLinks(RING).url(Grant(PictureKind.SUBJECT_IMAGE, uuid4(), uuid4())).partition("token=")[2]
    with pytest.raises(SignatureRefused):
        MediaLinks(KeyRing.given([b"o" * 32])).read(token)
