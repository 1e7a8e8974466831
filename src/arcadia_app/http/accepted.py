"""202: a long act is done after the answer, which names the job that does it (SPEC 18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response

from arcadia_app.arcadia import Arcadia
from arcadia_app.http.once import Made, OnceOnly
from arcadia_app.wire.jobs import JobAccepted
from arcadia_domain.ports.unit_of_work import Work

JOBS: Final = "/api/v1/jobs"


def cause_of(request: Request[Any, Any, Any]) -> str:
    """What a job says it came from: the id of the request."""
    return str(request.scope["state"].get("request_id", "unknown"))


async def accepted(app: Arcadia, once: OnceOnly, ask: Callable[[Work], UUID]) -> Response[Any]:
    """Answered once the job is stored. Raises what asking for it raises: nothing is stored then."""

    def act(work: Work) -> Made:
        job_id = ask(work)
        return Made(JobAccepted(job_id=job_id), {"Location": f"{JOBS}/{job_id}"})

    answer = await once.answer(act, status=202)
    app.job_stored.set()
    return answer
