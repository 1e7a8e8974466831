"""The way between rows of stored cost lines and the domain's CostLine and Match.

Owns the mapping, and the id of a line: its place in its invoice is what the row says, so that the same row
has the same id however often it is ingested.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid5

import sqlalchemy as sa

from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.costs import cloud_cost_lines
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.matching import Match

LINE_KEY: Final = ("invoice_id", "row_sha256", "ordinal")
LINE_COLUMNS: Final = columns_of(
    cloud_cost_lines,
    *LINE_KEY,
    *("id", "line_no", "kind", "name", "product", "group_description", "description", "hours", "start_at"),
    *("end_at", "amount_cents", "currency", "project_name", "category", "extra", "is_tax", "provider_id"),
    *("resource_id", "match", "unmatched_reason"),
)
"""Every column, with its type, in the order of `line_row`."""


def line_row(invoice_id: UUID, match: Match) -> tuple[object, ...]:
    line = match.line
    row_sha256 = line.row_sha256
    return (
        invoice_id,
        row_sha256,
        line.ordinal,
        uuid5(invoice_id, f"{row_sha256.hex()}/{line.ordinal}"),
        line.line_no,
        line.kind,
        line.name,
        line.product,
        line.group_description,
        line.description,
        line.hours,
        line.start,
        line.end,
        line.amount_cents,
        line.currency,
        line.project_name,
        line.category,
        dict(line.extra),
        line.is_tax,
        line.provider_id,
        match.resource_id,
        match.how.value,
        None if match.reason is None else match.reason.value,
    )


def line_from(row: sa.Row[Any]) -> CostLine:
    """The line as it was ingested; of the row as written, only its hash is left."""
    return CostLine(
        line_no=row.line_no,
        product=row.product,
        group_description=row.group_description,
        description=row.description,
        hours=row.hours,
        start=row.start_at,
        end=row.end_at,
        amount_cents=row.amount_cents,
        project_name=row.project_name,
        category=row.category,
        extra=row.extra,
        ordinal=row.ordinal,
        row=bytes(row.row_sha256),
        currency=row.currency,
        provider_id=row.provider_id,
    )
