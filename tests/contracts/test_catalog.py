"""What every Catalog must do (ports.catalog), in memory and on Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from arcadia_domain.ports.unit_of_work import Transactions, Work
from arcadia_domain.pricing.catalog import (
    Addon,
    Plan,
    PlanItem,
    PlanVersion,
    ResourcePrice,
    VersionStatus,
)
from tests.contracts.refusals import refused
from tests.world import ANN, GATEWAY, NOBODYS, NOW, OLGA

HOURS = PlanItem("droplet_hours", Decimal(1488), "hour", 1)
SPACES = PlanItem("spaces_gb_month", Decimal("100.5"), "gb_month", 2, Decimal("0.000001"))
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def plan(work: Work, code: str = "studio") -> Plan:
    new = Plan(work.new_id(), code, code.title())
    assert work.catalog.add_plan(new, NOW)
    return new


def draft(
    work: Work, of: Plan, cents: int = 5000, items: Sequence[PlanItem] = (HOURS, SPACES)
) -> PlanVersion:
    return work.catalog.add_draft(
        of, version_id=work.new_id(), base_price_cents=cents, currency="AUD", items=items, at=NOW
    )


def test_plans_are_read_by_code_and_in_the_order_of_their_codes(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        # Capitals and underscores stand where no locale would put them.
        added = {code: plan(work, code) for code in ("b", "a_b", "ab", "B")}
    with transactions.begin(ANN) as work:
        assert work.catalog.plans() == [added[code] for code in ("B", "a_b", "ab", "b")]
        assert work.catalog.plan("ab") == added["ab"]
        assert work.catalog.plan("nothing") is None


def test_a_second_plan_of_a_code_is_refused_and_the_first_stays(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        first = plan(work)
        assert not work.catalog.add_plan(Plan(work.new_id(), "studio", "Another"), NOW)
        assert work.catalog.plans() == [first]


def test_drafts_are_numbered_per_plan_from_one(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        studio, pro = plan(work), plan(work, "pro")
        made = [draft(work, one) for one in (studio, studio, pro, studio)]
        assert [version.version for version in made] == [1, 2, 1, 3]
        assert {version.status for version in made} == {VersionStatus.DRAFT}
        assert [v.version for v in work.catalog.versions_of("studio")] == [1, 2, 3]


def test_a_version_is_read_as_it_was_drafted(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        made = draft(work, plan(work), items=[SPACES, HOURS])
    assert made.id is not None
    assert made.items == (HOURS, SPACES)
    with transactions.begin(ANN) as work:
        assert work.catalog.versions([made.id]) == {made.id: made}
        assert work.catalog.versions_of("studio") == [made]


def test_a_version_may_have_no_item(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        made = draft(work, plan(work), items=())
        assert work.catalog.versions_of("studio") == [made]
        assert made.items == ()


def test_versions_are_found_by_their_ids_and_unknown_ids_are_left_out(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        made = [draft(work, plan(work, code)) for code in ("a", "b", "c")]
        ids = [version.id for version in made if version.id is not None]
        assert work.catalog.versions([ids[2], NOBODYS, ids[0]]) == {ids[0]: made[0], ids[2]: made[2]}
        assert work.catalog.versions([]) == {}


def test_a_draft_is_not_what_a_sign_up_gets(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        draft(work, plan(work))
        assert work.catalog.active_version("studio") is None
        assert work.catalog.active_version("nothing") is None


def test_statuses_are_stored_and_the_terms_stay(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        studio = plan(work)
        first, second = draft(work, studio), draft(work, studio, 6000, [HOURS])
        work.catalog.set_status(replace(first, status=VersionStatus.ACTIVE), NOW)
        assert work.catalog.active_version("studio") == replace(first, status=VersionStatus.ACTIVE)
        work.catalog.set_status(replace(first, status=VersionStatus.RETIRED), NOW)
        work.catalog.set_status(replace(second, status=VersionStatus.ACTIVE), NOW)
    with transactions.begin(ANN) as work:
        active = replace(second, status=VersionStatus.ACTIVE)
        assert work.catalog.active_version("studio") == active
        assert work.catalog.versions_of("studio") == [replace(first, status=VersionStatus.RETIRED), active]


def test_a_version_is_taken_for_publishing_with_its_items(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        made = [draft(work, plan(work)), draft(work, plan(work, "bare"), items=())]
        for version in made:
            assert version.id is not None
            assert work.catalog.version_for_publishing(version.id) == version
        assert work.catalog.version_for_publishing(NOBODYS) is None


def test_an_addon_is_stored_once_under_its_code(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        more = Addon("more", "More", "spaces_gb_month", Decimal("50.25"), 750, "AUD", work.new_id())
        less = Addon("less", "Less", "llm_tokens", Decimal(1000), 0, "AUD", work.new_id())
        assert [work.catalog.add_addon(addon) for addon in (more, less)] == [True, True]
        assert not work.catalog.add_addon(replace(more, id=work.new_id(), price_cents=1))
    with transactions.begin(ANN) as work:
        assert work.catalog.addon("more") == more
        assert work.catalog.addon("nothing") is None
        assert work.catalog.addons() == [less, more]


def test_a_price_is_stored_once_for_a_kind_a_currency_and_an_instant(transactions: Transactions) -> None:
    first = ResourcePrice("dns_zones", "AUD", JANUARY, "zone", 150)
    others = [
        replace(first, from_at=NOW, price_cents=160),
        replace(first, kind="droplet_hours", unit="hour"),
        replace(first, currency="USD"),
    ]
    with transactions.begin(OLGA) as work:
        assert [work.catalog.add_price(price) for price in (others[0], first, *others[1:])] == [True] * 4
        assert not work.catalog.add_price(replace(first, price_cents=1))
    with transactions.begin(ANN) as work:
        assert work.catalog.prices("AUD") == [first, others[1], others[0]]
        assert work.catalog.prices("USD") == [others[2]]
        assert work.catalog.prices("NZD") == []


def test_only_operators_write_the_catalogue(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        studio = plan(work)
        version = draft(work, studio)
    for principal in (ANN, GATEWAY):
        with refused(), transactions.begin(principal) as work:
            work.catalog.add_plan(Plan(work.new_id(), "mine", "Mine"), NOW)
        with refused(), transactions.begin(principal) as work:
            draft(work, studio)
        with refused(), transactions.begin(principal) as work:
            work.catalog.set_status(replace(version, status=VersionStatus.ACTIVE), NOW)
        with refused(), transactions.begin(principal) as work:
            work.catalog.add_addon(Addon("x", "X", "dns_zones", Decimal(1), 0, "AUD", work.new_id()))
        with refused(), transactions.begin(principal) as work:
            work.catalog.add_price(ResourcePrice("dns_zones", "AUD", JANUARY, "zone", 0))


def test_many_versions_are_read_each_with_its_own_items(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        plans = [plan(work, f"plan-{number}") for number in range(3)]
        made = [
            draft(work, one, cents, [replace(HOURS, overage_price_cents=cents)][: cents % 2])
            for cents, one in enumerate(plans * 3)
        ]
    with transactions.begin(ANN) as work:
        ids = [version.id for version in made if version.id is not None]
        assert work.catalog.versions(ids) == {version.id: version for version in made}
        for one in plans:
            own = [version for version in made if version.plan_code == one.code]
            assert work.catalog.versions_of(one.code) == own


def published(work: Work, version: PlanVersion) -> PlanVersion:
    active = replace(version, status=VersionStatus.ACTIVE)
    work.catalog.set_status(active, NOW)
    return active


def test_plans_are_paged_by_code_and_narrowed_to_what_is_offered(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        # Capitals and underscores stand where no locale would put them.
        added = {code: plan(work, code) for code in ("b", "a_b", "ab", "B")}
        for code in ("B", "ab", "b"):
            draft(work, added[code])
            published(work, draft(work, added[code]))
        draft(work, added["a_b"])
    with transactions.begin(ANN) as work:
        assert work.catalog.plans(limit=2) == [added["B"], added["a_b"]]
        assert work.catalog.plans(after="a_b", limit=2) == [added["ab"], added["b"]]
        assert work.catalog.plans(after="B", limit=1, offered=True) == [added["ab"]]
        assert work.catalog.plans(offered=True) == [added["B"], added["ab"], added["b"]]
        assert work.catalog.plans(after="a") == [added["a_b"], added["ab"], added["b"]]
        assert work.catalog.plans(after="b") == []


def test_active_versions_are_found_by_their_plans(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        a, b, c = (plan(work, code) for code in "abc")
        active = {one.code: published(work, draft(work, one, cents)) for cents, one in enumerate((a, b))}
        for one in (a, b, c):
            draft(work, one)
    with transactions.begin(ANN) as work:
        assert work.catalog.active_versions(["a", "b", "c", "nothing"]) == active
        assert work.catalog.active_versions(["b"]) == {"b": active["b"]}
        assert work.catalog.active_versions([]) == {}


def test_addons_are_paged_by_code_and_found_by_their_codes(transactions: Transactions) -> None:
    with transactions.begin(OLGA) as work:
        added = {
            code: Addon(code, code, "dns_zones", Decimal(1), 100, "AUD", work.new_id())
            for code in ("b", "a_b", "ab", "B")
        }
        for addon in added.values():
            work.catalog.add_addon(addon)
    with transactions.begin(ANN) as work:
        assert work.catalog.addons(limit=2) == [added["B"], added["a_b"]]
        assert work.catalog.addons(after="a_b") == [added["ab"], added["b"]]
        assert work.catalog.addons(after="b", limit=1) == []
        assert work.catalog.addons_of(["b", "B", "nothing"]) == {"b": added["b"], "B": added["B"]}
        assert work.catalog.addons_of([]) == {}


def test_prices_are_paged_by_kind_currency_and_start(transactions: Transactions) -> None:
    hours = ResourcePrice("droplet_hours", "AUD", JANUARY, "hour", 2)
    zones = ResourcePrice("dns_zones", "AUD", JANUARY, "zone", 150)
    later = replace(zones, from_at=NOW, price_cents=160)
    dollars = replace(zones, currency="USD")
    in_order = [zones, later, dollars, hours]
    with transactions.begin(OLGA) as work:
        for price in (hours, dollars, later, zones):
            work.catalog.add_price(price)
        pages = work.catalog
        assert pages.price_page(after=None, limit=9) == in_order
        assert pages.price_page(after=None, limit=9, kind="dns_zones") == in_order[:3]
        for seen, price in enumerate(in_order, start=1):
            place = (price.kind, price.currency, price.from_at)
            assert pages.price_page(after=place, limit=2) == in_order[seen : seen + 2]
        between = ("dns_zones", "NZD", NOW)
        assert pages.price_page(after=between, limit=1, kind="dns_zones") == [dollars]
        assert pages.price_page(after=between, limit=1, kind="llm_tokens") == []
