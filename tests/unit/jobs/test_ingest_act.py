"""The job of an upload whose file is gone: refused by name, at its first try."""

from __future__ import annotations

from dataclasses import replace

from arcadia_adapters.digitalocean.sample.account import sample_invoice_csv
from arcadia_app.bootstrap import wire_on
from arcadia_app.jobs.runner import JobRunner
from arcadia_app.use_cases.cloud.request_ingest import request_ingest
from arcadia_domain.period import parse_month
from arcadia_domain.ports.jobs import JobState
from tests.fakes.transactions import FakeTransactions
from tests.world import NOW, OLGA, SetClock, seeded


def test_an_upload_whose_file_was_let_go_of_fails_at_once_and_says_what_to_do() -> None:
    """As a version before 0004 did with that of a job that failed."""
    store = seeded(FakeTransactions())
    app = wire_on(store, SetClock())
    file = sample_invoice_csv()
    lines, april = app.read_invoice(file).lines, parse_month("2026-04")
    with store.begin(OLGA) as work:
        job_id = request_ingest(work, OLGA, file=file, lines=lines, period=april, now=NOW, cause="test")
    stored = store.state.jobs[job_id]
    store.state.jobs[job_id] = replace(stored, asked=replace(stored.asked, input=None))
    assert JobRunner(app).run(job_id)
    with store.begin(OLGA) as work:
        job = work.jobs.get(job_id)
    assert job is not None
    assert (job.state, job.attempts, job.error_code) == (JobState.FAILED, 1, "invoice_file_gone")
