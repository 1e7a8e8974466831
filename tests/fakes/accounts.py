"""Accounts of the provider in memory."""

from __future__ import annotations

from datetime import datetime

from arcadia_domain.identity import Principal
from tests.fakes.state import State, must_be_operator


class FakeCloudAccounts:
    def __init__(self, state: State, principal: Principal) -> None:
        self._state = state
        self._principal = principal

    def bind(self, account: str, identity: str, at: datetime) -> str:
        must_be_operator(self._principal)
        bound, _ = self._state.cloud_accounts.setdefault(account, (identity, at))
        return bound
