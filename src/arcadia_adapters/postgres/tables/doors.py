"""What the HTTP door keeps: answers under an Idempotency-Key, and each tenant's place in its rate limit.

Owns these two tables only; what they mean is said by their ports (`arcadia_domain.ports.doors`).
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.foundation import (
    INSERT,
    SELECT,
    Document,
    Instant,
    Text,
    check,
    tenant_table,
    update_of,
)

_KEPT: Final = ("body_sha256", "status", "headers", "response", "expires_at")

# Written in the transaction of the act that it answers for: with it, or not at all.
idempotency_keys: Final = tenant_table(
    "idempotency_keys",
    sa.Column("principal", Text, primary_key=True),
    sa.Column("route", Text, primary_key=True),
    sa.Column("key", Text, primary_key=True),
    sa.Column("body_sha256", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("headers", Document, nullable=False),
    sa.Column("response", sa.LargeBinary, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Index(None, "expires_at"),
    tenant=(INSERT, update_of(*_KEPT)),
    gateway=(SELECT, INSERT, update_of(*_KEPT)),
)

# One row a tenant, written at each request while a limit is set: losing it in a crash loses nothing.
rate_limits: Final = tenant_table(
    "rate_limits",
    sa.Column("free_at", Instant, nullable=False),
    check("free_at_finite", "free_at < 'infinity'"),
    tenant=(INSERT, update_of("free_at")),
    prefixes=["UNLOGGED"],
)
