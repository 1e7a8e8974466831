"""same_account: an account is what it was when it was first asked, or nothing is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from arcadia_adapters.clock import SystemClock
from arcadia_app.use_cases.cloud.discover_invoices import discover_invoices
from arcadia_app.use_cases.cloud.ingest_discovered import ingest_discovered
from arcadia_app.use_cases.cloud.ingest_provider_invoice import ingest_provider_invoice
from arcadia_app.use_cases.cloud.preview_costs import preview_costs
from arcadia_app.use_cases.cloud.same_account import AccountMismatch, same_account
from arcadia_app.use_cases.cloud.sync_inventory import sync_inventory
from arcadia_app.use_cases.cloud.take_balance import take_balance
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.provider_errors import ProviderFailed
from arcadia_domain.cloud.syncing import Speed
from arcadia_domain.identity import OperatorsOnly
from tests.fakes.cloud_billing import FakeCloudBilling, item
from tests.fakes.cloud_inventory import FakeCloudInventory
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.cloud.bills import discovered, headers, read
from tests.world import ANN, NOW, OLGA

ACCOUNT = "digitalocean"


class Counting(FakeCloudBilling):
    asked = 0

    def account_identity(self) -> str:
        self.asked += 1
        return super().account_identity()


def sync(store: FakeTransactions, provider: FakeCloudInventory) -> object:
    clock = SystemClock()
    return sync_inventory(store, provider, OLGA, account=ACCOUNT, speed=Speed.FAST, clock=clock)


@pytest.fixture
def provider() -> Counting:
    made = Counting()
    made.bill("2026-04", item())
    made.bill("2026-03", item("2026-03"))
    return made


def test_a_sync_with_the_token_of_another_account_buries_nothing() -> None:
    store = FakeTransactions()
    sync(store, FakeCloudInventory([SeenResource(kind="droplet", provider_id="1", name="web")]))
    before = store.state
    with pytest.raises(AccountMismatch) as refused:
        sync(store, FakeCloudInventory(identity="team-2"))
    assert store.state == before
    assert refused.value.code == "other_account"
    assert str(refused.value) == (
        "This store holds the DigitalOcean account team-1; what is asked for is of the account team-2: "
        "use another database (ARCADIA_DATABASE_URL or ARCADIA_DATA_DIR), or put the right token back."
    )


ACTS: dict[str, Callable[[FakeTransactions, FakeCloudBilling], object]] = {
    "take_balance": lambda store, provider: take_balance(store, provider, OLGA, now=NOW),
    "discover": lambda store, provider: discover_invoices(store, provider, OLGA, now=NOW),
    "preview": lambda store, provider: preview_costs(store, provider, OLGA, now=NOW),
    "ingest": lambda store, provider: ingest_provider_invoice(
        store, provider, OLGA, invoice_id=headers(store)[0].id, read=read, now=NOW
    ),
    "ingest in turn": lambda store, provider: ingest_discovered(
        store, provider, OLGA, invoices=headers(store), read=read, clock=SystemClock()
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_no_cost_of_another_account_is_written(
    act: Callable[[FakeTransactions, FakeCloudBilling], object], provider: Counting
) -> None:
    store = FakeTransactions()
    discovered(store, provider)
    before, provider.identity = store.state, "team-2"
    with pytest.raises(AccountMismatch):
        act(store, provider)
    assert store.state == before


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_act_asks_once_however_many_invoices_it_ingests(
    act: Callable[[FakeTransactions, FakeCloudBilling], object], provider: Counting
) -> None:
    store = FakeTransactions()
    discovered(store, provider)
    provider.asked = 0
    act(store, provider)
    assert provider.asked == 1


def test_accounts_are_told_apart(provider: Counting) -> None:
    store = FakeTransactions()
    discovered(store, provider)
    provider.identity = "team-2"
    same_account(store, provider, OLGA, account="another", now=NOW)
    assert {name: told for name, (told, _) in store.state.cloud_accounts.items()} == {
        ACCOUNT: "team-1",
        "another": "team-2",
    }


def test_a_sync_that_cannot_learn_whose_account_it_is_stands_with_the_reason() -> None:
    class Silent(FakeCloudInventory):
        def account_identity(self) -> str:
            raise ProviderFailed(call="GET /v2/account", message="sorry", status=500)

    store = FakeTransactions()
    with pytest.raises(ProviderFailed):
        sync(store, Silent())
    [stopped] = store.state.syncs.values()
    assert (stopped.complete, stopped.scopes, store.state.resources) == (False, (), {})
    assert stopped.finished_at is not None
    assert "GET /v2/account" in stopped.warnings[0]


def test_only_operators_ask(provider: Counting) -> None:
    with pytest.raises(OperatorsOnly):
        same_account(FakeTransactions(), provider, ANN, account=ACCOUNT, now=NOW)
    assert provider.asked == 0
