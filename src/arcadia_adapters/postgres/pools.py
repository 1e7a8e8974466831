"""The three small pools, one per serving role, and the walled transaction.

Owns how a connection is opened and how the tenant is told to the wall. Does not own what is done
in the transaction (`unit_of_work`), nor the owner's connections (`migrate`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import sqlalchemy as sa

from arcadia_adapters.postgres.walls import TENANT_SETTING

_POOL_SIZE: Final = 5
_WAIT_SECONDS: Final = 10

_SET_TENANT: Final = sa.text(f"SELECT set_config('{TENANT_SETTING}', :tenant, true)")


class EmptyTenant(ValueError):
    """A walled transaction was asked for with '' as its tenant, which would see nothing."""

    code = "empty_tenant"

    def __init__(self) -> None:
        super().__init__("a tenant's name is a non-empty string")


def engine(url: str, **options: Any) -> sa.Engine:
    """An engine on a libpq URL, which goes to libpq as it is; no connection is made yet."""
    return sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(url, application_name="arcadia", options="-c timezone=UTC"),
        hide_parameters=True,  # an error is logged, and what was written is a tenant's
        **options,
    )


def _pool(url: str) -> sa.Engine:
    # Last in, first out: what a burst opened goes unused, and the warm connections serve.
    return engine(
        url,
        pool_size=_POOL_SIZE,
        max_overflow=0,
        pool_timeout=_WAIT_SECONDS,
        pool_use_lifo=True,
    )


def _out_of(pool: sa.Pool) -> int:
    assert isinstance(pool, sa.QueuePool)
    return pool.checkedout()


class Pools:
    """The engines of the tenant, operator and gateway roles; each connects when first used."""

    connections: Final = 3 * _POOL_SIZE
    """How many there are at most: more transactions at a time would wait for each other."""

    def __init__(self, tenant_url: str, operator_url: str, gateway_url: str) -> None:
        self.tenant: Final = _pool(tenant_url)
        self.operator: Final = _pool(operator_url)
        self.gateway: Final = _pool(gateway_url)

    def in_use(self) -> dict[str, int]:
        """The connections that are out, by role."""
        return {
            "tenant": _out_of(self.tenant.pool),
            "operator": _out_of(self.operator.pool),
            "gateway": _out_of(self.gateway.pool),
        }

    def close(self) -> None:
        for each in (self.tenant, self.operator, self.gateway):
            each.dispose()

    def __enter__(self) -> Pools:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def begin(engine: sa.Engine, tenant: str | None = None) -> Iterator[sa.Connection]:
    """A transaction: committed at the end of the block, rolled back when the block raises.

    With a tenant, the wall knows it until the transaction ends, and never longer. Raises
    `EmptyTenant`.
    """
    if tenant == "":
        raise EmptyTenant
    with engine.begin() as connection:
        if tenant is not None:
            connection.execute(_SET_TENANT, {"tenant": tenant})
        yield connection
