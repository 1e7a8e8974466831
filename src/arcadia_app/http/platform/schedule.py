"""The schedule over HTTP: what is done when, and holding a tick back (SPEC 17, 18)."""

from __future__ import annotations

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from arcadia_app.http.documented import CALL, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Once
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.platform.pause_tick import pause_tick
from arcadia_app.use_cases.platform.read_schedule import read_schedule
from arcadia_app.wire.schedule import Schedule, ScheduledTick
from arcadia_app.wire.types import Code
from arcadia_domain.ports.unit_of_work import Work


class ScheduleController(Controller):
    path = "/api/v1/schedule"
    tags = ("Jobs",)

    @get(
        operation_id="read_schedule",
        guards=[operators_only],
        opt={"act": "read the schedule"},
        responses=refusals(*CALL, "operators_only"),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By) -> Schedule:
        """Read the schedule (platform admins).

        Every tick with its next times, when it was fired last, and the job that it asked for.
        """
        with app.transactions.begin(by) as work:
            found = read_schedule(work, by, known=app.ticks, calendar=app.calendar, now=app.clock.now())
        return Schedule(items=[ScheduledTick.of(one) for one in found])

    @post(
        "/{tick_name:str}/pause",
        operation_id="pause_tick",
        status_code=200,
        guards=[operators_only],
        opt={"act": "pause a tick"},
        responses=refusals(*CALL, *ONCE, "operators_only", missing=("tick_not_found",)),
    )
    async def pause(self, app: App, by: By, once: Once, tick_name: FromPath[Code]) -> Response[ScheduledTick]:
        """Pause a tick (platform admins).

        Nothing is asked for until it is resumed. Again: nothing more.
        """
        return await _paused(app, by, once, tick_name, True)

    @post(
        "/{tick_name:str}/resume",
        operation_id="resume_tick",
        status_code=200,
        guards=[operators_only],
        opt={"act": "pause a tick"},
        responses=refusals(*CALL, *ONCE, "operators_only", missing=("tick_not_found",)),
    )
    async def resume(
        self, app: App, by: By, once: Once, tick_name: FromPath[Code]
    ) -> Response[ScheduledTick]:
        """Let a tick go on (platform admins).

        What it missed meanwhile is made up for as far as it is after an outage: each day of metering, and no
        poll of the balance. Again: nothing more.
        """
        return await _paused(app, by, once, tick_name, False)


async def _paused(app: App, by: By, once: Once, name: str, paused: bool) -> Response[ScheduledTick]:
    now = app.clock.now()

    def act(work: Work) -> ScheduledTick:
        told = pause_tick(work, by, name=name, paused=paused, known=app.ticks, calendar=app.calendar, now=now)
        return ScheduledTick.of(told)

    return await once.answer(act)
