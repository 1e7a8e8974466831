"""Calls made up by schemathesis from the document: every check on, stateful links on.

Owns the setting of its engine, and what is mixed into what it makes up: names that mean something here
(`world`), for without them most calls end at 404. What is schema-valid stays so; what is not is sent as made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation.meta import TestPhase
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from tests.integration.http.described import JsonObject
from tests.integration.http.fuzz.table import Table
from tests.integration.http.fuzz.world import World

Case = schemathesis.Case[Any]

_RULES: Final = ["2xx", "400", "401", "403", "404", "409", "412", "422", "429"]
"""What a schema-valid call may be answered: a rule may refuse it (`valid_data_is_not_called_invalid`)."""

_REFUSALS: Final = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "429", "431"]
"""What a call that the schema does not allow must be answered."""

_CALLED_INVALID: Final = frozenset(
    {"invalid_body", "invalid_parameter", "malformed_request", "body_too_large", "unsupported_media_type"}
)

NAMED_BY_RULE: Final = frozenset({"draft_version"})
"""Operations whose rules name the parts of a body that they refuse: `invalid_body` of a schema-valid body."""


@schemathesis.check
def valid_data_is_not_called_invalid(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """What the document allows is refused by a rule, if at all, never for its form."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if 400 <= response.status_code < 500:
        refusal = response.json()
        if _operation(case) in NAMED_BY_RULE or _only_of_fractions(refusal):
            return
        if refusal["code"] in _CALLED_INVALID:
            raise AssertionError(f"valid by the document, but refused: {refusal}")


@schemathesis.check
def no_float_is_answered(_: schemathesis.CheckContext, response: schemathesis.Response, case: Case) -> None:
    """In no body, whatever its schema says."""
    if response.content and "json" in response.headers.get("content-type", [""])[0]:
        floats: list[str] = []
        json.loads(response.content, parse_float=floats.append)
        assert floats == [], f"{_operation(case)} answered {floats}"


def _only_of_fractions(refusal: JsonObject) -> bool:
    """`5.0` is a whole number to JSON Schema. To us it is a float, and there is none anywhere."""
    errors = refusal.get("errors") or [{"message": ""}]
    return all(error["message"] == "expected `int`, got `float`" for error in errors)


@schemathesis.check
def a_refusal_has_a_documented_code(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """Also where the shape of a problem would allow any."""
    told = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    problem = told.get("content", {}).get("application/problem+json")
    if problem is not None and response.status_code != 405:
        code, codes = response.json()["code"], problem["schema"]["properties"]["code"]["enum"]
        if code not in codes:
            raise AssertionError(f"{code} is not among the documented codes {codes}")


@dataclass(frozen=True)
class Plan:
    """What to make up: `examples` for each operation, and as many walks along links.

    `every_kind` adds a call for each kind of value that a schema allows, or does not. `operations` None: all.
    """

    seed: int
    examples: int
    every_kind: bool = True
    operations: Set[str] | None = None


def fuzz(url: str, token: str, world: World, table: Table, plan: Plan) -> Iterator[str]:
    """Make calls up and count their answers; what is wrong with them, a text each."""
    config = schemathesis.Config.from_dict(_config(url, token, plan))
    schema: schemathesis.BaseSchema = schemathesis.openapi.from_dict(deepcopy(world.document), config=config)
    if plan.operations is not None:
        wanted = plan.operations
        schema = schema.include(lambda context: _named(context.operation) in wanted)
    with _mixed(world, table):
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                yield from _failures(event.recorder)
            elif isinstance(event, events.NonFatalError):
                yield f"{event.label}: {event.info.format()}"
            elif isinstance(event, events.FatalError):
                raise event.exception


def _config(url: str, token: str, plan: Plan) -> JsonObject:
    return {
        "base-url": url,
        "seed": plan.seed,
        "workers": 1,
        "continue-on-failure": True,
        "request-timeout": 30,
        "headers": {"Authorization": f"Bearer {token}"},
        "generation": {"max-examples": plan.examples, "no-shrink": True, "database": "none"},
        "phases": {
            "coverage": {"enabled": plan.every_kind},
            "stateful": {"enabled": plan.operations is None},
        },
        "checks": {
            "max_response_time": 30.0,
            "positive_data_acceptance": {"expected-statuses": _RULES},
            "negative_data_rejection": {"expected-statuses": _REFUSALS},
        },
    }


@contextmanager
def _mixed(world: World, table: Table) -> Iterator[None]:
    """Mix the world into calls that are to be accepted, learn from answers, and count them."""

    def before_call(_: Any, case: Case, __: Any) -> None:
        meta = case.meta
        if meta is None or not meta.generation.mode.is_positive or not _as_documented(case):
            return
        luck = world.random.random()
        if luck < 0.2:
            return
        whole = luck > 0.6
        call = world.call(_operation(case))
        if meta.phase.name is not TestPhase.STATEFUL and call is not None and call.place:
            case.path_parameters = dict(call.place)
        if call is not None and whole and call.body is not None:
            case.body = call.body
        elif isinstance(case.body, dict | list):
            told = world.operations[_operation(case)].body
            case.body = world.filled(case.body, told[1]["schema"]) if told else case.body

    def after_call(_: Any, case: Case, response: schemathesis.Response) -> None:
        if not _as_documented(case):
            return
        name = _operation(case)
        table.count(name, response.status_code, response.text)
        if 200 <= response.status_code < 300 and response.content:
            world.learn(name, case.path_parameters or {}, _json(response))

    def filter_failure(_: Any, failure: Any, __: Case, response: schemathesis.Response) -> bool:
        """A bad event of a batch is refused by itself, in an answer that is a 200."""
        rejected = failure.code == AcceptedNegativeData.code and _json(response).get("rejected")
        return not rejected

    hooks = (before_call, after_call, filter_failure)
    for hook in hooks:
        GLOBAL_HOOK_DISPATCHER.register_hook_with_name(hook, hook.__name__)
    try:
        yield
    finally:
        for hook in hooks:
            GLOBAL_HOOK_DISPATCHER.unregister(hook)


def _operation(case: Case) -> str:
    return _named(case.operation)


def _named(operation: Any) -> str:
    return str(operation.definition.raw["operationId"])


def _as_documented(case: Case) -> bool:
    """Not a probe with a method that there is not."""
    return bool(case.method.upper() == case.operation.method.upper())


def _json(response: schemathesis.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _failures(recorder: ScenarioRecorder) -> list[str]:
    found: Mapping[str, str] = {
        f"{node.failure_info.failure.title} {recorder.label} {node.failure_info.failure._unique_key}": (
            f"{recorder.label}: {node.name}: {node.failure_info.failure.title}\n"
            f"{node.failure_info.failure.message}\n{node.failure_info.code_sample}"
        )
        for checks in recorder.checks.values()
        for node in checks
        if node.failure_info is not None
    }
    return list(found.values())
