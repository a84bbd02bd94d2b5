"""A gallery moves to another model: both are searched until it is done, and no picture is dropped in silence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import select, text

from sightline.core.config import Settings, StorageSettings
from sightline.core.database import MAINTENANCE, SYSTEM, WORKER, Database
from sightline.core.errors import NotMeasured
from sightline.core.storage import ObjectStorage, UrlSigner, open_storage
from sightline.domain.arrays import FloatArray, ImageArray, normalise
from sightline.models import Job
from sightline.services import gallery, reembedding, runtime_settings, subjects
from sightline.vision.loading import Models
from sightline.workers.gallery_move import GalleryMove, Moved
from tests.pipeline.fakes import CURVE
from tests.support.database import template_of
from tests.workers.split_scene import (
    LANDMARKS,
    MODEL,
    SPREAD,
    ColourAligner,
    ColourDetector,
    FullQuality,
    Killed,
    crop_of,
)

pytestmark = pytest.mark.asyncio
NEW = "painted-2"
DAY = timedelta(days=1)


def new_template_of(person: int) -> FloatArray:
    """As the new model sees a person."""
    return template_of(500 + person)


@dataclass
class NewEmbedder:
    """Another model. before: called before each picture."""

    model_version: str = NEW
    before: Callable[[int], None] = lambda _number: None
    pictures: int = 0

    def embed(self, aligned: ImageArray) -> FloatArray:
        self.pictures += 1
        self.before(self.pictures)
        return normalise(np.stack([new_template_of(round(view[0, 0, 0] / SPREAD)) for view in aligned]))


@dataclass
class House:
    """Enrolled people, and what moves them."""

    database: Database
    storage: ObjectStorage
    settings: Settings
    embedder: NewEmbedder = field(default_factory=NewEmbedder)
    people: dict[int, UUID] = field(default_factory=dict)

    async def enrol(self, person: int, *, picture: bytes | None, image_path: str | None = "") -> None:
        async with self.database.session(SYSTEM) as session:
            subject = await subjects.create(session, name=f"Person {person}")
            path = f"subjects/{subject.id}/one.jpg" if image_path == "" else image_path
            if picture is not None and path is not None:
                await self.storage.upload(path, picture)
            new = subjects.NewTemplate(template_of(person), MODEL, 0.9, image_path=path, landmarks=LANDMARKS)
            await subjects.add_template(session, subject_id=subject.id, new=new)
            await gallery.activate_model(session, model_version=MODEL)
            self.people[person] = subject.id

    async def move(self, *, grace: timedelta | None = DAY, allow_refused: bool = False) -> Moved:
        models = Models(ColourDetector(), ColourAligner(), FullQuality(), self.embedder, CURVE, "new")
        work = GalleryMove(self.database, self.storage, models, "new", self.settings)
        return await work.run(grace=grace, allow_refused=allow_refused)

    async def named(self, probe: FloatArray, model: str | None = None) -> UUID | None:
        """Whom the database finds."""
        async with self.database.session(SYSTEM) as session:
            (found,) = await gallery.search(
                session, probes=probe[None], min_similarity=0.9, top_k=1, model_version=model
            )
        return found[0].subject_id if found else None

    async def loaded(self, model: str) -> int:
        """How many templates a worker of this model searches."""
        async with self.database.session(WORKER) as session:
            return len(await gallery.load_gallery(session, model_version=model))

    async def pack(self) -> str:
        async with self.database.session(WORKER) as session:
            return (await runtime_settings.effective(session, base=self.settings)).recognition.pack


@pytest_asyncio.fixture
async def house(database: Database, tmp_path: Path) -> House:
    storage = open_storage(StorageSettings(), folder=tmp_path, signer=UrlSigner("k" * 40))
    house = House(database, storage, Settings(data_dir=tmp_path))
    for person in (1, 2, 3):
        await house.enrol(person, picture=crop_of(person))
    return house


async def test_both_models_are_searched_and_the_switch_is_one_step(house: House) -> None:
    before = await house.pack()
    seen: list[int] = []
    house.embedder.before = seen.append
    moved = await house.move()
    assert moved == Moved(NEW, 3, 3, True, ())
    assert (before, await house.pack()) == ("lite", "new")
    for person, subject_id in house.people.items():
        assert await house.named(new_template_of(person)) == subject_id, "the new model is what is searched"
        assert await house.named(template_of(person), MODEL) == subject_id, "who still uses the old one, finds too"
    assert (await house.loaded(NEW), await house.loaded(MODEL)) == (3, 3)
    async with house.database.session(SYSTEM) as session:
        rows = (await session.execute(text("SELECT model_version FROM images"))).scalars().all()
        assert set(rows) == {NEW}
        (job,) = (await session.scalars(select(Job))).all()
        assert (job.kind, job.status, job.progress) == ("gallery_reembed", "done", 1.0)
        assert job.summary == {"templates": 3, "refused": 0, "switched": True}


async def test_old_templates_go_after_their_grace(house: House) -> None:
    await house.move(grace=timedelta(0))
    async with house.database.session(MAINTENANCE) as session:
        await gallery.forget_expired(session)
    assert (await house.loaded(NEW), await house.named(template_of(1), MODEL)) == (3, None)


async def test_old_templates_are_kept_for_a_way_back(house: House) -> None:
    await house.move(grace=None)
    async with house.database.session(MAINTENANCE) as session:
        assert await gallery.forget_expired(session) == 0
    assert await house.loaded(MODEL) == 3


async def test_a_move_that_was_killed_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sightline.workers.gallery_move.BATCH", 1)

    def die(number: int) -> None:
        if number == 3:
            raise Killed

    house.embedder.before = die
    with pytest.raises(Killed):
        await house.move()
    assert await house.pack() == "lite"
    assert await house.named(template_of(3)) == house.people[3]
    async with house.database.session(SYSTEM) as session:
        assert await reembedding.progress(session, model_version=NEW) == reembedding.Progress(2, 0, 3)
    house.embedder = NewEmbedder()
    assert (await house.move()).switched
    assert house.embedder.pictures == 1


async def test_pictures_that_are_refused_are_listed_and_hold_the_switch_up(house: House) -> None:
    await house.enrol(4, picture=b"this is no picture")
    await house.enrol(5, picture=None, image_path=None)
    await house.enrol(6, picture=None)
    held = await house.move()
    assert not held.switched
    assert await house.pack() == "lite"
    assert {one.subject_id for one in held.refused} == {house.people[number] for number in (4, 5, 6)}
    assert all(one.reason for one in held.refused)
    moved = await house.move(allow_refused=True)
    assert (moved.switched, moved.made, moved.total) == (True, 3, 6)
    assert moved.refused == held.refused
    assert await house.named(template_of(4), MODEL) == house.people[4], "it stays, with its old template"


async def test_templates_of_refused_pictures_get_the_same_grace(house: House) -> None:
    """They stay listed, are tried again by the next move, and a way back finds them as they were."""
    await house.enrol(4, picture=b"this is no picture")
    await house.move(allow_refused=True, grace=None)
    assert await house.named(template_of(4), MODEL) == house.people[4]
    async with house.database.session(SYSTEM) as session:
        assert await reembedding.model_with_stragglers(session) is None, "none keeps the old one as its own"
        await session.execute(text("UPDATE image_templates SET expires_at = now() WHERE embedding IS NOT NULL"))
    async with house.database.session(MAINTENANCE) as session:
        assert await gallery.forget_expired(session) == 4
    assert await house.named(template_of(4), MODEL) is None
    async with house.database.session(SYSTEM) as session:
        (listed,) = await reembedding.refused_pictures(session, model_version=NEW)
        assert (listed.subject_id, await reembedding.models(session)) == (house.people[4], {NEW: (3, 1)})
        path = await session.scalar(
            text("SELECT image_path FROM images WHERE subject_id = :id"), {"id": listed.subject_id}
        )
    await house.storage.upload(path, crop_of(4))
    assert (await house.move()).refused == (listed,), "what was refused is not tried again unasked"
    async with house.database.session(SYSTEM) as session:
        await reembedding.forget_refusals(session, model_version=NEW)
    assert (await house.move()).made == 4
    assert await house.named(new_template_of(4)) == house.people[4]


async def test_who_enrols_by_the_former_model_does_not_turn_searches_back(house: House) -> None:
    await house.move()
    await house.enrol(8, picture=crop_of(8))
    async with house.database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT active_model_version()")) == NEW
        assert await reembedding.model_with_stragglers(session) == NEW


async def test_who_is_enrolled_meanwhile_is_not_forgotten(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    switch, late = reembedding.switch, [True]

    async def enrol_first(session: object, **values: str) -> None:
        if late.pop() if late else False:
            await house.enrol(7, picture=crop_of(7))
        await switch(session, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(reembedding, "switch", enrol_first)
    assert (await house.move()).switched
    assert await house.named(new_template_of(7)) == house.people[7]


async def test_a_pack_that_lacks_the_rate_in_use_is_refused_at_once(house: House) -> None:
    rules = house.settings.recognition.model_copy(update={"fmr": 1e-8})
    house.settings = house.settings.model_copy(update={"recognition": rules})
    with pytest.raises(NotMeasured):
        await house.move()
    assert house.embedder.pictures == 0
