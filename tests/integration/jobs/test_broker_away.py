"""A broker that is away or wiped while the API is called: every write is answered, every job is done once.

With processes as a person starts them: `arcadia api`, and `arcadia worker` beside it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

import httpx
import pytest

from arcadia_adapters.digitalocean.sample.account import sample_invoice_csv
from tests.integration.http.serve import Served, own_data_dir, serving
from tests.integration.jobs.brokers import Broker
from tests.waiting import until

PATIENCE = 120
UPLOADS = "/api/v1/billing/cloud-invoices"
QUICK = 5.0
"""Seconds within which each write is answered, on a machine that has other work too."""
SECRET = "a-secret-of-thirty-two-characters-or-more"


@dataclass
class Asked:
    """What was asked for over HTTP: where each job is, and the longest that an answer took, in seconds."""

    jobs: list[str]
    slowest: float = 0.0

    def ask(self, olga: httpx.Client, count: int) -> None:
        for _ in range(count):
            began = time.monotonic()
            answer = olga.post(
                UPLOADS,
                params={"period": "2026-04"},
                content=sample_invoice_csv(),
                headers={"Content-Type": "text/csv"},
            )
            self.slowest = max(self.slowest, time.monotonic() - began)
            assert answer.status_code == 202, answer.text
            self.jobs.append(answer.headers["Location"])


@contextmanager
def worked(api: Served) -> Iterator[None]:
    """`arcadia worker` beside the block, on what the API has."""
    process = subprocess.Popen(
        [sys.executable, "-m", "arcadia_app", "worker"],
        env=api.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
        assert process.poll() is None, "the worker ended by itself"
    finally:
        process.kill()
        process.wait(PATIENCE)


@contextmanager
def called(broker: Broker) -> Iterator[tuple[Served, httpx.Client]]:
    """`arcadia api` on this broker, and an operator who calls it."""
    settings = {"ARCADIA_BROKER_URL": broker.url, "ARCADIA_JWT_SECRET": SECRET}
    with own_data_dir() as data_dir, serving(data_dir, command="api", **settings) as api:
        yield api, api.admin()


def done_once(olga: httpx.Client, asked: Asked) -> None:
    """Every job that was asked for has succeeded, at its first try, and there are no others."""
    for path in asked.jobs:
        job = _ended(olga, path)
        assert (job["state"], job["attempts"]) == ("succeeded", 1), job
        assert (job["result"]["lines"], job["result"]["amount_cents"]) == (33, 8692)
    there = {item["id"] for item in _read(olga, "/api/v1/jobs?limit=100")["items"]}
    assert there == {path.rsplit("/", 1)[1] for path in asked.jobs}


def _ended(olga: httpx.Client, path: str) -> dict[str, Any]:
    def has_ended() -> bool:
        return _read(olga, path)["state"] not in ("queued", "running")

    until(has_ended, lambda: _read(olga, path), patience=PATIENCE)
    return _read(olga, path)


def _read(olga: httpx.Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = olga.get(path).raise_for_status().json()
    return found


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.long)])
def test_while_the_broker_is_away_the_api_accepts_writes_and_nothing_is_lost(
    foreign_broker: Broker, seconds: int
) -> None:
    asked = Asked([])
    with called(foreign_broker) as (api, olga), worked(api):
        asked.ask(olga, 3)
        done_once(olga, asked)
        foreign_broker.stop()
        back = time.monotonic() + seconds
        while time.monotonic() < back:
            asked.ask(olga, 1)
            Event().wait(seconds / 20)  # twenty or fewer, over the whole outage
        foreign_broker.start()
        asked.ask(olga, 3)
        done_once(olga, asked)
    print(f"{len(asked.jobs)} writes, the slowest answered in {asked.slowest:.3f} s")
    assert asked.slowest < QUICK


def test_a_broker_that_is_wiped_under_the_api_loses_nothing(foreign_broker: Broker) -> None:
    asked = Asked([])
    with called(foreign_broker) as (api, olga):
        asked.ask(olga, 10)  # nobody works yet: the messages of these are in the broker
        foreign_broker.wipe()
        asked.ask(olga, 3)
        with worked(api):
            done_once(olga, asked)
    print(f"{len(asked.jobs)} writes, the slowest answered in {asked.slowest:.3f} s")
    assert asked.slowest < QUICK
