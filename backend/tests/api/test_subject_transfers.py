"""Import and export of subjects and the subject access export, from the upload to the file, with a real worker."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest
import pytest_asyncio
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import text

from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.services import job_run, subjects
from sightline.services.sightings import record_tracks
from sightline.workers.job_handlers import HANDLERS
from sightline.workers.jobs import JobServices, JobWorker
from tests.api.conftest import SignIn, World
from tests.services.fake_models import Painted, PaintedModels, picture
from tests.support.database import add_watchlist, track_record

pytestmark = pytest.mark.asyncio


class Curve:
    """Every picture of a person resembles the others by 0.8."""

    def min_similarity(self, _fmr: float) -> float:
        return 0.6


class PackOf(PaintedModels):
    """Painted models with an operating point."""

    curve = Curve()


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_run, "_loaded", lambda _settings: PackOf())


def png(*faces: Painted) -> bytes:
    written = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture(*faces)[:, :, ::-1])).save(written, "PNG")
    return written.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return written.getvalue()


@dataclass
class Desk:
    """An administrator's browser, and the worker that does what it asks for."""

    client: httpx.AsyncClient
    worker: JobWorker
    database: Database

    async def upload(self, table: str | bytes, images: bytes | None = None, **form: str) -> httpx.Response:
        data = table.encode() if isinstance(table, str) else table
        files = {"file": ("../../people.csv", data, "text/csv")}
        if images is not None:
            files["images"] = ("images.zip", images, "application/zip")
        return await self.client.post("/v1/subjects/imports", files=files, data=form)

    async def imported(self, table: str | bytes, images: bytes | None = None, **form: str) -> dict[str, Any]:
        accepted = await self.upload(table, images, **form)
        assert accepted.status_code == 202, accepted.text
        return await self.done(accepted)

    async def done(self, accepted: httpx.Response) -> dict[str, Any]:
        await self.worker.drain()
        job = (await self.client.get(accepted.headers["Location"])).json()
        answer: dict[str, Any] = (await self.client.get(f"/v1/subjects/imports/{job['id']}")).json()
        return answer

    async def file(self, accepted: httpx.Response) -> bytes:
        assert accepted.status_code == 202, accepted.text
        await self.worker.drain()
        result = await self.client.get(f"{accepted.headers['Location']}/result")
        assert result.status_code == 200, result.text
        return result.content

    async def count(self, what: str) -> int:
        async with self.database.session(SYSTEM) as session:
            return int(await session.scalar(text(f"SELECT count(*) FROM {what}")) or 0)  # noqa: S608


@pytest_asyncio.fixture
async def desk(sign_in: SignIn, app: FastAPI, database: Database) -> Desk:
    opened = app.state.resources
    worker = JobWorker(JobServices(database, opened.storage, opened.redis, opened.settings), HANDLERS)
    return Desk(await sign_in(Role.ADMIN), worker, database)


PEOPLE = "name;external_id;images;metadata.team\nAda;A-1;ada/1.png;Engines\nGrace;G-1;grace.png;Navy\n"
PICTURES = {"ada/1.png": png(Painted(10)), "grace.png": png(Painted(60))}


async def test_a_dry_run_keeps_nothing_and_is_then_applied(desk: Desk) -> None:
    before = await desk.count("subjects")
    accepted = await desk.upload(PEOPLE, zipped(PICTURES))
    dry = await desk.done(accepted)
    assert dry["dry_run"] is True
    assert [(row["status"], row["images_added"], row["subject_id"]) for row in dry["rows"]] == [
        ("created", 1, None)
    ] * 2
    assert (await desk.count("subjects"), await desk.count("images")) == (before, 0)

    job_id = accepted.json()["id"]
    real = await desk.done(await desk.client.post(f"/v1/subjects/imports/{job_id}/apply", json={}))
    assert real["dry_run"] is False
    assert [(row["row"], row["status"], row["images_added"]) for row in real["rows"]] == [
        (2, "created", 1),
        (3, "created", 1),
    ]
    assert await desk.count("subjects") == before + 2
    assert real["job"]["summary"] | {"rows": 2, "created": 2, "images": 2} == real["job"]["summary"]
    async with desk.database.session(SYSTEM) as session:
        ada = await subjects.get(session, subject_id=UUID(real["rows"][0]["subject_id"]))
    assert (ada.name, ada.external_id, ada.metadata_) == ("Ada", "A-1", {"team": "Engines"})


