"""Schemathesis asks the running API everything that its description allows, and much that it does not.

Bounded: SIGHTLINE_FUZZ_EXAMPLES per operation (2 by default, as each landing has it; `make fuzz` gives more).
"""

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CheckContext, CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.fuzz.conftest import Running

EXAMPLES = int(os.environ.get("SIGHTLINE_FUZZ_EXAMPLES", "2"))


def breaks_nothing(ctx: CheckContext, response: Response, case: schemathesis.Case[Any]) -> bool | None:
    """No 5xx; but a machine without a model pack says so by 503, and that is right."""
    if response.status_code == 503 and b"pack_not_installed" in response.content:
        return None
    return not_a_server_error(ctx, response, case)


CHECKS: list[CheckFunction] = [
    breaks_nothing,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
LEFT_OUT = {
    "/v1/events": "a stream without an end",
    "/v1/auth/logout": "ends the session that all others use",
    "/v1/auth/login": "guesses are slowed down on purpose: after some the answer is 429",
}


def test_nothing_that_is_sent_breaks_the_api_or_its_description(running: Running) -> None:
    schema = schemathesis.openapi.from_dict(running.document)
    schema.config.update(base_url=running.url)
    found: dict[str, str] = {}
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result.err()
        operation = result.ok()
        if operation.path in LEFT_OUT:
            continue
        for problem in _asked(operation, running):
            found.setdefault(operation.label, problem)
    assert not found, "\n\n".join(f"{label}: {problem}" for label, problem in sorted(found.items()))


def _asked(operation: schemathesis.APIOperation[Any, Any, Any, Any], running: Running) -> list[str]:
    problems: list[str] = []
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    strategy = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def ask(case: schemathesis.Case[Any]) -> None:
        try:
            case.call_and_validate(base_url=running.url, headers=running.headers, checks=CHECKS, timeout=20)
        except (FailureGroup, Failure) as failure:
            problems.append(str(failure)[:2000])

    ask()
    return problems


@pytest.mark.skipif(EXAMPLES < 20, reason="make fuzz")
def test_chains_of_calls_break_nothing(running: Running) -> None:
    schema = schemathesis.openapi.from_dict(running.document)
    schema.config.update(base_url=running.url)
    machine = schema.exclude(path=list(LEFT_OUT)).as_state_machine()
    machine.run(settings=settings(max_examples=EXAMPLES, deadline=None, stateful_step_count=6))
