"""Moving a gallery to another model: templates of the new one beside the old ones, then the switch, then the old go.

Every step is in the database, so that it goes on where it was after a crash, and both models are searched all the time:
image_templates holds what images does not (ADR 0043).
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict
from sightline.domain.arrays import FloatArray
from sightline.services import templates
from sightline.services.portraits import Reembedding

NO_PICTURE = "its picture is not kept, so no template can be made of it"


@dataclass(frozen=True, slots=True, eq=False)
class StoredPicture:
    """An image that has no template of the new model yet. landmarks (5, 2) px of the kept picture."""

    image_id: UUID
    image_path: str | None
    landmarks: FloatArray | None


@dataclass(frozen=True, slots=True)
class RefusedPicture:
    """An image of which the new model makes no template: whose it is, and why."""

    image_id: UUID
    subject_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Images of which the new model has a template, those that it refused, and all."""

    made: int
    refused: int
    total: int

    @property
    def missing(self) -> int:
        """Images that it has not seen yet."""
        return self.total - self.made - self.refused


_MISSING = text(
    """
    SELECT i.id, i.image_path, i.landmarks FROM images i
    WHERE i.model_version IS DISTINCT FROM :model
        AND NOT EXISTS (SELECT FROM image_templates t WHERE t.image_id = i.id AND t.model_version = :model)
    ORDER BY i.id LIMIT :most
    """
)
_PROGRESS = text(
    """
    SELECT count(*) FILTER (WHERE i.model_version = :model OR t.embedding IS NOT NULL),
        count(*) FILTER (WHERE i.model_version IS DISTINCT FROM :model AND t.refusal IS NOT NULL), count(*)
    FROM images i LEFT JOIN image_templates t ON t.image_id = i.id AND t.model_version = :model
    """
)
_KEEP = text(
    """
    INSERT INTO image_templates (image_id, model_version, embedding, refusal, quality_score, landmarks, bounding_box)
    SELECT i.id, :model, cast(cast(:embedding AS text) AS vector), :refusal, :quality, cast(:landmarks AS real[]),
        cast(:box AS real[])
    FROM images i WHERE i.id = :image FOR SHARE
    ON CONFLICT (image_id, model_version) DO UPDATE SET embedding = excluded.embedding, refusal = excluded.refusal,
        quality_score = excluded.quality_score, landmarks = excluded.landmarks, bounding_box = excluded.bounding_box,
        expires_at = NULL
    """
)
_REFUSED = text(
    """
    SELECT t.image_id, i.subject_id, t.refusal FROM image_templates t JOIN images i ON i.id = t.image_id
    WHERE t.model_version = :model AND t.refusal IS NOT NULL AND i.model_version IS DISTINCT FROM :model
    ORDER BY t.image_id
    """
)
_FORGET_REFUSALS = text("DELETE FROM image_templates WHERE model_version = :model AND refusal IS NOT NULL")
_PACK = text(
    """
    INSERT INTO settings (key, value, description)
    VALUES ('recognition.pack', to_jsonb(cast(:pack AS text)), 'Model pack that workers use')
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE settings.value <> excluded.value
    """
)
_ACTIVE = text(
    """
    INSERT INTO settings (key, value, description) VALUES
        ('recognition.active_model_version', to_jsonb(cast(:model AS text)), 'Model whose templates are searched'),
        ('recognition.former_grace_seconds', coalesce(to_jsonb(cast(:grace AS float)), 'null'),
            'How long templates of the former model stay; null: until somebody removes them')
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE settings.value <> excluded.value
    """
)
_GRACE = text("SELECT value #>> '{}' FROM settings WHERE key = 'recognition.former_grace_seconds'")
_STAYS = text("UPDATE image_templates SET expires_at = NULL WHERE model_version = :model AND expires_at IS NOT NULL")
# Two ranges: the index on model_version finds the few at once, among any number of others.
_STRAGGLER = text(
    """
    SELECT active_model_version() FROM settings s WHERE s.key = 'recognition.pack' AND EXISTS (
        SELECT FROM images i WHERE i.embedding IS NOT NULL
            AND (i.model_version < active_model_version() OR i.model_version > active_model_version())
    )
    """
)
_SWAP = text(
    """
    WITH batch AS (
        SELECT i.id, i.embedding AS old_embedding, i.model_version AS old_model, t.embedding, t.quality_score,
            t.landmarks, t.bounding_box
        FROM image_templates t JOIN images i ON i.id = t.image_id
        WHERE t.model_version = :model
            AND (t.embedding IS NOT NULL OR i.embedding IS NOT NULL AND i.model_version <> :model)
        ORDER BY i.id LIMIT :most FOR UPDATE OF i
    ), changed AS (
        UPDATE images i SET embedding = b.embedding,
            model_version = CASE WHEN b.embedding IS NOT NULL THEN :model END,
            quality_score = coalesce(b.quality_score, i.quality_score), landmarks = coalesce(b.landmarks, i.landmarks),
            bounding_box = coalesce(b.bounding_box, i.bounding_box)
        FROM batch b WHERE i.id = b.id
    ), kept AS (
        INSERT INTO image_templates (image_id, model_version, embedding, expires_at)
        SELECT b.id, b.old_model, b.old_embedding, now() + cast(:grace AS interval) FROM batch b
        WHERE b.old_embedding IS NOT NULL AND b.old_model <> :model
        ON CONFLICT (image_id, model_version) DO UPDATE SET embedding = excluded.embedding, refusal = NULL,
            expires_at = excluded.expires_at
    ), gone AS (
        DELETE FROM image_templates t USING batch b
        WHERE t.image_id = b.id AND t.model_version = :model AND t.embedding IS NOT NULL
    )
    SELECT count(*) FROM batch
    """
)
_MODELS = text(
    """
    SELECT model_version, sum(made)::int AS made, sum(refused)::int AS refused FROM (
        SELECT model_version, count(*) AS made, 0 AS refused FROM gallery_templates GROUP BY 1
        UNION ALL SELECT t.model_version, 0, count(*) FROM image_templates t JOIN images i ON i.id = t.image_id
        WHERE t.refusal IS NOT NULL AND i.model_version IS DISTINCT FROM t.model_version GROUP BY 1
    ) AS counted GROUP BY 1
    """
)


