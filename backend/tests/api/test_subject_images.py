"""Pictures of subjects, and faces that are searched: real pictures, the real default pack."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from PIL import Image
from PIL.Image import Exif
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database, Role
from sightline.core.errors import StorageError
from sightline.services import face_inference
from sightline.vision.images import load_image
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions
from tests.api.conftest import SignIn, World
from tests.support.database import DatabaseAddress, execute_as_admin

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def models(lite_pack: Path) -> Models:
    pack = PackStore(lite_pack.parent).get("lite")
    return load_models(pack.folder, pack.manifest, RuntimeOptions(threads=2))


@pytest.fixture(autouse=True)
def pack(settings: Settings, lite_pack: Path, models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.packs_dir.mkdir(parents=True)
    (settings.packs_dir / "lite").symlink_to(lite_pack)
    monkeypatch.setattr(face_inference, "load_pack", lambda _settings: models)


@pytest.fixture
def people(media_dir: Path) -> Path:
    return media_dir / "people"


def _file(data: bytes, name: str = "portrait.jpg") -> dict[str, Any]:
    return {"file": (name, data, "image/jpeg")}


async def _enrolled(client: httpx.AsyncClient, name: str, picture: bytes, **params: Any) -> tuple[str, dict[str, Any]]:
    subject = (await client.post("/v1/subjects", json={"name": name})).json()["id"]
    answer = await client.post(f"/v1/subjects/{subject}/images", files=_file(picture), params=params)
    assert answer.status_code == 201, answer.text
    return subject, answer.json()


def _jpeg(image: Image.Image, **options: Any) -> bytes:
    target = io.BytesIO()
    image.convert("RGB").save(target, "JPEG", **options)
    return target.getvalue()


async def _objects(app: FastAPI) -> list[str]:
    return [info.key async for info in app.state.resources.storage.list("subjects/")]


@pytest.mark.asyncio
async def test_a_picture_is_enrolled_shown_and_removed(
    sign_in: SignIn, people: Path, app: FastAPI, database: Database
) -> None:
    operator, viewer = await sign_in(Role.OPERATOR), await sign_in(Role.VIEWER)
    picture = (people / "barack-obama-1.jpg").read_bytes()
    subject, image = await _enrolled(operator, "Barack Obama", picture)
    assert (image["has_picture"], image["is_portrait"], image["face_count"]) == (True, True, 1)
    assert image["quality"]["score"] > 0.6
    path = f"/v1/subjects/{subject}/images/{image['id']}"
    seen = (await viewer.get(path)).json()
    assert {**seen, "picture_url": image["picture_url"]} == image
    assert (await viewer.get(f"/v1/subjects/{subject}/images")).json()["items"] == [seen]
    listed = (await viewer.get(f"/v1/subjects/{subject}")).json()
    assert (listed["images"], listed["portrait_id"]) == (1, image["id"])
    assert listed["portrait_url"].startswith("/v1/media?")

    shown = await viewer.get(f"{path}/picture", headers={"Sightline-Purpose": "case 7"})
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert "private" in shown.headers["cache-control"]
    kept = load_image(shown.content)
    assert kept.shape[:2] == (image["height"], image["width"])
    async with database.session(SYSTEM) as session:
        looks = text(
            "SELECT p.new_values FROM audit_logs l JOIN audit_payloads p ON p.audit_id = l.id"
            " WHERE l.action = 'VIEW' AND l.table_name = 'images' AND l.record_id = :image"
        )
        assert list(await session.scalars(looks, {"image": image["id"]})) == [{"purpose": "case 7"}]

    assert (await viewer.delete(path)).status_code == 403
    assert (await operator.delete(path)).status_code == 204
    assert (await operator.delete(path)).status_code == 404
    assert (await viewer.get(f"{path}/picture")).status_code == 404
    listed = (await viewer.get(f"/v1/subjects/{subject}")).json()
    assert (listed["images"], listed["portrait_id"]) == (0, None)
    async with database.session(SYSTEM) as session:
        queued = list(await session.scalars(text("SELECT object_key FROM object_deletions")))
    assert queued == await _objects(app)


@pytest.mark.asyncio
async def test_the_link_to_a_picture_works_without_a_login_and_is_on_record(
    sign_in: SignIn, client: httpx.AsyncClient, people: Path, database: Database
) -> None:
    operator, viewer = await sign_in(Role.OPERATOR), await sign_in(Role.VIEWER)
    subject, image = await _enrolled(operator, "Barack Obama", (people / "barack-obama-1.jpg").read_bytes())
    path = f"/v1/subjects/{subject}/images/{image['id']}"
    purpose = {"Sightline-Purpose": "case 7"}
    link = (await viewer.get(path, headers=purpose)).json()["picture_url"]
    assert (await client.get(link)).content == (await operator.get(f"{path}/picture")).content
    async with database.session(SYSTEM) as session:
        looks = await session.execute(
            text("SELECT actor, new_values FROM audit_entries WHERE action = 'VIEW' AND record_id = :i ORDER BY id"),
            {"i": image["id"]},
        )
        assert [tuple(row) for row in looks] == [("viewer", {"purpose": "case 7"}), ("operator", {"purpose": None})]
    assert (await operator.delete(path)).status_code == 204
    assert (await client.get(link)).status_code == 404


@pytest.mark.asyncio
async def test_only_the_face_with_its_surroundings_is_kept_without_what_the_camera_wrote(
    sign_in: SignIn, people: Path
) -> None:
    operator = await sign_in(Role.OPERATOR)
    with Image.open(people / "barack-obama-1.jpg") as portrait:
        canvas = Image.new("RGB", (portrait.width * 4, portrait.height * 2), "white")
        canvas.paste(portrait, (portrait.width * 2, 50))
    exif = Exif()
    exif[0x010E], exif[0x0112] = "taken at 51.5N 0.1W", 6  # description; turned to the left
    turned = _jpeg(canvas.transpose(Image.Transpose.ROTATE_90), exif=exif, quality=95)
    subject, image = await _enrolled(operator, "Barack Obama", turned + b"<?php system($_GET['x']); ?>PK\x03\x04")
    shown = (await operator.get(f"/v1/subjects/{subject}/images/{image['id']}/picture")).content
    with Image.open(io.BytesIO(shown)) as kept:
        assert not dict(kept.getexif())
        assert kept.width < canvas.width / 2
    assert b"51.5N" not in shown
    assert b"php" not in shown
    x, y, width, height = image["box"]
    assert 0 <= x < x + width <= image["width"]
    assert 0 <= y < y + height <= image["height"]


@pytest.mark.asyncio
async def test_a_face_that_somebody_else_has_is_enrolled_only_on_purpose(sign_in: SignIn, people: Path) -> None:
    operator = await sign_in(Role.OPERATOR)
    first, second = ((people / f"barack-obama-{n}.jpg").read_bytes() for n in (1, 2))
    subject, _image = await _enrolled(operator, "Barack Obama", first)
    again = await operator.post(f"/v1/subjects/{subject}/images", files=_file(first + b"\0 in another file"))
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_image")
    twin = (await operator.post("/v1/subjects", json={"name": "B. O."})).json()["id"]
    refused = await operator.post(f"/v1/subjects/{twin}/images", files=_file(second))
    assert (refused.status_code, refused.json()["code"]) == (409, "looks_like_other")
    assert refused.json()["resembles"]["subject_id"] == subject
    assert refused.json()["resembles"]["similarity"] > 0.5
    found = await (await sign_in(Role.AUDITOR)).get("/v1/audit", params={"action": "SEARCH", "record_id": twin})
    (entry,) = found.json()["items"]
    assert entry["username"] == "operator"
    assert entry["new_values"]["candidates"][0]["subject"] == subject
    own = await operator.post(f"/v1/subjects/{subject}/images", files=_file(second))
    assert own.status_code == 201
    params = {"allow_resembling": True}
    assert (await operator.post(f"/v1/subjects/{twin}/images", files=_file(second), params=params)).status_code == 201


@pytest.mark.asyncio
async def test_a_picture_that_cannot_serve_says_why_and_what_was_measured(
    sign_in: SignIn, people: Path, app: FastAPI
) -> None:
    operator = await sign_in(Role.OPERATOR)
    subject = (await operator.post("/v1/subjects", json={"name": "x"})).json()["id"]
    wall = _jpeg(Image.new("RGB", (300, 300), (90, 90, 90)))
    for picture, code, faces in (
        (wall, "no_face_found", 0),
        ((people / "two-people.jpg").read_bytes(), "several_faces_found", 2),
        ((people / "barack-obama-partial-1.jpg").read_bytes(), "low_quality", 1),
    ):
        refused = await operator.post(f"/v1/subjects/{subject}/images", files=_file(picture))
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, code)
        assert len(problem["faces"]) >= faces
        assert all(len(face["box"]) == 4 and 0 <= face["quality"] <= 1 for face in problem["faces"])
    assert (await operator.get(f"/v1/subjects/{subject}/images")).json()["items"] == []
    assert await _objects(app) == []


def _bomb() -> bytes:
    """A PNG of 20,000 × 20,000 px in 50 kB."""
    header = struct.pack(">IIBBBBB", 20000, 20000, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 2501 * 20000, 9)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _animation() -> bytes:
    target = io.BytesIO()
    frames = [Image.fromarray(np.full((64, 64, 3), n * 80, np.uint8)) for n in (1, 2)]
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:])
    return target.getvalue()


def _gif() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (64, 64)).save(target, "GIF")
    return target.getvalue()


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/v1/subjects/{id}/images", "/v1/subjects/search"])
@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "image_rejected"),
        (b"\xff\xd8\xff\xe0 not really a picture", 422, "image_rejected"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415, "unsupported_media"),
        (b"PK\x03\x04", 415, "unsupported_media"),
        (_gif(), 415, "unsupported_media"),
        (_animation(), 422, "image_rejected"),
        (_bomb(), 422, "image_rejected"),
        (b"\xff\xd8\xff" + b"x" * (20 * 1024 * 1024), 413, None),
    ],
    ids=["empty", "damaged", "svg", "zip", "gif", "animation", "bomb", "long"],
)
async def test_what_is_no_picture_is_refused_by_its_content(
    sign_in: SignIn, world: World, path: str, data: bytes, status: int, code: str | None
) -> None:
    operator = await sign_in(Role.OPERATOR)
    refused = await operator.post(
        path.replace("{id}", str(world.guest.id)), files=_file(data, "../../etc/pass\x00wd.jpg")
    )
    assert refused.status_code == status, refused.text
    assert code is None or refused.json()["code"] == code


@pytest.mark.asyncio
async def test_forms_that_are_none_are_refused(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    path = f"/v1/subjects/{world.guest.id}/images"
    for request in ({"json": {"file": "x"}}, {"data": {"file": "x"}}, {"content": b"--x"}, {"files": {"image": b"x"}}):
        assert (await operator.post(path, **request)).status_code in {400, 415, 422}, request
    assert (await operator.post(f"/v1/subjects/{uuid4()}/images", files=_file(b""))).status_code == 422


@pytest.mark.asyncio
async def test_no_picture_stays_when_the_transaction_fails(
    sign_in: SignIn, people: Path, app: FastAPI, own_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = await sign_in(Role.OPERATOR)
    picture = (people / "joe-biden-1.jpg").read_bytes()
    missing = await operator.post(f"/v1/subjects/{uuid4()}/images", files=_file(picture))
    assert missing.status_code == 404
    subject = (await operator.post("/v1/subjects", json={"name": "x"})).json()["id"]
    at_commit = "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON images DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    await execute_as_admin(
        own_database.admin_dsn,
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'late' USING ERRCODE = 'check_violation'; END$$",
        f"{at_commit} EXECUTE FUNCTION late()",
    )
    refused = await operator.post(f"/v1/subjects/{subject}/images", files=_file(picture))
    assert refused.status_code == 422, "the commit itself fails"
    assert await _objects(app) == []

    storage = app.state.resources.storage

    async def refuses(_key: str, _data: bytes) -> None:
        raise StorageError("the object store is full", hint="Make room.")

    monkeypatch.setattr(type(storage), "upload", lambda _self, key, data: refuses(key, data))
    failed = await operator.post(f"/v1/subjects/{subject}/images", files=_file(picture))
    assert (failed.status_code, failed.json()["code"]) == (503, "storage_error")
    assert (await operator.get(f"/v1/subjects/{subject}")).json()["images"] == 0
    assert await _objects(app) == []


@pytest.mark.asyncio
async def test_a_face_is_searched_and_that_goes_on_record(
    sign_in: SignIn, people: Path, app: FastAPI, database: Database
) -> None:
    operator = await sign_in(Role.OPERATOR)
    obama, _ = await _enrolled(operator, "Barack Obama", (people / "barack-obama-1.jpg").read_bytes())
    await _enrolled(operator, "Joe Biden", (people / "joe-biden-1.jpg").read_bytes())
    before = await _objects(app)
    probe = (people / "barack-obama-3.jpg").read_bytes()
    answer = await operator.post(
        "/v1/subjects/search", files=_file(probe), headers={"Sightline-Purpose": "case%20%E2%84%96 7"}
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    (candidate,) = found["candidates"]
    assert (candidate["subject_id"], candidate["is_match"]) == (obama, True)
    assert 0 < candidate["false_match_rate"] <= 1e-4
    assert candidate["false_positive_identification_rate"] == pytest.approx(2 * candidate["false_match_rate"], rel=1e-3)
    assert (found["gallery_size"], found["probe"]["faces"]) == (2, 1)
    assert (await operator.get(candidate["picture_url"])).headers["content-type"] == "image/jpeg"
    async with database.session(SYSTEM) as session:
        searches = text(
            "SELECT p.new_values FROM audit_logs l JOIN audit_payloads p ON p.audit_id = l.id WHERE l.action = 'SEARCH'"
        )
        (event,) = list(await session.scalars(searches))
    assert [one["subject"] for one in event["candidates"]] == [obama]
    assert event["purpose"] == "case № 7"
    assert await _objects(app) == before, "the probe is not kept"

    everybody = await operator.post("/v1/subjects/search", files=_file(probe), params={"min_similarity": -1})
    ranked = everybody.json()["candidates"]
    assert [one["is_match"] for one in ranked] == [True, False]
    assert ranked[1]["false_match_rate"] is None, "below what was measured"
    for params in ({"min_similarity": 0.5, "fmr": 0.1}, {"fmr": 1e-9}, {"top_k": 21}, {"min_similarity": "nan"}):
        refused = await operator.post("/v1/subjects/search", files=_file(probe), params=params)
        assert refused.status_code == 422, params


@pytest.mark.asyncio
async def test_of_several_faces_one_is_chosen(sign_in: SignIn, people: Path) -> None:
    operator = await sign_in(Role.OPERATOR)
    await _enrolled(operator, "Joe Biden", (people / "joe-biden-1.jpg").read_bytes())
    picture = _file((people / "obama-and-biden.jpg").read_bytes())
    unsure = await operator.post("/v1/subjects/search", files=picture)
    problem = unsure.json()
    assert (unsure.status_code, problem["code"]) == (422, "several_faces_found")
    answers = [
        (await operator.post("/v1/subjects/search", files=picture, params={"face": n})).json()
        for n in range(len(problem["faces"]))
    ]
    assert [answer["probe"]["box"] for answer in answers] == [face["box"] for face in problem["faces"]]
    assert sorted(len(answer["candidates"]) for answer in answers)[-1] == 1, "one of them is Biden"
    beyond = await operator.post("/v1/subjects/search", files=picture, params={"face": 9})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "invalid_input")


@pytest.mark.asyncio
async def test_only_operators_search_and_only_with_a_purpose_where_the_house_asks(
    sign_in: SignIn, people: Path, database: Database
) -> None:
    picture = _file((people / "joe-biden-1.jpg").read_bytes())
    for role in (Role.VIEWER, Role.AUDITOR):
        client = await sign_in(role)
        assert (await client.post("/v1/subjects/search", files=picture)).status_code == 403
    async with database.session(SYSTEM) as session:
        setting = text("INSERT INTO settings (key, value) VALUES ('privacy', cast(:value AS jsonb))")
        await session.execute(setting, {"value": '{"purpose_required": true}'})
    operator = await sign_in(Role.OPERATOR)
    refused = await operator.post("/v1/subjects/search", files=picture)
    assert (refused.status_code, refused.json()["code"]) == (422, "purpose_required")
    stated = await operator.post("/v1/subjects/search", files=picture, headers={"Sightline-Purpose": "case 7"})
    assert stated.status_code == 200


@pytest.mark.asyncio
async def test_templates_are_made_anew_from_kept_pictures(
    sign_in: SignIn, people: Path, database: Database, app: FastAPI
) -> None:
    operator = await sign_in(Role.OPERATOR)
    subject, image = await _enrolled(operator, "Joe Biden", (people / "joe-biden-1.jpg").read_bytes())
    read = text("SELECT embedding::text, model_version FROM images WHERE id = :id")
    async with database.session(SYSTEM) as session:
        first, version = (await session.execute(read, {"id": UUID(image["id"])})).one()
        await session.execute(text("UPDATE images SET model_version = 'former/1'"))
        lost = text("INSERT INTO images (subject_id, image_path) VALUES (:subject, 'subjects/lost.jpg') RETURNING id")
        lost_id = (await session.execute(lost, {"subject": UUID(subject)})).scalar_one()
    done = (await operator.post(f"/v1/subjects/{subject}/reembed")).json()
    assert done["model_version"] == version
    assert [(item["done"], item["code"]) for item in done["items"]] == [(True, None), (False, "object_not_found")]
    async with database.session(SYSTEM) as session:
        again, renewed = (await session.execute(read, {"id": UUID(image["id"])})).one()
        assert (await session.execute(read, {"id": lost_id})).one()[0] is None
    assert renewed == version
    vectors = [np.array(text_.strip("[]").split(","), np.float64) for text_ in (first, again)]
    assert float(vectors[0] @ vectors[1]) > 0.95, "the kept crop gives nearly the same template"
