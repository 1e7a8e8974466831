"""Guards are coroutines (see `http.door`): any other function would be run in a thread."""

from __future__ import annotations

import inspect

from litestar.handlers import BaseRouteHandler

from arcadia_app.http.app import CONTROLLERS
from arcadia_app.http.cloud.cloud_invoices import csv_only
from arcadia_app.http.door import not_the_gateway, operators_only


def test_every_guard_is_a_coroutine() -> None:
    handlers = [
        one
        for controller in CONTROLLERS
        for one in vars(controller).values()
        if isinstance(one, BaseRouteHandler)
    ]
    guards = {not_the_gateway, *(guard for handler in handlers for guard in handler.guards or ())}
    assert {operators_only, csv_only} < guards
    assert [guard.__name__ for guard in guards if not inspect.iscoroutinefunction(guard)] == []
