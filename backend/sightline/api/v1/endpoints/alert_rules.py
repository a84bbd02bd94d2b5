"""Alert rules."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.conditional import IfMatch, tag
from sightline.api.deps import CurrentUser, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.purpose import PurposeDep
from sightline.api.routing import Router
from sightline.schemas.alert_rules import (
    ChannelNameOut,
    DayOut,
    DryRunIn,
    DryRunOut,
    RuleIn,
    RuleOut,
    WarningOut,
    WouldFireOut,
)
from sightline.schemas.base import Page
from sightline.services import alert_rule_runs, alert_rules
from sightline.services.alert_rules import RuleView

router = Router(prefix="/alerts/rules", tags=["alert-rules"])

READ = [Depends(Requires(Permission.READ_ALERT_RULES))]
MANAGE = [Depends(Requires(Permission.MANAGE_ALERT_RULES))]


@router.get("", dependencies=READ)
async def list_alert_rules(
    session: SessionDep,
    *,
    is_active: Annotated[bool | None, Query(description="Only those in force, or only the others.")] = None,
    sort: Annotated[str, sort_parameter(["name", "created_at"])] = "name",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RuleOut]:
    """By name, each with warnings where it cannot do what was meant."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    return page_out(await alert_rules.get_alert_rules(session, request=request, active=is_active), _out)


@router.post("", dependencies=MANAGE, status_code=201)
async def create_alert_rule(body: RuleIn, session: SessionDep, current: CurrentUser, response: Response) -> RuleOut:
    """Add a rule. An active one is evaluated for everybody who is recognised from now on.

    Its alert takes the place of the one that the watchlist raises on the same sighting.
    """
    rule = await alert_rules.create_alert_rule(session, given=body, created_by=current.user_id)
    response.headers["Location"] = f"/v1/alerts/rules/{rule.id}"
    return _shown(rule, response)


@router.get("/channels", dependencies=READ)
async def list_rule_channels(session: SessionDep) -> list[ChannelNameOut]:
    """Channels that a rule can name."""
    return [ChannelNameOut.model_validate(one) for one in await alert_rules.list_channel_names(session)]


@router.post("/dry-run", dependencies=MANAGE)
async def dry_run_alert_rule(body: DryRunIn, session: SessionDep, purpose: PurposeDep) -> DryRunOut:
    """Try a rule on past sightings: how often, on which days, on whom. Nothing is raised; a search is recorded."""
    run = await alert_rule_runs.dry_run(session, given=body.rule, since=body.since, until=body.until, purpose=purpose)
    return DryRunOut(
        alerts=len(run.fired),
        per_day=[DayOut(day=day, alerts=alerts) for day, alerts in run.per_day],
        first=[WouldFireOut.model_validate(facts) for facts in run.fired[: alert_rule_runs.MOST_SHOWN]],
        sightings=run.sightings,
        is_complete=run.is_complete,
        warnings=[WarningOut.model_validate(doubt) for doubt in run.warnings],
    )


@router.get("/{rule_id}", dependencies=READ)
async def get_alert_rule(rule_id: UUID, session: SessionDep, response: Response) -> RuleOut:
    """One rule."""
    return _shown(await alert_rules.get_rule(session, rule_id=rule_id), response)


@router.put("/{rule_id}", dependencies=MANAGE)
async def update_alert_rule(
    rule_id: UUID, body: RuleIn, expected: IfMatch, session: SessionDep, response: Response
) -> RuleOut:
    """Replace a rule."""
    rule = await alert_rules.update_rule(session, rule_id=rule_id, given=body, expected=expected)
    return _shown(rule, response)


@router.delete("/{rule_id}", dependencies=MANAGE, status_code=204)
async def delete_alert_rule(rule_id: UUID, session: SessionDep) -> None:
    """Remove a rule; alerts that it raised stay."""
    await alert_rules.remove_rule(session, rule_id=rule_id)


def _shown(rule: RuleView, response: Response) -> RuleOut:
    tag(response, rule.updated_at)
    return _out(rule)


def _out(rule: RuleView) -> RuleOut:
    given = rule.given
    return RuleOut(
        id=rule.id,
        name=given.name,
        is_active=given.is_active,
        camera_id=given.camera_id,
        group_id=given.group_id,
        watchlist_id=given.watchlist_id,
        subject_id=given.subject_id,
        min_similarity=given.min_similarity,
        severity=given.severity,
        cooldown_seconds=given.cooldown_seconds,
        schedule=given.schedule,
        channels=[ChannelNameOut.model_validate(one) for one in rule.channels],
        warnings=[WarningOut.model_validate(doubt) for doubt in rule.warnings],
        created_by=rule.created_by,
        created_at=rule.created_at,
        updated_at=rule.updated_at,
    )
