"""The account that a token is of."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.decoding import Unreadable


@frozen(kw_only=True)
class Team:
    """The team in which the token was made: whose everything is that it shows."""

    uuid: str | None = None


@frozen(kw_only=True)
class AccountPayload:
    """GET /v2/account, of which nothing else is kept: it holds a person's name and address."""

    uuid: str
    team: Team | None = None

    def identity(self) -> str:
        """What tells the account from others. Raises Unreadable."""
        told = (self.team.uuid if self.team is not None else None) or self.uuid
        if not told:
            raise Unreadable("the account has no uuid")
        return told
