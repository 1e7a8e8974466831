"""The rate limit of each tenant, shared by every process (issue B; ARCADIA_RATE_LIMIT)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from arcadia_app.http.app import HttpOptions
from arcadia_domain.ports.doors import Rate
from tests.integration.http.conftest import Api, running
from tests.integration.http.statements import statements
from tests.integration.servers import Database
from tests.world import NOW

PATH = "/api/v1/deployments"
LIMITED = HttpOptions(rate=Rate(4, timedelta(seconds=60)))


@pytest.fixture
def doors(api_database: Database) -> Iterator[tuple[Api, Api]]:
    """Two doors with one limit, on one database, at one time."""
    with running(api_database, LIMITED) as one, running(api_database, LIMITED, seed=False) as two:
        one.clock.at = two.clock.at = NOW
        yield one, two


def statuses(clients: list[httpx.Client], times: int) -> list[int]:
    """What the clients are answered, asked in turn."""
    return [clients[n % len(clients)].get(PATH).status_code for n in range(times)]


def test_two_doors_count_together_and_say_when_to_come_back(doors: tuple[Api, Api]) -> None:
    one, two = doors
    anns = [one.client(), two.client("acme", sub="abe")]
    assert statuses(anns, 6) == [200] * 4 + [429] * 2
    refused = anns[0].get(PATH)
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["Content-Type"] == "application/problem+json"
    wait = int(refused.headers["Retry-After"])
    assert wait == 15
    one.clock.pass_by(timedelta(seconds=wait - 1))
    assert anns[0].get(PATH).headers["Retry-After"] == "1"
    two.clock.pass_by(timedelta(seconds=wait))
    assert statuses([anns[1]], 2) == [200, 429]


def test_a_tenant_over_its_rate_changes_nothing_for_another(doors: tuple[Api, Api]) -> None:
    one, two = doors
    assert statuses([one.client()], 5)[-1] == 429
    assert statuses([two.client("bobs-burgers", sub="bob")], 4) == [200] * 4


def test_a_refused_request_does_nothing(doors: tuple[Api, Api]) -> None:
    ann = doors[0].client()
    statuses([ann], 4)
    body = {"slug": "pilot", "display_name": "Pilot", "region": "syd1"}
    assert ann.post(PATH, json=body).status_code == 429
    doors[0].clock.pass_by(timedelta(hours=1))
    assert ann.get(PATH).json()["items"] == []


def test_platform_admins_and_the_gateway_are_not_limited(doors: tuple[Api, Api]) -> None:
    assert set(statuses([doors[0].admin()], 9)) == {200}
    assert 429 not in statuses([doors[0].gateway()], 9)


def test_what_anybody_may_read_and_a_bad_token_count_for_nobody(doors: tuple[Api, Api]) -> None:
    one, _ = doors
    for _ in range(9):
        assert one.bare().get("/api/openapi.json").status_code == 200
        assert one.bare(Authorization="Bearer x").get(PATH).status_code == 401
    assert statuses([one.client()], 4) == [200] * 4


def test_without_a_limit_not_one_statement_is_spent_on_it(api_database: Database) -> None:
    counted = {}
    for options in (HttpOptions(), LIMITED):
        with running(api_database, options, seed=options is LIMITED) as api, statements() as sent:
            api.client().get(PATH)
            counted[options.rate] = [one for one in sent if "set_config" not in one]
    limited, free = counted[LIMITED.rate], counted[None]
    assert not any("rate_limits" in one for one in free)
    assert [one for one in limited if "rate_limits" not in one] == free
    assert len(limited) == len(free) + 1
