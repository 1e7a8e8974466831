"""Jobs that go wrong at every try, with an exception or with their process: parked, and the rest goes on."""

from __future__ import annotations

from uuid import UUID

import psycopg

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap import wire_on
from arcadia_app.use_cases.platform.read_jobs import read_job
from arcadia_app.use_cases.platform.settle_job import begin_again
from arcadia_domain.ports.jobs import Attempt, Job, JobState, NewJob, Outcome
from tests.integration.jobs.kills.acts import DIES, MAKE_TALLY, RAISES, TALLY
from tests.integration.jobs.kills.crew import Crew, crew
from tests.integration.jobs.kills.killing import WORKER
from tests.integration.servers import Database, Servers
from tests.waiting import until
from tests.world import OLGA

TRIES = 3


def asked(app: Arcadia, *names: str) -> list[UUID]:
    """Jobs of one queue."""
    with app.transactions.begin(OLGA) as work:
        now = app.clock.now()
        return [
            work.jobs.add(
                NewJob(work.new_id(), name, "cloud_billing", {"chain": name}, "request-1", "olga"), now
            )
            for name in names
        ]


def stopped(app: Arcadia, processes: Crew, ids: list[UUID]) -> list[Job]:
    """The jobs at their end. A worker that ended is replaced, as whoever watches processes does."""
    jobs: list[Job] = []

    def are_over() -> bool:
        with app.transactions.begin(OLGA) as work:
            jobs[:] = [read_job(work, OLGA, job_id=job_id) for job_id in ids]
        if not processes.at_work[WORKER][0].is_alive:
            processes.replace(WORKER, 0)
        return not {JobState.QUEUED, JobState.RUNNING} & {job.state for job in jobs}

    until(are_over, lambda: jobs)
    return jobs


def tries(app: Arcadia, job_id: UUID) -> list[Attempt]:
    with app.transactions.begin(OLGA) as work:
        return list(work.jobs.attempts(job_id))


def on(database: Database) -> Pools:
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(MAKE_TALLY.encode())
    return Pools(database.tenant_url, database.operator_url, database.gateway_url)


def test_poison_is_parked_after_its_tries_its_neighbours_are_done_and_it_can_be_begun_again(
    servers: Servers,
) -> None:
    with (
        servers.get("embedded").database() as database,
        on(database) as pools,
        crew(database, database.operator_url, attempts=TRIES) as processes,
    ):
        app = wire_on(PostgresTransactions(pools), SystemClock())
        before = asked(app, TALLY, TALLY)
        (raises,) = asked(app, RAISES)
        after = asked(app, TALLY, TALLY)
        processes.hire(WORKER, 1)
        *others, poison = stopped(app, processes, [*before, *after, raises])
        assert {job.state for job in others} == {JobState.SUCCEEDED}
        assert (poison.state, poison.attempts, poison.error_code) == (
            JobState.PARKED,
            TRIES,
            "internal_error",
        )
        assert poison.error_detail is not None
        assert poison.error_detail.endswith(f"at each of {TRIES} tries: RuntimeError")
        retried, parked = Outcome.RETRIED, Outcome.PARKED
        assert [one.outcome for one in tries(app, raises)] == [retried, retried, parked]

        with app.transactions.begin(OLGA) as work:
            again = begin_again(work, OLGA, job_id=raises, now=app.clock.now())
        assert (again.state, again.attempts) == (JobState.QUEUED, 0)
        (poison,) = stopped(app, processes, [raises])
        assert (poison.state, poison.attempts) == (JobState.PARKED, TRIES)
        assert len(tries(app, raises)) == 2 * TRIES


def test_a_job_that_kills_its_process_is_parked_after_its_tries_and_the_rest_of_its_queue_is_done(
    servers: Servers,
) -> None:
    with (
        servers.get("embedded").database() as database,
        on(database) as pools,
        crew(database, database.operator_url, attempts=TRIES) as processes,
    ):
        app = wire_on(PostgresTransactions(pools), SystemClock())
        (dies,) = asked(app, DIES)
        neighbours = asked(app, TALLY, TALLY, TALLY)
        processes.hire(WORKER, 1)
        *others, deadly = stopped(app, processes, [*neighbours, dies])
        assert {job.state for job in others} == {JobState.SUCCEEDED}
        assert (deadly.state, deadly.error_code) == (JobState.PARKED, "internal_error")
        assert deadly.error_detail is not None
        assert deadly.error_detail.endswith(f"at each of {TRIES} tries: its process died each time")
        told = tries(app, dies)
        assert [one.outcome for one in told] == [*[Outcome.LOST] * TRIES, Outcome.PARKED]
        assert len({one.worker for one in told}) == TRIES + 1, "each in a process of its own"
        with app.transactions.begin(OLGA) as work:
            assert begin_again(work, OLGA, job_id=dies, now=app.clock.now()).state is JobState.QUEUED
