"""Take the account's balance as the provider tells it now (SPEC 10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.same_account import same_account
from arcadia_domain.cloud.statements import in_cents
from arcadia_domain.identity import Principal
from arcadia_domain.ports.cloud_provider import CloudBilling
from arcadia_domain.ports.statements import BalanceSnapshot
from arcadia_domain.ports.unit_of_work import Transactions, Work


@dataclass(frozen=True, slots=True)
class TakenBalance:
    """The balance. `changed` is False where the provider had counted nothing anew since the last look."""

    snapshot: BalanceSnapshot
    changed: bool


def take_balance(
    transactions: Transactions,
    provider: CloudBilling,
    by: Principal,
    *,
    now: datetime,
    account: str = ACCOUNT,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> TakenBalance:
    """Ask, and keep the answer: once for each instant that the provider generated one for.

    `must_hold` is the last word of the transaction that writes: what it raises keeps all of it away.
    Raises OperatorsOnly, ProviderError, AccountMismatch, NotInCents.
    """
    by.must_be_operator("take the balance")
    same_account(transactions, provider, by, account=account, now=now)
    balance = provider.balance()
    for amount in (balance.month_to_date_usage, balance.month_to_date_balance, balance.account_balance):
        in_cents(amount, "the balance")
    snapshot = BalanceSnapshot(account=account, balance=balance, captured_at=now)
    with transactions.begin(by) as work:
        changed = work.statements.put_balance(snapshot, work.new_id())
        kept = work.statements.latest_balance(account, balance.generated_at)
        must_hold(work)
    return TakenBalance(snapshot=kept or snapshot, changed=changed)
