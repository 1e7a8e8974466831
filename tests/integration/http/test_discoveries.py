"""Discovery over HTTP: asked for, done by jobs, and every invoice ingested by one of its own (SPEC 10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_app.jobs.runner import JobRunner
from tests.clouds.connected import cloud_of
from tests.clouds.running import NOW
from tests.integration.costs.books import Connected
from tests.integration.http.conftest import Api
from tests.integration.http.test_jobs import JOBS, finished

DISCOVERIES = "/api/v1/billing/discoveries"


def job_of(api: Api, name: str) -> dict[str, Any]:
    items = api.admin().get(JOBS).raise_for_status().json()["items"]
    [job] = [job for job in items if job["name"] == name]
    return dict(job)


def test_the_answer_names_the_job_that_waits_already(api: Api) -> None:
    first, second = (api.admin().post(DISCOVERIES) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert first.headers["Location"] == f"{JOBS}/{first.json()['job_id']}"


def test_what_is_discovered_is_ingested_by_jobs_with_the_requests_id_as_their_cause(api: Api) -> None:
    account = content.sample(SandboxClock(at=NOW))
    account.invoices[:] = account.invoices[-1:]
    with cloud_of(account) as cloud:
        accepted = api.admin().post(DISCOVERIES)
        runner = JobRunner(replace(api.app, cloud=Connected(cloud.client)))
        while runner.run_next():
            pass
    done = finished(api.admin(), accepted)
    assert (done["state"], done["result"]["invoices"], done["result"]["to_ingest"]) == ("succeeded", 1, 1)
    assert done["result"]["new_entries"] == len(account.billing_history)
    ingested = job_of(api, "ingest_provider_invoice")
    assert (ingested["state"], ingested["result"]["state"]) == ("succeeded", "reconciled")
    assert (ingested["result"]["lines"], ingested["result"]["amount_cents"]) == (33, 8692)


def test_without_an_account_the_job_says_what_to_set(api: Api) -> None:
    accepted = api.admin().post(DISCOVERIES)
    assert JobRunner(api.app).run_next()
    done = finished(api.admin(), accepted)
    assert (done["state"], done["error"]["code"]) == ("failed", "cloud_not_connected")


def test_a_tenant_is_refused(api: Api) -> None:
    refused = api.client().post(DISCOVERIES)
    assert (refused.status_code, refused.json()["code"]) == (403, "operators_only")
