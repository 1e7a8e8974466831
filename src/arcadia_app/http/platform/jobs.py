"""Jobs over HTTP: how far what was asked for is, and what it came to (SPEC 18)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath, QueryParameter

from arcadia_app.http.accepted import JOBS as PATH
from arcadia_app.http.documented import CALL, LIST
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import JOBS
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.platform.read_jobs import list_jobs, read_job
from arcadia_app.wire.jobs import Job, Jobs
from arcadia_domain.ports.jobs import JobState


class JobController(Controller):
    path = PATH
    tags = ("Jobs",)

    @get(
        operation_id="list_jobs",
        guards=[operators_only],
        opt={"act": "read jobs"},
        responses=refusals(*LIST, "operators_only"),
        sync_to_thread=True,
    )
    def list_(
        self,
        app: App,
        by: By,
        limit: Limit = 50,
        cursor: Cursor = None,
        in_state: Annotated[
            JobState | None, QueryParameter(name="state", description="Only those in this state.")
        ] = None,
    ) -> Jobs:
        """List jobs (platform admins).

        Newest first.
        """
        after = JOBS.after(cursor)
        with app.transactions.begin(by) as work:
            found = list_jobs(work, by, after=after, limit=limit + 1, state=in_state)
        items, next_cursor = JOBS.page(found, limit, lambda one: one.id, Job.of)
        return Jobs(items=items, next_cursor=next_cursor)

    @get(
        "/{job_id:uuid}",
        operation_id="read_job",
        guards=[operators_only],
        opt={"act": "read jobs"},
        responses=refusals(*CALL, "operators_only", missing=("job_not_found",)),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By, job_id: FromPath[UUID]) -> Job:
        """Read a job (platform admins).

        Ask again until its state is succeeded or failed.
        """
        with app.transactions.begin(by) as work:
            return Job.of(read_job(work, by, job_id=job_id))
