"""Web Push: browsers of the caller that are told of alerts."""

from uuid import UUID

from fastapi import Depends, Response

from sightline.api.deps import CurrentUser, ResourcesDep, SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.push import PushKeyOut, PushSubscriptionIn, PushSubscriptionOut
from sightline.services import web_push

router = Router(prefix="/push", tags=["push"], dependencies=[Depends(Requires(Permission.RECEIVE_PUSH))])


@router.get("/key")
async def get_push_key(opened: ResourcesDep) -> PushKeyOut:
    """What a browser subscribes with (applicationServerKey)."""
    return PushKeyOut(public_key=web_push.public_key(opened.settings))


@router.get("/subscriptions")
async def list_push_subscriptions(session: SessionDep, current: CurrentUser) -> list[PushSubscriptionOut]:
    """Your browsers, the newest first; there are 20 at most."""
    found = await web_push.list_subscriptions(session, user_id=current.user_id)
    return [PushSubscriptionOut.model_validate(subscription) for subscription in found]


@router.post("/subscriptions", status_code=201)
async def create_push_subscription(
    body: PushSubscriptionIn, session: SessionDep, current: CurrentUser, opened: ResourcesDep, response: Response
) -> PushSubscriptionOut:
    """Tell this browser too. One that is known gets its new keys; one that somebody else used becomes yours."""
    kept = await web_push.subscribe(session, user_id=current.user_id, given=body, sealer=opened.sealer)
    response.headers["Location"] = f"/v1/push/subscriptions/{kept.id}"
    return PushSubscriptionOut.model_validate(kept)


@router.delete("/subscriptions/{subscription_id}", status_code=204)
async def delete_push_subscription(subscription_id: UUID, session: SessionDep, current: CurrentUser) -> None:
    """Do not tell this browser any more."""
    await web_push.unsubscribe(session, user_id=current.user_id, subscription_id=subscription_id)
