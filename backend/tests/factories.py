# mypy: disable-error-code="attr-defined,no-untyped-call,misc,name-defined"
"""What a client sends, made up: valid bodies of the API with names that nobody else has. Drawn from one seed.

CameraBody(name="Gate")     # {"name": "Gate", "stream_url": …}
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from factory import random

SEED = 20261122
random.reseed_random(SEED)

PASSWORD = "three lazy foxes at noon"
"""Of every account that tests make."""


class _Body(factory.DictFactory):
    """A JSON body."""

    class Meta:
        abstract = True

    @classmethod
    def new(cls, **changes: Any) -> dict[str, Any]:
        """As calling it, with a type."""
        body: dict[str, Any] = cls(**changes)
        return body


class UserBody(_Body):
    """POST /v1/users."""

    username = factory.Sequence(lambda number: f"member-{number}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = PASSWORD
    role = "operator"
    must_change_password = False
    camera_group_ids: factory.List = factory.List([])


class CameraBody(_Body):
    """POST /v1/cameras: of a documentation network (RFC 5737), where nobody answers."""

    name = factory.Sequence(lambda number: f"Camera {number}")
    location = factory.Faker("street_address")
    stream_url = factory.Sequence(lambda number: f"rtsp://192.0.2.{number % 254 + 1}/live")
    username = "viewer"
    password = factory.Faker("password", length=20, special_chars=False)


class CameraGroupBody(_Body):
    """POST /v1/camera-groups."""

    name = factory.Sequence(lambda number: f"Building {number}")
    description = factory.Faker("sentence")


class WatchlistBody(_Body):
    """POST /v1/watchlists: in force for a month."""

    name = factory.Sequence(lambda number: f"List {number}")
    description = factory.Faker("sentence")
    priority = 4
    legal_basis = "house rules §1"
    approver = factory.Faker("name")
    expires_at = factory.LazyFunction(lambda: f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}")


class SubjectBody(_Body):
    """POST /v1/subjects."""

    name = factory.Faker("name")
    external_id = factory.Sequence(lambda number: f"badge-{number:05}")


class RuleBody(_Body):
    """POST /v1/alerts/rules."""

    name = factory.Sequence(lambda number: f"Rule {number}")
    severity = "critical"
    cooldown_seconds = 0
