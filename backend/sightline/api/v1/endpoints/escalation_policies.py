"""Escalation policies: who is told next while nobody acknowledges an alert."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from sightline.api.conditional import IfMatch, tag
from sightline.api.deps import SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.base import Page
from sightline.schemas.escalations import EscalationPolicyIn, EscalationPolicyOut
from sightline.services import escalation_policies
from sightline.services.escalation_policies import PolicyView

router = Router(prefix="/alerts/escalation-policies", tags=["alert-rules"])

READ = [Depends(Requires(Permission.READ_ALERT_RULES))]
MANAGE = [Depends(Requires(Permission.MANAGE_CHANNELS))]


@router.get("", dependencies=READ)
async def list_escalation_policies(
    session: SessionDep,
    sort: Annotated[str, sort_parameter(["name", "created_at"])] = "name",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[EscalationPolicyOut]:
    """By name, each with warnings where a step tells nobody."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    page = await escalation_policies.list_policies(session, request=request)
    return page_out(page, EscalationPolicyOut.model_validate)


@router.post("", dependencies=MANAGE, status_code=201)
async def create_escalation_policy(
    body: EscalationPolicyIn, session: SessionDep, response: Response
) -> EscalationPolicyOut:
    """Add a policy. One that is the default takes the place of the one before."""
    policy = await escalation_policies.create_policy(session, given=body)
    response.headers["Location"] = f"/v1/alerts/escalation-policies/{policy.id}"
    return _shown(policy, response)


@router.get("/{policy_id}", dependencies=READ)
async def get_escalation_policy(policy_id: UUID, session: SessionDep, response: Response) -> EscalationPolicyOut:
    """One policy."""
    return _shown(await escalation_policies.get_policy(session, policy_id=policy_id), response)


@router.put("/{policy_id}", dependencies=MANAGE)
async def update_escalation_policy(
    policy_id: UUID, body: EscalationPolicyIn, expected: IfMatch, session: SessionDep, response: Response
) -> EscalationPolicyOut:
    """Replace a policy. Timers that run keep their time; what they do is what the policy says when they end."""
    policy = await escalation_policies.update_policy(session, policy_id=policy_id, given=body, expected=expected)
    return _shown(policy, response)


@router.delete("/{policy_id}", dependencies=MANAGE, status_code=204)
async def delete_escalation_policy(policy_id: UUID, session: SessionDep) -> None:
    """Remove a policy. 409 for the house's default, and while a rule names it."""
    await escalation_policies.remove_policy(session, policy_id=policy_id)


def _shown(policy: PolicyView, response: Response) -> EscalationPolicyOut:
    tag(response, policy.updated_at)
    return EscalationPolicyOut.model_validate(policy)
