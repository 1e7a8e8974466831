"""Lines matched again: a resource that was seen late is found; an id and an operator's word are settled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.rematch_costs import Rematched, rematch_costs
from arcadia_domain.cloud.attribution import Share
from arcadia_domain.cloud.matching import How, Unmatched
from arcadia_domain.identity import OperatorsOnly
from arcadia_domain.ports.charges import ChargesAsked
from tests.contracts.facts import attributed
from tests.fakes.cloud_billing import FakeCloudBilling, item
from tests.fakes.transactions import FakeTransactions
from tests.held import recorded, resource
from tests.unit.use_cases.cloud.bills import discovered, ingested
from tests.world import ANN, OLGA, deployed

WEB = resource(1, account=ACCOUNT)


def billed(*descriptions: str, **facts: Any) -> tuple[FakeTransactions, FakeCloudBilling]:
    store, provider = FakeTransactions(), FakeCloudBilling()
    provider.bill("2026-04", *(item(description=one, **facts) for one in descriptions))
    discovered(store, provider)
    return store, provider


def rematched(store: FakeTransactions) -> Rematched:
    with store.begin(OLGA) as work:
        return rematch_costs(work, OLGA)


def found(store: FakeTransactions) -> list[tuple[How, Unmatched | None]]:
    [matches] = store.state.cost_lines.values()
    return [(match.how, match.reason) for match in matches]


def test_a_resource_seen_after_the_ingest_is_found() -> None:
    store, provider = billed("web-1 (s-1vcpu-1gb)", "GST (10%)")
    ingested(store, provider, next(iter(provider.listed)))
    assert rematched(store) == Rematched(lines=2, matched=0, changed=0)
    recorded(store, WEB)
    assert rematched(store) == Rematched(lines=2, matched=1, changed=1)
    assert found(store)[0] == (How.NAME, None)
    assert rematched(store).changed == 0


def test_a_name_that_has_become_ambiguous_is_matched_no_more_and_an_id_stays() -> None:
    store, provider = billed("web-1 (s-1vcpu-1gb)")
    recorded(store, WEB)
    uuid = next(iter(provider.listed))
    ingested(store, provider, uuid)
    recorded(store, resource(2, account=ACCOUNT, name="web-1"))
    assert rematched(store).changed == 1
    assert found(store) == [(How.NONE, Unmatched.SEVERAL)]
    provider.items[uuid] = [replace(one, resource_id=WEB.provider_id) for one in provider.items[uuid]]
    ingested(store, provider, uuid)
    assert found(store) == [(How.ID, None)]
    assert rematched(store) == Rematched(lines=0, matched=0, changed=0)


def test_what_an_operator_said_stays() -> None:
    store, provider = billed("web-1 (s-1vcpu-1gb)")
    done = ingested(store, provider, next(iter(provider.listed)))
    pilot = deployed(store)
    attributed(store, done.invoice_id, store.state.cost_lines[done.invoice_id][0].line, pilot.tenant_id)
    recorded(store, WEB)
    assert rematched(store).changed == 1
    with store.begin(OLGA) as work:
        [charge] = work.charges.each(ChargesAsked(period=done.invoice.period))
    assert charge.holder == Share(pilot.tenant_id, None, charge.line.amount_cents)


def test_only_operators_match() -> None:
    with FakeTransactions().begin(ANN) as work, pytest.raises(OperatorsOnly):
        rematch_costs(work, ANN)
