"""The unit of work in memory: a transaction works on a copy of the state, swapped in when its block ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import RLock
from uuid import UUID

from arcadia_domain.identity import Principal
from tests.fakes.accounts import FakeCloudAccounts
from tests.fakes.catalog import FakeCatalog
from tests.fakes.charges import FakeCharges
from tests.fakes.costs import FakeCosts
from tests.fakes.deployments import FakeDeployments
from tests.fakes.doors import FakeAnswers, FakeRateLimits
from tests.fakes.ingest import FakeIngest
from tests.fakes.inventory import FakeInventory
from tests.fakes.invoices import FakeInvoices
from tests.fakes.jobs import FakeJobs
from tests.fakes.margin import FakeMarginFacts
from tests.fakes.month_end import FakeMonthEnd
from tests.fakes.schedule import FakeSchedule
from tests.fakes.state import State
from tests.fakes.statements import FakeStatements
from tests.fakes.subscriptions import FakeSubscriptions
from tests.fakes.syncs import FakeSyncs
from tests.fakes.tenants import FakeTenants
from tests.fakes.upkeep import FakeUpkeep
from tests.fakes.usage import FakeUsageLedger


class FakeWork:
    """The ports of one open transaction, on one copy of the state."""

    def __init__(self, state: State, principal: Principal, ids: Iterator[int]) -> None:
        self.state = state
        self._ids = ids
        self.catalog = FakeCatalog(state, principal)
        self.tenants = FakeTenants(state, principal)
        self.deployments = FakeDeployments(state, principal)
        self.subscriptions = FakeSubscriptions(state, principal)
        self.usage = FakeUsageLedger(state, principal)
        self.ingest = FakeIngest(state, principal)
        self.invoices = FakeInvoices(state, principal)
        self.month_end = FakeMonthEnd(state, principal)
        self.margin = FakeMarginFacts(state, principal)
        self.accounts = FakeCloudAccounts(state, principal)
        self.inventory = FakeInventory(state, principal)
        self.syncs = FakeSyncs(state, self.inventory, principal)
        self.costs = FakeCosts(state, principal)
        self.charges = FakeCharges(state, principal)
        self.statements = FakeStatements(state, principal)
        self.jobs = FakeJobs(state, principal)
        self.schedule = FakeSchedule(state, principal)
        self.answers = FakeAnswers(state, principal)
        self.limits = FakeRateLimits(state, principal)
        self.upkeep = FakeUpkeep(state, principal)

    def new_id(self) -> UUID:
        return UUID(int=next(self._ids))


class FakeTransactions:
    """One transaction at a time. `state` is what is committed."""

    def __init__(self, state: State | None = None) -> None:
        self.state = State() if state is None else state
        self._ids = count(1)
        self._turn = RLock()  # between threads, as they run beside each other in a process

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[FakeWork]:
        with self._turn:
            work = FakeWork(self.state.copy(), principal, self._ids)
            yield work
            self.state = work.state
