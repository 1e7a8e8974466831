"""Balances and billing histories in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from arcadia_domain.cloud.statements import BillingEntry
from arcadia_domain.identity import Principal
from arcadia_domain.ports.statements import BalanceSnapshot
from tests.fakes.state import State, must_be_operator


class FakeStatements:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def put_balance(self, snapshot: BalanceSnapshot, new_id: UUID) -> bool:
        must_be_operator(self._principal)
        key = (snapshot.account, snapshot.balance.generated_at)
        if key in self._state.balances:
            return False
        self._state.balances[key] = snapshot
        return True

    def latest_balance(self, account: str, at: datetime | None = None) -> BalanceSnapshot | None:
        return next(
            (one for one in self._of(account) if at is None or one.balance.generated_at <= at),
            None,
        )

    def put_entries(self, account: str, entries: Sequence[BillingEntry], at: datetime) -> int:
        must_be_operator(self._principal)
        kept = self._state.billing_entries.setdefault(account, [])
        new = [entry for entry in dict.fromkeys(entries) if entry not in kept]
        kept.extend(new)
        return len(new)

    def entries(self, account: str) -> Sequence[BillingEntry]:
        must_be_operator(self._principal)
        return sorted(
            self._state.billing_entries.get(account, []),
            key=lambda entry: (-entry.at.timestamp(), entry.row, entry.ordinal),
        )

    def _of(self, account: str) -> list[BalanceSnapshot]:
        """The one generated last first."""
        must_be_operator(self._principal)
        own = [one for (of, _), one in self._state.balances.items() if of == account]
        return sorted(own, key=lambda one: one.balance.generated_at, reverse=True)
