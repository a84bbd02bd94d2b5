"""What endpoints ask for is made on the event loop."""

from collections.abc import Iterator
from inspect import isasyncgenfunction, iscoroutinefunction, isfunction

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from sightline.api.permissions import routes


def _dependencies(dependant: Dependant) -> Iterator[object]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _dependencies(dependency)


def test_no_dependency_takes_a_thread(app: FastAPI) -> None:
    """A thread has to wait for the interpreter, up to 5 ms while another request is worked on, and back again."""
    plain = set()
    for route in routes(app):
        for call in _dependencies(getattr(route, "dependant", None) or Dependant()):
            made_by = call if isfunction(call) else type(call).__call__
            if not (iscoroutinefunction(made_by) or isasyncgenfunction(made_by)):
                plain.add(f"{getattr(call, '__module__', '')}.{getattr(call, '__qualname__', call)}")
    assert not plain, "let them be async def"
