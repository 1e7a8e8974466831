"""Callers that never stop: reads, writes under a key, usage, long acts. What was answered is remembered.

Owns what is asked for and what must be there afterwards. Where requests go is the balancer's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol
from uuid import uuid4

import httpx
import psycopg

from arcadia_adapters.digitalocean.sample.account import sample_invoice_csv
from tests.integration.http.serve import PATIENCE
from tests.integration.operations.processes import until

DEPLOYMENTS = "/api/v1/deployments"
LLM = "/api/v1/integrations/llm-usage"
UPLOADS = "/api/v1/billing/cloud-invoices"
ROLLUPS = "/api/v1/billing/rollups"
MARGIN = "/api/v1/dashboard/margin"
APRIL = "2026-04"
LINES = 33
"""Of the file that is uploaded."""

_PAUSE = 0.03
_LONG_PAUSE = 0.2
"""Seconds that a caller waits between two requests, and between two long acts."""


class Send(Protocol):
    """Sends a request; None where no answer came, which is noted by the sender."""

    def __call__(self, method: str, path: str, **words: Any) -> httpx.Response | None: ...


@dataclass(frozen=True)
class Tokens:
    """Of whoever calls."""

    tenant: str
    gateway: str
    admin: str


@dataclass
class Acknowledged:
    """What callers were told is done, or will be."""

    deployments: dict[str, str] = field(default_factory=dict)
    """Ids by slug."""
    events: list[str] = field(default_factory=list)
    uploads: dict[str, str] = field(default_factory=dict)
    """Jobs by the invoice that is theirs alone."""
    rollups: list[str] = field(default_factory=list)
    reads: int = 0
    refused: list[str] = field(default_factory=list)
    """Answers that nobody should have got."""

    def writes(self) -> int:
        return len(self.deployments) + len(self.events) + len(self.uploads) + len(self.rollups)

    def copy(self) -> Acknowledged:
        return Acknowledged(
            dict(self.deployments), list(self.events), dict(self.uploads), list(self.rollups), self.reads
        )


class Load:
    """Four callers."""

    def __init__(self, send: Send, tokens: Tokens) -> None:
        self.seen = Acknowledged()
        self._send = send
        self._tokens = tokens
        self._numbers = count()
        self._file = sample_invoice_csv()
        self._pilot = ""

    @contextmanager
    def running(self) -> Iterator[None]:
        """They call beside the block."""
        self._deploy()
        (self._pilot,) = self.seen.deployments.values()
        stopping = threading.Event()
        callers = [
            threading.Thread(target=self._call, args=(act, stopping), daemon=True)
            for act in (self._deploy, self._use, self._read, self._ask)
        ]
        for caller in callers:
            caller.start()
        try:
            yield
        finally:
            stopping.set()
            for caller in callers:
                caller.join(PATIENCE)

    def wait_for_more(self, writes: int) -> None:
        """Until so many more were answered."""
        wanted = self.seen.writes() + writes
        until(lambda: self.seen.writes() >= wanted, lambda: f"{self.seen.writes()} of {wanted}")

    def _call(self, act: Callable[[], None], stopping: threading.Event) -> None:
        pause = _LONG_PAUSE if act == self._ask else _PAUSE
        while not stopping.wait(pause):
            try:
                act()
            except Exception as error:
                self.seen.refused.append(repr(error))
                raise

    def _answered(self, method: str, path: str, token: str, status: int, **words: Any) -> Any:
        """What came with this status; None where it is noted as a failure."""
        headers = {"Authorization": f"Bearer {token}", **words.pop("headers", {})}
        answer = self._send(method, path, headers=headers, **words)
        if answer is None:
            return None
        if answer.status_code != status:
            self.seen.refused.append(f"{method} {path}: {answer.status_code} {answer.text}")
            return None
        return answer.json()

    def _deploy(self) -> None:
        """Each twice under one key: it is done once, whoever answers the second time."""
        slug = f"pilot-{next(self._numbers)}"
        key = {"Idempotency-Key": slug}
        body = {"slug": slug, "display_name": "Pilot", "region": "syd1"}
        for _ in range(2):
            made = self._answered("POST", DEPLOYMENTS, self._tokens.tenant, 201, headers=key, json=body)
            if made is None:
                return
            assert self.seen.deployments.setdefault(slug, made["id"]) == made["id"]

    def _use(self) -> None:
        name = f"event-{next(self._numbers)}"
        event = {
            "gateway_request_id": name,
            "deployment_id": self._pilot,
            "model": "a-model",
            "input_tokens": 100,
            "output_tokens": 20,
            "charge": "0.0123",
            "currency": "AUD",
            "occurred_at": "2026-04-10T12:00:00Z",
        }
        told = self._answered("POST", LLM, self._tokens.gateway, 200, json=event)
        if told is not None:
            assert told["accepted"] == 1, told
            self.seen.events.append(name)

    def _ask(self) -> None:
        invoice = str(uuid4())
        csv = {"Content-Type": "text/csv", "Idempotency-Key": invoice}
        query = {"period": APRIL, "invoice_uuid": invoice}
        upload = self._answered(
            "POST", UPLOADS, self._tokens.admin, 202, params=query, headers=csv, content=self._file
        )
        if upload is not None:
            self.seen.uploads[invoice] = upload["job_id"]
        rollup = self._answered("POST", ROLLUPS, self._tokens.admin, 202, json={"period": APRIL})
        if rollup is not None:
            self.seen.rollups.append(rollup["job_id"])

    def _read(self) -> None:
        self._answered("GET", DEPLOYMENTS, self._tokens.tenant, 200)
        self._answered("GET", MARGIN, self._tokens.admin, 200, params={"period": f"{APRIL}-01"})
        self.seen.reads += 2


def jobs_are_done(owner_url: str, seen: Acknowledged) -> None:
    """Wait until each job that was asked for is at its end."""
    asked = [*seen.uploads.values(), *seen.rollups]
    left = (
        "SELECT id, name, state, attempts, run_after, sent_at, lease_until, worker, now() FROM jobs"
        " WHERE id::text = ANY(%s) AND state IN ('queued', 'running')"
    )
    with psycopg.connect(owner_url, autocommit=True) as owner:
        until(
            lambda: owner.execute(left, (asked,)).fetchall() == [],
            lambda: f"of {len(asked)} jobs are left: {owner.execute(left, (asked,)).fetchall()}",
        )


def nothing_is_lost_or_doubled(owner_url: str, seen: Acknowledged) -> None:
    """Everything acknowledged is there once, and each job was done once."""
    writes_are_there_once(owner_url, seen)
    asked = [*seen.uploads.values(), *set(seen.rollups)]
    with psycopg.connect(owner_url, autocommit=True) as owner:
        states: dict[str, str] = dict(owner.execute("SELECT id::text, state FROM jobs").fetchall())
        assert {one: states.get(one) for one in asked} == dict.fromkeys(asked, "succeeded")
        done = "SELECT job_id::text, count(*) FROM job_history WHERE outcome = 'succeeded' GROUP BY 1"
        found = _counts(owner, done)
        assert {one: found.get(one) for one in asked} == dict.fromkeys(asked, 1)
        lines = (
            "SELECT invoice_uuid, count(line) FROM cloud_invoices"
            " JOIN cloud_cost_lines line ON line.invoice_id = cloud_invoices.id GROUP BY 1"
        )
        found = _counts(owner, lines)
        assert {one: found.get(one) for one in seen.uploads} == dict.fromkeys(seen.uploads, LINES)


def writes_are_there_once(owner_url: str, seen: Acknowledged) -> None:
    """Everything acknowledged is there once: what was written, and each job that was asked for."""
    asked = {*seen.uploads.values(), *seen.rollups}
    with psycopg.connect(owner_url, autocommit=True) as owner:
        found = _counts(owner, "SELECT slug, count(*) FROM cloud_deployments GROUP BY 1")
        assert {slug: found.get(slug) for slug in seen.deployments} == dict.fromkeys(seen.deployments, 1)
        ids: dict[str, str] = dict(owner.execute("SELECT slug, id::text FROM cloud_deployments").fetchall())
        assert {slug: ids[slug] for slug in seen.deployments} == seen.deployments
        found = _counts(owner, "SELECT gateway_request_id, count(*) FROM llm_usage_events GROUP BY 1")
        assert {one: found.get(one) for one in seen.events} == dict.fromkeys(seen.events, 1)
        assert asked - {job for (job,) in owner.execute("SELECT id::text FROM jobs").fetchall()} == set()


def _counts(owner: psycopg.Connection[Any], question: str) -> Mapping[str, int]:
    return dict(owner.execute(question.encode()).fetchall())