async def missing_pictures(session: AsyncSession, *, model_version: str, most: int) -> list[StoredPicture]:
    """The next images without a template of this model, which it has not refused either."""
    rows = await session.execute(_MISSING, {"model": model_version, "most": most})
    return [
        StoredPicture(
            row.id, row.image_path, None if row.landmarks is None else np.array(row.landmarks, np.float32).reshape(5, 2)
        )
        for row in rows
    ]


async def keep_template(session: AsyncSession, *, image_id: UUID, made: Reembedding) -> None:
    """Keep a new template beside the old one; an image that was removed meanwhile is left out."""
    values = {
        "image": image_id,
        "model": made.model_version,
        "embedding": templates.to_text(made.template),
        "refusal": None,
        "quality": made.quality,
        "landmarks": [float(value) for value in made.landmarks.reshape(-1)],
        "box": None if made.box is None else [float(value) for value in made.box],
    }
    await session.execute(_KEEP, values)


async def keep_refusal(session: AsyncSession, *, image_id: UUID, model_version: str, reason: str) -> None:
    """Note that the new model makes no template of this image."""
    values = {"image": image_id, "model": model_version, "embedding": None, "refusal": reason}
    await session.execute(_KEEP, {**values, "quality": None, "landmarks": None, "box": None})


async def progress(session: AsyncSession, *, model_version: str) -> Progress:
    """How far the gallery is."""
    return Progress(*(await session.execute(_PROGRESS, {"model": model_version})).one())


async def refused_pictures(session: AsyncSession, *, model_version: str) -> list[RefusedPicture]:
    """Images that are not searched by this model; they stay, after the old template's grace as a picture alone."""
    return [RefusedPicture(*row) for row in await session.execute(_REFUSED, {"model": model_version})]


async def refused_by_model_in_use(session: AsyncSession) -> list[RefusedPicture]:
    """Images by which nobody is named now."""
    version = await session.scalar(text("SELECT active_model_version()"))
    return await refused_pictures(session, model_version=version) if version else []


async def forget_refusals(session: AsyncSession, *, model_version: str) -> None:
    """Let refused pictures be tried again."""
    await session.execute(_FORGET_REFUSALS, {"model": model_version})


async def switch(session: AsyncSession, *, pack: str, model_version: str, grace: timedelta | None) -> None:
    """Let workers use the pack, and searches its model, in one step. grace: as swap() shall have it.

    Nobody enrols while it is checked that nothing is missing. Raises Conflict where something is: make it first.
    """
    await session.execute(text("LOCK TABLE images IN SHARE ROW EXCLUSIVE MODE"))
    left = (await progress(session, model_version=model_version)).missing
    if left:
        raise Conflict(f"{left} images have no template of {model_version} yet", hint="Make them first.")
    await session.execute(_PACK, {"pack": pack})
    seconds = None if grace is None else grace.total_seconds()
    await session.execute(_ACTIVE, {"model": model_version, "grace": seconds})
    await session.execute(_STAYS, {"model": model_version})


async def former_grace(session: AsyncSession) -> timedelta | None:
    """How long the last switch lets templates of the former model stay; None: until somebody removes them."""
    seconds: str | None = await session.scalar(_GRACE)
    return None if seconds is None else timedelta(seconds=float(seconds))


async def model_with_stragglers(session: AsyncSession) -> str | None:
    """The model that the gallery was moved to, where an image still has another one's template as its own: it was
    enrolled by somebody who had not heard of the switch, or the move was interrupted. None: nothing is to be done."""
    version: str | None = await session.scalar(_STRAGGLER)
    return version


async def swap(session: AsyncSession, *, model_version: str, grace: timedelta | None, most: int) -> int:
    """After the switch: make new templates those of their images; how many that were.

    The old ones stay beside them for the grace, None: until somebody removes them; those of pictures that the new
    model refused as well.
    """
    values = {"model": model_version, "grace": grace, "most": most}
    return int(await session.scalar(_SWAP, values) or 0)


async def models(session: AsyncSession) -> dict[str, tuple[int, int]]:
    """Per model how many images have its template, and how many it refused."""
    rows = await session.execute(_MODELS)
    return {row.model_version: (row.made, row.refused) for row in rows}
