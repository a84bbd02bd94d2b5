"""Settings kept in the database, one row per section; sections that nobody changed have their defaults."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.schemas.runtime_settings import RuntimeSettings


async def get(session: AsyncSession) -> RuntimeSettings:
    """All settings as they are in force."""
    statement = text("SELECT key, value FROM settings WHERE key = ANY(:sections)")
    rows = (await session.execute(statement, {"sections": list(RuntimeSettings.model_fields)})).all()
    return RuntimeSettings.model_validate({row.key: row.value for row in rows})
