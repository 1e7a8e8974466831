"""Balances and the billing history on Postgres: kept as they were told, each once (SPEC 10)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.staged import staged
from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.costs import cloud_balance_snapshots, cloud_billing_entries
from arcadia_adapters.postgres.tables.foundation import Instant, Text
from arcadia_domain.cloud.statements import Balance, BillingEntry
from arcadia_domain.ports.statements import BalanceSnapshot

_B: Final = cloud_balance_snapshots.c
_E: Final = cloud_billing_entries.c
_AMOUNTS: Final = ("month_to_date_usage", "month_to_date_balance", "account_balance")

_PUT_BALANCE: Final = (
    insert(cloud_balance_snapshots)
    .on_conflict_do_nothing(index_elements=[_B.account, _B.generated_at])
    .returning(_B.id)
)
_at: Final = sa.bindparam("at", type_=Instant)
_LATEST: Final = (
    sa.select(cloud_balance_snapshots)
    .where(_B.account == sa.bindparam("account", type_=Text), sa.or_(_at.is_(None), _B.generated_at <= _at))
    .order_by(_B.generated_at.desc())
    .limit(1)
)

_ENTRY_COLUMNS: Final = columns_of(
    cloud_billing_entries,
    *("account", "row_sha256", "ordinal", "type", "description", "amount", "at", "invoice_uuid"),
    *("invoice_id", "first_seen"),
)
_STAGED: Final = sa.table("temp_billing_entries", *(sa.column(name) for name in _ENTRY_COLUMNS))
_PUT_ENTRIES: Final = (
    insert(cloud_billing_entries)
    .from_select(list(_ENTRY_COLUMNS), sa.select(*_STAGED.c))
    .on_conflict_do_nothing()
    .execution_options(preserve_rowcount=True)
)
_ENTRIES: Final = sa.select(cloud_billing_entries).where(_E.account == sa.bindparam("account", type_=Text))


class PostgresStatements:
    """What the provider told, as the operators' role sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put_balance(self, snapshot: BalanceSnapshot, new_id: UUID) -> bool:
        row = {
            "id": new_id,
            "account": snapshot.account,
            **{name: getattr(snapshot.balance, name) for name in _AMOUNTS},
            "generated_at": snapshot.balance.generated_at,
            "captured_at": snapshot.captured_at,
        }
        return self._connection.scalar(_PUT_BALANCE, row) is not None

    def latest_balance(self, account: str, at: datetime | None = None) -> BalanceSnapshot | None:
        row = self._connection.execute(_LATEST, {"account": account, "at": at}).one_or_none()
        return None if row is None else _snapshot(row)

    def put_entries(self, account: str, entries: Sequence[BillingEntry], at: datetime) -> int:
        rows = (_entry_row(account, entry, at) for entry in entries)
        with staged(self._connection, "temp_billing_entries", _ENTRY_COLUMNS, rows):
            return self._connection.execute(_PUT_ENTRIES).rowcount

    def entries(self, account: str) -> Sequence[BillingEntry]:
        found = [_entry(row) for row in self._connection.execute(_ENTRIES, {"account": account})]
        found.sort(key=lambda entry: (entry.row, entry.ordinal))
        return sorted(found, key=lambda entry: entry.at, reverse=True)


def _snapshot(row: sa.Row[Any]) -> BalanceSnapshot:
    return BalanceSnapshot(
        account=row.account,
        balance=Balance(**{name: getattr(row, name) for name in _AMOUNTS}, generated_at=row.generated_at),
        captured_at=row.captured_at,
    )


def _entry_row(account: str, entry: BillingEntry, at: datetime) -> tuple[object, ...]:
    return (
        account,
        hashlib.sha256(entry.row.encode()).digest(),
        entry.ordinal,
        entry.type,
        entry.description,
        entry.amount,
        entry.at,
        entry.invoice_uuid,
        entry.invoice_id,
        at,
    )


def _entry(row: sa.Row[Any]) -> BillingEntry:
    return BillingEntry(
        type=row.type,
        description=row.description,
        amount=row.amount,
        at=row.at,
        invoice_uuid=row.invoice_uuid,
        invoice_id=row.invoice_id,
        ordinal=row.ordinal,
    )
