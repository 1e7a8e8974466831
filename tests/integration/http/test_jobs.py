"""Long acts over HTTP: asked for, followed to their end, and what they came to (SPEC 10, 13, 18)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from arcadia_app.arcadia import InvoiceFile
from arcadia_app.jobs.relay import Relay
from arcadia_app.jobs.runner import JobRunner
from arcadia_domain.ports.jobs import NewJob
from tests.april import AS_OF, pilots
from tests.contracts.facts import pushed
from tests.held import assigned, recorded, resource
from tests.integration.http.conftest import Api
from tests.world import OLGA

JOBS = "/api/v1/jobs"
ROLLUPS = "/api/v1/billing/rollups"
UPLOADS = "/api/v1/billing/cloud-invoices"
APRIL = {"period": "2026-04"}
PATIENCE = 30
"""Seconds until a test that hangs is a test that fails."""


@pytest.fixture
def working(api: Api) -> Iterator[Api]:
    """The door with a runner beside it, on the first of May."""
    api.clock.at = AS_OF
    runner = JobRunner(api.app)
    with Relay(api.app, lambda job: runner.run(job.id)).running():
        yield api


def uploaded(client: httpx.Client, file: bytes, period: str = "2026-04", **more: str) -> httpx.Response:
    content_type = more.pop("content_type", "text/csv")
    return client.post(
        UPLOADS, params={"period": period, **more}, content=file, headers={"Content-Type": content_type}
    )


def finished(client: httpx.Client, accepted: httpx.Response) -> dict[str, Any]:
    """The job that an answer named, at its end."""
    assert accepted.status_code == 202, accepted.text
    path = accepted.headers["Location"]
    assert path == f"{JOBS}/{accepted.json()['job_id']}"
    deadline = time.monotonic() + PATIENCE
    while True:
        job: dict[str, Any] = client.get(path).raise_for_status().json()
        if job["state"] not in ("queued", "running"):
            return job
        assert time.monotonic() < deadline, job


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_golden_5_an_uploaded_invoice_has_33_lines_of_8692_cents_and_again_changes_nothing(
    working: Api,
) -> None:
    olga, file = working.admin(), working.app.sample.invoice_csv()
    first = finished(olga, uploaded(olga, file))
    assert (first["name"], first["state"], first["error"]) == ("ingest_invoice", "succeeded", None)
    assert first["progress"] == {"done": 33, "total": 33}
    assert (first["created_by"], first["attempts"]) == ("olga", 1)
    came_to = first["result"]
    assert (came_to["lines"], came_to["amount_cents"], came_to["currency"]) == (33, 8692, "USD")
    assert (came_to["period"], came_to["changed"], came_to["warnings"]) == ("2026-04", True, [])
    again = finished(olga, uploaded(olga, file))
    assert again["id"] != first["id"]
    assert again["result"] == {**came_to, "changed": False}


def test_an_upload_is_adopted_by_its_uuid_and_of_two_invoices_of_a_month_one_must_be_named(
    working: Api,
) -> None:
    olga, file = working.admin(), working.app.sample.invoice_csv()
    plain = finished(olga, uploaded(olga, file))
    known = "22737513-0ea7-4206-8ceb-98a575af7681"
    named = finished(olga, uploaded(olga, file, invoice_uuid=known))
    assert named["result"]["invoice_id"] == plain["result"]["invoice_id"]
    finished(olga, uploaded(olga, file, invoice_uuid="00000000-0ea7-4206-8ceb-98a575af7681"))
    unnamed = finished(olga, uploaded(olga, file))
    assert (unnamed["state"], unnamed["result"]) == ("failed", None)
    assert unnamed["error"]["code"] == "ambiguous_invoice"
    assert "by its invoice UUID" in unnamed["error"]["detail"]


def test_a_rollup_drafts_the_invoices_of_a_month(working: Api) -> None:
    pilots(working.app.transactions, "acme", "bobs-burgers")
    olga = working.admin()
    done = finished(olga, olga.post(ROLLUPS, json=APRIL))
    assert (done["name"], done["state"]) == ("roll_up_period", "succeeded")
    assert done["progress"] == {"done": 2, "total": 2}
    expected = {"period": "2026-04", "created": 2, "rebuilt": 0, "unchanged": 0, "failures": []}
    assert done["result"] == {**expected, "conflicts": []}
    with working.app.transactions.begin(OLGA) as work:
        drafted = work.invoices.of_period("acme", AS_OF.date().replace(month=4))
    assert drafted is not None
    assert drafted.subtotal_cents == 5000
    again = finished(olga, olga.post(ROLLUPS, json={**APRIL, "tenant_id": "acme", "force": True}))
    assert (again["result"]["created"], again["result"]["unchanged"]) == (0, 1)


def test_a_rollup_names_the_days_that_were_pushed_as_well_as_metered(working: Api) -> None:
    store = working.app.transactions
    [pilot] = pilots(store, "acme")
    held = resource(1)
    recorded(store, held)
    assigned(store, held, pilot)
    pushed(store, pilot, "droplet_hours", date(2026, 4, 5), "7")
    olga = working.admin()
    result = finished(olga, olga.post(ROLLUPS, json=APRIL))["result"]
    assert (result["created"], result["failures"]) == (1, [])
    [conflict] = result["conflicts"]
    assert (conflict["tenant_id"], conflict["code"]) == ("acme", "usage_source_conflict")
    assert "on 2026-04-05 is already pushed" in conflict["detail"]


def test_the_file_is_refused_with_its_line_and_nothing_is_stored(api: Api) -> None:
    olga = api.admin()
    cut = api.app.sample.invoice_csv()[:-30]
    refused = uploaded(olga, cut)
    assert refusal(refused) == (422, "invoice_row_cut")
    assert refused.json()["detail"].startswith("Line 34: ")
    assert refusal(uploaded(olga, b"")) == (422, "invoice_without_header")
    assert refusal(uploaded(olga, b"\xff")) == (422, "invoice_not_utf8")
    assert refusal(uploaded(olga, api.app.sample.invoice_csv(), "2025-04")) == (
        422,
        "invoice_of_other_period",
    )
    assert olga.get(JOBS).json() == {"items": [], "next_cursor": None}


def test_an_upload_of_anything_but_csv_in_utf8_is_refused_unread(api: Api) -> None:
    olga, file = api.admin(), api.app.sample.invoice_csv()
    for content_type in ("application/json", "text/plain", "text/csv; charset=latin-1", ""):
        assert refusal(uploaded(olga, file, content_type=content_type)) == (415, "unsupported_media_type")
    assert uploaded(olga, file, content_type='text/CSV; charset="UTF-8"; header=present').status_code == 202


def test_a_file_may_be_larger_than_any_other_body_up_to_32_mib(api: Api) -> None:
    olga, file = api.admin(), api.app.sample.invoice_csv()
    *_, last = file.splitlines(keepends=True)
    assert uploaded(olga, file + last * (2 * 1024 * 1024 // len(last))).status_code == 202
    assert refusal(uploaded(olga, b"a" * (32 * 1024 * 1024 + 1))) == (413, "body_too_large")


def test_of_uploads_that_come_at_once_one_is_parsed_at_a_time(api: Api) -> None:
    read, at_once, lock = api.app.read_invoice, [0], threading.Lock()
    most, met = [0], threading.Barrier(2)

    def watched(file: bytes, /, *, may_be_empty: bool = False) -> InvoiceFile:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        with suppress(threading.BrokenBarrierError):
            met.wait(0.3)  # long enough for the other to come in, were it let in
        with lock:
            at_once[0] -= 1
        return read(file, may_be_empty=may_be_empty)

    object.__setattr__(api.app, "read_invoice", watched)
    files = [api.app.sample.invoice_csv() + b"\n" * n for n in range(2)]
    with ThreadPoolExecutor(2) as clients:
        answers = list(clients.map(lambda file: uploaded(api.admin(), file), files))
    assert [answer.status_code for answer in answers] == [202, 202]
    assert most == [1]


@pytest.mark.parametrize("period", ["2026-13", "2026-4", "April", "1999-01", "2026-04-01"])
def test_a_month_is_written_as_one(api: Api, period: str) -> None:
    olga = api.admin()
    assert refusal(uploaded(olga, api.app.sample.invoice_csv(), period)) == (400, "invalid_parameter")
    assert refusal(olga.post(ROLLUPS, json={"period": period})) == (422, "invalid_body")


def test_what_a_rollup_cannot_come_to_is_refused_at_once(api: Api) -> None:
    olga = api.admin()
    api.clock.at = datetime.fromisoformat("2026-04-30T23:59:59+00:00")
    refused = olga.post(ROLLUPS, json=APRIL)
    assert refusal(refused) == (422, "month_not_over")
    assert [error["field"] for error in refused.json()["errors"]] == ["period"]
    api.clock.at = AS_OF
    assert refusal(olga.post(ROLLUPS, json={**APRIL, "tenant_id": "nobody"})) == (422, "unknown_tenant")
    assert olga.get(JOBS).json()["items"] == []


def test_the_same_asked_for_before_it_has_begun_is_the_same_job(api: Api) -> None:
    api.clock.at = AS_OF
    olga = api.admin()
    first, again = (olga.post(ROLLUPS, json=APRIL).json()["job_id"] for _ in range(2))
    assert first == again
    assert olga.post(ROLLUPS, json={**APRIL, "force": True}).json()["job_id"] != first
    with api.app.transactions.begin(OLGA) as work:
        (due,) = work.jobs.due(AS_OF, AS_OF, 1)
        running = work.jobs.claim(due.id, AS_OF, AS_OF, names=["roll_up_period"], worker="one")
    assert running is not None
    assert str(running.id) == first
    assert olga.post(ROLLUPS, json=APRIL).json()["job_id"] != first


def test_a_file_that_is_uploaded_again_after_another_is_what_stays(api: Api) -> None:
    api.clock.at = AS_OF
    olga, first = api.admin(), api.app.sample.invoice_csv()
    *kept, _ = first.splitlines(keepends=True)
    jobs = [uploaded(olga, file) for file in (first, b"".join(kept), first)]
    runner = JobRunner(api.app)
    while runner.run_next():
        pass
    lines = [finished(olga, job)["result"]["lines"] for job in jobs]
    assert lines == [33, 32, 33]
    assert finished(olga, jobs[-1])["result"]["changed"]


def test_a_request_that_is_sent_again_is_answered_again(api: Api) -> None:
    api.clock.at = AS_OF
    olga, key = api.admin(), {"Idempotency-Key": "one"}
    first = olga.post(ROLLUPS, json=APRIL, headers=key)
    assert JobRunner(api.app).run_next()
    again = olga.post(ROLLUPS, json=APRIL, headers=key)
    assert (again.status_code, again.json(), again.headers["Location"]) == (
        202,
        first.json(),
        first.headers["Location"],
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(olga.get(JOBS).json()["items"]) == 1


def test_a_job_that_waits_is_read_as_such(api: Api) -> None:
    api.clock.at = AS_OF
    olga = api.admin()
    accepted = olga.post(ROLLUPS, json=APRIL)
    job_id = accepted.json()["job_id"]
    assert olga.get(accepted.headers["Location"]).json() == {
        "id": job_id,
        "name": "roll_up_period",
        "queue": "cloud_billing",
        "state": "queued",
        "progress": {"done": 0, "total": None},
        "error": None,
        "result": None,
        "attempts": 0,
        "cause": accepted.headers["X-Request-Id"],
        "created_by": "olga",
        "created_at": "2026-05-01T03:00:00Z",
        "run_after": "2026-05-01T03:00:00Z",
        "started_at": None,
        "finished_at": None,
        "worker": None,
    }


def test_a_job_says_what_it_came_from(api: Api) -> None:
    api.clock.at = AS_OF
    api.admin().post(ROLLUPS, json=APRIL, headers={"X-Request-Id": "from-here"})
    with api.app.transactions.begin(OLGA) as work:
        (job,) = work.jobs.page(after=None, limit=9)
    assert job.cause == "from-here"


def test_jobs_are_listed_newest_first_in_pages_and_by_state(api: Api) -> None:
    with api.app.transactions.begin(OLGA) as work:
        made = [work.jobs.add(NewJob(work.new_id(), "n", "q", {}, "c", "olga"), AS_OF) for _ in range(3)]
        assert work.jobs.claim(made[0], AS_OF, AS_OF, names=["n"], worker="one") is not None
    ids = [str(job_id) for job_id in made]
    olga = api.admin()
    first = olga.get(JOBS, params={"limit": 2}).json()
    rest = olga.get(JOBS, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [job["id"] for job in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
    running = olga.get(JOBS, params={"state": "running"}).json()["items"]
    assert [job["id"] for job in running] == [ids[0]]
    assert refusal(olga.get(JOBS, params={"state": "lost"})) == (400, "invalid_parameter")


def test_jobs_are_listed_by_queue(api: Api) -> None:
    with api.app.transactions.begin(OLGA) as work:
        made = [
            work.jobs.add(NewJob(work.new_id(), "n", queue, {}, "c", "olga"), AS_OF)
            for queue in ("metering", "cloud_billing", "metering")
        ]
    olga = api.admin()
    ids = [str(job_id) for job_id in made]
    asked = {"queue": "metering", "limit": "1"}
    first = olga.get(JOBS, params=asked).json()
    rest = olga.get(JOBS, params={**asked, "cursor": first["next_cursor"]}).json()
    assert [job["id"] for job in first["items"] + rest["items"]] == [ids[2], ids[0]]
    assert rest["next_cursor"] is None
    both = olga.get(JOBS, params={"queue": "cloud_billing", "state": "running"}).json()
    assert both["items"] == []
    assert refusal(olga.get(JOBS, params={"queue": "billing"})) == (400, "invalid_parameter")


def test_a_job_that_is_not_there_is_404(api: Api) -> None:
    assert refusal(api.admin().get(f"{JOBS}/{UUID(int=1)}")) == (404, "job_not_found")


@pytest.mark.parametrize(("roles", "code"), [((), "operators_only"), (("llm_gateway",), "gateway_forbidden")])
def test_jobs_are_for_operators_and_others_are_told_before_their_body_is_read(
    api: Api, roles: tuple[str, ...], code: str
) -> None:
    client = api.client("acme", *roles)
    for answer in (
        client.get(JOBS),
        client.get(f"{JOBS}/{UUID(int=1)}"),
        client.post(ROLLUPS, content=b"no json"),
        uploaded(client, b"no csv", content_type="application/json"),
    ):
        assert refusal(answer) == (403, code)
