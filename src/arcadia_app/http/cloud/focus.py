"""The export of a month's costs over HTTP: FOCUS 1.2 as CSV (SPEC 10)."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Final

from litestar import Controller, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from arcadia_app.http.cloud.costs import AnyDay
from arcadia_app.http.documented import CALL
from arcadia_app.http.door import App, By, operators_only
from arcadia_app.http.problems import refusals
from arcadia_app.use_cases.cloud.export_focus import export_focus
from arcadia_app.wire.focus import MEDIA_TYPE, focus_file
from arcadia_domain.period import check_day, month_of

_AT_ONCE: Final = 64 * 1024


class FocusController(Controller):
    path = "/api/v1/billing/focus"
    tags = ("Costs",)

    @get(
        operation_id="export_focus",
        guards=[operators_only],
        opt={"act": "export what the provider charged"},
        responses={
            200: ResponseSpec(str, media_type=MEDIA_TYPE, description="FOCUS 1.2.", generate_examples=False),
            **refusals(*CALL, "operators_only", "date_out_of_range"),
        },
        sync_to_thread=True,
    )
    def export(self, app: App, by: By, period: AnyDay) -> Stream:
        """Export what the provider charged for a month as FOCUS 1.2 (platform admins).

        A CSV file (RFC 4180) with a row for what each holder bears of a cost line, and one for what is
        nobody's: BilledCost adds up to the invoices. A null is an empty cell; text stands as the provider
        wrote it. A month without an invoice is the header alone.
        """
        month = month_of(check_day(period, "The day of the period"))
        with app.transactions.begin(by) as work:
            file = focus_file(export_focus(work, by, period=month))
        name = f"focus-{month.start:%Y-%m}.csv"
        return Stream(
            _read(file),
            media_type=MEDIA_TYPE,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _read(file: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_AT_ONCE):
            yield chunk
