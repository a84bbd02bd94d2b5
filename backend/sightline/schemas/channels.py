"""Notification channels: ways on which alerts leave the house."""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field, StringConstraints, model_validator

from sightline.schemas.base import In, Out, Text, UtcDatetime
from sightline.schemas.notification_templates import Language, TextTemplate, TitleTemplate
from sightline.schemas.runtime_settings import TimeZone


class ChannelKind(StrEnum):
    """How people are told. push: Firebase, for apps; web_push: browsers, without an account anywhere."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    SLACK = "slack"
    TEAMS = "teams"
    SMS = "sms"
    PUSH = "push"
    WEB_PUSH = "web_push"
    TELEGRAM = "telegram"
    MQTT = "mqtt"


RATES: Final = {
    ChannelKind.EMAIL: 30,  # mail servers take some hundred an hour from one sender before they call it spam
    ChannelKind.WEBHOOK: 300,  # programs
    ChannelKind.SLACK: 50,  # Slack takes one message a second per webhook
    ChannelKind.TEAMS: 50,  # Teams takes four requests a second, a flow 60 runs a minute
    ChannelKind.SMS: 10,  # each costs money, and a long number sends one a second
    ChannelKind.PUSH: 60,
    ChannelKind.WEB_PUSH: 60,
    ChannelKind.TELEGRAM: 20,  # Telegram takes 20 messages a minute in one group
    ChannelKind.MQTT: 600,
}
"""Deliveries per minute of a channel whose own rate is not given."""

Url = Annotated[str, Field(min_length=1, max_length=2000)]
Secret = Annotated[Text, Field(min_length=1, max_length=256)]
PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
"""E.164."""
ChatId = Annotated[str, StringConstraints(pattern=r"^(-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31})$")]
Topic = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=100)]
"""Of MQTT, without wildcards and without a leading slash."""
_SEALED = "Sealed and never shown. Null in an update: as is."
GOOGLE_TOKENS: Final = "https://oauth2.googleapis.com/token"


class _ChannelIn(In):
    SECRETS: ClassVar[tuple[str, ...]] = ()
    """Fields that are sealed; a new channel needs those of REQUIRED."""
    REQUIRED: ClassVar[tuple[str, ...]] = ()

    name: Annotated[Text, Field(min_length=1, max_length=100, examples=["Guards at gate 2"])]
    is_active: bool = Field(default=True, description="Whether alerts are queued on it at all; see pause for a while.")
    include_pictures: bool = Field(
        default=False, description="Send the picture of the sighting too. It leaves the house; this is on record."
    )
    rate_per_minute: int | None = Field(
        None, ge=1, le=6000, description="Deliveries per minute; those beyond wait. Null: what suits the kind."
    )
    language: Language = Field(Language.EN, description="Of the texts where no template is given.")
    time_zone: TimeZone = Field("UTC", description="Of $time.", examples=["Europe/Berlin"])
    title_template: TitleTemplate | None = None
    text_template: TextTemplate | None = None


class EmailChannelIn(_ChannelIn):
    """Mails by the mail server of the environment (SIGHTLINE_SMTP__…)."""

    kind: Literal[ChannelKind.EMAIL]
    recipients: Annotated[tuple[EmailStr, ...], Field(min_length=1, max_length=50)]


class WebhookChannelIn(_ChannelIn):
    """A POST to an address, signed with a shared secret."""

    SECRETS = REQUIRED = ("url", "secret")

    kind: Literal[ChannelKind.WEBHOOK]
    url: Url | None = Field(
        None,
        repr=False,
        description=f"https:// or http:// address without a login. {_SEALED}",
        examples=["https://hooks.example.org/sightline"],
    )
    secret: Annotated[Text, Field(min_length=16, max_length=256)] | None = Field(
        None,
        repr=False,
        description=(
            "Signs each request: Sightline-Signature: t=<seconds since 1970>,v1=<hex HMAC-SHA256 of t, a full stop and"
            f" the body>. {_SEALED}"
        ),
        examples=["whsec_5f3a0c1e9b7d4e2a"],
    )


class SlackChannelIn(_ChannelIn):
    """An incoming webhook of Slack, or of what speaks like it (Mattermost, Rocket.Chat). It takes no pictures."""

    SECRETS = REQUIRED = ("url",)

    kind: Literal[ChannelKind.SLACK]
    url: Url | None = Field(
        None,
        repr=False,
        description=f"Address of the incoming webhook. {_SEALED}",
        examples=["https://hooks.slack.com/services/T000/B000/XXXX"],
    )


class TeamsChannelIn(_ChannelIn):
    """A workflow of Microsoft Teams, "Post to a channel when a webhook request is received". It takes no pictures."""

    SECRETS = REQUIRED = ("url",)

    kind: Literal[ChannelKind.TEAMS]
    url: Url | None = Field(
        None,
        repr=False,
        description=f"Address that the workflow shows. {_SEALED}",
        examples=["https://prod-00.westeurope.logic.azure.com/workflows/…"],
    )


class SmsChannelIn(_ChannelIn):
    """Text messages by Twilio. They carry no pictures."""

    SECRETS = REQUIRED = ("auth_token",)

    kind: Literal[ChannelKind.SMS]
    account_sid: Annotated[str, StringConstraints(pattern=r"^AC[0-9a-f]{32}$")] = Field(
        examples=["AC00000000000000000000000000000000"]
    )
    auth_token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,256}$")] | None = Field(
        None, repr=False, description=_SEALED
    )
    sender: PhoneNumber = Field(examples=["+15017122661"])
    recipients: Annotated[tuple[PhoneNumber, ...], Field(min_length=1, max_length=20, examples=[["+491701234567"]])]


def _service_account(text: str) -> str:
    """Google's key file names where tokens are fetched: nowhere else but at Google."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ValueError("this is no JSON") from error
    if not isinstance(content, dict) or content.get("type") != "service_account":
        raise ValueError("this is no key of a service account")
    if not all(isinstance(content.get(key), str) for key in ("project_id", "private_key", "client_email")):
        raise ValueError("the key lacks project_id, private_key or client_email")
    if content.get("token_uri", GOOGLE_TOKENS) != GOOGLE_TOKENS:
        raise ValueError(f"token_uri must be {GOOGLE_TOKENS}")
    return text


