"""Alert rules."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.conditional import IfMatch, tag
from sightline.api.deps import CurrentUser, ResourcesDep, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.purpose import PurposeDep
from sightline.api.routing import Router
from sightline.schemas.alert_rules import (
    ChannelNameOut,
    DayOut,
    DryRunIn,
    DryRunLimitOut,
    DryRunOut,
    RuleIn,
    RuleOut,
    SnoozeIn,
    WarningOut,
    WouldFireOut,
)
from sightline.schemas.base import Page
from sightline.services import alert_rule_dry_runs, alert_rules
from sightline.services.alert_rule_checks import House
from sightline.services.alert_rule_dry_runs import Span
from sightline.services.alert_rule_evaluation import Occurrence
from sightline.services.alert_rules import RuleView

router = Router(prefix="/alerts/rules", tags=["alert-rules"])

READ = [Depends(Requires(Permission.READ_ALERT_RULES))]
MANAGE = [Depends(Requires(Permission.MANAGE_ALERT_RULES))]


async def house(opened: ResourcesDep) -> House:
    """What rules are judged by."""
    return House(opened.rates.curve, opened.settings)


HouseDep = Annotated[House, Depends(house)]


@router.get("", dependencies=READ)
async def list_alert_rules(
    session: SessionDep,
    judged: HouseDep,
    *,
    is_active: Annotated[bool | None, Query(description="Only those in force, or only the others.")] = None,
    sort: Annotated[str, sort_parameter(["name", "created_at"])] = "name",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RuleOut]:
    """By name, each with warnings where it cannot do what was meant."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    return page_out(await alert_rules.get_alert_rules(session, house=judged, request=request, active=is_active), _out)


@router.post("", dependencies=MANAGE, status_code=201)
async def create_alert_rule(
    body: RuleIn, session: SessionDep, current: CurrentUser, judged: HouseDep, response: Response
) -> RuleOut:
    """Add a rule. An active one is evaluated on all that cameras see from now on; all its conditions must hold.

    Its alert takes the place of the one that the watchlist raises on the same sighting.
    """
    rule = await alert_rules.create_alert_rule(session, given=body, created_by=current.user_id, house=judged)
    response.headers["Location"] = f"/v1/alerts/rules/{rule.id}"
    return _shown(rule, response)


@router.get("/channels", dependencies=READ)
async def list_rule_channels(session: SessionDep) -> list[ChannelNameOut]:
    """Channels that a rule can name."""
    return [ChannelNameOut.model_validate(one) for one in await alert_rules.list_channel_names(session)]


@router.post("/dry-run", dependencies=MANAGE)
async def dry_run_alert_rule(body: DryRunIn, session: SessionDep, judged: HouseDep, purpose: PurposeDep) -> DryRunOut:
    """Try a rule on past sightings: how often, on which days, on whom. Nothing is raised; a search is recorded.

    It is evaluated as live rules are. limits says what the past cannot tell.
    """
    span = Span(body.since, body.until)
    run = await alert_rule_dry_runs.dry_run(session, given=body.rule, span=span, purpose=purpose, house=judged)
    return DryRunOut(
        alerts=len(run.fired),
        summary=run.summary,
        per_day=[DayOut(day=day, alerts=alerts) for day, alerts in run.per_day],
        first=[_would_fire(one) for one in run.fired[: alert_rule_dry_runs.MOST_SHOWN]],
        sightings=run.sightings,
        is_complete=run.is_complete,
        limits=[DryRunLimitOut.model_validate(limit) for limit in run.limits],
        warnings=[WarningOut.model_validate(doubt) for doubt in run.warnings],
    )


@router.get("/{rule_id}", dependencies=READ)
async def get_alert_rule(rule_id: UUID, session: SessionDep, judged: HouseDep, response: Response) -> RuleOut:
    """One rule."""
    return _shown(await alert_rules.get_rule(session, rule_id=rule_id, house=judged), response)


@router.put("/{rule_id}", dependencies=MANAGE)
async def update_alert_rule(
    rule_id: UUID, body: RuleIn, expected: IfMatch, session: SessionDep, judged: HouseDep, response: Response
) -> RuleOut:
    """Replace a rule."""
    rule = await alert_rules.update_rule(session, rule_id=rule_id, given=body, expected=expected, house=judged)
    return _shown(rule, response)


@router.post("/{rule_id}/snooze", dependencies=MANAGE)
async def snooze_alert_rule(
    rule_id: UUID, body: SnoozeIn, session: SessionDep, judged: HouseDep, response: Response
) -> RuleOut:
    """Let a rule raise nothing for what is seen before a moment, or let it raise alerts again."""
    rule = await alert_rules.snooze(session, rule_id=rule_id, until=body.until, house=judged)
    return _shown(rule, response)


@router.delete("/{rule_id}", dependencies=MANAGE, status_code=204)
async def delete_alert_rule(rule_id: UUID, session: SessionDep) -> None:
    """Remove a rule; alerts that it raised stay."""
    await alert_rules.remove_rule(session, rule_id=rule_id)


def _shown(rule: RuleView, response: Response) -> RuleOut:
    tag(response, rule.updated_at)
    return _out(rule)


def _would_fire(one: Occurrence) -> WouldFireOut:
    facts = one.facts
    return WouldFireOut(
        sighting_id=facts.sighting_id,
        at=one.at,
        detected_at=facts.detected_at,
        camera_id=facts.camera_id,
        subject_id=facts.subject_id,
        similarity=facts.similarity,
    )


def _out(rule: RuleView) -> RuleOut:
    return RuleOut(
        **{name: getattr(rule.given, name) for name in RuleIn.model_fields if name != "channel_ids"},
        id=rule.id,
        channels=[ChannelNameOut.model_validate(one) for one in rule.channels],
        warnings=[WarningOut.model_validate(doubt) for doubt in rule.warnings],
        created_by=rule.created_by,
        created_at=rule.created_at,
        updated_at=rule.updated_at,
    )
