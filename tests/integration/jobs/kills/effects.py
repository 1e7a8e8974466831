"""What jobs have left in the database, read for a test: each effect once, in order, nothing half done.

Owns the reading and the arithmetic. Looks with plain SQL, as somebody who trusts none of our code would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg

from arcadia_app.use_cases.billing.request_rollup import JOB as ROLLUP
from tests.integration.jobs.kills.acts import BATCHES, EVENTS, PUSH, PUSHED_KIND, STEPS, TALLY
from tests.integration.jobs.kills.feed import ORDERED
from tests.integration.jobs.kills.role import BEAT

Rows = list[tuple[Any, ...]]
Held = tuple[UUID, int]
"""A try: its job and its fence."""

_REAL: Final[Mapping[str, str]] = {
    "metered": "SELECT deployment_id, kind, day, qty FROM usage_daily WHERE source = 'metered'",
    "invoices": "SELECT tenant_id, period_start, generation, status, total_cents, quote_hash"
    " FROM tenant_invoices",
    "invoice lines": "SELECT tenant_id, line_no, description, qty, amount_cents FROM tenant_invoice_lines",
    "provider's invoices": "SELECT period, amount_cents, currency, lines, state FROM cloud_invoices",
    "cost lines": "SELECT line_no, product, description, hours, amount_cents FROM cloud_cost_lines",
}


class Effects:
    """What is in a database now."""

    def __init__(self, operator_url: str) -> None:
        self._url = operator_url

    def real(self) -> dict[str, Rows]:
        """What the real acts have written, without ids and instants."""
        return {what: sorted(self._rows(query), key=repr) for what, query in _REAL.items()}

    def unfinished(self) -> int:
        return int(self._rows("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')")[0][0])

    def rollups(self) -> set[UUID]:
        return {row[0] for row in self._rows("SELECT id FROM jobs WHERE name = %s", ROLLUP)}

    def held(self, worker: str | None = None) -> set[Held]:
        """The tries whose lease is on now: of a worker, or of all."""
        query = (
            "SELECT id, fence FROM jobs WHERE state = 'running' AND lease_until > now()"
            " AND (%s::text IS NULL OR worker = %s)"
        )
        return {(row[0], row[1]) for row in self._rows(query, worker, worker)}

    def outcomes(self) -> dict[Held, tuple[str, str]]:
        """How each try ended, and who it was that tried."""
        rows = self._rows("SELECT job_id, fence, outcome, worker FROM job_history")
        ends = {(job, fence): (outcome, worker) for job, fence, outcome, worker in rows}
        assert len(ends) == len(rows)
        return ends

    def must_have_succeeded(self) -> None:
        """Every job there is."""
        states = Counter(self._rows("SELECT name, state, error_code FROM jobs"))
        assert {state for _, state, _ in states} == {"succeeded"}, states

    def must_be_done(self, asked: Mapping[str, set[UUID]]) -> None:
        """Every job that was asked for or came of a tick has succeeded, and each of its tries is told of."""
        self.must_have_succeeded()
        rows = self._rows("SELECT id, fence, name FROM jobs")
        assert set().union(*asked.values()) <= {row[0] for row in rows}, "a job was lost"
        tries = Counter(job for job, _ in self.outcomes())
        assert tries.keys() == {row[0] for row in rows}
        for job, fence, name in rows:  # a claim of a rollup that found it has to wait is no try
            assert tries[job] == fence or (name == ROLLUP and tries[job] < fence)
        ended = Counter(job for (job, _), (outcome, _) in self.outcomes().items() if outcome == "succeeded")
        assert ended == dict.fromkeys(tries, 1), "a job was done twice"

    def must_be_tallied(self, asked: set[UUID]) -> None:
        """Each step of each job has its row, once; the jobs of a chain came one after the other."""
        rows = self._rows("SELECT job, step, chain FROM tally ORDER BY position")
        beats = {row[0] for row in rows if row[2] == BEAT}
        expected = {(job, step): 1 for job in asked | beats for step in range(STEPS)}
        assert Counter(row[:2] for row in rows) == expected
        for chain in (*ORDERED, BEAT):
            in_turn = [row[:2] for row in rows if row[2] == chain]
            assert in_turn == sorted(in_turn), f"{chain} is out of order"

    def must_be_pushed(self, jobs: int) -> None:
        """Each event counts once, in what is recorded and in the sum of its day."""
        told, counted = jobs * BATCHES * EVENTS, "SELECT count(*), coalesce(sum(qty), 0) FROM usage_events"
        assert self._rows(counted) == [(told, told)]
        total = (
            "SELECT (SELECT coalesce(sum(qty), 0) FROM usage_daily WHERE kind = %s)"
            " + (SELECT coalesce(sum(qty), 0) FROM usage_deltas WHERE kind = %s)"
        )
        assert self._rows(total, PUSHED_KIND, PUSHED_KIND) == [(told,)]

    def must_have_ticked(self) -> int:
        """Each second from the first tick to the last had its job, once; of how many."""
        (first, last), *_ = self._rows(
            "SELECT min(payload->>'at'), (SELECT last_at FROM schedule WHERE name = %s)"
            " FROM jobs WHERE created_by = 'scheduler'",
            BEAT,
        )
        fired = [
            row[0] for row in self._rows("SELECT payload->>'at' FROM jobs WHERE created_by = 'scheduler'")
        ]
        began = datetime.fromisoformat(first)
        seconds = int((last - began) / timedelta(seconds=1)) + 1
        assert Counter(map(datetime.fromisoformat, fired)) == {
            began + timedelta(seconds=n): 1 for n in range(seconds)
        }
        return seconds

    def must_be_exact(self, asked: Mapping[str, set[UUID]], undisturbed: Mapping[str, Rows]) -> int:
        """All of it; how many ticks there were."""
        self.must_be_done(asked)
        self.must_be_tallied(asked[TALLY])
        self.must_be_pushed(len(asked[PUSH]))
        for what, rows in self.real().items():
            assert rows == undisturbed[what], what
        return self.must_have_ticked()

    def _rows(self, query: str, *values: object) -> Rows:
        with psycopg.connect(self._url) as connection:
            return connection.execute(query.encode(), values).fetchall()
