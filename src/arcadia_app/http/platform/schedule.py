"""The schedule over HTTP: what is done when, and holding a tick back (SPEC 17, 18)."""

from __future__ import annotations

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from arcadia_app.http.documented import BODY, CALL, ONCE
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.once import Once
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.platform.pause_tick import pause_tick
from arcadia_app.use_cases.platform.read_schedule import read_schedule
from arcadia_app.wire.schedule import Schedule, ScheduledTick, TickToPause
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
            found = read_schedule(work, by, calendar=app.calendar, now=app.clock.now())
        return Schedule(items=[ScheduledTick.of(one) for one in found])

    @post(
        "/{tick_name:str}/pause",
        operation_id="pause_tick",
        status_code=200,
        guards=[operators_only],
        opt={"act": "pause a tick"},
        responses=refusals(*BODY, *ONCE, "operators_only", missing=("tick_not_found",)),
    )
    async def pause(
        self, app: App, by: By, once: Once, tick_name: FromPath[Code], data: JSONBody[TickToPause]
    ) -> Response[ScheduledTick]:
        """Pause a tick, or let it go on (platform admins).

        What it misses while it is paused is made up for afterwards, as far as it is made up for after an
        outage: each day of metering, and no poll of the balance.
        """
        now = app.clock.now()

        def act(work: Work) -> ScheduledTick:
            told = pause_tick(work, by, name=tick_name, paused=data.paused, calendar=app.calendar, now=now)
            return ScheduledTick.of(told)

        return await once.answer(act)
