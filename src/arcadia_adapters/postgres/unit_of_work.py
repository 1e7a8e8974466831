"""The unit of work on Postgres: who asks decides the pool, and so the wall; one block is one transaction.

Owns choosing the role and handing out the repositories. Nobody else commits. Does not own the pools
(`pools`) nor what a role may see (`walls`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import psycopg
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from arcadia_adapters.postgres.billing.deployments import PostgresDeployments
from arcadia_adapters.postgres.billing.ingest import PostgresIngest
from arcadia_adapters.postgres.billing.invoices import PostgresInvoices
from arcadia_adapters.postgres.billing.margin import PostgresMarginFacts
from arcadia_adapters.postgres.billing.month_end import PostgresMonthEnd
from arcadia_adapters.postgres.billing.subscriptions import PostgresSubscriptions
from arcadia_adapters.postgres.billing.tenants import PostgresTenants
from arcadia_adapters.postgres.billing.usage import PostgresUsageLedger
from arcadia_adapters.postgres.catalog.catalog import PostgresCatalog
from arcadia_adapters.postgres.cloud.accounts import PostgresCloudAccounts
from arcadia_adapters.postgres.cloud.charges import PostgresCharges
from arcadia_adapters.postgres.cloud.costs import PostgresCosts
from arcadia_adapters.postgres.cloud.inventory import PostgresInventory
from arcadia_adapters.postgres.cloud.statements import PostgresStatements
from arcadia_adapters.postgres.cloud.syncs import PostgresSyncs
from arcadia_adapters.postgres.doors import PostgresAnswers, PostgresRateLimits
from arcadia_adapters.postgres.jobs import PostgresJobs
from arcadia_adapters.postgres.pools import Pools, begin
from arcadia_adapters.postgres.schedule import PostgresSchedule
from arcadia_adapters.postgres.upkeep import PostgresUpkeep
from arcadia_domain.identity import Principal, Role
from arcadia_domain.ports.unit_of_work import DatabaseBusy, DatabaseUnreachable, DatabaseWithoutSchema

_GIVEN_UP: Final = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
    psycopg.errors.SerializationFailure,
    psycopg.errors.TooManyConnections,
)
"""What another try may get past."""
_GONE: Final = (
    psycopg.errors.AdminShutdown,
    psycopg.errors.CannotConnectNow,
    psycopg.errors.CrashShutdown,
)
"""What a server says that stops, was killed or is starting; one that is not there says nothing."""


class PostgresWork:
    """The repositories of one open transaction, each made when it is asked for."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection: Final = connection

    @property
    def catalog(self) -> PostgresCatalog:
        return PostgresCatalog(self.connection)

    @property
    def tenants(self) -> PostgresTenants:
        return PostgresTenants(self.connection)

    @property
    def deployments(self) -> PostgresDeployments:
        return PostgresDeployments(self.connection)

    @property
    def subscriptions(self) -> PostgresSubscriptions:
        return PostgresSubscriptions(self.connection)

    @property
    def usage(self) -> PostgresUsageLedger:
        return PostgresUsageLedger(self.connection)

    @property
    def ingest(self) -> PostgresIngest:
        return PostgresIngest(self.connection)

    @property
    def invoices(self) -> PostgresInvoices:
        return PostgresInvoices(self.connection)

    @property
    def month_end(self) -> PostgresMonthEnd:
        return PostgresMonthEnd(self.connection)

    @property
    def margin(self) -> PostgresMarginFacts:
        return PostgresMarginFacts(self.connection)

    @property
    def accounts(self) -> PostgresCloudAccounts:
        return PostgresCloudAccounts(self.connection)

    @property
    def inventory(self) -> PostgresInventory:
        return PostgresInventory(self.connection)

    @property
    def syncs(self) -> PostgresSyncs:
        return PostgresSyncs(self.connection)

    @property
    def costs(self) -> PostgresCosts:
        return PostgresCosts(self.connection)

    @property
    def statements(self) -> PostgresStatements:
        return PostgresStatements(self.connection)

    @property
    def charges(self) -> PostgresCharges:
        return PostgresCharges(self.connection)

    @property
    def jobs(self) -> PostgresJobs:
        return PostgresJobs(self.connection)

    @property
    def schedule(self) -> PostgresSchedule:
        return PostgresSchedule(self.connection)

    @property
    def answers(self) -> PostgresAnswers:
        return PostgresAnswers(self.connection)

    @property
    def limits(self) -> PostgresRateLimits:
        return PostgresRateLimits(self.connection)

    @property
    def upkeep(self) -> PostgresUpkeep:
        return PostgresUpkeep(self.connection)

    def new_id(self) -> UUID:
        return uuid7()


class PostgresTransactions:
    """Transactions on the pools of the three serving roles."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[PostgresWork]:
        """Committed when the block ends, rolled back when it raises.

        Operators and the gateway have their own roles, which see every tenant; anybody else gets the
        tenant's role, walled to the principal's tenant.
        Raises EmptyTenant, DatabaseUnreachable, DatabaseBusy, DatabaseWithoutSchema.
        """
        try:
            with begin(*self._role_of(principal)) as connection:
                yield PostgresWork(connection)
        except sa.exc.OperationalError as error:
            if isinstance(error.orig, psycopg.Error) and _is_gone(error.orig):
                raise DatabaseUnreachable(reason=_last_line(error.orig)) from error
            if isinstance(error.orig, _GIVEN_UP):
                raise DatabaseBusy() from error
            raise
        except _GIVEN_UP as error:  # of a COPY, which is the driver's own
            raise DatabaseBusy() from error
        except psycopg.OperationalError as error:  # of a COPY too
            if _is_gone(error):
                raise DatabaseUnreachable(reason=_last_line(error)) from error
            raise
        except sa.exc.TimeoutError as error:  # every connection of the pool was in use for too long
            raise DatabaseBusy() from error
        except sa.exc.ProgrammingError as error:
            if isinstance(error.orig, psycopg.errors.UndefinedTable):
                raise DatabaseWithoutSchema() from error
            raise

    def _role_of(self, principal: Principal) -> tuple[sa.Engine, str | None]:
        if principal.is_operator:
            return self._pools.operator, None
        if Role.LLM_GATEWAY in principal.roles:
            return self._pools.gateway, None
        return self._pools.tenant, principal.tenant_id


def _is_gone(error: psycopg.Error) -> bool:
    return error.sqlstate is None or isinstance(error, _GONE)


def _last_line(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[-1]