class PushChannelIn(_ChannelIn):
    """Pushes to apps by Firebase Cloud Messaging (HTTP v1). They carry no pictures."""

    SECRETS = ("service_account", "device_tokens")
    REQUIRED = ("service_account",)

    kind: Literal[ChannelKind.PUSH]
    service_account: Annotated[Text, Field(max_length=10_000), AfterValidator(_service_account)] | None = Field(
        None, repr=False, description=f"The JSON key of a service account, as Google gives it. {_SEALED}"
    )
    topics: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.~%-]{1,200}$")], ...], Field(max_length=20)
    ] = Field((), description="Of devices that subscribed in their app.", examples=[["guards"]])
    device_tokens: (
        Annotated[
            tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:-]{20,400}$")], ...], Field(max_length=50)
        ]
        | None
    ) = Field(None, repr=False, description=f"Registration tokens of single devices. {_SEALED}")


class WebPushChannelIn(_ChannelIn):
    """Browsers of people of this house who subscribed at /v1/push. Who may not see the alert's camera is not told."""

    kind: Literal[ChannelKind.WEB_PUSH]
    roles: Annotated[tuple[Literal["admin", "operator", "viewer"], ...], Field(max_length=3)] = ()
    user_ids: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _tells_somebody(self) -> "WebPushChannelIn":
        if not self.roles and not self.user_ids:
            raise ValueError("name roles or users to be told")
        return self


