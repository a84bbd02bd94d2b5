"""Puts ids of records that exist where a fuzzer made some up, so that calls reach what lies behind a 404 or 412."""

import re
from typing import Any

import schemathesis

from tests.fuzz.world import Ids

ALIASES = {
    "assigned_to": "user_id",
    "user_ids": "user_id",
    "camera_ids": "camera_id",
    "camera_group_ids": "group_id",
    "sighting_ids": "sighting_id",
    "subject_ids": "subject_id",
    "emptied_id": "subject_id",
    "channel_ids": "channel_id",
}
NOUNS = {"cameras": "camera_id", "subjects": "subject_id", "sightings": "sighting_id", "alerts": "alert_id"}
"""What `ids` means in the body of a bulk operation."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def grounded(case: schemathesis.Case[Any], ids: Ids, choice: int) -> schemathesis.Case[Any]:
    """The same case about records that exist; choice: which of several."""
    noun = NOUNS.get(case.path.removeprefix("/v1/").partition("/")[0], "")
    case.path_parameters = _with_ids(case.path_parameters, {**ids, "ids": ids.get(noun, [])}, choice, always=True)
    case.query = _with_ids(case.query, ids, choice)
    if isinstance(case.body, dict):
        case.body = _with_ids(case.body, {**ids, "ids": ids.get(noun, [])}, choice)
    if any(parameter.name == "If-Match" for parameter in case.operation.headers):
        case.headers["If-Match"] = "*"
    return case


def _with_ids(part: Any, ids: Ids, choice: int, *, always: bool = False) -> Any:
    if not isinstance(part, dict):
        return part
    return {name: _value(name, value, ids, choice, always=always) for name, value in part.items()}


def _value(name: str, value: Any, ids: Ids, choice: int, *, always: bool) -> Any:
    known = ids.get(ALIASES.get(name, name))
    if known and (always or _is_id(value)):
        return known[choice % len(known)]
    if known and isinstance(value, list) and value and all(_is_id(item) for item in value):
        return sorted(set(known[: len(value)]))
    if isinstance(value, dict):
        return _with_ids(value, ids, choice)
    return value


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None
