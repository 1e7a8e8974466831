"""Make sure that it is still the same account of the provider, before anything of it is written (SPEC 6).

Another token, or another address, may lead to another account: a whole listing of that one would tombstone
everything that is stored of this one.
"""

from __future__ import annotations

from datetime import datetime

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.cloud_provider import CloudAccount
from arcadia_domain.ports.unit_of_work import Transactions, Work


class AccountMismatch(DomainError):
    code = "other_account"
    sentence = (
        "This store holds the DigitalOcean account {bound}; what is asked for is of the account {other}: "
        "use another database (ARCADIA_DATABASE_URL or ARCADIA_DATA_DIR), or put the right token back."
    )


def same_account(
    transactions: Transactions, provider: CloudAccount, by: Principal, *, account: str, now: datetime
) -> None:
    """Ask whose the provider's answers are. The first that asks binds `account` to it, for good.

    Raises OperatorsOnly, ProviderError, AccountMismatch.
    """
    by.must_be_operator("ask the provider")
    identity = provider.account_identity()
    with transactions.begin(by) as work:
        must_be_bound(work, account, identity, now)


def must_be_bound(work: Work, account: str, identity: str, now: datetime) -> None:
    """Bind the account where it is not yet. Raises AccountMismatch."""
    bound = work.accounts.bind(account, identity, now)
    if bound != identity:
        raise AccountMismatch(bound=bound, other=identity)
