"""The page behind a notification's link: one button, no script, nothing from outside, no name and no picture.

Whoever has the link may see it without logging in, so it tells what the notification told and not more.
"""

import base64
import hashlib
from datetime import UTC, datetime
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

from sightline.services.escalations import LinkedAlert, LinkState

STYLE: Final = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;color:#1c2733;background:#f4f6f8}"
    "main{max-width:26rem;margin:12vh auto;padding:2rem;background:#fff;border-radius:.75rem}"
    "h1{font-size:1.3rem;margin:0 0 1rem}button{font:inherit;width:100%;padding:.9rem;border:0;border-radius:.5rem;"
    "background:#0b5cad;color:#fff}@media(prefers-color-scheme:dark){body{color:#e6ebf0;background:#11161c}"
    "main{background:#1b232c}}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # with no-referrer browsers send "Origin: null" along with the form, which is refused as another site's
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
OK, CONFLICT = 200, 409
STATUS: Final = {LinkState.ACKNOWLEDGED: CONFLICT, LinkState.RESOLVED: CONFLICT}
"""Of a pressed button that changed nothing; pressing twice is no error."""
SAID: Final = {
    LinkState.OPEN: ("Alert", "Say that you look at it, and nobody else is called."),
    LinkState.DONE: ("Acknowledged", "It is on record that this link acknowledged the alert. Nobody else is called."),
    LinkState.USED: ("Acknowledged before", "This link was used already; it works once."),
    LinkState.ACKNOWLEDGED: ("Somebody else looks at it", "The alert was acknowledged before, in another way."),
    LinkState.RESOLVED: ("The alert is closed", "Somebody has resolved it."),
}
PENDING: Final = "A second person must still confirm the match: log in for that."


def alert_page(alert: LinkedAlert, *, pressed: bool) -> HTMLResponse:
    """What the link's alert is, with a button where it can be pressed."""
    title, said = SAID[alert.state]
    lines = [f"{alert.severity.capitalize()} alert at camera {alert.camera}, {_moment(alert.matched_at)}.", said]
    if alert.acknowledged_at is not None and alert.state is not LinkState.DONE:
        lines.append(f"Acknowledged {_moment(alert.acknowledged_at)}.")
    if alert.verification == "pending":
        lines.append(PENDING)
    status = STATUS.get(alert.state, OK) if pressed else OK
    return _page(status, title, lines, button=alert.state is LinkState.OPEN)


def refusal_page(status: int, title: str, said: str) -> HTMLResponse:
    """Why a link does nothing."""
    return _page(status, title, [said], button=False)


def _page(status: int, title: str, lines: list[str], *, button: bool) -> HTMLResponse:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    # without a target the form goes to the page's own address, its token included
    form = '<form method="post"><button>Acknowledge</button></form>' if button else ""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} - Sightline</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{paragraphs}{form}</main></body></html>",
        status,
        headers=HEADERS,
    )


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d %B %Y, %H:%M} UTC"
