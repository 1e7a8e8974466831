"""What a month end left in the database, so that two of them can be compared."""

from __future__ import annotations

from typing import Any, Final, LiteralString

import psycopg

from bench.results import NotEqualWork

Facts = dict[str, Any]

_EXACT: Final[dict[str, LiteralString]] = {
    "runs": "SELECT array_agg(ROW(period, kind, state, as_of)) FROM billing_runs",
    "failures": "SELECT count(*) FROM billing_run_failures",
    "invoices, subtotal, tax, total": """
        SELECT array[count(*), sum(subtotal_cents), sum(tax_cents), sum(total_cents)] FROM tenant_invoices
    """,
    "hash of the invoices": """
        SELECT md5(string_agg(CAST(ROW(tenant_id, period_start, period_end, generation, status, currency,
                                       subtotal_cents, tax_cents, total_cents, rules_version,
                                       length(quote_hash), as_of, created_at) AS text), '|'
                              ORDER BY tenant_id)) FROM tenant_invoices
    """,
    "lines, their amounts": """
        SELECT array[count(*), sum(amount_cents)] FROM tenant_invoice_lines
    """,
    "hash of the lines": """
        SELECT md5(string_agg(CAST(ROW(tenant_id, line_no, kind, deployment_id, resource_kind, description,
                                       qty, unit, unit_price_cents, amount_cents) AS text), '|'
                              ORDER BY tenant_id, line_no)) FROM tenant_invoice_lines
    """,
    "hash of the inputs but for their text": """
        SELECT md5(string_agg(CAST(ROW(tenant_id, position, deployment_id, length(hash)) AS text), '|'
                              ORDER BY tenant_id, position)) FROM invoice_inputs
    """,
    "hash of the billed usage": """
        SELECT md5(string_agg(CAST(ROW(tenant_id, deployment_id, service_month, kind, qty) AS text), '|'
                              ORDER BY tenant_id, deployment_id, kind)) FROM billed_usage
    """,
}
"""What must be the same."""

_BYTES: Final[dict[str, LiteralString]] = {
    "bytes of the lines' meta": "SELECT sum(octet_length(CAST(meta AS text))) FROM tenant_invoice_lines",
    "bytes of the inputs": "SELECT sum(octet_length(CAST(inputs AS text))) FROM invoice_inputs",
}
"""What must be nearly the same: these are words, which may be put a little otherwise."""
_NEARLY: Final = 20  # a twentieth


def facts_of(operator_url: str) -> Facts:
    """What stands there now."""
    with psycopg.connect(operator_url, options="-c TimeZone=UTC") as connection:
        rows = {what: connection.execute(query).fetchone() for what, query in {**_EXACT, **_BYTES}.items()}
    return {what: row[0] if row else None for what, row in rows.items()}


def prove_equal(ours: Facts, floor: Facts) -> None:
    """Raise NotEqualWork, which names what differs, unless both month ends wrote the same, and something."""
    for what in _EXACT:
        if ours[what] != floor[what]:
            raise NotEqualWork(f"{what}: ours {ours[what]}, the floor {floor[what]}")
    for what in _BYTES:
        if not ours[what] or not floor[what] or abs(ours[what] - floor[what]) * _NEARLY > ours[what]:
            raise NotEqualWork(f"{what}: ours {ours[what]}, the floor {floor[what]}")
