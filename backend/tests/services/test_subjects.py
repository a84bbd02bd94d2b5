"""Subjects, their templates, and the gallery that workers load."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import WORKER
from sightline.core.errors import Conflict, GalleryInvalid, InvalidInput, NotFound
from sightline.services import gallery, subject_images, subjects, templates, watchlists
from tests.support.database import MODEL, acting, add_subject, add_watchlist, template_of


@given(seed=st.integers(0, 2**32 - 1))
def test_a_template_as_text_is_exact(seed: int) -> None:
    template = template_of(seed)
    back = np.array(templates.to_text(template).strip("[]").split(","), dtype=np.float64).astype(np.float32)
    assert np.array_equal(back, template)


@pytest.mark.asyncio
async def test_a_gallery_comes_back_as_it_was_stored(session: AsyncSession) -> None:
    one, two = await add_subject(session, seed=1), await add_subject(session, seed=2)
    new = subjects.NewTemplate(template_of(3), MODEL, landmarks=np.zeros((5, 2), np.float32))
    await subjects.add_template(session, subject_id=one.id, new=new)
    async with acting(session, WORKER):
        loaded = await gallery.load_gallery(session, model_version=MODEL)
    assert loaded.subjects == (str(one.id), str(two.id), str(one.id))
    expected = np.stack([template_of(seed) for seed in (1, 2, 3)])
    np.testing.assert_allclose(loaded.templates, expected, atol=1e-7)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE subjects SET status = 'inactive'",
        "UPDATE watchlists SET is_active = false",
        "UPDATE watchlists SET expires_at = now() - interval '1 second'",
        "DELETE FROM images",
    ],
)
async def test_who_may_not_be_recognised_is_not_in_the_gallery(session: AsyncSession, change: str) -> None:
    subject = await add_subject(session, await add_watchlist(session), seed=1)
    before = await gallery.fingerprint(session, model_version=MODEL)
    await session.execute(text(change))
    assert len(await gallery.load_gallery(session, model_version=MODEL)) == 0
    assert await gallery.fingerprint(session, model_version=MODEL) != before
    found = await gallery.search(session, probes=template_of(1)[None], min_similarity=0.5, top_k=5, model_version=MODEL)
    assert found == [()], subject.name


@pytest.mark.asyncio
async def test_templates_of_another_model_are_refused_with_advice(session: AsyncSession) -> None:
    assert len(await gallery.load_gallery(session, model_version="other/2")) == 0, "an empty gallery is fine"
    await add_subject(session, seed=1)
    with pytest.raises(GalleryInvalid, match=r"test-model/1 \(1\)") as caught:
        await gallery.load_gallery(session, model_version="other/2")
    assert "gallery reembed" in caught.value.hint


@pytest.mark.asyncio
async def test_a_batch_of_probes_is_ranked_by_subject(session: AsyncSession) -> None:
    one, two = await add_subject(session, seed=1), await add_subject(session, seed=2)
    again = subjects.NewTemplate(template_of(1), MODEL)
    await subjects.add_template(session, subject_id=one.id, new=again)
    await gallery.activate_model(session, model_version=MODEL)
    probes = np.stack([template_of(2), template_of(1), template_of(99)])
    found = await gallery.search(session, probes=probes, min_similarity=0.5, top_k=5)
    assert [[match.name for match in matches] for matches in found] == [[two.name], [one.name], []]


@pytest.mark.asyncio
async def test_search_without_a_model_is_refused(session: AsyncSession) -> None:
    with pytest.raises(Exception, match="no model version"):
        await gallery.search(session, probes=template_of(1)[None], min_similarity=0.5, top_k=1)


@pytest.mark.asyncio
async def test_what_cannot_be_enrolled(session: AsyncSession) -> None:
    subject = await subjects.create(session, name="Ada", external_id="A-1")
    with pytest.raises(Conflict):
        await subjects.create(session, name="Another", external_id="A-1")
    with pytest.raises(InvalidInput):
        await subjects.create(session, name="  ")
    with pytest.raises(NotFound):
        await subjects.add_template(session, subject_id=uuid4(), new=subjects.NewTemplate(template_of(1), MODEL))
    for template, model in ((np.ones(128, np.float32), MODEL), (template_of(1) * 2, MODEL), (template_of(1), "")):
        with pytest.raises(InvalidInput):
            await subjects.add_template(session, subject_id=subject.id, new=subjects.NewTemplate(template, model))


@pytest.mark.asyncio
async def test_people_are_found_by_a_misspelt_name_or_a_part_of_an_id(session: AsyncSession) -> None:
    hopper = await subjects.create(session, name="Grace Hopper", external_id="NAVY-0042")
    await subjects.create(session, name="Eileen Collins")
    for query in ("grace", "Hoper", "0042"):
        assert [found.id for found in await subjects.search(session, query=query)] == [hopper.id], query
    assert [found.id for found in await subjects.find_by_name(session, name="GRACE HOPPER")] == [hopper.id]


@pytest.mark.asyncio
async def test_removing_an_image_queues_its_object(session: AsyncSession) -> None:
    subject = await add_subject(session, seed=1)
    (image,) = await subject_images.list_images(session, subject_id=subject.id)
    await subject_images.remove(session, subject_id=subject.id, image_id=image.id)
    keys = list(await session.scalars(text("SELECT object_key FROM object_deletions")))
    assert keys == [image.image_path]


@pytest.mark.asyncio
async def test_a_watchlist_needs_reason_approver_and_end(session: AsyncSession) -> None:
    soon = datetime.now(UTC) + timedelta(days=10)
    for approval in (
        watchlists.Approval("", "A", soon),
        watchlists.Approval("law", " ", soon),
        watchlists.Approval("law", "A", soon + timedelta(days=3650)),
        watchlists.Approval("law", "A", datetime.now(UTC) - timedelta(days=1)),
    ):
        with pytest.raises(InvalidInput):
            await watchlists.create(session, name="list", approval=approval)
    made = await watchlists.create(session, name="Guests", approval=watchlists.Approval("law", "A", soon))
    assert (await watchlists.get(session, name="guests")).id == made.id
    with pytest.raises(NotFound):
        await watchlists.get(session, name="none")


@pytest.mark.asyncio
async def test_ivfflat_can_be_chosen_and_finds_the_same_people(session: AsyncSession) -> None:
    """And back again: the index changes, the answers do not."""
    people = [await add_subject(session, seed=seed) for seed in range(1, 31)]
    probes = np.stack([template_of(seed) for seed in range(1, 31)])
    for kind in ("ivfflat", "hnsw"):
        await session.execute(text("SELECT set_vector_index(:kind)"), {"kind": kind})
        built = await session.scalar(text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_images_embedding'"))
        assert f"USING {kind}" in str(built)
        async with acting(session, WORKER):
            found = await gallery.search(session, probes=probes, min_similarity=0.9, top_k=1, model_version=MODEL)
        assert [matches[0].subject_id for matches in found] == [person.id for person in people]
