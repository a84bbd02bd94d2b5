"""What is told to somebody outside, and what came of telling it; the senders of each kind stand on this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from sightline.core.config import SmtpSettings
from sightline.core.errors import AddressRefused, DeliveryFailed, DeliveryRefused
from sightline.core.outbound import OutboundPolicy

TEST: Final = "channel.test"
RAISED: Final = "alert.raised"
ESCALATED: Final = "alert.escalated"


@dataclass(frozen=True, slots=True)
class Place:
    """The camera of an alert, for receivers that keep things per camera."""

    camera_id: UUID
    camera: str


@dataclass(frozen=True, slots=True)
class Notification:
    """What is told. id: the delivery's, the same in every attempt. kind: alert.raised, alert.escalated or channel.test;
    data: ids and short texts for programs, text: sentences for people. Neither names a person. picture: JPEG, only
    where the channel carries pictures; link, acknowledge_link: absent in a test."""

    id: UUID
    kind: str
    created_at: datetime
    title: str
    text: str
    data: Mapping[str, str | None] = field(default_factory=dict)
    link: str | None = None
    acknowledge_link: str | None = field(default=None, repr=False)
    link_text: str = "Open"
    acknowledge_text: str = "Acknowledge"
    language: str = "en"
    place: Place | None = None
    severity: str = "low"
    picture: bytes | None = field(default=None, repr=False)

    @property
    def title_line(self) -> str:
        """The title without line breaks, which would end a header."""
        return " ".join(self.title.split())

    def text_with_links(self) -> str:
        """For those who cannot show buttons: the links below, where the text does not hold them already."""
        lines = [self.text]
        for name, link in ((self.link_text, self.link), (self.acknowledge_text, self.acknowledge_link)):
            if link is not None and link not in self.text:
                lines.append(f"{name}: {link}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that is told. key, auth: RFC 8291."""

    subscription_id: UUID
    endpoint: str = field(repr=False)
    key: ec.EllipticCurvePublicKey = field(repr=False)
    auth: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Senders:
    """What sending needs. push_key signs for browsers; transport: in place of the network, for tests."""

    smtp: SmtpSettings
    policy: OutboundPolicy
    push_key: ec.EllipticCurvePrivateKey | None = field(default=None, repr=False)
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """It was told. reached: marks of the recipients who have it, or refused it for good ("-" before these); remaining:
    how many are to be tried again; gone: subscriptions that are none any more."""

    detail: str
    reached: tuple[str, ...] = ()
    remaining: int = 0
    gone: tuple[UUID, ...] = ()
    retry_after: float | None = None


class Tally:
    """Several recipients of one notification: who has it, who will never take it, and who is to be tried again."""

    def __init__(self, reached: frozenset[str]) -> None:
        """reached: who had it before this attempt."""
        self._before = reached
        self._reached: list[str] = []
        self._refused: list[str] = []
        self._refusals: list[DeliveryRefused | AddressRefused] = []
        self._failures: list[DeliveryFailed] = []
        self.gone: list[UUID] = []

    def has(self, mark: str) -> bool:
        """Whether this recipient has it already, or has refused it."""
        return mark in self._before or f"-{mark}" in self._before

    def told(self, mark: str) -> None:
        """This recipient has it now."""
        self._reached.append(mark)

    def failed(self, mark: str, error: DeliveryFailed | AddressRefused) -> None:
        """This one has it not; one that refused it is not asked again as long as others are."""
        if isinstance(error, DeliveryRefused | AddressRefused):
            self._refusals.append(error)
            self._refused.append(f"-{mark}")
        else:
            self._failures.append(error)

    def receipt(self, whom: str) -> Receipt:
        """What came of it. whom: the recipients' noun. Raises the failure where nobody has it, now or before."""
        has_it = len(self._before) + len(self._reached)
        if not has_it and self._failures:
            raise self._failures[0]
        if not has_it and self._refusals and not self.gone:
            raise self._refusals[0]
        parts = [f"told {len(self._reached)} {whom}"]
        if self.gone:
            parts.append(f"{len(self.gone)} are gone")
        if self._refusals:
            parts.append(f"{len(self._refusals)} refused: {self._refusals[0].message}")
        if self._failures:
            parts.append(f"{len(self._failures)} are tried again: {self._failures[0].message}")
        waits = [error.retry_after for error in self._failures if error.retry_after is not None]
        marks = (*self._reached, *self._refused)
        return Receipt("; ".join(parts), marks, len(self._failures), tuple(self.gone), max(waits, default=None))
