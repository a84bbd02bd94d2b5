"""Text messages (Twilio), pushes to apps (Firebase) and Telegram, by the library apprise.

It speaks to the vendors' fixed hosts only. It blocks, so it runs in threads of its own, and it tells no more than
whether it worked: the status is read from what it logs, which goes nowhere else, for it names recipients.
"""

import asyncio
import hashlib
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from apprise import AppriseAsset, AppriseAttachment
from apprise.common import NotifyFormat, PersistentStoreMode
from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.base import NotifyBase
from apprise.plugins.fcm import NotifyFCM
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.twilio import NotifyTwilio

from sightline import __version__
from sightline.core.errors import DeliveryFailed, DeliveryRefused
from sightline.schemas.channels import PushChannelIn, SmsChannelIn, TelegramChannelIn
from sightline.services.notification_message import Notification, Receipt, Senders, Tally

VendorChannel = SmsChannelIn | PushChannelIn | TelegramChannelIn

FINAL: Final = frozenset({400, 404, 410, 413})
"""HTTP statuses about the recipient or the message; 404 is Firebase's for a device that has no longer the app."""
TWILIO_RECIPIENT: Final = range(21200, 21700)
"""Twilio's own codes about numbers: not valid, not reachable, unsubscribed (twilio.com/docs/api/errors)."""
TOO_MANY: Final = frozenset({429, 20429})
SLOW_DOWN_SECONDS: Final = 30.0
"""The library does not tell for how long a vendor asked to wait; half a minute is what they ask for."""
LONGEST_SMS: Final = 480
"""Characters: three parts, or seven with letters beyond GSM's."""
_STATUS: Final = re.compile(r"error=(\d{1,6})")
_THREADS: Final = ThreadPoolExecutor(8, thread_name_prefix="vendors")
_LOG: Final = logging.getLogger("apprise")
_LOG.propagate = False  # it names numbers and chats
_LOG.setLevel(logging.WARNING)
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)  # below, it writes addresses: Telegram's hold a key


class _Statuses(logging.Handler):
    """Collects the statuses that this thread's calls met."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self.found: list[int] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and (match := _STATUS.search(record.getMessage())) is not None:
            self.found.append(int(match[1]))


async def send(
    senders: Senders, channel: VendorChannel, notification: Notification, reached: frozenset[str]
) -> Receipt:
    """Tell each recipient that was not reached before. Raises DeliveryFailed, DeliveryRefused."""
    tally = Tally(reached)
    for recipient in _recipients(channel):
        mark = hashlib.sha256(recipient.encode()).hexdigest()[:16]
        if tally.has(mark):
            continue
        try:
            await _in_thread(partial(_tell, channel, recipient, notification, senders.policy.timeout), senders)
        except DeliveryFailed as error:
            tally.failed(mark, error)
        else:
            tally.told(mark)
    return tally.receipt("recipients")


async def _in_thread(work: Callable[[], None], senders: Senders) -> None:
    """Three times the usual patience: a token, a text and a picture may be three calls."""
    limit = 3 * senders.policy.timeout
    try:
        async with asyncio.timeout(limit):
            await asyncio.get_running_loop().run_in_executor(_THREADS, work)
    except TimeoutError as error:
        raise DeliveryFailed(f"the vendor did not answer within {limit:g} s", hint="Check its status page.") from error


def _recipients(channel: VendorChannel) -> tuple[str, ...]:
    if isinstance(channel, PushChannelIn):
        found = (*(f"#{topic}" for topic in channel.topics), *(channel.device_tokens or ()))
        if not found:
            raise DeliveryRefused("this channel names no topic and no device", hint="Give it one.")
        return found
    return channel.recipients


def _tell(channel: VendorChannel, recipient: str, notification: Notification, timeout: float) -> None:
    """One recipient; blocks. Raises DeliveryFailed, DeliveryRefused."""
    with TemporaryDirectory(prefix="sightline-send-") as folder, _listening() as statuses:
        try:
            plugin = _plugin(channel, recipient, notification, timeout, Path(folder))
        except (AppriseImproperlyConfigured, TypeError) as error:
            raise DeliveryRefused("the channel's login is not of the vendor's form", hint="Save it again.") from error
        told = plugin.notify(
            body=_body(channel, notification),
            title=notification.title_line,
            body_format=NotifyFormat.TEXT,
            attach=_picture(channel, notification, Path(folder)),
        )
        if not told:
            raise _failure(statuses.found)


def _plugin(
    channel: VendorChannel, recipient: str, notification: Notification, timeout: float, folder: Path
) -> NotifyBase:
    asset = AppriseAsset(
        app_id=f"Sightline/{__version__}",
        http_redirects=False,
        secure_logging=True,
        storage_mode=PersistentStoreMode.MEMORY,
    )
    common = {"asset": asset, "cto": timeout, "rto": timeout, "redirect": False, "targets": [recipient]}
    if isinstance(channel, SmsChannelIn):
        return NotifyTwilio(  # type: ignore[no-untyped-call]
            account_sid=channel.account_sid, auth_token=channel.auth_token, source=channel.sender, **common
        )
    if isinstance(channel, TelegramChannelIn):
        return NotifyTelegram(  # type: ignore[no-untyped-call]
            bot_token=channel.bot_token, detect_owner=False, **common
        )
    account = channel.service_account or ""
    keyfile = folder / "account.json"
    keyfile.write_text(account)
    data = {"delivery_id": str(notification.id), "type": notification.kind, "link": notification.link or ""}
    return NotifyFCM(  # type: ignore[no-untyped-call]
        project=json.loads(account)["project_id"], apikey=None, mode="oauth2", keyfile=str(keyfile), data_kwargs=data,
        priority="high", **common,
    )  # fmt: skip


def _body(channel: VendorChannel, notification: Notification) -> str:
    if isinstance(channel, PushChannelIn):
        return notification.text
    text = notification.text_with_links()
    if isinstance(channel, SmsChannelIn) and len(text) > LONGEST_SMS:
        links = [link for link in (notification.link, notification.acknowledge_link) if link is not None]
        return "\n".join([notification.text[: max(LONGEST_SMS - sum(map(len, links)), 0)], *links])
    return text


def _picture(channel: VendorChannel, notification: Notification, folder: Path) -> AppriseAttachment | None:
    if notification.picture is None or not isinstance(channel, TelegramChannelIn):
        return None
    path = folder / "sighting.jpg"
    path.write_bytes(notification.picture)
    return AppriseAttachment(str(path))


def _failure(statuses: list[int]) -> DeliveryFailed:
    if not statuses:
        return DeliveryFailed("the vendor was not reached", hint="Check that this machine reaches the Internet.")
    status = statuses[-1]
    said = f"the vendor answered {status}"
    if status in FINAL or status in TWILIO_RECIPIENT:
        return DeliveryRefused(said, hint="Check the recipient.", answer=status)
    wait = SLOW_DOWN_SECONDS if status in TOO_MANY else None
    return DeliveryFailed(said, hint="Check the login and the account's limits.", retry_after=wait, answer=status)


@contextmanager
def _listening() -> Iterator[_Statuses]:
    handler = _Statuses()
    _LOG.addHandler(handler)
    try:
        yield handler
    finally:
        _LOG.removeHandler(handler)
