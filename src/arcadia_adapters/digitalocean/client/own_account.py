"""The account that our token is of."""

from __future__ import annotations

from arcadia_adapters.digitalocean.client import decoding
from arcadia_adapters.digitalocean.client.calls import Calls
from arcadia_adapters.digitalocean.client.payloads.account import AccountPayload


class OwnAccount:
    """Implements CloudAccount."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def account_identity(self) -> str:
        """See CloudAccount. Asked anew each time: an address may come to lead elsewhere."""
        return self._calls.get(
            "/v2/account", lambda body: decoding.one(body, "account", AccountPayload).identity()
        )
