"""Kept answers and rate limits on Postgres (`arcadia_domain.ports.doors`)."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.tables.doors import idempotency_keys, rate_limits
from arcadia_adapters.postgres.tables.foundation import Instant, Text
from arcadia_domain.ports.doors import AnswerKey, KeptAnswer, Rate

# A lock, not the row: who comes second must not wait with a connection in hand. 64 bits of a hash: two keys
# that meet are two requests that take turns, nothing worse.
_CLAIM: Final = sa.text("SELECT pg_try_advisory_xact_lock(:lock)")

_k = idempotency_keys.c
_FIND: Final = sa.select(_k.body_sha256, _k.status, _k.headers, _k.response).where(
    _k.tenant_id == sa.bindparam("tenant", type_=Text),
    _k.principal == sa.bindparam("who", type_=Text),
    _k.route == sa.bindparam("which", type_=Text),
    _k.key == sa.bindparam("under", type_=Text),
    _k.expires_at > sa.bindparam("now", type_=Instant),
)
_kept = insert(idempotency_keys)
_KEEP: Final = _kept.on_conflict_do_update(
    index_elements=list(idempotency_keys.primary_key),
    set_={
        name: _kept.excluded[name] for name in ("body_sha256", "status", "headers", "response", "expires_at")
    },
)

# GCRA: one instant a tenant says when all that it used will have come back. The row is locked by the upsert,
# so two processes count one after the other. The table is unlogged: its commit waits for no disk.
_TAKE: Final = sa.text("""
INSERT INTO rate_limits AS had (tenant_id, free_at)
VALUES (:tenant, CAST(:now AS timestamptz) + :interval)
ON CONFLICT (tenant_id) DO UPDATE SET free_at = greatest(had.free_at, :now) + :interval
    WHERE greatest(had.free_at, :now) + :interval <= CAST(:now AS timestamptz) + :window
RETURNING free_at
""")
_FREE_AT: Final = sa.select(rate_limits.c.free_at).where(
    rate_limits.c.tenant_id == sa.bindparam("tenant", type_=Text)
)


class PostgresAnswers:
    """Kept answers, as the role of this connection sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def claim(self, key: AnswerKey) -> bool:
        return bool(self._connection.scalar(_CLAIM, {"lock": _lock_of(key)}))

    def find(self, key: AnswerKey, now: datetime) -> KeptAnswer | None:
        row = self._connection.execute(
            _FIND,
            {"tenant": key.tenant_id, "who": key.principal, "which": key.route, "under": key.key, "now": now},
        ).one_or_none()
        return None if row is None else KeptAnswer(row.body_sha256, row.status, row.headers, row.response)

    def keep(self, key: AnswerKey, answer: KeptAnswer, expires_at: datetime) -> None:
        self._connection.execute(
            _KEEP,
            {
                "tenant_id": key.tenant_id,
                "principal": key.principal,
                "route": key.route,
                "key": key.key,
                "body_sha256": answer.body_sha256,
                "status": answer.status,
                "headers": dict(answer.headers),
                "response": answer.response,
                "expires_at": expires_at,
            },
        )


def _lock_of(key: AnswerKey) -> int:
    named = "\0".join((key.tenant_id, key.principal, key.route, key.key))
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:8], "big", signed=True)


class PostgresRateLimits:
    """Each tenant's place in its rate."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def take(self, tenant_id: str, rate: Rate, now: datetime) -> timedelta | None:
        asked = {"tenant": tenant_id, "now": now, "interval": rate.interval, "window": rate.window}
        if self._connection.scalar(_TAKE, asked) is not None:
            return None
        free_at: datetime = self._connection.execute(_FREE_AT, {"tenant": tenant_id}).scalar_one()
        return free_at + rate.interval - rate.window - now
