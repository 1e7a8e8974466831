"""edit_tenant: what is given changes, by an operator who has read what stands."""

from __future__ import annotations

import pytest

from arcadia_app.use_cases.billing.edit_tenant import edit_tenant
from arcadia_app.use_cases.billing.tenant_scope import TenantNotFound
from arcadia_domain.billing.abn import InvalidAbn
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import OperatorsOnly
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, OLGA, deployed


class Unread(DomainError):
    """The editor has not read what stands."""


@pytest.fixture
def acme(store: FakeTransactions) -> FakeTransactions:
    deployed(store)
    return store


def test_what_is_given_changes_in_the_next_revision(acme: FakeTransactions) -> None:
    with acme.begin(OLGA) as work:
        edited = edit_tenant(work, OLGA, tenant_id="acme", changes={"terms_days": 30, "legal_name": "Acme"})
    assert edited == Tenant("acme", terms_days=30, legal_name="Acme", revision=2)
    assert acme.state.tenants == {"acme": edited}


def test_an_edit_that_changes_nothing_leaves_the_revision(acme: FakeTransactions) -> None:
    with acme.begin(OLGA) as work:
        assert edit_tenant(work, OLGA, tenant_id="acme", changes={"terms_days": 14}).revision == 1


def test_the_editor_may_refuse_what_it_finds(acme: FakeTransactions) -> None:
    def refuse(found: Tenant) -> None:
        assert found == Tenant("acme")
        raise Unread

    with refusal(acme, OLGA, Unread) as work:
        edit_tenant(work, OLGA, tenant_id="acme", changes={"terms_days": 30}, before=refuse)


def test_a_bad_value_is_refused(acme: FakeTransactions) -> None:
    with refusal(acme, OLGA, InvalidAbn) as work:
        edit_tenant(work, OLGA, tenant_id="acme", changes={"abn": "53004085617"})


def test_nobody_edits_a_tenant_that_is_not_there_and_no_tenant_edits_itself(acme: FakeTransactions) -> None:
    with refusal(acme, OLGA, TenantNotFound) as work:
        edit_tenant(work, OLGA, tenant_id="nobody", changes={"terms_days": 30})
    with refusal(acme, ANN, OperatorsOnly) as work:
        edit_tenant(work, ANN, tenant_id="acme", changes={"terms_days": 30})
