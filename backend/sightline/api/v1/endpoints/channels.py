"""Notification channels, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.conditional import IfMatch, tag
from sightline.api.deps import PrincipalDep, ResourcesDep, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.core.outbound import OutboundPolicy
from sightline.schemas.base import Page
from sightline.schemas.channels import ChannelIn, ChannelOut, ChannelTestOut
from sightline.schemas.deliveries import DeliveryOut, DeliveryStatus
from sightline.schemas.notification_templates import Language
from sightline.services import delivery_views, notifications, web_push
from sightline.services.notification_message import Senders
from sightline.services.notifications import ChannelView

COLUMNS = (
    "id", "name", "kind", "is_active", "paused_at", "include_pictures", "rate_per_minute", "has_secret", "host",
    "health", "created_at", "updated_at",
)  # fmt: skip
"""What a view says beside its config."""

router = Router(
    prefix="/alerts/channels", tags=["channels"], dependencies=[Depends(Requires(Permission.MANAGE_CHANNELS))]
)


@router.get("")
async def list_channels(
    session: SessionDep,
    sort: Annotated[str, sort_parameter(["name", "created_at"])] = "name",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ChannelOut]:
    """By name."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    return page_out(await notifications.list_channels(session, request=request), _out)


@router.post("", status_code=201)
async def create_channel(body: ChannelIn, session: SessionDep, opened: ResourcesDep, response: Response) -> ChannelOut:
    """Add a way to tell people. A rule names the channels that its alerts go to."""
    channel = await notifications.create_channel(session, given=body, sealer=opened.sealer)
    response.headers["Location"] = f"/v1/alerts/channels/{channel.id}"
    return _shown(channel, response)


@router.get("/{channel_id}")
async def get_channel(channel_id: UUID, session: SessionDep, response: Response) -> ChannelOut:
    """One channel, without what is sealed, and how well it does."""
    return _shown(await notifications.get_channel(session, channel_id=channel_id), response)


@router.put("/{channel_id}")
async def update_channel(
    channel_id: UUID, body: ChannelIn, expected: IfMatch, session: SessionDep, opened: ResourcesDep, response: Response
) -> ChannelOut:
    """Replace a channel; what is sealed stays where none is given."""
    channel = await notifications.update_channel(
        session, channel_id=channel_id, given=body, expected=expected, sealer=opened.sealer
    )
    return _shown(channel, response)


@router.delete("/{channel_id}", status_code=204)
async def delete_channel(channel_id: UUID, session: SessionDep) -> None:
    """Remove a channel and its deliveries. 409 while a rule names it."""
    await notifications.remove_channel(session, channel_id=channel_id)


@router.post("/{channel_id}/test")
async def test_channel(channel_id: UUID, opened: ResourcesDep, acting: PrincipalDep) -> ChannelTestOut:
    """Really send a test, also on a channel that is switched off, and say how it went."""
    policy, key = OutboundPolicy.from_settings(opened.settings.notifications), web_push.vapid_key(opened.settings)
    went = await notifications.send_test(
        opened.database,
        acting,
        channel_id=channel_id,
        senders=Senders(opened.settings.smtp, policy, key),
        sealer=opened.sealer,
    )
    return ChannelTestOut.model_validate(went)


@router.post("/{channel_id}/pause")
async def pause_channel(channel_id: UUID, session: SessionDep, response: Response) -> ChannelOut:
    """Let its deliveries wait: alerts are queued on it all the same. What waits longer than 24 hours is given up."""
    return _shown(await notifications.pause_channel(session, channel_id=channel_id, paused=True), response)


@router.post("/{channel_id}/resume")
async def resume_channel(channel_id: UUID, session: SessionDep, response: Response) -> ChannelOut:
    """Let its deliveries go on, at once: a circuit that is open closes."""
    return _shown(await notifications.pause_channel(session, channel_id=channel_id, paused=False), response)


@router.get("/{channel_id}/deliveries")
async def list_channel_deliveries(
    channel_id: UUID,
    session: SessionDep,
    status: Annotated[list[DeliveryStatus] | None, Query(max_length=5, description="Any of these.")] = None,
    sort: Annotated[str, sort_parameter(["created_at"])] = "-created_at",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DeliveryOut]:
    """What was told on it and what is due, the newest first, with each attempt."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    page = await delivery_views.of_channel(session, channel_id=channel_id, request=request, statuses=status or ())
    return page_out(page, DeliveryOut.model_validate)


@router.post("/{channel_id}/deliveries/{delivery_id}/replay")
async def replay_delivery(channel_id: UUID, delivery_id: UUID, session: SessionDep) -> DeliveryOut:
    """Send once more what was delivered or has failed, under the same id. 409 for anything else."""
    view = await delivery_views.replay(session, channel_id=channel_id, delivery_id=delivery_id)
    return DeliveryOut.model_validate(view)


def _shown(channel: ChannelView, response: Response) -> ChannelOut:
    tag(response, channel.updated_at)
    return _out(channel)


def _out(channel: ChannelView) -> ChannelOut:
    """config holds the fields of the channel's kind; those of other kinds are null or empty."""
    empty = dict.fromkeys(ChannelOut.model_fields) | {
        "recipients": (), "topics": (), "roles": (), "user_ids": (), "language": Language.EN, "time_zone": "UTC"
    }  # fmt: skip
    columns = {name: getattr(channel, name) for name in COLUMNS}
    return ChannelOut.model_validate({**empty, **channel.config, **columns})
