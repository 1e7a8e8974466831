"""Settling jobs over HTTP: the tries at one, beginning it again, discarding it (SPEC 17, 18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from arcadia_domain.ports.jobs import ClaimedJob, NewJob
from tests.integration.http.conftest import Api
from tests.world import NOW, OLGA

JOBS = "/api/v1/jobs"
MINUTE = timedelta(minutes=1)
ERROR = ("internal_error", "ZeroDivisionError")


@pytest.fixture
def olga(api: Api) -> httpx.Client:
    api.clock.at = NOW
    return api.admin()


def asked(api: Api, **told: Any) -> UUID:
    with api.app.transactions.begin(OLGA) as work:
        job = NewJob(work.new_id(), "n", "metering", {}, "tick metering 2026-05-20T00:30Z", "olga", **told)
        return work.jobs.add(job, NOW)


def claimed(api: Api, job_id: UUID) -> ClaimedJob:
    now = api.app.clock.now()
    with api.app.transactions.begin(OLGA) as work:
        job = work.jobs.claim(job_id, now, now + MINUTE, names=["n"], worker="web-1/4711")
    assert job is not None
    return job


def stopped(api: Api, *, parked: bool = True) -> UUID:
    job_id = asked(api)
    held = claimed(api, job_id)
    with api.app.transactions.begin(OLGA) as work:
        assert work.jobs.fail(held, *ERROR, NOW, parked=parked)
    return job_id


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_tries_at_a_job_are_told_with_their_durations_outcomes_and_errors(
    api: Api, olga: httpx.Client
) -> None:
    job_id = asked(api)
    assert olga.get(f"{JOBS}/{job_id}/attempts").json() == {"items": []}
    held = claimed(api, job_id)
    with api.app.transactions.begin(OLGA) as work:
        assert work.jobs.retry(held, NOW + MINUTE, NOW + timedelta(milliseconds=1500), error=ERROR)
    api.clock.pass_by(MINUTE)
    held = claimed(api, job_id)
    running = olga.get(f"{JOBS}/{job_id}").json()
    assert (running["state"], running["attempts"], running["worker"]) == ("running", 2, "web-1/4711")
    with api.app.transactions.begin(OLGA) as work:
        assert work.jobs.succeed(held, {}, NOW + 3 * MINUTE)
    assert olga.get(f"{JOBS}/{job_id}/attempts").json()["items"] == [
        {
            "attempt": 1,
            "outcome": "retried",
            "worker": "web-1/4711",
            "began_at": "2026-05-20T09:30:00Z",
            "ended_at": "2026-05-20T09:30:01.500000Z",
            "duration_ms": 1500,
            "error": {"code": "internal_error", "detail": "ZeroDivisionError"},
        },
        {
            "attempt": 2,
            "outcome": "succeeded",
            "worker": "web-1/4711",
            "began_at": "2026-05-20T09:31:00Z",
            "ended_at": "2026-05-20T09:33:00Z",
            "duration_ms": 120_000,
            "error": None,
        },
    ]


def test_a_job_that_waits_for_another_try_says_when_and_why(api: Api, olga: httpx.Client) -> None:
    job_id = asked(api)
    held = claimed(api, job_id)
    with api.app.transactions.begin(OLGA) as work:
        assert work.jobs.retry(held, NOW + MINUTE, NOW, error=ERROR)
    waiting = olga.get(f"{JOBS}/{job_id}").json()
    assert (waiting["state"], waiting["attempts"], waiting["worker"]) == ("queued", 1, None)
    assert waiting["run_after"] == "2026-05-20T09:31:00Z"
    assert waiting["error"]["code"] == "internal_error"
    assert waiting["cause"] == "tick metering 2026-05-20T00:30Z"


@pytest.mark.parametrize("parked", [True, False])
def test_a_job_that_stopped_is_begun_again_and_whoever_tells_workers_is_woken(
    api: Api, olga: httpx.Client, parked: bool
) -> None:
    job_id = stopped(api, parked=parked)
    shown = olga.get(f"{JOBS}/{job_id}").json()
    assert (shown["state"], shown["error"]["detail"]) == ("parked" if parked else "failed", ERROR[1])
    api.app.job_stored.clear()
    api.clock.pass_by(MINUTE)
    begun = olga.post(f"{JOBS}/{job_id}/retry")
    assert begun.status_code == 200
    told = begun.json()
    assert (told["state"], told["attempts"], told["error"]) == ("queued", 0, None)
    assert (told["run_after"], told["finished_at"]) == ("2026-05-20T09:31:00Z", None)
    assert api.app.job_stored.is_set()
    assert olga.post(f"{JOBS}/{job_id}/retry").json() == told, "again: nothing more"
    assert claimed(api, job_id).attempts == 1


def test_what_waits_failed_or_was_parked_is_discarded_and_again_changes_nothing(
    api: Api, olga: httpx.Client
) -> None:
    for job_id in (asked(api), stopped(api), stopped(api, parked=False)):
        first = olga.post(f"{JOBS}/{job_id}/discard")
        assert first.status_code == 200
        assert first.json()["state"] == "discarded"
        api.clock.pass_by(MINUTE)
        assert olga.post(f"{JOBS}/{job_id}/discard").json() == first.json()
        assert refusal(olga.post(f"{JOBS}/{job_id}/retry")) == (409, "job_not_stopped")
    found = olga.get(JOBS, params={"state": "discarded"}).json()["items"]
    assert len(found) == 3


def test_who_waited_behind_a_job_of_its_key_is_due_once_it_is_discarded(api: Api, olga: httpx.Client) -> None:
    first, second = (asked(api, ordering_key="metering") for _ in range(2))
    api.app.job_stored.clear()
    olga.post(f"{JOBS}/{first}/discard")
    assert api.app.job_stored.is_set()
    assert claimed(api, second).id == second


def test_a_job_that_runs_or_succeeded_is_left_alone_and_the_refusal_names_its_state(
    api: Api, olga: httpx.Client
) -> None:
    job_id = asked(api)
    held = claimed(api, job_id)
    for _ in range(2):
        again, never = olga.post(f"{JOBS}/{job_id}/retry"), olga.post(f"{JOBS}/{job_id}/discard")
        assert (refusal(again), refusal(never)) == ((409, "job_not_stopped"), (409, "job_under_way"))
        state = olga.get(f"{JOBS}/{job_id}").json()["state"]
        assert f"is {state}" in again.json()["detail"]
        assert f"is {state}" in never.json()["detail"]
        with api.app.transactions.begin(OLGA) as work:
            work.jobs.succeed(held, {}, NOW)
    assert olga.get(f"{JOBS}/{job_id}").json()["state"] == "succeeded"


def test_a_job_that_is_not_there_is_404(olga: httpx.Client) -> None:
    for sent in (
        olga.get(f"{JOBS}/{UUID(int=1)}/attempts"),
        olga.post(f"{JOBS}/{UUID(int=1)}/retry"),
        olga.post(f"{JOBS}/{UUID(int=1)}/discard"),
    ):
        assert refusal(sent) == (404, "job_not_found")


@pytest.mark.parametrize(("roles", "code"), [((), "operators_only"), (("llm_gateway",), "gateway_forbidden")])
def test_only_operators_settle_jobs(api: Api, roles: tuple[str, ...], code: str) -> None:
    api.clock.at = NOW
    job_id = stopped(api)
    client = api.client("acme", *roles)
    for sent in (
        client.get(f"{JOBS}/{job_id}/attempts"),
        client.post(f"{JOBS}/{job_id}/retry"),
        client.post(f"{JOBS}/{job_id}/discard"),
        client.get("/api/v1/queues"),
        client.get("/api/v1/schedule"),
        client.post("/api/v1/schedule/metering/pause"),
        client.post("/api/v1/schedule/metering/resume"),
    ):
        assert refusal(sent) == (403, code)
    assert api.admin().get(f"{JOBS}/{job_id}").json()["state"] == "parked"
