"""Schemathesis asks the running API everything that its description allows, and much that it does not.

Bounded: SIGHTLINE_FUZZ_EXAMPLES per operation (2 by default, as each landing has it; `make fuzz` gives more).
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis.checks import CheckContext, CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.fuzz.conftest import Running
from tests.fuzz.grounding import grounded

EXAMPLES = int(os.environ.get("SIGHTLINE_FUZZ_EXAMPLES", "2"))
Operation = schemathesis.APIOperation[Any, Any, Any, Any]


def breaks_nothing(ctx: CheckContext, response: Response, case: schemathesis.Case[Any]) -> bool | None:
    """No 5xx; but a machine without a model pack says so by 503, a camera that does not answer by 502, and both are
    right."""
    if response.status_code == 503 and b"pack_not_installed" in response.content:
        return None
    if response.status_code == 502 and b"source_unreachable" in response.content and "/control" in case.path:
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
LEFT_OUT = {"/v1/events": "a stream without an end"}
ANONYMOUS = {"/v1/auth/login", "/v1/auth/logout", "/v1/auth/refresh"}
"""Asked without a token: ending our own session would end the round. Asked last: guesses are slowed down."""
CHAINS_PER_RUN = 5
CHAINS = settings(
    max_examples=CHAINS_PER_RUN,
    deadline=None,
    database=None,
    stateful_step_count=6,
    phases=[Phase.generate],  # a server has a memory: what is replayed is not the same
    suppress_health_check=list(HealthCheck),
)


def _schema(running: Running) -> Any:
    schema = schemathesis.openapi.from_dict(running.document)
    schema.config.update(base_url=running.url)
    schema.config.generation.update(with_security_parameters=False)  # else most calls end at 401
    return schema


def _operations(schema: Any) -> Iterator[Operation]:
    """All that are asked, deletions and logins last."""
    found = []
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result.err()
        if result.ok().path not in LEFT_OUT:
            found.append(result.ok())
    yield from sorted(found, key=lambda operation: (operation.path in ANONYMOUS, operation.method == "delete"))


def test_nothing_that_is_sent_breaks_the_api_or_its_description(running: Running) -> None:
    found: dict[str, str] = {}
    answers: Counter[int] = Counter()
    for operation in _operations(_schema(running)):
        for problem in _asked(operation, running, answers):
            found.setdefault(operation.label, problem)
    assert not found, "\n\n".join(f"{label}: {problem}" for label, problem in sorted(found.items()))
    assert answers[200] > answers[401], f"it was mostly refused: {answers}"


def _asked(operation: Operation, running: Running, answers: Counter[int]) -> list[str]:
    problems: list[str] = []
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    strategy = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))
    headers = {} if operation.path in ANONYMOUS else running.headers

    def note(_ctx: CheckContext, response: Response, _case: schemathesis.Case[Any]) -> None:
        answers[response.status_code] += 1

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, choice=st.integers(0, 5))
    def ask(case: schemathesis.Case[Any], choice: int) -> None:
        asked = grounded(case, running.ids, choice) if choice else case
        try:
            asked.call_and_validate(
                base_url=running.url, session=session, headers=headers, checks=[note, *CHECKS], timeout=20
            )
        except (FailureGroup, Failure) as failure:
            problems.append(str(failure)[:2000])

    with requests.Session() as session:
        ask()
    return problems


def _machine(running: Running, answers: Counter[int], problems: list[str]) -> type[APIStateMachine]:
    asked = _schema(running).exclude(path=[*LEFT_OUT, *ANONYMOUS]).exclude(path_regex="sessions")  # ours would end
    base: Any = asked.as_state_machine()

    class Chains(base):  # type: ignore[misc]
        """Calls that hand ids on to each other, by an administrator."""

        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            return {"headers": running.headers, "timeout": 20}

        def validate_response(self, response: Response, case: schemathesis.Case[Any], **_: Any) -> None:
            answers[response.status_code] += 1
            try:
                case.validate_response(response, checks=CHECKS, headers=running.headers)
            except (FailureGroup, Failure) as failure:
                problems.append(f"{case.operation.label}: {failure}"[:2000])

    return Chains


@pytest.mark.skipif(EXAMPLES < 20, reason="make fuzz")
def test_chains_of_calls_break_nothing(running: Running) -> None:
    """In many short runs: what a chain can send depends on what the server answered before, and where Hypothesis
    notices that it ends the run, as of a strategy that contradicts itself."""
    answers: Counter[int] = Counter()
    problems: list[str] = []
    machine = _machine(running, answers, problems)
    for number in range(max(EXAMPLES // CHAINS_PER_RUN, 1)):
        with suppress(FlakyStrategyDefinition):
            seed(number)(machine).run(settings=CHAINS)
    assert problems == []
    assert answers.total() > EXAMPLES, "hardly any chain was run"
    assert answers[200] + answers[201] > answers[401], f"it was mostly refused: {answers}"
