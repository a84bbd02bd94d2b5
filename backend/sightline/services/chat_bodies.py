"""Bodies of requests: our own event, Slack's message and the adaptive card of Teams."""

import base64
import json

from sightline.services.notification_message import Notification

_STYLES = {"critical": "attention", "high": "warning", "medium": "accent", "low": "default"}


def webhook_body(notification: Notification) -> bytes:
    """The event as JSON; a picture as base64 of its JPEG."""
    event: dict[str, object] = {
        "id": str(notification.id),
        "type": notification.kind,
        "created_at": notification.created_at.isoformat(),
        "title": notification.title,
        "text": notification.text,
        "link": notification.link,
        "acknowledge_link": notification.acknowledge_link,
        "data": dict(notification.data),
    }
    if notification.picture is not None:
        event["picture"] = {
            "content_type": "image/jpeg",
            "base64": base64.b64encode(notification.picture).decode(),
        }
    return _json(event)


def slack_body(notification: Notification) -> bytes:
    """Blocks with buttons, and the text for lists and for those who show no blocks.

    https://docs.slack.dev/reference/block-kit: headers take 150 characters, sections 3000.
    """
    buttons = [
        {"type": "button", "text": _plain(name), "url": url, "action_id": action}
        for action, name, url in _actions(notification)
    ]
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": _plain(notification.title_line[:150])},
        {"type": "section", "text": {"type": "plain_text", "text": notification.text[:3000] or "-", "emoji": False}},
    ]
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    fallback = f"{notification.title_line}\n{notification.text_with_links()}"
    return _json({"text": _slack_escaped(fallback), "blocks": blocks, "unfurl_links": False, "unfurl_media": False})


def teams_body(notification: Notification) -> bytes:
    """An adaptive card in the form that workflows of Teams take (learn.microsoft.com, "Post a card")."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "TextBlock",
                "text": _card_escaped(notification.title_line),
                "size": "Large",
                "weight": "Bolder",
                "wrap": True,
                "color": _STYLES.get(notification.severity, "default"),
            },
            {"type": "TextBlock", "text": _card_escaped(notification.text), "wrap": True},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": name, "url": url} for _, name, url in _actions(notification)],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return _json({"type": "message", "attachments": [attachment]})


def _actions(notification: Notification) -> list[tuple[str, str, str]]:
    given = (
        ("open", notification.link_text, notification.link),
        ("acknowledge", notification.acknowledge_text, notification.acknowledge_link),
    )
    return [(action, name, url) for action, name, url in given if url is not None]


def _plain(text: str) -> dict[str, object]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _slack_escaped(text: str) -> str:
    """Or a camera's name could ping everybody by <!channel>."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _card_escaped(text: str) -> str:
    """Cards read Markdown: a camera's name makes no links."""
    return "".join(f"\\{letter}" if letter in "\\[]()*_`#" else letter for letter in text)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
