"""A version is replaced by the next one, whose schema is another, under load: nobody notices (SPEC 17).

The load balancer asks /api/ready and tries nothing twice, so each failure of a request is seen.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import httpx

from arcadia_adapters.postgres import migrate
from tests.integration.http.serve import arcadia
from tests.integration.operations.balancer import Balancer
from tests.integration.operations.load import Load, Tokens, jobs_are_done, nothing_is_lost_or_doubled
from tests.integration.operations.next_version import REVISION, VERSION, next_version
from tests.integration.operations.processes import Process, running, settings_of
from tests.integration.servers import Database

DRAIN = {"ARCADIA_DRAIN_SECONDS": "1"}
"""Longer than the balancer needs to learn that a process is ready no more."""


def version_of(url: str) -> str:
    return str(httpx.get(f"{url}/api/health").json()["version"])


def schema_of(url: str) -> str:
    checks = httpx.get(f"{url}/api/ready").json()["checks"]
    return next(str(one["detail"]) for one in checks if one["name"] == "migrations")


def test_a_version_is_replaced_under_load_and_no_request_fails_and_nothing_is_lost(
    named: Database, tokens: Tokens, tmp_path: Path
) -> None:
    before = settings_of(named) | DRAIN
    after = settings_of(named, next_version(tmp_path)) | DRAIN
    balancer = Balancer()
    load = Load(balancer.send, tokens)
    with ExitStack() as stack:

        def started(role: str, env: dict[str, str]) -> Process:
            return stack.enter_context(running(role, env))

        apis = [started("api", before) for _ in range(2)]
        workers = [started("worker", before) for _ in range(2)]
        stack.enter_context(balancer.checking())
        for api in apis:
            balancer.put(api.url)
        with load.running():
            load.wait_for_more(20)
            migrated = arcadia(after, "migrate")
            assert migrated.returncode == 0, migrated.stderr
            load.wait_for_more(20)
            assert [schema_of(api.url) for api in apis] == ["at a newer revision"] * 2
            for old in apis:
                new = started("api", after)
                assert version_of(new.url) == VERSION
                balancer.put(new.url)
                assert old.stop() == 0
                balancer.take_out(old.url)
                load.wait_for_more(10)
            for old in workers:
                started("worker", after)
                assert old.stop() == 0
                load.wait_for_more(10)
        jobs_are_done(named.owner_url, load.seen)
    print(f"{load.seen.writes()} writes and {load.seen.reads} reads were answered")
    assert balancer.failures == []
    assert load.seen.refused == []
    nothing_is_lost_or_doubled(named.owner_url, load.seen)
    head = migrate.known_revisions().head
    assert migrate.check(named.owner_url)[0] == f"revision {REVISION} is not the head {head}"
