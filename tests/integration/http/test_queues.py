"""Queues over HTTP: how each stands (SPEC 17, 18)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from arcadia_domain.ports.jobs import QUEUES, ClaimedJob, NewJob
from arcadia_domain.ports.unit_of_work import Work
from tests.integration.http.conftest import Api
from tests.world import NOW, OLGA

MINUTE = timedelta(minutes=1)


def asked(work: Work, queue: str, minutes_ago: int) -> UUID:
    job = NewJob(work.new_id(), "n", queue, {}, "c", "olga")
    return work.jobs.add(job, NOW - minutes_ago * MINUTE)


def claimed(work: Work, job_id: UUID) -> ClaimedJob:
    job = work.jobs.claim(job_id, NOW, NOW + MINUTE, names=["n"], worker="one")
    assert job is not None
    return job


def test_every_queue_is_told_in_the_order_of_the_spec_also_where_nothing_is_in_it(api: Api) -> None:
    answer = api.admin().get("/api/v1/queues").raise_for_status()
    assert [one["queue"] for one in answer.json()["items"]] == list(QUEUES)
    for one in answer.json()["items"]:
        assert {**one, "queue": ""} == {
            "queue": "",
            "waiting": 0,
            "running": 0,
            "retrying": 0,
            "stopped": 0,
            "oldest_due": None,
        }


def test_a_queue_tells_what_waits_runs_is_tried_again_and_has_stopped(api: Api) -> None:
    api.clock.at = NOW
    error = ("internal_error", "ZeroDivisionError")
    with api.app.transactions.begin(OLGA) as work:
        asked(work, "metering", 7)
        asked(work, "metering", -7)
        claimed(work, asked(work, "metering", 9))
        work.jobs.retry(claimed(work, asked(work, "metering", 8)), NOW + MINUTE, NOW, error=error)
        work.jobs.fail(claimed(work, asked(work, "metering", 8)), *error, NOW, parked=True)
        work.jobs.fail(claimed(work, asked(work, "metering", 8)), *error, NOW)
        work.jobs.succeed(claimed(work, asked(work, "metering", 8)), {}, NOW)
        work.jobs.discard(asked(work, "metering", 8), NOW)
        asked(work, "cloud_billing", 1)
    queues = {one["queue"]: one for one in api.admin().get("/api/v1/queues").json()["items"]}
    assert queues["metering"] == {
        "queue": "metering",
        "waiting": 3,
        "running": 1,
        "retrying": 1,
        "stopped": 2,
        "oldest_due": "2026-05-20T09:23:00Z",
    }
    assert queues["cloud_billing"]["waiting"] == 1
