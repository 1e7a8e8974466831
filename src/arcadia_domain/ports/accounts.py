"""What the cloud room asks of its store about accounts: which of the provider's accounts each one is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class CloudAccounts(Protocol):
    """Our names of accounts, each bound for good to one account of the provider."""

    def bind(self, account: str, identity: str, at: datetime) -> str:
        """Bind an account to what the provider calls it, unless it is bound; what it is bound to."""
        ...
