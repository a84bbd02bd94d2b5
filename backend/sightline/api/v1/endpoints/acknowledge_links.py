"""Acknowledging an alert by the link of a notification, without logging in.

Looking changes nothing: mail servers and messengers open links by themselves. The button does, once.
"""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Query, Response
from starlette.responses import HTMLResponse

from sightline.api.acknowledge_page import alert_page, refusal_page
from sightline.api.after_commit import AfterCommitDep
from sightline.api.deps import ResourcesDep, Visitor
from sightline.api.permissions import public
from sightline.api.resources import Resources
from sightline.api.routing import Router
from sightline.core.database import Principal
from sightline.core.errors import Gone, NotFound, SignatureRefused
from sightline.middleware.problems import MEDIA_TYPE
from sightline.services import acknowledge_links, escalations
from sightline.services.escalations import LinkedAlert, LinkState
from sightline.services.events import Event, EventKind

PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _pages(description: str, **others: object) -> dict[str, object]:
    return {"description": description, "content": {"text/html": {"schema": {"type": "string"}}, **others}}


router = Router(
    prefix="/alerts/acknowledge-link",
    tags=["alerts"],
    dependencies=[Depends(public)],
    default_response_class=HTMLResponse,
    responses={
        200: _pages("What the alert is, and how it stands."),
        403: _pages("No link of ours, or a changed one; or another site's page asked.", **PROBLEM),
        404: _pages("The alert or the notification is gone."),
        410: _pages("The link has ended."),
    },
)
Token = Annotated[str, Query(description="Of the link in a notification.")]


@router.get("")
async def show_acknowledge_link(opened: ResourcesDep, at: Visitor, token: Token = "") -> Response:
    """A page with a button. The link is the authorisation."""
    try:
        return alert_page(await _alert(opened, at, token, press=False), pressed=False)
    except (SignatureRefused, Gone, NotFound) as error:
        return _refused(error)


@router.post("", responses={409: _pages("Somebody was faster: nothing was changed.")})
async def press_acknowledge_link(
    opened: ResourcesDep, at: Visitor, after: AfterCommitDep, token: Token = ""
) -> Response:
    """Acknowledge: on record as done by this link, of this channel."""
    try:
        alert = await _alert(opened, at, token, press=True)
    except (SignatureRefused, Gone, NotFound) as error:
        return _refused(error)
    if alert.state is LinkState.DONE:
        grant = acknowledge_links.read(opened.acknowledge_keys, token, now=datetime.now(UTC))
        after.publish(Event(EventKind.ALERT, grant.alert_id))
    return alert_page(alert, pressed=True)


async def _alert(opened: Resources, at: Principal, token: str, *, press: bool) -> LinkedAlert:
    grant = acknowledge_links.read(opened.acknowledge_keys, token, now=datetime.now(UTC))
    async with opened.database.session(at) as session:
        step = escalations.acknowledge if press else escalations.look
        found = await step(session, grant=grant)
    if found is None:
        raise NotFound("the alert of this link is no longer there", hint="Log in and look at the list of alerts.")
    return found


def _refused(error: SignatureRefused | Gone | NotFound) -> Response:
    return refusal_page(
        error.status, "This link does nothing", f"{error.message[0].upper()}{error.message[1:]}. {error.hint}"
    )