async def test_importing_again_skips_or_updates_and_knows_its_pictures(desk: Desk) -> None:
    await desk.imported(PEOPLE, zipped(PICTURES), dry_run="false")
    skipped = await desk.imported(PEOPLE, zipped(PICTURES), dry_run="false")
    assert [row["status"] for row in skipped["rows"]] == ["skipped", "skipped"]
    changed = PEOPLE.replace("Ada;", "Ada Lovelace;")
    updated = await desk.imported(changed, zipped(PICTURES), dry_run="false", existing="update")
    assert [(row["status"], row["images_added"], row["images_known"]) for row in updated["rows"]] == [
        ("updated", 0, 1)
    ] * 2
    assert await desk.count("images") == 2
    assert await desk.count("subjects WHERE name = 'Ada Lovelace'") == 1


async def test_an_update_leaves_alone_what_the_file_does_not_say(desk: Desk) -> None:
    async with desk.database.session(SYSTEM) as session:
        listed = await add_watchlist(session)
        await subjects.create(
            session, name="Ada", external_id="A-1", watchlist_id=listed.id, alert_on_match=False, metadata={"old": 1}
        )
    await desk.imported("name,external_id,metadata.new\nAda L.,A-1,2\n", dry_run="false", existing="update")
    assert await desk.count(f"subjects WHERE watchlist_id = {listed.id} AND NOT alert_on_match") == 1
    assert await desk.count("""subjects WHERE metadata = '{"old": 1, "new": "2"}' AND name = 'Ada L.'""") == 1


async def test_each_row_stands_alone_and_says_what_is_wrong(desk: Desk) -> None:
    table = (
        "name,external_id,watchlist,images,alert_on_match\n"
        "Ada,A-1,,missing.png,yes\n"
        "Bob,B-1,no such list,,yes\n"
        ",C-1,,,yes\n"
        '"two\nlines",D-1,,,perhaps\n'
        "Eve,E-1,,two.png,yes\n"
        "Fay,F-1,,broken.png,yes\n"
        "Gus,G-1,,,yes\n"
        "Gus again,G-1,,,yes\n"
    )
    two = png(Painted(10, x=0, side=80), Painted(60, x=120, side=80))
    found = await desk.imported(table, zipped({"two.png": two, "broken.png": b"\x89PNG no"}), dry_run="false")
    rows = {row["external_id"] + str(row["row"]): (row["status"], row["code"]) for row in found["rows"]}
    assert rows == {
        "A-12": ("failed", "invalid_input"),
        "B-13": ("failed", "invalid_input"),
        "C-14": ("failed", "invalid_input"),
        "D-15": ("failed", "invalid_input"),
        "E-17": ("failed", "several_faces_found"),
        "F-18": ("failed", "unsupported_media"),
        "G-19": ("created", None),
        "G-110": ("failed", "conflict"),
    }
    assert await desk.count("subjects WHERE external_id IS NOT NULL") == 1
    assert await desk.count("images") == 0
    listing = await desk.client.get(f"/v1/subjects/imports/{found['job']['id']}?format=csv")
    assert len(list(csv.reader(io.StringIO(listing.text)))) == 9


async def test_a_face_that_another_subject_has_is_refused_unless_allowed(desk: Desk) -> None:
    await desk.imported(PEOPLE, zipped(PICTURES), dry_run="false")
    twin = "name,external_id,images\nTwin,T-1,t.png\n"
    images = zipped({"t.png": png(Painted(10, shot=3))})
    assert [row["code"] for row in (await desk.imported(twin, images, dry_run="false"))["rows"]] == ["looks_like_other"]
    allowed = await desk.imported(twin, images, dry_run="false", allow_resembling="true")
    assert [row["status"] for row in allowed["rows"]] == ["created"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"name\nAda\n\xff\xfe\n", "line 3"),
        (b"name\nAda\nB\0b\n", "line 3"),
        ("name,shoe size\nAda,39\n", "shoe size"),
        ("name,name\nAda,39\n", "twice"),
        ("external_id\nA-1\n", "'name'"),
        ("name,external_id\nAda\n", "line 2"),
        ('name\n"Ada\n', "line 2"),
        ("", "'name'"),
        ("name\n", "no rows"),
    ],
)
async def test_a_file_that_cannot_be_read_fails_as_a_whole(desk: Desk, table: str | bytes, said: str) -> None:
    before = await desk.count("subjects")
    job = (await desk.imported(table, dry_run="false"))["job"]
    assert (job["status"], job["error_code"]) == ("failed", "invalid_input")
    assert said in job["error_detail"]
    assert await desk.count("subjects") == before


