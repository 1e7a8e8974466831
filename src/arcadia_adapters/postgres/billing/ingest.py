"""Usage events on Postgres: each recorded once under its id, a batch in one statement (data_model rule 7).

Owns the recording. The keys are written first, and the rest is done for those that were new. Batches lock in
one order: claims of days, levels of peak kinds, keys; each of these sorted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.arrays import array_of, array_of_text
from arcadia_adapters.postgres.billing.claims import claim, holders, lock_levels
from arcadia_domain.billing.deployments import LlmMode
from arcadia_domain.billing.ingest import Account, Event, Met, Stream
from arcadia_domain.billing.llm_usage import TOKENS, LlmUsage
from arcadia_domain.billing.usage import DayOfKind, Source
from arcadia_domain.billing.usage_events import PushedUsage

_ACCOUNTS: Final = sa.text("""
SELECT deployment.id, deployment.tenant_id, currency, llm_mode, modes.instants, modes.modes
FROM cloud_deployments AS deployment
JOIN tenants USING (tenant_id)
CROSS JOIN LATERAL (
    SELECT array_agg(from_at ORDER BY from_at) AS instants, array_agg(llm_mode ORDER BY from_at) AS modes
    FROM llm_modes AS point
    WHERE (point.tenant_id, point.deployment_id) = (deployment.tenant_id, deployment.id)
) AS modes
WHERE deployment.id = ANY (CAST(:ids AS uuid[]))
""")

_RECORDED: Final = sa.text("""
SELECT key, payload_sha256 FROM ingest_keys WHERE source = :source AND key = ANY (CAST(:ids AS text[]))
""")

# A key that somebody else is writing is waited for, so the order of the keys is that of the locks.
_FRESH: Final = """
fresh AS (
    INSERT INTO ingest_keys (source, key, payload_sha256, tenant_id, at)
    SELECT :source, id, decode(payload_sha256, 'hex'), tenant_id, :at FROM given
    ORDER BY id COLLATE "C"
    ON CONFLICT DO NOTHING
    RETURNING key
)"""
_KNOWN: Final = "SELECT id FROM given EXCEPT SELECT key FROM fresh"

_RECORD_LLM: Final = sa.text(f"""
WITH given AS (
    SELECT * FROM unnest(
        CAST(:ids AS text[]), CAST(:hashes AS text[]), CAST(:tenants AS text[]), CAST(:days AS date[]),
        CAST(:deployments AS uuid[]), CAST(:models AS text[]), CAST(:inputs AS bigint[]),
        CAST(:outputs AS bigint[]), CAST(:charges AS numeric[]), CAST(:currencies AS text[]),
        CAST(:instants AS timestamptz[]), CAST(:modes AS text[])
    ) AS given (
        id, payload_sha256, tenant_id, day, deployment_id, model, input_tokens, output_tokens, charge,
        currency, occurred_at, llm_mode
    )
), {_FRESH}, stored AS (
    INSERT INTO llm_usage_events (
        tenant_id, occurred_day, gateway_request_id, deployment_id, model, input_tokens, output_tokens,
        charge, currency, occurred_at, llm_mode, recorded_at
    )
    SELECT tenant_id, day, id, deployment_id, model, input_tokens, output_tokens, charge, currency,
        occurred_at, llm_mode, :at
    FROM given JOIN fresh ON fresh.key = given.id
), counted AS (
    INSERT INTO usage_deltas (tenant_id, deployment_id, kind, day, batch_id, qty, at)
    SELECT tenant_id, deployment_id, '{TOKENS}', day, :batch_id, sum(input_tokens + output_tokens), :at
    FROM given JOIN fresh ON fresh.key = given.id
    WHERE llm_mode = '{LlmMode.PLAN.value}'
    GROUP BY tenant_id, deployment_id, day
    HAVING sum(input_tokens + output_tokens) > 0
)
{_KNOWN}
""")

# A level rises to the highest of the new events. What it stands at is read after `lock_levels`.
_RECORD_USAGE: Final = sa.text(f"""
WITH given AS (
    SELECT * FROM unnest(
        CAST(:ids AS text[]), CAST(:hashes AS text[]), CAST(:tenants AS text[]), CAST(:days AS date[]),
        CAST(:deployments AS uuid[]), CAST(:kinds AS text[]), CAST(:peaks AS boolean[]),
        CAST(:quantities AS numeric[]), CAST(:instants AS timestamptz[])
    ) AS given (id, payload_sha256, tenant_id, day, deployment_id, kind, is_peak, qty, occurred_at)
), {_FRESH}, stored AS (
    INSERT INTO usage_events (
        tenant_id, occurred_day, event_id, deployment_id, resource_kind, qty, occurred_at, recorded_at
    )
    SELECT tenant_id, day, id, deployment_id, kind, qty, occurred_at, :at
    FROM given JOIN fresh ON fresh.key = given.id
), of_day AS (
    SELECT tenant_id, deployment_id, kind, day, is_peak, sum(qty) AS added, max(qty) AS level
    FROM given JOIN fresh ON fresh.key = given.id
    GROUP BY tenant_id, deployment_id, kind, day, is_peak
), counted AS (
    INSERT INTO usage_deltas (tenant_id, deployment_id, kind, day, batch_id, qty, at)
    SELECT tenant_id, deployment_id, kind, day, :batch_id, more.qty, :at
    FROM of_day CROSS JOIN LATERAL (
        SELECT CASE WHEN is_peak THEN level - daily.qty - (
            SELECT COALESCE(sum(delta.qty), 0) FROM usage_deltas AS delta
            WHERE (delta.tenant_id, delta.deployment_id, delta.kind, delta.day)
                = (daily.tenant_id, daily.deployment_id, daily.kind, daily.day)
        ) ELSE added END AS qty
        FROM usage_daily AS daily
        WHERE (daily.tenant_id, daily.deployment_id, daily.kind, daily.day)
            = (of_day.tenant_id, of_day.deployment_id, of_day.kind, of_day.day)
    ) AS more
    WHERE more.qty > 0
)
{_KNOWN}
""")

_Taken = dict[str, tuple[DayOfKind, Source]]


class PostgresIngest:
    """The recording of usage events, as the role of this connection may."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def accounts(self, deployment_ids: Collection[UUID]) -> Mapping[UUID, Account]:
        rows = self._connection.execute(_ACCOUNTS, {"ids": array_of(deployment_ids)})
        return {
            row.id: Account(
                row.id,
                row.tenant_id,
                row.currency,
                LlmMode(row.llm_mode),
                tuple(zip(row.instants or (), map(LlmMode, row.modes or ()), strict=True)),
            )
            for row in rows
        }

    def recorded(self, stream: Stream, ids: Collection[str]) -> Mapping[str, bytes]:
        asked = {"source": stream.value, "ids": array_of_text(ids)}
        return {row.key: row.payload_sha256 for row in self._connection.execute(_RECORDED, asked)}

    def record_llm_usage(self, usage: Sequence[LlmUsage], batch_id: UUID, at: datetime) -> Met:
        counted = {one.event.id: day for one in usage if (day := one.counted_on) is not None}
        taken = self._claimed(Stream.LLM, counted, Source.GATEWAY)
        rest = [one for one in usage if one.event.id not in taken] if taken else usage
        events = [one.event for one in rest]
        columns: dict[str, object] = {
            "deployments": array_of(event.deployment_id for event in events),
            "models": array_of_text(event.model for event in events),
            "inputs": array_of(event.input_tokens for event in events),
            "outputs": array_of(event.output_tokens for event in events),
            "charges": array_of(event.charge for event in events),
            "currencies": array_of_text(event.currency for event in events),
            "instants": array_of(event.occurred_at for event in events),
            "tenants": array_of_text(one.tenant_id for one in rest),
            "days": array_of(one.day for one in rest),
            "modes": array_of(one.mode.value for one in rest),
            "batch_id": batch_id,
            "at": at,
        }
        return Met(self._record(_RECORD_LLM, Stream.LLM, events, columns), taken)

    def record_usage(self, usage: Sequence[PushedUsage], batch_id: UUID, at: datetime) -> Met:
        counted = {one.event.id: day for one in usage if (day := one.counted_on) is not None}
        taken = self._claimed(Stream.USAGE, counted, Source.PUSHED)
        rest = [one for one in usage if one.event.id not in taken]
        if levels := {day for one in rest if one.is_peak and (day := one.counted_on) is not None}:
            lock_levels(self._connection, levels)
        events = [one.event for one in rest]
        columns: dict[str, object] = {
            "tenants": array_of_text(one.day.tenant_id for one in rest),
            "days": array_of(one.day.day for one in rest),
            "deployments": array_of(event.deployment_id for event in events),
            "kinds": array_of_text(event.resource_kind for event in events),
            "peaks": array_of(one.is_peak for one in rest),
            "quantities": array_of(event.qty for event in events),
            "instants": array_of(event.occurred_at for event in events),
            "batch_id": batch_id,
            "at": at,
        }
        return Met(self._record(_RECORD_USAGE, Stream.USAGE, events, columns), taken)

    def _record(
        self,
        statement: sa.TextClause,
        stream: Stream,
        events: Sequence[Event],
        columns: Mapping[str, object],
    ) -> Mapping[str, bytes]:
        """Run a recording; the payload's hash of each event that was there before."""
        written = {
            **columns,
            "ids": array_of_text(event.id for event in events),
            "hashes": array_of(event.payload_sha256.hex() for event in events),
            "source": stream.value,
        }
        known = self._connection.scalars(statement, written).all()
        return self.recorded(stream, known) if known else {}

    def _claimed(self, stream: Stream, counted: Mapping[str, DayOfKind], source: Source) -> _Taken:
        """Claim the days of these events for the source; the events whose day another source has.

        A day is claimed for an event that is new only: one that comes again, or with another payload, must
        not take a day from somebody else. A size needs a row of its own also where its day is claimed.
        """
        if not counted:
            return {}
        held = holders(self._connection, set(counted.values()))
        if free := [id_ for id_, day in counted.items() if day not in held or ":" in day.kind]:
            known = self.recorded(stream, free)
            if wanted := {counted[id_] for id_ in free if id_ not in known}:
                claim(self._connection, wanted, source)
                held |= holders(self._connection, wanted)
        return {id_: (day, held[day]) for id_, day in counted.items() if held.get(day, source) is not source}
