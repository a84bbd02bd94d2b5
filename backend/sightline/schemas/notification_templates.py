"""Templates of notifications: which placeholders there are, and refusing others when a channel is saved."""

from enum import StrEnum
from string import Template
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from sightline.schemas.base import Text


class Language(StrEnum):
    """Languages that Sightline's own texts are written in."""

    EN = "en"
    DE = "de"
    FR = "fr"
    ES = "es"
    AR = "ar"


PLACEHOLDERS: Final = {
    "camera": "name of the camera",
    "severity": "low, medium, high or critical, in the channel's language",
    "watchlist": "name of the watchlist, if any",
    "rule": "name of the alert rule, if any",
    "time": "when the match was made, in the channel's time zone",
    "level": "0 when the alert is raised, n at step n of its escalation",
    "link": "address of the alert, for who may log in",
    "acknowledge_link": "address that acknowledges the alert without a login, once",
    "alert_id": "id of the alert",
}
"""What a template may say. There is none for a person's name: it would leave the house."""


def _known(template: str) -> str:
    parsed = Template(template)
    if not parsed.is_valid():
        raise ValueError("a $ must begin a placeholder like $camera; write $$ for the sign itself")
    unknown = sorted(set(parsed.get_identifiers()) - set(PLACEHOLDERS))
    if unknown:
        known = ", ".join(f"${name}" for name in PLACEHOLDERS)
        raise ValueError(f"there is no placeholder ${unknown[0]}; there are {known}")
    return template


_DESCRIPTION = "Own words with " + ", ".join(f"${name} ({meaning})" for name, meaning in PLACEHOLDERS.items()) + "."

TitleTemplate = Annotated[
    Text, Field(min_length=1, max_length=200, description=_DESCRIPTION, examples=["$severity: $camera"]),
    AfterValidator(_known),
]  # fmt: skip
TextTemplate = Annotated[
    Text, Field(min_length=1, max_length=2000, description=_DESCRIPTION, examples=["$camera, $time: $link"]),
    AfterValidator(_known),
]  # fmt: skip