@pytest.mark.parametrize("form", [{"existing": "perhaps"}, {"dry_run": "perhaps"}])
async def test_a_wrong_form_or_archive_is_refused_at_once(desk: Desk, form: dict[str, str]) -> None:
    assert (await desk.upload(PEOPLE, None, **form)).status_code == 422
    assert (await desk.upload(PEOPLE, b"no archive")).status_code == 422
    assert (await desk.upload(PEOPLE, zipped({"../up.png": b"x"}))).status_code == 422
    assert await desk.count("jobs") == 0


async def test_an_import_goes_on_where_its_worker_died(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    table = "name\n" + "".join(f"Person {number}\n" for number in range(10))
    before = await desk.count("subjects")

    class Died(BaseException):
        """kill -9, as far as the job is concerned."""

    real, calls = subjects.add, 0

    async def add(*given: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise Died
        return await real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(subjects, "add", add)
    accepted = await desk.upload(table, dry_run="false")
    with pytest.raises(Died):
        await desk.worker.drain()
    assert await desk.count("subjects") == before + 4
    async with desk.database.session(SYSTEM) as session:
        await session.execute(text("UPDATE jobs SET heartbeat_at = now() - interval '61 seconds'"))
    done = await desk.done(accepted)
    assert done["job"]["status"] == "done"
    assert len(done["rows"]) == 10
    assert await desk.count("subjects") == before + 10


async def test_an_import_is_its_owners_and_a_dry_run_is_applied_once_it_is_done(desk: Desk, sign_in: SignIn) -> None:
    accepted = await desk.upload(PEOPLE, zipped(PICTURES))
    path = f"/v1/subjects/imports/{accepted.json()['id']}"
    assert (await desk.client.post(f"{path}/apply", json={})).status_code == 409
    assert (await desk.client.get(path)).json()["rows"] == []
    operator, viewer = await sign_in(Role.OPERATOR), await sign_in(Role.VIEWER)
    assert (await operator.get(path)).status_code == 404
    assert (await viewer.get(path)).status_code == 403
    assert (await desk.client.get(f"/v1/subjects/imports/{uuid4()}")).status_code == 404


async def test_an_export_is_defused_and_can_be_imported_again(desk: Desk, world: World) -> None:
    async with desk.database.session(SYSTEM) as session:
        await subjects.create(session, name="=HYPERLINK(1)", external_id="X-1", metadata={"note": "+1"})
    await desk.imported(PEOPLE, zipped(PICTURES), dry_run="false")
    given = {"format": "csv", "pictures": True}
    data = await desk.file(await desk.client.post("/v1/subjects/export", json=given))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        table = archive.read("subjects.csv")
        pictures = [name for name in archive.namelist() if name.endswith(".jpg")]
    assert len(pictures) == 2
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert {row["name"] for row in rows} == {"'=HYPERLINK(1)", "Ada", "Grace", world.guest.name}
    plain = await desk.file(await desk.client.post("/v1/subjects/export", json={}))
    again = await desk.imported(plain, dry_run="false", existing="update")
    assert {row["status"] for row in again["rows"]} == {"created", "updated"}, "the guest has no external id"
    assert await desk.count("subjects WHERE name = '=HYPERLINK(1)'") == 1
    assert await desk.count("audit_entries WHERE action = 'EXPORT' AND table_name = 'subjects'") == 2
    assert await desk.count("audit_entries WHERE action = 'EXPORT' AND table_name = 'jobs'") == 2


async def test_an_export_as_json_of_some(desk: Desk, world: World) -> None:
    gone = [str(uuid4()) for _ in range(4999)]
    given = {"format": "json", "ids": [*gone, str(world.guest.id)]}
    data = json.loads(await desk.file(await desk.client.post("/v1/subjects/export", json=given)))
    assert [one["name"] for one in data["subjects"]] == [world.guest.name]


async def test_everything_held_on_a_person_without_the_faces_of_others(desk: Desk, world: World, app: FastAPI) -> None:
    me, other, bystander = (
        Painted(200, x=10, y=10, side=60),
        Painted(90, x=150, y=150),
        Painted(40, x=150, y=10, side=50),
    )
    seen = track_record(world.vault, world.guest, box=(10.0, 10.0, 60.0, 60.0), frame_width=240, frame_height=240)
    beside = track_record(world.vault, box=(150.0, 10.0, 50.0, 50.0), frame_width=240, frame_height=240)
    async with desk.database.session(WORKER) as session:
        await record_tracks(session, tracks=[seen, beside])
    storage = app.state.resources.storage
    await storage.upload(str(seen.frame_path), png(me, other, bystander))
    await storage.upload(str(seen.image_path), png(Painted(200)))
    accepted = await desk.client.post(f"/v1/subjects/{world.guest.id}/access-export", json={"reason": "DSR-7 <b>"})
    data = await desk.file(accepted)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    assert set(manifest["sha256"]) == set(files) - {"manifest.json"}
    held = json.loads(files["data/sightings.json"])
    assert str(seen.track_id) in {one["id"] for one in held}
    assert json.loads(files["data/subject.json"])[0]["name"] == world.guest.name
    assert json.loads(files["data/alerts.json"])
    assert "candidates" not in held[0]
    assert world.guest.name.encode() in files["index.html"]
    shown = np.asarray(Image.open(io.BytesIO(files[f"pictures/seen/{seen.track_id}-frame.jpg"])).convert("RGB")).astype(
        int
    )
    assert np.abs(shown[40, 40] - np.array([200, 200, 1])).max() < 12, "their own face stays"
    assert np.abs(shown[15, 160] - np.array([40, 200, 1])).max() > 50, "a bystander is mixed with what is around them"
    assert (
        await desk.count(f"audit_payloads WHERE subject_id = '{world.guest.id}' AND new_values::text LIKE '%DSR-7%'")
        == 1
    )


@pytest.mark.parametrize(
    "order", [{}, {"reason": ""}, {"reason": "x\0yz"}, {"reason": "fine", "who": "me"}, {"reason": 7}]
)
async def test_an_access_export_needs_a_reason(desk: Desk, world: World, order: dict[str, object]) -> None:
    path = f"/v1/subjects/{world.guest.id}/access-export"
    assert (await desk.client.post(path, json=order)).status_code == 422
    assert await desk.count("jobs") == 0


async def test_who_may_not_export_queues_nothing(desk: Desk, world: World, sign_in: SignIn) -> None:
    for role in (Role.OPERATOR, Role.VIEWER, Role.AUDITOR):
        client = await sign_in(role)
        assert (await client.post("/v1/subjects/export", json={})).status_code == 403
        path = f"/v1/subjects/{world.guest.id}/access-export"
        assert (await client.post(path, json={"reason": "curious"})).status_code == 403
    assert (
        await desk.client.post(f"/v1/subjects/{uuid4()}/access-export", json={"reason": "DSR-7"})
    ).status_code == 404
    assert await desk.count("jobs") == 0


async def test_a_result_waits_is_its_owners_and_goes(desk: Desk, sign_in: SignIn) -> None:
    accepted = await desk.client.post("/v1/subjects/export", json={})
    path = f"{accepted.headers['Location']}/result"
    assert (await desk.client.get(path)).status_code == 409
    await desk.worker.drain()
    result = await desk.client.get(path)
    assert result.headers["Cache-Control"] == "private, no-store"
    assert 'filename="subjects.csv"' in result.headers["Content-Disposition"]
    operator = await sign_in(Role.OPERATOR)
    assert (await operator.get(path)).status_code == 404
    assert (await operator.get("/v1/jobs")).json()["items"] == []
    listed = (await desk.client.get("/v1/jobs?kind=subject_export&status=done")).json()["items"]
    assert [one["id"] for one in listed] == [accepted.json()["id"]]
    async with desk.database.session(SYSTEM) as session:
        await session.execute(text("UPDATE jobs SET expires_at = now()"))
    assert (await desk.client.get(path)).status_code == 410
    assert (await desk.client.post(f"{accepted.headers['Location']}/cancel")).status_code == 409
    assert (await desk.client.get(f"/v1/jobs/{uuid4()}")).status_code == 404
