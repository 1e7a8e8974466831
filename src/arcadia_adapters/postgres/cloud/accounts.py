"""Which of the provider's accounts each of ours is, on Postgres (SPEC 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.tables.cloud import cloud_accounts
from arcadia_adapters.postgres.tables.foundation import Text

_BIND: Final = insert(cloud_accounts).on_conflict_do_nothing()
# By itself, so that it sees what another transaction bound while ours waited for it.
_BOUND: Final = sa.select(cloud_accounts.c.identity).where(
    cloud_accounts.c.account == sa.bindparam("of_account", type_=Text)
)


class PostgresCloudAccounts:
    """The accounts, as the operators' role sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def bind(self, account: str, identity: str, at: datetime) -> str:
        self._connection.execute(_BIND, {"account": account, "identity": identity, "since": at})
        return str(self._connection.execute(_BOUND, {"of_account": account}).scalar_one())
