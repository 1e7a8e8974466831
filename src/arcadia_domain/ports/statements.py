"""What the cloud room asks of its store about statements: the balance over time, and the billing history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from arcadia_domain.cloud.statements import Balance, BillingEntry


@dataclass(frozen=True, slots=True)
class BalanceSnapshot:
    """A balance as it was told, and when we asked."""

    account: str
    balance: Balance
    captured_at: datetime


class Statements(Protocol):
    """What the provider has told of an account's balance and payments."""

    def put_balance(self, snapshot: BalanceSnapshot, new_id: UUID) -> bool:
        """Keep a balance. False: the one of that instant is kept already."""
        ...

    def latest_balance(self, account: str, at: datetime | None = None) -> BalanceSnapshot | None:
        """The last balance that was generated, by `at` where that is given."""
        ...

    def put_entries(self, account: str, entries: Sequence[BillingEntry], at: datetime) -> int:
        """Keep rows of the billing history; how many were new. A row that is there stays as it is."""
        ...

    def entries(self, account: str) -> Sequence[BillingEntry]:
        """The billing history, newest first; of one instant, as its rows say."""
        ...
