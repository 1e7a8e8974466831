"""What every Deployments must do (ports.billing), in memory and on Postgres."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from arcadia_domain.billing.deployments import Deployment, DeploymentEvent, EventKind, LlmMode, State
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.identity import Principal
from arcadia_domain.period import FIRST_DAY, midnight
from arcadia_domain.ports.unit_of_work import Transactions, Work
from tests.contracts.refusals import refused
from tests.world import ANN, BOB, GATEWAY, NOBODYS, NOW, OLGA


def new(work: Work, by: Principal = ANN, slug: str = "pilot") -> Deployment:
    work.tenants.ensure(Tenant(by.tenant_id), NOW)
    return Deployment(work.new_id(), by.tenant_id, slug, slug.title(), "syd1", NOW)


def stored(transactions: Transactions, by: Principal = ANN, slug: str = "pilot") -> Deployment:
    with transactions.begin(by) as work:
        deployment = new(work, by, slug)
        assert work.deployments.add(deployment)
    return deployment


def event(work: Work, of: Deployment, reason: str | None = None, minute: int = 0) -> DeploymentEvent:
    return DeploymentEvent(
        id=work.new_id(),
        deployment_id=of.id,
        tenant_id=of.tenant_id,
        kind=EventKind.STATE,
        from_state=State.ACTIVE,
        to_state=State.PAUSED,
        actor="ann",
        reason=reason,
        at=NOW + timedelta(minutes=minute),
    )


def test_a_deployment_is_read_as_it_was_stored(transactions: Transactions) -> None:
    with transactions.begin(ANN) as work:
        whole = replace(
            new(work),
            state=State.TRIAL,
            llm_mode=LlmMode.BYOK,
            billing_action_suspended=True,
            provisioning_state="ready",
            template_code="standard",
            template_version=3,
            revision=7,
        )
        assert work.deployments.add(whole)
    with transactions.begin(ANN) as work:
        assert work.deployments.get(whole.id) == whole
        assert work.deployments.get_locked(whole.id) == whole
        assert work.deployments.by_slug("acme", "pilot") == whole


def test_what_is_not_there_is_none(transactions: Transactions) -> None:
    with transactions.begin(ANN) as work:
        assert work.deployments.get(NOBODYS) is None
        assert work.deployments.get_locked(NOBODYS) is None
        assert work.deployments.by_slug("acme", "pilot") is None
        assert work.deployments.events(NOBODYS) == []


def test_a_slug_is_taken_within_its_tenant_only(transactions: Transactions) -> None:
    first, bobs = stored(transactions), stored(transactions, BOB)
    with transactions.begin(ANN) as work:
        assert not work.deployments.add(new(work))
        assert work.deployments.by_slug("acme", "pilot") == first
    with transactions.begin(OLGA) as work:
        assert work.deployments.by_slug(BOB.tenant_id, "pilot") == bobs


def test_a_new_state_and_revision_are_stored(transactions: Transactions) -> None:
    deployment, other = stored(transactions), stored(transactions, slug="other")
    paused = replace(deployment, state=State.PAUSED, revision=2)
    with transactions.begin(ANN) as work:
        work.deployments.save(paused)
    with transactions.begin(ANN) as work:
        assert work.deployments.get(deployment.id) == paused
        assert work.deployments.get(other.id) == other


def test_the_history_keeps_everything_in_the_order_of_the_acts(transactions: Transactions) -> None:
    deployment, other = stored(transactions), stored(transactions, slug="other")
    with transactions.begin(ANN) as work:
        # The clock of the second machine is behind: the order is that of the acts all the same.
        recorded = [event(work, deployment, "holidays", minute=5), event(work, deployment)]
        for one in recorded:
            work.deployments.record(one)
        work.deployments.record(event(work, other))
    with transactions.begin(OLGA) as work:
        recorded.append(
            replace(
                event(work, deployment),
                kind=EventKind.PLAN_CHANGE,
                from_state=None,
                details={"plan": "pro", "version": 2},
            )
        )
        work.deployments.record(recorded[-1])
    with transactions.begin(ANN) as work:
        assert work.deployments.events(deployment.id) == recorded
        assert len(work.deployments.events(other.id)) == 1


def test_another_tenants_deployment_is_not_there(transactions: Transactions) -> None:
    deployment = stored(transactions)
    with transactions.begin(ANN) as work:
        work.deployments.record(event(work, deployment))
    with transactions.begin(BOB) as work:
        assert work.deployments.get(deployment.id) is None
        assert work.deployments.get_locked(deployment.id) is None
        assert work.deployments.by_slug("acme", "pilot") is None
        assert work.deployments.events(deployment.id) == []
        work.deployments.save(replace(deployment, state=State.CANCELLED))
    with transactions.begin(OLGA) as work:
        assert work.deployments.get(deployment.id) == deployment
        assert work.deployments.get_locked(deployment.id) == deployment
        assert len(work.deployments.events(deployment.id)) == 1


def test_a_tenant_writes_nothing_for_another(transactions: Transactions) -> None:
    deployment = stored(transactions)
    with refused(), transactions.begin(BOB) as work:
        work.deployments.add(replace(deployment, id=work.new_id(), slug="planted"))
    with refused(), transactions.begin(BOB) as work:
        work.deployments.record(event(work, deployment))


def test_the_gateway_sees_every_deployment_and_writes_none(transactions: Transactions) -> None:
    deployment = stored(transactions)
    with transactions.begin(GATEWAY) as work:
        assert work.deployments.get(deployment.id) == deployment
    with refused(), transactions.begin(GATEWAY) as work:
        work.deployments.add(replace(deployment, id=work.new_id(), slug="planted"))


def test_pages_go_from_the_newest_and_end_with_the_first(transactions: Transactions) -> None:
    made = [stored(transactions, ANN, f"d{n}") for n in range(5)]
    newest_first = [one.id for one in reversed(made)]
    with transactions.begin(ANN) as work:
        first = work.deployments.page(after=None, limit=2)
        second = work.deployments.page(after=first[-1].id, limit=2)
        third = work.deployments.page(after=second[-1].id, limit=2)
    assert [one.id for one in (*first, *second, *third)] == newest_first


def test_a_page_holds_what_its_reader_may_see_and_what_is_asked_for(transactions: Transactions) -> None:
    ann, bob = stored(transactions, ANN), stored(transactions, BOB)
    with transactions.begin(OLGA) as work:
        paused = replace(ann, state=State.PAUSED)
        work.deployments.save(paused)
        assert set(work.deployments.page(after=None, limit=9)) == {paused, bob}
        assert work.deployments.page(after=None, limit=9, tenant_id="acme") == [paused]
        assert work.deployments.page(after=None, limit=9, state=State.ACTIVE) == [bob]
        assert work.deployments.page(after=None, limit=9, tenant_id="acme", state=State.ACTIVE) == []
    with transactions.begin(BOB) as work:
        assert work.deployments.page(after=None, limit=9) == [bob]
        assert work.deployments.page(after=None, limit=9, tenant_id="acme") == []


def test_histories_are_read_together_each_in_its_order(transactions: Transactions) -> None:
    ann, bob, silent = stored(transactions, ANN), stored(transactions, BOB), stored(transactions, ANN, "x")
    with transactions.begin(OLGA) as work:
        told = {one.id: [event(work, one, str(n), n) for n in range(3)] for one in (ann, bob)}
        for events in told.values():
            for one in events:
                work.deployments.record(one)
    asked = [ann.id, bob.id, silent.id, NOBODYS]
    with transactions.begin(OLGA) as work:
        assert {key: list(found) for key, found in work.deployments.events_of(asked).items()} == told
    with transactions.begin(ANN) as work:
        assert set(work.deployments.events_of(asked)) == {ann.id}


def test_of_each_history_the_last_events_are_read_where_no_more_are_asked_for(
    transactions: Transactions,
) -> None:
    ann, bob = stored(transactions, ANN), stored(transactions, BOB)
    with transactions.begin(OLGA) as work:
        told = {one.id: [event(work, one, str(n), n) for n in range(3)] for one in (ann, bob)}
        for one in (*told[ann.id], told[bob.id][0]):
            work.deployments.record(one)
        assert work.deployments.events_of([ann.id, bob.id], last=2) == {
            ann.id: told[ann.id][1:],
            bob.id: told[bob.id][:1],
        }
    with transactions.begin(ANN) as work:
        assert set(work.deployments.events_of([ann.id, bob.id], last=1)) == {ann.id}


def test_deployments_of_a_tenant_are_counted_but_for_archived_ones(transactions: Transactions) -> None:
    first = stored(transactions)
    stored(transactions, slug="second")
    stored(transactions, BOB)
    for by in (ANN, OLGA):
        with transactions.begin(by) as work:
            assert work.deployments.count_locked("acme") == 2
    with transactions.begin(ANN) as work:
        assert work.deployments.count_locked(BOB.tenant_id) == 0
        work.deployments.save(replace(first, state=State.ARCHIVED))
        assert work.deployments.count_locked("acme") == 1
    with transactions.begin(BOB) as work:
        assert work.deployments.count_locked(BOB.tenant_id) == 1


def test_an_operator_edits_and_a_tenant_may_not(transactions: Transactions) -> None:
    found = stored(transactions)
    edited = found.edited(display_name="New", llm_mode=LlmMode.PLAN, billing_action_suspended=True)
    assert edited.revision == found.revision + 1
    with refused(), transactions.begin(ANN) as work:
        work.deployments.edit(edited)
    with transactions.begin(OLGA) as work:
        work.deployments.edit(edited)
    with transactions.begin(ANN) as work:
        assert work.deployments.get(found.id) == edited


def test_only_an_operator_changes_who_pays_for_tokens(transactions: Transactions) -> None:
    found = stored(transactions)
    with refused(), transactions.begin(ANN) as work:
        work.deployments.change_llm_mode(found, LlmMode.OFF, NOW)
    with transactions.begin(OLGA) as work:
        work.deployments.change_llm_mode(found, LlmMode.PLAN, NOW)
        work.deployments.change_llm_mode(replace(found, llm_mode=LlmMode.PLAN), LlmMode.OFF, NOW)


def test_changes_of_the_mode_hold_one_after_the_other_whatever_their_editors_clocks_said(
    transactions: Transactions,
) -> None:
    found, tick = stored(transactions), timedelta(microseconds=1)
    changes = [(LlmMode.PLAN, NOW), (LlmMode.OFF, NOW), (LlmMode.BYOK, NOW - timedelta(hours=1))]
    for mode, at in (*changes, (LlmMode.PLAN, NOW + 3 * tick)):
        with transactions.begin(OLGA) as work:
            work.deployments.change_llm_mode(found, mode, at)
    with transactions.begin(OLGA) as work:
        assert work.ingest.accounts([found.id])[found.id].llm_modes == (
            (midnight(FIRST_DAY), found.llm_mode),
            (NOW, LlmMode.PLAN),
            (NOW + tick, LlmMode.OFF),
            (NOW + 2 * tick, LlmMode.BYOK),
            (NOW + 3 * tick, LlmMode.PLAN),
        )
