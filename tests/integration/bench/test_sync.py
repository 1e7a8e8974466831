"""The floor of a sync beside the sync: both see the same droplets, and one that leaves some out is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from arcadia_app.bootstrap import LocalWiring
from arcadia_app.settings import Settings
from arcadia_app.use_cases.cloud.sync_inventory import sync_inventory
from arcadia_domain.cloud.syncing import Speed
from bench.results import NotEqualWork
from bench.run import Bench, run_benches
from bench.sync import measure
from bench.sync.floor import fetch_all, open_floor
from bench.sync.measure import measure_first_sync, measure_sync, sync_droplets
from bench.sync.proof import Facts, facts_from, facts_of, prove_equal
from bench.sync.provider import provider_of, rename
from tests.integration.bench.test_rollup import OnServer

SIZE = 450
SAMPLE = 5
"""Droplets of the sample account, which are there too."""


@pytest.fixture(scope="module")
def wiring() -> Iterator[OnServer]:
    with LocalWiring(Settings()).throwaway() as server:
        yield OnServer(server)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with provider_of(SIZE) as url:
        yield url


@pytest.fixture(autouse=True)
def one_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "PAIRS", 1)


def fetched(url: str) -> Facts:
    with open_floor(url) as http:
        return facts_from(fetch_all(http))


def test_the_floor_sees_what_a_sync_stores(wiring: OnServer, url: str) -> None:
    with wiring.throwaway() as server:
        template = server.template(lambda app, urls: sync_droplets(app, url))
        with server.copy(template) as (app, urls):
            prove_equal(facts_of(urls.operator), fetched(url), SIZE)
            assert len(fetched(url)) == SIZE + SAMPLE
            rename(url, [int(next(iter(fetched(url))))])
            with pytest.raises(NotEqualWork, match="renamed"):
                prove_equal(facts_of(urls.operator), fetched(url), SIZE)
            sync_droplets(app, url)
            prove_equal(facts_of(urls.operator), fetched(url), SIZE)


def test_a_droplet_more_or_less_or_otherwise_is_no_equal_work(url: str) -> None:
    facts = fetched(url)
    id, row = next(iter(facts.items()))
    prove_equal(facts, dict(facts), SIZE)
    others: list[dict[str, Any]] = [
        {other: facts[other] for other in facts if other != id},
        {**facts, "1": row},
        *({**facts, id: (*row[:i], "otherwise", *row[i + 1 :])} for i in range(len(row))),
    ]
    for other in others:
        with pytest.raises(NotEqualWork):
            prove_equal(other, facts, SIZE)
    with pytest.raises(NotEqualWork):
        prove_equal({}, {}, SIZE)


@pytest.mark.parametrize(
    ("name", "measured", "begun"),
    [
        ("sync", measure_sync, f"a later sync of {SIZE} droplets, 1% renamed meanwhile, 1 pairs"),
        ("sync-first", measure_first_sync, f"a first sync of {SIZE} droplets, 1 pairs"),
    ],
)
def test_the_bench_measures_on_a_server_that_waits_for_the_disk(
    wiring: OnServer, name: str, measured: Bench, begun: str
) -> None:
    said = list[str]()
    result = measured(wiring, SIZE, said.append)
    assert wiring.durable[-1]
    assert (result.name, result.unit, str(result.goal)) == (name, "µs", "<= 2")
    assert 0 < result.floor < result.ours
    assert said[0] == begun


def test_a_sync_that_does_nothing_gives_no_ratio(
    wiring: OnServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real, done = sync_inventory, list[int]()

    def idle(*args: Any, **more: Any) -> Any:
        """Looks only once, and says that it has looked every time."""
        synced = real(*args, **{**more, "speed": Speed.SLOW if done else Speed.FAST})
        done.append(1)
        return replace(synced, complete=True)

    monkeypatch.setattr(measure, "sync_inventory", idle)
    assert run_benches(wiring, ["sync"], json_=True, size=SIZE) == 1
    assert "no ratio: the two sides did not do equal work" in capsys.readouterr().err
