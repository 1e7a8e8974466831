"""The three small pools, one per serving role, and the walled transaction.

Owns how a connection is opened and how the tenant is told to the wall. Does not own what is done
in the transaction (`unit_of_work`), nor the owner's connections (`migrate`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict

from arcadia_adapters.postgres.documents import ADAPTERS
from arcadia_adapters.postgres.walls import TENANT_SETTING

_POOL_SIZE: Final = 5
_WAIT_SECONDS: Final = 4

_SET_TENANT: Final = sa.text(f"SELECT set_config('{TENANT_SETTING}', :tenant, true)")


class EmptyTenant(ValueError):
    """A walled transaction was asked for with '' as its tenant, which would see nothing."""

    code = "empty_tenant"

    def __init__(self) -> None:
        super().__init__("a tenant's name is a non-empty string")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds after which the server gives up, as the options of a connection have them; 0: never.

    With the wait for a connection, a request's longest statement stays below the time that a process which
    is asked to stop gives its requests.
    """

    lock_timeout: int = 10
    statement_timeout: int = 15
    idle_in_transaction_session_timeout: int = 60


_OPERATORS: Final = Limits(statement_timeout=0)
"""Their jobs may take long."""


def engine(url: str, limits: Limits | None = None, **options: Any) -> sa.Engine:
    """An engine on a libpq URL, which goes to libpq as it is; no connection is made yet.

    The limits are what holds where the URL's own `options` do not say otherwise.
    """
    return sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: _connection(url, limits),
        hide_parameters=True,  # an error is logged, and what was written is a tenant's
        **options,
    )


def _connection(url: str, limits: Limits | None) -> psycopg.Connection:
    made = psycopg.connect(
        url, application_name="arcadia", options=_options(url, limits), context=ADAPTERS, autocommit=True
    )
    if made.info.parameter_status("TimeZone") != "UTC":  # PGTZ goes before the options
        made.execute("SET timezone TO 'UTC'")
    made.autocommit = False
    return made


def _options(url: str, limits: Limits | None) -> str:
    ours = [] if limits is None else [f"-c {name}={seconds}s" for name, seconds in asdict(limits).items()]
    return " ".join([*ours, str(conninfo_to_dict(url).get("options") or ""), "-c timezone=UTC"])


def _pool(url: str, limits: Limits = Limits(), size: int = _POOL_SIZE) -> sa.Engine:
    # Last in, first out: what a burst opened goes unused, and the warm connections serve.
    return engine(
        url,
        limits,
        pool_size=size,
        max_overflow=0,
        pool_timeout=_WAIT_SECONDS,
        pool_use_lifo=True,
    )


def _out_of(pool: sa.Pool) -> int:
    assert isinstance(pool, sa.QueuePool)
    return pool.checkedout()


class Pools:
    """The engines of the tenant, operator and gateway roles; each connects when first used.

    `operators`: how many connections operators have, where jobs are run on them.
    """

    size: Final = _POOL_SIZE
    """Connections of each role at most, where nothing else is said: more transactions at a time would wait
    for each other.
    """
    wait: Final = _WAIT_SECONDS
    """Seconds that one waits for a connection before it is refused."""

    def __init__(
        self, tenant_url: str, operator_url: str, gateway_url: str, *, operators: int = _POOL_SIZE
    ) -> None:
        self.tenant: Final = _pool(tenant_url)
        self.operator: Final = _pool(operator_url, _OPERATORS, operators)
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

    With a tenant, the wall knows it until the transaction ends, and never longer.
    Raises `EmptyTenant`.
    """
    if tenant == "":
        raise EmptyTenant
    with engine.begin() as connection:
        if tenant is not None:
            connection.execute(_SET_TENANT, {"tenant": tenant})
        yield connection
