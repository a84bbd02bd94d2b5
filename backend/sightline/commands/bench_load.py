"""An open-loop load on a running API: what is asked, at a fixed rate, whatever the answers take."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import httpx
import numpy as np

from sightline.commands.bench_world import World
from sightline.core.database import Role
from sightline.core.errors import ServiceUnavailable

Parameters = Mapping[str, str | int | float | bool | Sequence[str]]
DEEP: Final = 40
"""Pages that are turned before a list's deep page is measured; people do not get that far."""
PURPOSE: Final = {"Sightline-Purpose": "bench"}
ASKING: Final = (Role.OPERATOR, Role.ADMIN)
"""Who asks, in turn: one who is limited to two of five groups, one who sees everything."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of request. ask: path and parameters of the next one."""

    name: str
    ask: Callable[[random.Random], tuple[str, Parameters]]
    roles: tuple[Role, ...] = ASKING


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    """Milliseconds from the planned moment of sending to the end of the answer; errors: other than 2xx, or none."""

    name: str
    requests: int
    errors: int
    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time of one request, ms: of the API and of PostgreSQL."""

    name: str
    api_ms: float
    database_ms: float


@dataclass(slots=True)
class _Measured:
    seconds: list[float] = field(default_factory=list)
    errors: int = 0


def _fixed(path: str, **parameters: str | float) -> Callable[[random.Random], tuple[str, Parameters]]:
    return lambda _: (path, parameters)


def lists(world: World) -> list[Endpoint]:
    """Every list with the filters that people use."""
    day, week, year = (_ago(world, days=days) for days in (1, 7, 365))
    month = {"since": _ago(world, days=400), "until": _ago(world, days=370)}

    def camera(rng: random.Random) -> str:
        return rng.choice(world.cameras[0 :: len(world.groups)])  # of the first group, which the operator sees

    def person(rng: random.Random) -> str:
        return world.subjects[int(len(world.subjects) * rng.random() ** 2)]

    return [
        Endpoint("sightings", _fixed("/v1/sightings")),
        Endpoint("sightings?limit=200", _fixed("/v1/sightings", limit=200)),
        Endpoint("sightings?sort=detected_at", _fixed("/v1/sightings", sort="detected_at")),
        Endpoint("sightings?total", _fixed("/v1/sightings", total="true")),
        Endpoint("sightings?camera_id", lambda r: ("/v1/sightings", {"camera_id": camera(r)})),
        Endpoint("sightings?group_id", _fixed("/v1/sightings", group_id=world.groups[0])),
        Endpoint("sightings?subject_id", lambda r: ("/v1/sightings", {"subject_id": person(r)})),
        Endpoint("sightings?watchlist_id", _fixed("/v1/sightings", watchlist_id=world.watchlists[0])),
        Endpoint("sightings?known=true", _fixed("/v1/sightings", known="true")),
        Endpoint(
            "sightings?known=false&camera_id", lambda r: ("/v1/sightings", {"known": "false", "camera_id": camera(r)})
        ),
        Endpoint("sightings?min_similarity=0.9", _fixed("/v1/sightings", min_similarity=0.9)),
        Endpoint("sightings?open", _fixed("/v1/sightings", open="true")),
        Endpoint("sightings?verdict", _fixed("/v1/sightings", verdict="confirmed")),
        Endpoint("sightings?since=week", _fixed("/v1/sightings", since=week)),
        Endpoint("sightings?a month last year", lambda _: ("/v1/sightings", month)),
        Endpoint("sightings?since=year&total", _fixed("/v1/sightings", since=year, total="true")),
        Endpoint(
            "sightings?camera_id&subject_id",
            lambda r: ("/v1/sightings", {"camera_id": camera(r), "subject_id": person(r)}),
        ),
        Endpoint("alerts", _fixed("/v1/alerts")),
        Endpoint("alerts?status=new&total", _fixed("/v1/alerts", status="new", total="true")),
        Endpoint("alerts?total", _fixed("/v1/alerts", total="true")),
        Endpoint("alerts?sort=-severity", _fixed("/v1/alerts", sort="-severity")),
        Endpoint("alerts?severity=critical", _fixed("/v1/alerts", severity="critical")),
        Endpoint("alerts?camera_id", lambda r: ("/v1/alerts", {"camera_id": camera(r)})),
        Endpoint("alerts?group_id", _fixed("/v1/alerts", group_id=world.groups[1])),
        Endpoint("alerts?subject_id", lambda r: ("/v1/alerts", {"subject_id": person(r)})),
        Endpoint("alerts?watchlist_id", _fixed("/v1/alerts", watchlist_id=world.watchlists[1])),
        Endpoint("alerts?verdict", _fixed("/v1/alerts", verdict="false_match")),
        Endpoint("alerts?since=day", _fixed("/v1/alerts", since=day)),
        Endpoint("alerts/count", _fixed("/v1/alerts/count")),
        Endpoint("alerts/rules", _fixed("/v1/alerts/rules")),
        Endpoint("subjects", _fixed("/v1/subjects")),
        Endpoint("subjects?q", lambda r: ("/v1/subjects", {"q": f"person {r.randrange(256):02x}"})),
        Endpoint(
            "subjects?q&sort=-relevance",
            lambda r: ("/v1/subjects", {"q": f"{r.randrange(4096):03x}", "sort": "-relevance"}),
        ),
        Endpoint("subjects?watchlist_id&total", _fixed("/v1/subjects", watchlist_id=world.watchlists[2], total="true")),
        Endpoint("subjects?sort=-last_seen_at", _fixed("/v1/subjects", sort="-last_seen_at")),
        Endpoint("cameras?limit=200&total", _fixed("/v1/cameras", limit=200, total="true")),
        Endpoint("cameras?q", _fixed("/v1/cameras", q="camera 01")),
        Endpoint("camera-groups", _fixed("/v1/camera-groups")),
        Endpoint("watchlists", _fixed("/v1/watchlists")),
        Endpoint("users", _fixed("/v1/users"), (Role.ADMIN,)),
        Endpoint("audit", _fixed("/v1/audit"), (Role.ADMIN,)),
        Endpoint("audit?table_name", _fixed("/v1/audit", table_name="subjects"), (Role.ADMIN,)),
        Endpoint("audit?action&since", _fixed("/v1/audit", action="INSERT", since=week), (Role.ADMIN,)),
        Endpoint("jobs", _fixed("/v1/jobs")),
        Endpoint("searches", _fixed("/v1/searches")),
    ]


def figures(world: World) -> list[Endpoint]:
    """Dashboard, trends, statistics of cameras and subjects, single records."""
    year, two, month = (_ago(world, days=days) for days in (365, 729, 30))
    zone = {"time_zone": "Europe/Berlin"}

    def of_camera(path: str, **more: str) -> Callable[[random.Random], tuple[str, Parameters]]:
        own = world.cameras[0 :: len(world.groups)]
        return lambda r: (path.format(r.choice(own)), more)

    def of_subject(path: str, **more: str) -> Callable[[random.Random], tuple[str, Parameters]]:
        return lambda r: (path.format(world.subjects[int(len(world.subjects) * r.random() ** 2)]), more)

    return [
        Endpoint("analytics/dashboard", _fixed("/v1/analytics/dashboard")),
        Endpoint("trends, days of 2 years", _fixed("/v1/analytics/trends", interval="day", since=two, **zone)),
        Endpoint("trends, weeks of a year", _fixed("/v1/analytics/trends", interval="week", since=year, **zone)),
        Endpoint("trends, hours of a month", _fixed("/v1/analytics/trends", interval="hour", since=month, **zone)),
        Endpoint("trends, alerts per day", _fixed("/v1/analytics/trends", metric="alerts", since=year)),
        Endpoint(
            "trends, alerts of a watchlist",
            _fixed("/v1/analytics/trends", metric="alerts", since=month, watchlist_id=world.watchlists[0]),
        ),
        Endpoint("trends of a group", _fixed("/v1/analytics/trends", since=year, group_id=world.groups[0])),
        Endpoint("heatmap, a month", _fixed("/v1/analytics/heatmap", since=month, **zone)),
        Endpoint("analytics/cameras, a month", _fixed("/v1/analytics/cameras", since=month)),
        Endpoint("analytics/subjects/{id}, a year", of_subject("/v1/analytics/subjects/{}", since=year)),
        Endpoint("analytics/recognition, a week", _fixed("/v1/analytics/recognition")),
        Endpoint("analytics/recognition, a month", _fixed("/v1/analytics/recognition", since=month)),
        Endpoint("cameras/{id}", of_camera("/v1/cameras/{}")),
        Endpoint("cameras/{id}/stats, a week", of_camera("/v1/cameras/{}/stats")),
        Endpoint("cameras/{id}/stats, hours of a week", of_camera("/v1/cameras/{}/stats", interval="hour")),
        Endpoint("cameras/{id}/stats, a month", of_camera("/v1/cameras/{}/stats", since=month)),
        Endpoint("cameras/{id}/stats, a year", of_camera("/v1/cameras/{}/stats", since=year)),
        Endpoint("cameras/{id}/expected-false-alarms", of_camera("/v1/cameras/{}/expected-false-alarms")),
        Endpoint("subjects/{id}", of_subject("/v1/subjects/{}")),
        Endpoint("subjects/{id}/images", of_subject("/v1/subjects/{}/images")),
        Endpoint("subjects/{id}/timeline", of_subject("/v1/subjects/{}/timeline")),
        Endpoint("subjects/{id}/timeline, a year", of_subject("/v1/subjects/{}/timeline", since=year)),
        Endpoint("sightings/errors", _fixed("/v1/sightings/errors")),
    ]


def _ago(world: World, *, days: int) -> str:
    return (world.now - timedelta(days=days)).isoformat()


def many_connections(url: str) -> httpx.AsyncClient:
    """A client that never waits for a connection of its own."""
    limits = httpx.Limits(max_connections=500, max_keepalive_connections=500)
    return httpx.AsyncClient(base_url=url, timeout=30, limits=limits, headers=PURPOSE)


@dataclass(slots=True)
class Callers:
    """One client with a session per role."""

    client: httpx.AsyncClient
    tokens: dict[Role, str]

    @classmethod
    async def log_in(cls, client: httpx.AsyncClient, world: World) -> "Callers":
        """Raises ServiceUnavailable where a login is refused."""
        tokens = {}
        for role in ASKING:
            body = {"username": role.value, "password": world.password}
            answer = await client.post("/v1/auth/login", json=body)
            if answer.status_code != httpx.codes.OK:
                raise ServiceUnavailable(f"the login as {role.value} got {answer.status_code}", hint=answer.text[:200])
            tokens[role] = answer.json()["access_token"]
        return cls(client, tokens)

    async def get(self, path: str, parameters: Parameters, role: Role) -> httpx.Response:
        """As that role."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return await self.client.get(path, params=dict(parameters), headers=headers)

    async def post(self, path: str, files: Mapping[str, tuple[str, bytes]], role: Role) -> httpx.Response:
        """A form with files, as that role."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return await self.client.post(path, files=dict(files), headers=headers)


async def deep_pages(callers: Callers, *, pages: int = DEEP) -> list[Endpoint]:
    """Pages far down the long lists, reached by their cursors."""
    found = []
    for path in ("/v1/sightings", "/v1/alerts", "/v1/subjects"):
        cursors: dict[Role, str] = {}
        for role in ASKING:
            cursor: str | None = None
            for _ in range(pages):
                more = {"cursor": cursor} if cursor else {}
                following = (await callers.get(path, {"limit": 100, **more}, role)).json()["next"]
                if following is None:
                    break
                cursor = following
            if cursor:
                cursors[role] = cursor
        found += [
            Endpoint(
                f"{path.removeprefix('/v1/')}, a deep page ({role.value})", _fixed(path, limit=100, cursor=at), (role,)
            )
            for role, at in cursors.items()
        ]
    return found


async def open_loop(
    callers: Callers, endpoints: Sequence[Endpoint], *, rate: float, seconds: float, seed: int = 3
) -> tuple[EndpointFigures, ...]:
    """Send rate requests per second, each at its planned moment, whether earlier ones were answered or not.

    Latency counts from the planned moment, so that a stall is not hidden by requests that were not sent meanwhile.
    Endpoints and roles come in turn, each round in another order.
    """
    rng, measured = random.Random(seed), {one.name: _Measured() for one in endpoints}  # noqa: S311 - no secret
    calls = _rounds(endpoints, int(rate * seconds), rng)
    begin, pending = time.perf_counter() + 0.1, set[asyncio.Task[None]]()
    for number, (endpoint, role) in enumerate(calls):
        due = begin + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(_one(callers, endpoint, role, rng, due, measured[endpoint.name]))
        pending.add(task)
        task.add_done_callback(pending.discard)
    await asyncio.gather(*pending)
    return tuple(_figures(name, one) for name, one in measured.items() if one.seconds)


def _rounds(endpoints: Sequence[Endpoint], count: int, rng: random.Random) -> list[tuple[Endpoint, Role]]:
    calls: list[tuple[Endpoint, Role]] = []
    turn = 0
    while len(calls) < count:
        order = list(endpoints)
        rng.shuffle(order)
        calls += [(one, one.roles[turn % len(one.roles)]) for one in order]
        turn += 1
    return calls[:count]


async def _one(
    callers: Callers, endpoint: Endpoint, role: Role, rng: random.Random, due: float, into: _Measured
) -> None:
    path, parameters = endpoint.ask(rng)
    try:
        answer = await callers.get(path, parameters, role)
    except httpx.HTTPError:
        into.errors += 1
    else:
        into.errors += not answer.is_success
    into.seconds.append(time.perf_counter() - due)


def _figures(name: str, measured: _Measured) -> EndpointFigures:
    p50, p95, most = (float(one) * 1000 for one in np.percentile(measured.seconds, [50, 95, 100]))
    return EndpointFigures(name, len(measured.seconds), measured.errors, round(p50, 1), round(p95, 1), round(most, 1))


async def costs(
    callers: Callers,
    endpoints: Sequence[Endpoint],
    clocks: tuple[Callable[[], float], Callable[[], float]],
    *,
    times: int,
) -> tuple[Cost, ...]:
    """What each endpoint takes of the processors, asked alone and one after the other: who else uses them matters
    little. clocks: processor seconds so far, of the API and of PostgreSQL."""
    rng, found = random.Random(9), []  # noqa: S311 - no secret
    for endpoint in endpoints:
        before = [clock() for clock in clocks]
        for turn in range(times):
            await callers.get(*endpoint.ask(rng), endpoint.roles[turn % len(endpoint.roles)])
        api, database = (round(1000 * (clock() - then) / times, 2) for clock, then in zip(clocks, before, strict=True))
        found.append(Cost(endpoint.name, api, database))
    return tuple(found)
