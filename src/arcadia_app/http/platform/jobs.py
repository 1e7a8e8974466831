"""Jobs over HTTP: how far what was asked for is, what it came to, and settling one that stopped (SPEC 18)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, QueryParameter

from arcadia_app.http.accepted import JOBS as PATH
from arcadia_app.http.documented import CALL, LIST, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Once
from arcadia_app.http.pages import Cursor, Limit
from arcadia_app.http.places import JOBS
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.platform.read_attempts import read_attempts
from arcadia_app.use_cases.platform.read_jobs import list_jobs, read_job
from arcadia_app.use_cases.platform.settle_job import begin_again, discard_job
from arcadia_app.wire.jobs import Job, JobAttempt, JobAttempts, JobQueue, Jobs
from arcadia_domain.ports.jobs import JobState
from arcadia_domain.ports.unit_of_work import Work


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
        queue: Annotated[JobQueue | None, QueryParameter(description="Only those of this queue.")] = None,
    ) -> Jobs:
        """List jobs (platform admins).

        Newest first.
        """
        after = JOBS.after(cursor)
        with app.transactions.begin(by) as work:
            found = list_jobs(work, by, after=after, limit=limit + 1, state=in_state, queue=queue)
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

        Ask again until its state is neither queued nor running.
        """
        with app.transactions.begin(by) as work:
            return Job.of(read_job(work, by, job_id=job_id))

    @get(
        "/{job_id:uuid}/attempts",
        operation_id="read_attempts",
        guards=[operators_only],
        opt={"act": "read jobs"},
        responses=refusals(*CALL, "operators_only", missing=("job_not_found",)),
        sync_to_thread=True,
    )
    def attempts(self, app: App, by: By, job_id: FromPath[UUID]) -> JobAttempts:
        """Read the tries at a job (platform admins).

        Each that ended, in order: who ran it, for how long, and what went wrong.
        """
        with app.transactions.begin(by) as work:
            tries = read_attempts(work, by, job_id=job_id)
        return JobAttempts(items=[JobAttempt.of(one) for one in tries])

    @post(
        "/{job_id:uuid}/retry",
        operation_id="retry_job",
        status_code=200,
        guards=[operators_only],
        opt={"act": "begin a job again"},
        responses=refusals(*CALL, *ONCE, "operators_only", "job_not_stopped", missing=("job_not_found",)),
    )
    async def retry(self, app: App, by: By, once: Once, job_id: FromPath[UUID]) -> Response[Job]:
        """Begin a job again that failed or was parked (platform admins).

        It is due at once, with all its tries. Again while it waits: nothing more.
        """
        now = app.clock.now()

        def act(work: Work) -> Job:
            return Job.of(begin_again(work, by, job_id=job_id, now=now))

        answer = await once.answer(act)
        app.job_stored.set()
        return answer

    @post(
        "/{job_id:uuid}/discard",
        operation_id="discard_job",
        status_code=200,
        guards=[operators_only],
        opt={"act": "discard a job"},
        responses=refusals(
            *CALL, *ONCE, "operators_only", "job_under_way", "shards_to_be_done", missing=("job_not_found",)
        ),
    )
    async def discard(self, app: App, by: By, once: Once, job_id: FromPath[UUID]) -> Response[Job]:
        """Discard a job that waits, failed or was parked (platform admins).

        It is never done. What asks for the same makes a new one. Again: nothing more. The job of a month end
        is refused as long as it has shards that are to be done: discard theirs, then it finishes.
        """
        now = app.clock.now()

        def act(work: Work) -> Job:
            return Job.of(discard_job(work, by, job_id=job_id, now=now))

        answer = await once.answer(act)
        app.job_stored.set()  # whoever waited behind it is due now
        return answer
