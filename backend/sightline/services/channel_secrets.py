"""Where a channel's fields lie: what may be shown in config, the rest sealed; and putting both together to send."""

import json
from typing import Final

from pydantic import TypeAdapter, ValidationError

from sightline.core import outbound
from sightline.core.errors import InvalidInput
from sightline.core.sealing import Sealer
from sightline.models import NotificationChannel
from sightline.schemas.channels import (
    RATES,
    AnyChannel,
    ChannelIn,
    ChannelKind,
    MqttChannelIn,
    SlackChannelIn,
    TeamsChannelIn,
    WebhookChannelIn,
)

COLUMNS: Final = ("name", "kind", "is_active", "include_pictures", "rate_per_minute")
"""Fields that are columns of the table."""
SHOWN_HOST: Final = "shown_host"
"""Of an address that is sealed as a whole."""
_CHANNEL: Final[TypeAdapter[AnyChannel]] = TypeAdapter(ChannelIn)


def fill(channel: NotificationChannel, given: AnyChannel, sealer: Sealer) -> None:
    """Put what was given into the row; secrets that were not given stay. Raises InvalidInput, AddressRefused."""
    kept = _secrets(channel, sealer)
    if isinstance(given, MqttChannelIn) and "password" in kept:
        _require_same_broker(channel, given)
    kept |= {name: value for name, value in _given_secrets(given).items() if value is not None}
    if isinstance(given, MqttChannelIn) and given.username is None:
        kept.pop("password", None)
    missing = [name for name in given.REQUIRED if name not in kept]
    if missing:
        raise InvalidInput(
            f"a channel of this kind needs {' and '.join(missing)}", hint="Give it once; it is not shown again."
        )
    channel.name, channel.is_active, channel.include_pictures = given.name, given.is_active, given.include_pictures
    channel.rate_per_minute = given.rate_per_minute or RATES[given.kind]
    config = given.model_dump(mode="json", exclude={*COLUMNS, *given.SECRETS})
    if isinstance(given, WebhookChannelIn | SlackChannelIn | TeamsChannelIn):
        config[SHOWN_HOST] = outbound.parse(str(kept["url"])).hostname
    channel.config = config
    channel.secrets = sealer.seal(json.dumps(kept).encode(), context=_context(channel)) if kept else None


def _require_same_broker(channel: NotificationChannel, given: MqttChannelIn) -> None:
    """A kept password is sent to no other server, or whoever may change channels could read it there."""
    is_same = (given.host, given.port) == (channel.config.get("host"), channel.config.get("port"))
    if not is_same and given.username is not None and given.password is None:
        raise InvalidInput("the password that is kept belongs to another broker", hint="Enter it again.")


def opened(channel: NotificationChannel, sealer: Sealer) -> AnyChannel:
    """The channel with its secrets, for senders only. Raises SecretUnreadable, InvalidInput."""
    config = {name: value for name, value in channel.config.items() if name not in {SHOWN_HOST, "host"}}
    if channel.kind == ChannelKind.MQTT:
        config["host"] = channel.config["host"]
    columns = {name: getattr(channel, name) for name in COLUMNS}
    try:
        return _CHANNEL.validate_python({**config, **columns, **_secrets(channel, sealer)})
    except ValidationError as error:
        raise InvalidInput(
            f'the channel "{channel.name}" was saved by a version that knew other fields', hint="Save it again."
        ) from error


def _given_secrets(given: AnyChannel) -> dict[str, object]:
    return given.model_dump(mode="json", include=set(given.SECRETS))


def _secrets(channel: NotificationChannel, sealer: Sealer) -> dict[str, object]:
    if channel.secrets is None:
        return {}
    found = json.loads(sealer.open(channel.secrets, context=_context(channel)))
    return dict(found)


def _context(channel: NotificationChannel) -> str:
    return f"channel:{channel.id}"
