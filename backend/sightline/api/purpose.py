"""Why somebody looks at people: the header Sightline-Purpose, asked for where the house's policy does."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header

from sightline.api.deps import SessionDep
from sightline.core.errors import InvalidInput, PurposeRequired
from sightline.services import runtime_settings

LONGEST = 200
"""Characters of a purpose: a case number and a sentence."""
LONGEST_ENCODED = LONGEST * 12
"""The same with every character percent-encoded as four bytes."""
HINT = "Send the header Sightline-Purpose: what you look for and on whose behalf, a case number for example."

PurposeHeader = Annotated[
    str | None,
    Header(
        alias="Sightline-Purpose",
        max_length=LONGEST_ENCODED,
        description=(
            f"Why you look, 1 to {LONGEST} printable characters; it goes on record."
            " Other characters than ASCII percent-encoded as UTF-8."
        ),
        examples=["Case 2026-117: who came in by the back door?"],
    ),
]


async def stated_purpose(sightline_purpose: PurposeHeader = None) -> str | None:
    """What the caller says, if anything. Raises InvalidInput: too long, or not printable."""
    purpose = unquote(sightline_purpose).strip() if sightline_purpose else ""
    if len(purpose) > LONGEST or not purpose.isprintable():
        raise InvalidInput(f"the purpose is no text of up to {LONGEST} printable characters", hint=HINT)
    return purpose or None


StatedPurpose = Annotated[str | None, Depends(stated_purpose)]


async def purpose(session: SessionDep, stated: StatedPurpose) -> str | None:
    """The purpose, which may be missing unless the setting privacy.purpose_required says otherwise.

    Raises PurposeRequired, InvalidInput.
    """
    if stated is None and (await runtime_settings.get(session)).privacy.purpose_required:
        raise PurposeRequired("this house wants to know why you look at people", hint=HINT)
    return stated


PurposeDep = Annotated[str | None, Depends(purpose)]


async def mandatory_purpose(stated: StatedPurpose) -> str:
    """The purpose of what never goes without one, whatever the settings say. Raises PurposeRequired, InvalidInput."""
    if stated is None:
        raise PurposeRequired("this is not done without a stated purpose", hint=HINT)
    return stated


MandatoryPurpose = Annotated[str, Depends(mandatory_purpose)]
