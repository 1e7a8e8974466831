"""Calls made up from the document: no 5xx, nothing undocumented, nothing that breaks its schema (issue B).

A short, seeded run always; `./arcadia test --long` makes at least 50,000 calls. Both print the table of what
each operation answered, and fail where a cell is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Final

import pytest
import structlog

from arcadia_app.http import openapi
from arcadia_app.http.app import HttpOptions
from arcadia_domain.ports.doors import Rate
from tests.integration.http.conftest import Api, minted, running
from tests.integration.http.described import JsonObject, operations_of
from tests.integration.http.fuzz.generated import fuzz
from tests.integration.http.fuzz.provoked import Caller, Provoker, exhaust
from tests.integration.http.fuzz.table import Table
from tests.integration.http.fuzz.world import Judge, World
from tests.integration.servers import Database

CALLS: Final = 50_000
"""Of a long run, made up as tenant and as admin."""

LIMITED: Final = HttpOptions(rate=Rate(1, timedelta(hours=1)))


def test_made_up_calls_are_answered_as_documented(
    api_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    table, faults = _run(api_database, examples=2, calls=0)
    with capsys.disabled():
        print(f"\n{table}")
    assert faults == []


@pytest.mark.long
def test_fifty_thousand_made_up_calls_are_answered_as_documented(
    api_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    table, faults = _run(api_database, examples=100, calls=CALLS)
    with capsys.disabled():
        print(f"\n{table}")
    assert faults == []
    assert table.calls >= CALLS


def _run(database: Database, *, examples: int, calls: int) -> tuple[Table, list[str]]:
    faults: list[str] = []
    with running(database) as api:
        document = api.bare().get(openapi.PATH).json()
        table, judge = Table(operations_of(document)), Judge(document)
        callers = _callers(document)
        _seed(api, callers, table, judge)
        seed = 1
        while True:
            for name in ("tenant", "admin", "gateway"):
                caller = callers[name]
                fuzzed = fuzz(
                    api.url, document, caller.token, caller.world, table, seed=seed, examples=examples
                )
                faults += fuzzed.failures + fuzzed.errors
            seed += 1
            if table.calls >= calls or faults:
                break
        provoker = Provoker(api.url, callers, table, judge)
        for one in table.operations:
            provoker.succeed(one)
            provoker.provoke(one)
        provoker.close()
        faults += provoker.faults
    faults += _limited(database, callers, table, judge)
    return table, faults + table.undocumented() + table.missing()
