"""The jobs that are under way while processes are killed, and what they must have come to in the end.

Owns the world they work on and the asking. What is there afterwards is read by `effects`.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final
from uuid import UUID

from arcadia_app.arcadia import Arcadia
from arcadia_app.use_cases.billing.request_rollup import JOB as ROLLUP
from arcadia_app.use_cases.billing.request_rollup import request_rollup
from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_app.use_cases.cloud.request_ingest import JOB as INGEST
from arcadia_app.use_cases.cloud.request_ingest import request_ingest
from arcadia_app.use_cases.cloud.request_metering import JOB as METERING
from arcadia_app.use_cases.cloud.request_metering import request_metering
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.ports.jobs import NewJob
from arcadia_domain.ports.unit_of_work import Work
from tests.april import APRIL, AS_OF, pilots
from tests.held import assigned, recorded, resource
from tests.integration.jobs.kills.acts import PUSH, TALLY
from tests.integration.jobs.kills.role import QUEUES
from tests.world import OLGA, seeded

PAYERS: Final = tuple(f"payer-{n}" for n in range(2))
CHAINS: Final = tuple(f"chain-{n}" for n in range(6))
"""Half of them keep their order: the jobs of each run one after the other."""
ORDERED: Final = CHAINS[:3]
FIRST_DAY: Final = date(2026, 4, 1)


def settle(app: Arcadia) -> Deployment:
    """Tenants with a month to pay for, droplets that run, one day metered; and whose usage is pushed."""
    seeded(app.transactions)
    payers = pilots(app.transactions, *PAYERS)
    for number, payer in enumerate(payers):
        droplet = resource(number)
        recorded(app.transactions, droplet)
        assigned(app.transactions, droplet, payer)
    with app.transactions.begin(OLGA) as work:  # else a rollup would not meter the month before it prices
        meter_day(work, OLGA, day=FIRST_DAY, now=AS_OF)
    (pushed_for,) = pilots(app.transactions, "pusher", starts_on=None)
    return pushed_for


class Feed:
    """Asks for jobs, and knows what it has asked for: the ids, by the name of the job."""

    def __init__(self, app: Arcadia, pushed_for: Deployment, rng: Random) -> None:
        self._app = app
        self._pushed_for = pushed_for
        self._rng = rng
        self._invoice = app.sample.invoice_csv()
        self._lines = app.read_invoice(self._invoice).lines
        self.asked: dict[str, set[UUID]] = {}

    @property
    def ids(self) -> set[UUID]:
        return set().union(*self.asked.values())

    def top_up(self, waiting: int) -> None:
        """More, until so many wait. Raises DatabaseUnreachable, DatabaseBusy."""
        with self._app.transactions.begin(OLGA) as work:
            missing = waiting - sum(load.waiting for load in work.jobs.load(self._app.clock.now()))
            asked = [self._one_of_them(work) for _ in range(missing)]
        self._keep(asked)

    def each_once(self) -> None:
        """Every real job there is to be, once."""
        with self._app.transactions.begin(OLGA) as work:
            days = [self._metering(work, day) for day in range(30)]
            rollups = [self._rollup(work, payer) for payer in PAYERS]
            asked = [*days, *rollups, self._ingest(work)]
        self._keep(asked)

    def _keep(self, asked: list[tuple[str, UUID]]) -> None:
        for name, job_id in asked:
            self.asked.setdefault(name, set()).add(job_id)

    def _one_of_them(self, work: Work) -> tuple[str, UUID]:
        match self._rng.choices((TALLY, PUSH, "meter", "ingest", "rollup"), (60, 20, 12, 6, 2))[0]:
            case "meter":
                return self._metering(work, self._rng.randrange(30))
            case "ingest":
                return self._ingest(work)
            case "rollup":
                return self._rollup(work, self._rng.choice(PAYERS))
            case name if name == TALLY:
                chain = self._rng.choice(CHAINS)
                order = chain if chain in ORDERED else None
                return self._own(work, TALLY, {"chain": chain}, order)
            case _:
                return self._own(work, PUSH, {"deployment_id": str(self._pushed_for.id)}, None)

    def _own(self, work: Work, name: str, payload: dict[str, str], order: str | None) -> tuple[str, UUID]:
        queue = self._rng.choice(QUEUES)
        job = NewJob(work.new_id(), name, queue, payload, "request-1", OLGA.subject, ordering_key=order)
        return name, work.jobs.add(job, self._app.clock.now())

    def _metering(self, work: Work, day: int) -> tuple[str, UUID]:
        on, now = FIRST_DAY + timedelta(days=day), self._app.clock.now()
        return METERING, request_metering(work, OLGA, day=on, now=now, cause="request-1")

    def _rollup(self, work: Work, payer: str) -> tuple[str, UUID]:
        now = self._app.clock.now()
        job_id = request_rollup(work, OLGA, period=APRIL, now=now, cause="request-1", tenant_id=payer)
        return ROLLUP, job_id

    def _ingest(self, work: Work) -> tuple[str, UUID]:
        job_id = request_ingest(
            work,
            OLGA,
            file=self._invoice,
            lines=self._lines,
            period=APRIL,
            now=self._app.clock.now(),
            cause="request-1",
        )
        return INGEST, job_id
