"""The gallery in the database: loading it into a worker, searching it, and noticing that it changed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import GalleryInvalid
from sightline.domain.arrays import FloatArray, normalise
from sightline.domain.gallery import Gallery
from sightline.services import templates

CHANGED = "sightline_gallery"
"""Channel that speaks after every commit that changed subjects, templates or watchlists (Database.changes)."""

CAMERAS_CHANGED = "sightline_cameras"
"""Channel that speaks after every commit that changed cameras or their logins."""


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """A subject near a probe: its name and closest image, and their cosine similarity (-1 to 1)."""

    subject_id: UUID
    name: str
    image_id: UUID
    similarity: float


async def load_gallery(session: AsyncSession, *, model_version: str) -> Gallery:
    """Every template of a model whose subject may be recognised; subjects are named by their id.

    Left out: inactive subjects, and those of watchlists that are switched off or have expired.
    Raises GalleryInvalid when there are templates, but none of this model.
    """
    rows = (
        await session.execute(
            text(
                "SELECT g.subject_id, vector_send(g.embedding) AS template FROM gallery_templates g"
                " JOIN searchable_subjects s ON s.id = g.subject_id"
                " WHERE g.model_version = :model ORDER BY g.image_id"
            ),
            {"model": model_version},
        )
    ).all()
    if not rows:
        await require_templates_of(session, model_version=model_version)
    vectors = templates.from_binary([row.template for row in rows])
    return Gallery(tuple(str(row.subject_id) for row in rows), normalise(vectors), model_version)


async def require_templates_of(session: AsyncSession, *, model_version: str) -> None:
    """Raise GalleryInvalid when every stored template is of another model; an empty gallery is fine."""
    counted = await session.execute(
        text("SELECT model_version, count(*) AS n FROM gallery_templates GROUP BY 1 ORDER BY 2 DESC")
    )
    others = {row.model_version: row.n for row in counted}
    if others and model_version not in others:
        models = ", ".join(f"{name} ({count})" for name, count in others.items())
        raise GalleryInvalid(
            f"no template is of the active model {model_version}; stored: {models}",
            hint="Move the gallery with `sightline gallery reembed`, or activate the former pack.",
        )


async def fingerprint(session: AsyncSession, *, model_version: str) -> int:
    """A number that changes when load_gallery() would give something else (also when a watchlist expires)."""
    statement = text("SELECT gallery_fingerprint(:model)")
    return int((await session.execute(statement, {"model": model_version})).scalar_one())


async def activate_model(session: AsyncSession, *, model_version: str) -> None:
    """Make a model the default of find_similar_faces(). Where a gallery was moved, the move alone says which it is:
    somebody who has not heard of it yet enrols by the former one."""
    statement = "SELECT activate_model_version(:model) WHERE NOT EXISTS (SELECT FROM settings WHERE key = :moved)"
    await session.execute(text(statement), {"model": model_version, "moved": "recognition.pack"})


async def search(
    session: AsyncSession,
    *,
    probes: FloatArray,
    min_similarity: float,
    top_k: int,
    model_version: str | None = None,
    watchlist_id: int | None = None,
) -> list[tuple[StoredMatch, ...]]:
    """Search a batch of probes (n, 512) in one round trip -> per probe its subjects, the closest first.

    model_version None: the active one. Raises InvalidInput for probes of another shape or length.
    """
    rows = await session.execute(
        text(
            "SELECT p.n, f.subject_id, s.name, f.image_id, f.confidence"
            " FROM unnest(cast(:probes AS text[])) WITH ORDINALITY AS p(probe, n),"
            " LATERAL find_similar_faces(cast(p.probe AS vector), :threshold, :top_k, :model, :watchlist) AS f"
            " JOIN subjects s ON s.id = f.subject_id ORDER BY p.n, f.confidence DESC"
        ),
        {
            "probes": [templates.to_text(probe) for probe in probes],
            "threshold": min_similarity,
            "top_k": top_k,
            "model": model_version,
            "watchlist": watchlist_id,
        },
    )
    found: list[list[StoredMatch]] = [[] for _ in probes]
    for row in rows:
        found[row.n - 1].append(StoredMatch(row.subject_id, row.name, row.image_id, row.confidence))
    return [tuple(matches) for matches in found]


async def forget_expired(session: AsyncSession) -> int:
    """Remove templates of former models whose time is over; how many."""
    return int((await session.execute(text("DELETE FROM image_templates WHERE expires_at < now()"))).rowcount)  # type: ignore[attr-defined]
