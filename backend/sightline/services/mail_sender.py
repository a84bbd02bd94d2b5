"""Notifications as mails: text and a small HTML alternative, which loads nothing from anywhere."""

import hashlib
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import cast

import aiosmtplib

from sightline.core.config import SmtpSettings
from sightline.core.errors import DeliveryFailed, DeliveryRefused
from sightline.schemas.channels import EmailChannelIn
from sightline.services.notification_message import Notification, Receipt, Senders, Tally

PERMANENT = 500
"""SMTP replies from here on are final (RFC 5321, 4.2.1)."""
_LOGIN_REFUSED = range(530, 540)
"""Replies about login and encryption: the house's own settings are wrong, and people put them right."""
_BUTTON = "display:inline-block;padding:8px 16px;margin:0 8px 8px 0;border-radius:4px;text-decoration:none;"
_COLOURS = {"critical": "#b00020", "high": "#c25100", "medium": "#8a6d00", "low": "#3d5a80"}


def mail(notification: Notification, sender: str) -> EmailMessage:
    """The mail. Recipients do not see each other; every attempt has the same Message-ID."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "undisclosed-recipients:;"
    message["Subject"] = notification.title_line
    message["Date"] = format_datetime(notification.created_at)
    message["Message-ID"] = f"<{notification.id}@{sender.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    message.set_content(notification.text_with_links())
    message.add_alternative(_html(notification), subtype="html")
    if notification.picture is not None:
        _, html = cast("list[EmailMessage]", message.get_payload())  # the two alternatives
        html.add_related(notification.picture, "image", "jpeg", cid=f"<{notification.id}>", disposition="inline")
    return message


def _html(notification: Notification) -> str:
    direction = "rtl" if notification.language == "ar" else "ltr"
    colour = _COLOURS.get(notification.severity, _COLOURS["low"])
    buttons = [
        (notification.link, notification.link_text, f"background:{colour};color:#fff;"),
        (notification.acknowledge_link, notification.acknowledge_text, f"border:1px solid {colour};color:{colour};"),
    ]
    links = "".join(
        f'<a href="{escape(address)}" style="{_BUTTON}{style}">{escape(name)}</a>'
        for address, name, style in buttons
        if address is not None
    )
    picture = f'<p><img src="cid:{notification.id}" alt="" width="224"></p>' if notification.picture else ""
    text = "<br>".join(escape(line) for line in notification.text.splitlines())
    return (
        f'<!doctype html><html lang="{notification.language}" dir="{direction}"><body style="font-family:sans-serif">'
        f'<h2 style="color:{colour}">{escape(notification.title_line)}</h2><p>{text}</p>{picture}<p>{links}</p>'
        "</body></html>"
    )


async def send(
    senders: Senders, channel: EmailChannelIn, notification: Notification, reached: frozenset[str]
) -> Receipt:
    """Hand it to the mail server, for those who were not reached before. Raises DeliveryFailed, DeliveryRefused."""
    tally = Tally(reached)
    waiting = [recipient for recipient in channel.recipients if not tally.has(_mark(recipient))]
    refused = await _handed_over(senders, notification, waiting)
    for recipient in waiting:
        reply = refused.get(recipient)
        if reply is None:
            tally.told(_mark(recipient))
        else:
            tally.failed(_mark(recipient), _bounced(reply.code))
    return tally.receipt("recipients at the mail server")


async def _handed_over(
    senders: Senders, notification: Notification, recipients: list[str]
) -> dict[str, aiosmtplib.SMTPResponse]:
    smtp = senders.smtp
    if smtp.host is None:
        raise DeliveryFailed("no mail server is set", hint="Set SIGHTLINE_SMTP__HOST and the others of its group.")
    try:
        refused, _ = await aiosmtplib.send(
            mail(notification, smtp.sender),
            sender=smtp.sender,
            recipients=recipients,
            hostname=smtp.host,
            port=smtp.port,
            username=smtp.user,
            password=smtp.password.get_secret_value() if smtp.password else None,
            use_tls=smtp.security == "tls",
            start_tls=smtp.security == "starttls",
            timeout=senders.policy.timeout,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        return {one.recipient: aiosmtplib.SMTPResponse(one.code, one.message) for one in error.recipients}
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise _failure(error, smtp) from error
    return refused


def _failure(error: Exception, smtp: SmtpSettings) -> DeliveryFailed:
    code = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else None
    said = f"the mail server did not take it ({type(error).__name__}{'' if code is None else f' {code}'})"
    if code is not None and code >= PERMANENT and code not in _LOGIN_REFUSED:
        return DeliveryRefused(said, hint="Its log says why; the sender's address is often the reason.", answer=code)
    hint = f"Check SIGHTLINE_SMTP__…: host, port {smtp.port}, security {smtp.security} and login."
    return DeliveryFailed(said, hint=hint, answer=code)


def _bounced(code: int) -> DeliveryFailed:
    said = f"the mail server refuses the recipient ({code})"
    if code >= PERMANENT:
        return DeliveryRefused(said, hint="Check the address.", answer=code)
    return DeliveryFailed(said, hint="It may take it later.", answer=code)


def _mark(recipient: str) -> str:
    """Kept beside the delivery in place of the address."""
    return hashlib.sha256(recipient.encode()).hexdigest()[:16]
