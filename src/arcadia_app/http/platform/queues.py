"""Queues over HTTP: how much waits, runs and has stopped in each (SPEC 17, 18)."""

from __future__ import annotations

from litestar import Controller, get

from arcadia_app.http.documented import CALL
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.platform.read_queues import read_queues
from arcadia_app.wire.queues import Queue, Queues


class QueueController(Controller):
    path = "/api/v1/queues"
    tags = ("Jobs",)

    @get(
        operation_id="read_queues",
        guards=[operators_only],
        opt={"act": "read jobs"},
        responses=refusals(*CALL, "operators_only"),
        sync_to_thread=True,
    )
    def read(self, app: App, by: By) -> Queues:
        """Read how the queues stand (platform admins).

        Every queue, with how much of it waits, runs and has stopped.
        """
        with app.transactions.begin(by) as work:
            loads = read_queues(work, by, now=app.clock.now())
        return Queues(items=[Queue.of(load) for load in loads])
