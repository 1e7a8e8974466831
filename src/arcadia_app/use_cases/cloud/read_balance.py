"""Read what the account owes the provider, as it was last told (SPEC 10)."""

from __future__ import annotations

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.statements import BalanceSnapshot
from arcadia_domain.ports.unit_of_work import Work


class NoBalanceYet(DomainError):
    code = "no_balance_yet"
    sentence = "No balance of {account} has been taken yet: 'arcadia costs balance' takes it."


def read_balance(work: Work, by: Principal, *, account: str = ACCOUNT) -> BalanceSnapshot:
    """The last balance. Raises OperatorsOnly, NoBalanceYet."""
    by.must_be_operator("read the balance")
    found = work.statements.latest_balance(account)
    if found is None:
        raise NoBalanceYet(account=account)
    return found
