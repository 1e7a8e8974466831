"""The balance."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.money import Amount, amount, moment
from arcadia_domain.cloud.statements import Balance


@frozen(kw_only=True)
class BalancePayload:
    """GET /v2/customers/my/balance"""

    month_to_date_balance: Amount
    account_balance: Amount
    month_to_date_usage: Amount
    generated_at: str

    def value(self) -> Balance:
        """The same in our words. Raises Unreadable."""
        return Balance(
            month_to_date_usage=amount(self.month_to_date_usage),
            month_to_date_balance=amount(self.month_to_date_balance),
            account_balance=amount(self.account_balance),
            generated_at=moment(self.generated_at),
        )
