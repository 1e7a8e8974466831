"""Each role in a process of its own, as on three machines: one Postgres, one RabbitMQ (SPEC 17)."""

from __future__ import annotations

from contextlib import ExitStack

import httpx
import psycopg

from tests.integration.jobs.brokers import NoSuchBroker, RabbitMQ, do_without
from tests.integration.jobs.brokers import running as running_broker
from tests.integration.operations.load import APRIL, DEPLOYMENTS, ROLLUPS, Tokens
from tests.integration.operations.processes import Process, running, settings_of, until
from tests.integration.servers import Database

BILLING, SYNCS = "cloud_billing", "cloud_sync_fast"


def test_a_long_act_is_done_by_the_worker_of_its_queue_and_by_no_other(
    named: Database, tokens: Tokens
) -> None:
    with ExitStack() as stack:
        try:
            broker = stack.enter_context(running_broker(RabbitMQ))
        except NoSuchBroker as reason:
            do_without(reason)
        env = settings_of(named, ARCADIA_BROKER_URL=broker.url)
        api = stack.enter_context(running("api", env))
        billing = stack.enter_context(running("worker", env, "--queues", BILLING))
        syncs = stack.enter_context(running("worker", env, "--queues", SYNCS))
        scheduler = stack.enter_context(running("scheduler", env))
        olga = {"Authorization": f"Bearer {tokens.admin}"}
        with httpx.Client(base_url=api.url, headers=olga, timeout=60) as client:
            assert client.get(DEPLOYMENTS).status_code == 200
            rollup = client.post(ROLLUPS, json={"period": APRIL}).raise_for_status().json()["job_id"]
            # No account of DigitalOcean is connected here: the sync is begun, and fails.
            sync = client.post("/api/v1/inventory/syncs", json={"speed": "fast"})
            asked = {rollup, sync.raise_for_status().json()["job_id"]}
            until(lambda: all(ended(client, job) for job in asked))
        with psycopg.connect(named.owner_url) as owner:
            tries = owner.execute("SELECT job_id::text, queue, worker FROM job_history").fetchall()
    by = {job: (queue, worker.rpartition("/")[2]) for job, queue, worker in tries if job in asked}
    assert by[rollup] == (BILLING, str(billing.popen.pid))
    assert by[(asked - {rollup}).pop()] == (SYNCS, str(syncs.popen.pid))
    assert [tried(one) for one in (api, scheduler)] == [0, 0]


def ended(client: httpx.Client, job: str) -> bool:
    state = client.get(f"/api/v1/jobs/{job}").raise_for_status().json()["state"]
    return state not in ("queued", "running")


def tried(process: Process) -> int:
    """Jobs that a process has done anything of."""
    return sum("attempt" in line for line in process.lines())
