"""Tables of the API, made of the code: every route and every code of a problem (docs/API_REFERENCE.md), who may do what
(docs/privacy.md), and where the specification's endpoints are now (docs/architecture.md).

Run `cd backend && ../.venv/bin/python -m tests.docs.api_tables` to write them anew.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import WebSocketRoute

from sightline.api.app import create_app
from sightline.api.permissions import MATRIX, Permission, declared, routes, scope
from sightline.core.config import Settings
from sightline.core.errors import AppError
from sightline.services.users import USER_ROLES
from tests.docs.blocks import DOCS, Block, cell

SPECIFIED = Path(__file__).parents[1] / "api" / "spec_endpoints.txt"
HEADER = "| route | operation id | what it does | permission | quota |"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNDESCRIBED = "pages, descriptions and sockets"
"""Routes that are not part of the OpenAPI document."""
GUARDED_ELSEWHERE = {"/v1/ws": "asks by itself", "/v1/media": "who was given the link"}
"""Public routes that are not for anybody."""


@dataclass(frozen=True)
class Operation:
    """One method of one path. path: as in the code; place: its file in the package; says: one sentence."""

    method: str
    path: str
    name: str
    place: str
    group: str
    permission: Permission | None
    quota: str
    says: str

    @property
    def who(self) -> str:
        """Who may, for a cell of a table."""
        if self.permission is not None:
            return f"`{scope(self.permission)}`"
        return GUARDED_ELSEWHERE.get(self.path, "anybody")

    @property
    def key(self) -> str:
        """GET /v1/cameras/{}: without the names of its parameters."""
        return f"{self.method} {re.sub(r'{[^}]*}', '{}', self.path)}"


@cache
def operations() -> tuple[Operation, ...]:
    """Every route of the application."""
    app = create_app(Settings.model_construct())
    document = app.openapi()["paths"]
    return tuple(operation for route in routes(app) for operation in _operations(route, document))


def _operations(route: Any, document: dict[str, Any]) -> Iterator[Operation]:
    original, path = route.original_route, str(route.path)
    is_socket = isinstance(original, WebSocketRoute) or "WebSocket" in type(original).__name__
    if not is_socket and not isinstance(original, APIRoute):
        return
    for method in ("WS",) if is_socket else sorted(set(route.methods or ()) & set(METHODS), key=METHODS.index):
        described = document.get(path, {}).get(method.lower(), {})
        endpoint = original.endpoint
        yield Operation(
            method=method,
            path=path,
            name=endpoint.__name__,
            place=endpoint.__module__.removeprefix("sightline.").replace(".", "/") + ".py",
            group=described.get("tags", [UNDESCRIBED])[0],
            permission=declared(route),
            quota=described.get("x-rate-limit", {}).get("class", ""),
            says=_first_sentence(endpoint.__doc__ or ""),
        )


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.?!]) (?=[A-Z])", paragraph)[0]


def every_operation() -> str:
    """A table per noun, in the order of the description, every method of every path."""
    groups: dict[str, list[Operation]] = {}
    for operation in operations():
        groups.setdefault(operation.group, []).append(operation)
    last = groups.pop(UNDESCRIBED, [])
    return "\n\n".join([*(_table(name, of) for name, of in groups.items()), _table(UNDESCRIBED, last)])


def _table(name: str, of: list[Operation]) -> str:
    rows = [f"| `{one.method} {one.path}` | `{one.name}` | {cell(one.says)} | {one.who} | {one.quota} |" for one in of]
    return "\n".join([f"### {name}", "", HEADER, "|---|---|---|---|---|", *rows])


def matrix() -> str:
    """Who may do what."""
    roles = [role for role in ("admin", "operator", "viewer", "auditor") if role in USER_ROLES]
    rows = [
        f"| {permission.value} | `{scope(permission)}` | "
        + " | ".join("yes" if role in MATRIX[permission] else "" for role in roles)
        + " |"
        for permission in Permission
    ]
    return "\n".join([f"| may | scope of an API key | {' | '.join(roles)} |", f"|---|---|{'---|' * len(roles)}", *rows])


def specified() -> str:
    """The specification's endpoints, in its order."""
    known = {operation.key: operation for operation in operations()}
    rows = []
    for line in SPECIFIED.read_text(encoding="utf-8").split("\n"):
        if line:
            found = known[re.sub(r"{[^}]*}", "{}", line)]
            rows.append(f"| `{line}` | `{found.place}`: `{found.name}` | {found.who} |")
    return "\n".join(["| specification | here | permission |", "|---|---|---|", *rows])


def problems() -> str:
    """Every code of a problem, by status."""
    kinds = {kind.code: kind for kind in _kinds(AppError)}
    rows = [
        f"| `{kind.code}` | {kind.status} | {cell(_first_sentence(kind.__doc__ or ''))} |"
        for kind in sorted(kinds.values(), key=lambda kind: (kind.status, kind.code))
    ]
    return "\n".join(["| code | status | meaning |", "|---|---|---|", *rows])


def _kinds(kind: type[AppError]) -> Iterator[type[AppError]]:
    for one in kind.__subclasses__():
        if one.__module__ == AppError.__module__:
            yield one
            yield from _kinds(one)


MATRIX_BLOCK = Block(DOCS / "privacy.md", "matrix", "api_tables", matrix)
BLOCKS = (
    Block(DOCS / "API_REFERENCE.md", "problems", "api_tables", problems),
    Block(DOCS / "API_REFERENCE.md", "operations", "api_tables", every_operation),
    MATRIX_BLOCK,
    Block(DOCS / "architecture.md", "endpoints", "api_tables", specified),
)


if __name__ == "__main__":
    for block in BLOCKS:
        block.rewrite()
