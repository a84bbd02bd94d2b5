"""Health."""

from typing import Literal

from sightline.schemas.base import Out


class HealthOut(Out):
    """That the process runs."""

    status: Literal["alive"] = "alive"


class ReadinessOut(Out):
    """Whether every part works; a part that does not is named with the code of its error."""

    ready: bool
    checks: dict[str, str]