class TelegramChannelIn(_ChannelIn):
    """Messages of a bot."""

    SECRETS = REQUIRED = ("bot_token",)

    kind: Literal[ChannelKind.TELEGRAM]
    bot_token: Annotated[str, StringConstraints(pattern=r"^[0-9]{5,20}:[A-Za-z0-9_-]{30,64}$")] | None = Field(
        None, repr=False, description=_SEALED
    )
    recipients: Annotated[tuple[ChatId, ...], Field(min_length=1, max_length=20, examples=[["-1001234567890"]])]


class MqttChannelIn(_ChannelIn):
    """Messages to a broker, and entities of Home Assistant that show each camera's last alert."""

    SECRETS = ("password",)

    kind: Literal[ChannelKind.MQTT]
    host: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9:]([A-Za-z0-9.:-]{0,250}[A-Za-z0-9])?$"),
        Field(examples=["broker.example.org"]),
    ]  # fmt: skip
    port: int = Field(8883, ge=1, le=65535)
    tls: bool = Field(default=True, description="Encrypted, with a certificate that the system trusts, or ca's.")
    ca: Annotated[Text, Field(max_length=20_000)] | None = Field(
        None, description="PEM of the authority that signed the broker's certificate, where it is the house's own."
    )
    username: Annotated[Text, Field(max_length=256)] | None = None
    password: Secret | None = Field(None, repr=False, description=_SEALED)
    topic_prefix: Topic = Field(
        "sightline", description="Messages go to <prefix>/cameras/<camera id>/alert and others."
    )
    discovery_prefix: Topic | None = Field(
        "homeassistant", description="Where Home Assistant looks for entities; null: it is not told."
    )


AnyChannel = (
    EmailChannelIn
    | WebhookChannelIn
    | SlackChannelIn
    | TeamsChannelIn
    | SmsChannelIn
    | PushChannelIn
    | WebPushChannelIn
    | TelegramChannelIn
    | MqttChannelIn
)
ChannelIn = Annotated[AnyChannel, Field(discriminator="kind")]


class CircuitState(StrEnum):
    """closed: it works; open: it failed again and again, or asked for a pause, and is left alone for a while;
    half_open: the next delivery is a probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class ChannelHealthOut(Out):
    """How well a channel does."""

    circuit: CircuitState
    open_until: UtcDatetime | None
    failures: int = Field(description="In a row.")
    last_delivered_at: UtcDatetime | None
    last_failed_at: UtcDatetime | None
    last_error: str | None
    waiting: int = Field(description="Deliveries that are due or will be.")


class ChannelOut(Out):
    """A channel; what is sealed is not shown. Fields that its kind does not have are null or empty."""

    id: UUID
    name: str
    kind: ChannelKind
    is_active: bool
    paused_at: UtcDatetime | None = Field(description="Since when its deliveries wait.")
    include_pictures: bool
    rate_per_minute: int
    language: Language
    time_zone: str
    title_template: str | None
    text_template: str | None
    recipients: Sequence[str] = Field(description="Of mails, text messages and chats.")
    topics: Sequence[str] = Field(description="Of push.")
    roles: Sequence[str] = Field(description="Of web_push.")
    user_ids: Sequence[UUID] = Field(description="Of web_push.")
    host: str | None = Field(description="Of webhook, slack, teams and mqtt.")
    port: int | None = Field(description="Of mqtt, as what follows.")
    tls: bool | None
    ca: str | None
    username: str | None
    topic_prefix: str | None
    discovery_prefix: str | None
    account_sid: str | None = Field(description="Of sms.")
    sender: str | None = Field(description="Of sms.")
    has_secret: bool
    health: ChannelHealthOut
    created_at: UtcDatetime
    updated_at: UtcDatetime


class ChannelTestOut(Out):
    """How a test went."""

    delivered: bool
    detail: str = Field(description="What happened, or why not.")
    delivery_id: UUID
