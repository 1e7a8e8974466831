"""Subscriptions: the timeline against a map of days, addons as snapshots, and a month cut into stretches."""

# mypy: disable-error-code="comparison-overlap"
# A Decimal equals the whole number of its value; mypy takes the two for strangers.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.billing.subscriptions import (
    AddonEndsBeforeStart,
    ChangeBeforeStart,
    ChangePoint,
    InvalidTimeline,
    Subscription,
    SubscriptionAddon,
    SubscriptionCancelled,
    Timeline,
    TrialEndsBeforeStart,
    stretches,
)
from arcadia_domain.period import DateOutOfRange, Period, month_of
from arcadia_domain.pricing.kinds import UnknownKind
from arcadia_domain.pricing.stretch import AttachedAddon, Status, Stretch
from tests.unit.domain import oracle
from tests.unit.domain.catalogue import (
    MAY,
    NOON,
    PRO_ID,
    STARTER_ID,
    STORAGE_50GB,
    STUDIO,
    STUDIO_ID,
    TOKENS_1M,
    VERSIONS,
    bought,
    in_month,
    may,
    month_of_subscription,
    on,
    subscription,
)
from tests.unit.domain.examples import examples

FIRST = date(2026, 5, 1)
HORIZON = 75
"""Days that the map of days looks at: the month before May, May, and some of June."""
EVE = date(2026, 4, 1)


def day(number: int) -> date:
    """The day so many days after the eve of everything."""
    return EVE + timedelta(days=number)


def point(number: int, version: UUID = STUDIO_ID, status: Status = Status.ACTIVE) -> ChangePoint:
    return ChangePoint(date(2026, 5, number), version, status)


class Diary:
    """A timeline as a child would keep it: what holds, written down for every single day."""

    def __init__(self, start: int, version: UUID, trial_ends: int | None) -> None:
        self.start = start
        self.version = dict.fromkeys(range(start, HORIZON), version)
        self.status = {
            n: Status.TRIAL if trial_ends and n < trial_ends else Status.ACTIVE for n in range(start, HORIZON)
        }

    def bind(self, number: int, version: UUID) -> None:
        """Until the next day on which another version begins."""
        ends = number + 1
        while ends < HORIZON and self.version[ends] == self.version[ends - 1]:
            ends += 1
        for n in range(number, ends):
            self.version[n] = version

    def stand(self, number: int, status: Status) -> None:
        for n in range(number, HORIZON):
            self.status[n] = status


versions = st.sampled_from([STARTER_ID, STUDIO_ID, PRO_ID])
statuses = st.sampled_from([*Status, Status.ACTIVE, Status.PAUSED])
changes = st.tuples(st.integers(0, HORIZON - 1), st.one_of(versions, statuses))


@st.composite
def kept_twice(draw: st.DrawFn) -> tuple[Timeline, Diary]:
    """A timeline and its diary, after the same changes."""
    start = draw(st.integers(0, 50))
    trial_ends = draw(st.one_of(st.none(), st.integers(start + 1, HORIZON - 1)))
    version = draw(versions)
    timeline = Timeline.starting(
        day(start), version, trial_ends_on=None if trial_ends is None else day(trial_ends)
    )
    diary = Diary(start, version, trial_ends)
    for number, change in draw(st.lists(changes, max_size=7)):
        if number < start:
            with pytest.raises(ChangeBeforeStart):
                _change(timeline, day(number), change)
        elif isinstance(change, UUID) and diary.status[number] is Status.CANCELLED:
            with pytest.raises(SubscriptionCancelled):
                timeline.with_version(day(number), change)
        else:
            timeline = _change(timeline, day(number), change)
            if isinstance(change, UUID):
                diary.bind(number, change)
            else:
                diary.stand(number, change)
    return timeline, diary


def _change(timeline: Timeline, from_day: date, change: UUID | Status) -> Timeline:
    if isinstance(change, UUID):
        return timeline.with_version(from_day, change)
    return timeline.with_status(from_day, change)


@examples(600)
@given(kept_twice())
def test_a_timeline_says_of_every_day_what_a_diary_says(kept: tuple[Timeline, Diary]) -> None:
    timeline, diary = kept

    assert timeline.start == day(diary.start)
    for n in range(HORIZON):
        held = timeline.on(day(n))
        if n < diary.start:
            assert held is None
        else:
            assert held is not None
            assert (held.version_id, held.status) == (diary.version[n], diary.status[n])
    assert all(a[1:] != b[1:] for a, b in pairwise(timeline.points))


@examples(300)
@given(kept_twice(), st.integers(0, HORIZON - 1), versions)
def test_a_change_of_version_leaves_every_status(
    kept: tuple[Timeline, Diary], number: int, version: UUID
) -> None:
    timeline, diary = kept
    if number < diary.start or diary.status[number] is Status.CANCELLED:
        return
    changed = timeline.with_version(day(number), version)

    for n in range(diary.start, HORIZON):
        held = changed.on(day(n))
        assert held is not None
        assert held.status is diary.status[n]


@examples(300)
@given(kept_twice(), st.integers(0, HORIZON - 1), statuses)
def test_a_change_of_status_leaves_every_version(
    kept: tuple[Timeline, Diary], number: int, status: Status
) -> None:
    timeline, diary = kept
    if number < diary.start:
        return
    changed = timeline.with_status(day(number), status)

    for n in range(diary.start, HORIZON):
        held = changed.on(day(n))
        assert held is not None
        assert held.version_id == diary.version[n]


@examples(200)
@given(kept_twice(), st.integers(0, HORIZON - 1), versions, versions, statuses, statuses)
def test_the_last_change_of_a_day_replaces_the_earlier_ones(  # noqa: PLR0917
    kept: tuple[Timeline, Diary], number: int, v1: UUID, v2: UUID, s1: Status, s2: Status
) -> None:
    timeline, diary = kept
    if number < diary.start or diary.status[number] is Status.CANCELLED:
        return
    here = day(number)
    assert timeline.with_status(here, s1).with_status(here, s2) == timeline.with_status(here, s2)
    first = timeline.with_version(here, v1).with_version(here, v2).on(here)
    assert first is not None
    assert first.version_id == v2


def test_two_plan_changes_of_one_day_leave_one_point() -> None:
    timeline = Timeline.starting(FIRST, STUDIO_ID).with_version(may(9, 10).start, PRO_ID)

    assert timeline.with_version(may(9, 10).start, STARTER_ID).points == (point(1), point(9, STARTER_ID))
    assert timeline.with_version(may(9, 10).start, STUDIO_ID).points == (point(1),)


def test_a_version_bound_before_a_planned_change_holds_until_then() -> None:
    timeline = Timeline.starting(FIRST, STUDIO_ID).with_version(date(2026, 5, 20), PRO_ID)

    assert timeline.with_version(date(2026, 5, 10), STARTER_ID).points == (
        point(1), point(10, STARTER_ID), point(20, PRO_ID),
    )  # fmt: skip


def test_a_version_bound_between_many_changes_holds_only_until_the_next_of_them() -> None:
    turns = (point(1), point(5, PRO_ID), point(10), point(15, PRO_ID), point(20))

    assert Timeline(turns).with_version(date(2026, 5, 12), STARTER_ID).points == (
        *turns[:3],
        point(12, STARTER_ID),
        *turns[3:],
    )


def test_versions_are_told_apart_by_their_ids_and_not_by_the_objects_that_hold_them() -> None:
    read_again = UUID(str(STUDIO_ID))
    timeline = Timeline((point(1), point(10, read_again, Status.PAUSED)))

    assert timeline.with_version(date(2026, 5, 5), PRO_ID).points == (
        point(1),
        point(5, PRO_ID),
        point(10, PRO_ID, Status.PAUSED),
    )


def test_a_change_on_the_first_day_is_a_start_with_another_plan() -> None:
    assert Timeline.starting(FIRST, STUDIO_ID).with_version(FIRST, PRO_ID) == Timeline.starting(FIRST, PRO_ID)
    assert Timeline.starting(FIRST, STUDIO_ID).with_status(FIRST, Status.PAUSED) == Timeline.starting(
        FIRST, STUDIO_ID, Status.PAUSED
    )


def test_a_trial_is_two_points_and_costs_from_its_end_on() -> None:
    timeline = Timeline.starting(FIRST, STUDIO_ID, trial_ends_on=date(2026, 5, 15))

    assert timeline.points == (point(1, status=Status.TRIAL), point(15))


def test_a_change_of_status_voids_the_planned_end_of_a_trial() -> None:
    trial = Timeline.starting(FIRST, STUDIO_ID, trial_ends_on=date(2026, 5, 15))

    assert trial.with_status(date(2026, 5, 10), Status.CANCELLED).points == (
        point(1, status=Status.TRIAL), point(10, status=Status.CANCELLED),
    )  # fmt: skip
    assert trial.with_status(date(2026, 5, 10), Status.ACTIVE).points == (
        point(1, status=Status.TRIAL), point(10),
    )  # fmt: skip


def test_a_change_of_version_keeps_the_planned_end_of_a_trial() -> None:
    trial = Timeline.starting(FIRST, STUDIO_ID, trial_ends_on=date(2026, 5, 15))

    assert trial.with_version(date(2026, 5, 10), PRO_ID).points == (
        point(1, status=Status.TRIAL), point(10, PRO_ID, Status.TRIAL), point(15, PRO_ID),
    )  # fmt: skip


@pytest.mark.parametrize("end", [FIRST, date(2026, 4, 30)])
def test_a_trial_that_ends_before_it_began_is_refused(end: date) -> None:
    with pytest.raises(TrialEndsBeforeStart) as refused:
        Timeline.starting(FIRST, STUDIO_ID, trial_ends_on=end)

    assert refused.value.facts == {"start": FIRST, "ends": end}
    assert str(refused.value) == f"A trial that starts on 2026-05-01 cannot end on {end}."
    assert (refused.value.code, refused.value.field) == ("trial_ends_before_start", "trial_ends_at")


def test_nothing_changes_before_the_start() -> None:
    timeline = Timeline.starting(FIRST, STUDIO_ID)
    eve = date(2026, 4, 30)
    for change in (
        lambda: timeline.with_version(eve, PRO_ID),
        lambda: timeline.with_status(eve, Status.PAUSED),
        lambda: timeline.must_allow_change(eve),
    ):
        with pytest.raises(ChangeBeforeStart) as refused:
            change()
        assert refused.value.facts == {"start": FIRST, "day": eve}
        assert str(refused.value) == (
            "The subscription starts on 2026-05-01: nothing can change on 2026-04-30."
        )
        assert (refused.value.code, refused.value.field) == ("change_before_start", "from_day")


@pytest.mark.parametrize("number", [10, 11, 31])
def test_no_plan_changes_after_a_cancellation(number: int) -> None:
    timeline = Timeline.starting(FIRST, STUDIO_ID).with_status(date(2026, 5, 10), Status.CANCELLED)
    here = date(2026, 5, number)
    for change in (lambda: timeline.with_version(here, PRO_ID), lambda: timeline.must_allow_change(here)):
        with pytest.raises(SubscriptionCancelled) as refused:
            change()
        assert refused.value.facts == {"day": here}
        assert str(refused.value) == (
            f"The subscription is cancelled on {here}: its plan and addons cannot change any more."
        )
        assert refused.value.code == "subscription_cancelled"


def test_the_day_before_a_cancellation_still_changes() -> None:
    timeline = Timeline.starting(FIRST, STUDIO_ID).with_status(date(2026, 5, 10), Status.CANCELLED)
    changed = timeline.with_version(date(2026, 5, 9), PRO_ID)

    assert changed.points == (point(1), point(9, PRO_ID), point(10, PRO_ID, Status.CANCELLED))


@pytest.mark.parametrize(
    "bad", [date(1999, 12, 31), date(2100, 1, 1), datetime(2026, 5, 2), "2026-05-02", None]
)
def test_a_change_on_what_is_no_day_is_refused(bad: date) -> None:
    timeline = Timeline.starting(FIRST, STUDIO_ID)
    for change in (
        lambda: timeline.with_version(bad, PRO_ID),
        lambda: timeline.with_status(bad, Status.PAUSED),
        lambda: timeline.must_allow_change(bad),
    ):
        with pytest.raises(DateOutOfRange, match="The day of the change"):
            change()
    with pytest.raises(DateOutOfRange, match="The start day"):
        Timeline.starting(bad, STUDIO_ID)
    if bad is not None:
        with pytest.raises(DateOutOfRange, match="The end of the trial"):
            Timeline.starting(FIRST, STUDIO_ID, trial_ends_on=bad)


@pytest.mark.parametrize(
    "points", [(), (point(5), point(5)), (point(5), point(4)), (point(1), point(9), point(9))]
)
def test_a_timeline_of_points_out_of_order_is_refused_with_its_days(points: tuple[ChangePoint, ...]) -> None:
    with pytest.raises(InvalidTimeline) as refused:
        Timeline(points)

    days = [p.from_day.isoformat() for p in points]
    assert refused.value.facts == {"days": days}
    assert str(refused.value) == (
        f"A timeline needs change points on distinct days in order, but has them on {days}."
    )
    assert refused.value.code == "invalid_timeline"


def test_before_its_start_a_subscription_stands_as_it_will_stand_then() -> None:
    timeline = Timeline.starting(FIRST, STUDIO_ID, trial_ends_on=date(2026, 5, 15))
    one = subscription(timeline.with_version(date(2026, 5, 10), PRO_ID))

    assert (one.status_on(date(2026, 4, 1)), one.version_on(date(2026, 4, 1))) == (Status.TRIAL, STUDIO_ID)
    assert (one.status_on(date(2026, 5, 9)), one.version_on(date(2026, 5, 9))) == (Status.TRIAL, STUDIO_ID)
    assert (one.status_on(date(2026, 5, 10)), one.version_on(date(2026, 5, 10))) == (Status.TRIAL, PRO_ID)
    assert (one.status_on(date(2026, 5, 15)), one.version_on(date(2099, 1, 1))) == (Status.ACTIVE, PRO_ID)
    assert subscription(timeline).status_on(date(2026, 4, 1)) is Status.TRIAL


def test_a_subscription_begins_without_addons_at_its_first_revision() -> None:
    one = subscription(Timeline.starting(FIRST, STUDIO_ID))

    assert (one.addons, one.trial_ends_at, one.revision) == ((), None, 1)
    with pytest.raises(FrozenInstanceError):
        one.revision = 2  # type: ignore[misc]


def test_another_timeline_is_the_next_revision_of_the_same_subscription() -> None:
    one = subscription(Timeline.starting(FIRST, STUDIO_ID), [bought(STORAGE_50GB, FIRST)])
    changed = one.timeline.with_version(date(2026, 5, 9), PRO_ID)

    assert one.with_timeline(changed) == replace(one, timeline=changed, revision=2)
    assert one.with_timeline(changed).with_timeline(changed).revision == 3
    assert one.timeline.points == (point(1),)


def test_parts_are_named_by_keyword() -> None:
    trial = Timeline.starting(
        day=FIRST, version_id=STUDIO_ID, status=Status.ACTIVE, trial_ends_on=date(2026, 5, 15)
    )
    addon = SubscriptionAddon.snapshot(
        addon=STORAGE_50GB, id=UUID(int=501), addon_id=UUID(int=90), attached_at=NOON, from_day=FIRST
    )

    assert trial.points == (point(1, status=Status.TRIAL), point(15))
    assert addon == bought(STORAGE_50GB, FIRST)


def test_golden_7_an_attached_addon_keeps_750_cents_and_50_gb_whatever_the_catalogue_does() -> None:
    made = SubscriptionAddon.snapshot(
        STORAGE_50GB, id=UUID(int=1), addon_id=UUID(int=2), attached_at=NOON, from_day=FIRST
    )

    assert made == SubscriptionAddon(
        id=UUID(int=1),
        addon_id=UUID(int=2),
        code="storage_50gb",
        resource_kind="spaces_gb_month",
        qty=Decimal(50),
        price_cents=750,
        currency="AUD",
        attached_at=NOON,
        from_day=FIRST,
        to_day=None,
    )
    dearer = replace(STORAGE_50GB, price_cents=900, qty=Decimal(40))
    assert (made.price_cents, made.qty) == (750, 50)
    assert bought(dearer, FIRST).price_cents == 900


def test_an_addon_holds_from_its_day_until_before_its_end() -> None:
    for_ever = bought(STORAGE_50GB, date(2026, 5, 10))
    until = for_ever.detached(date(2026, 5, 20))

    assert [for_ever.holds_on(date(2026, 5, n)) for n in (9, 10, 31)] == [False, True, True]
    assert [until.holds_on(date(2026, 5, n)) for n in (9, 10, 19, 20)] == [False, True, True, False]
    assert for_ever.to_day is None


def test_an_addon_detached_on_its_first_day_never_held() -> None:
    never = bought(STORAGE_50GB, date(2026, 5, 10), to_day=date(2026, 5, 10))

    assert not any(never.holds_on(date(2026, 5, n)) for n in range(1, 32))
    one = subscription(Timeline.starting(FIRST, STUDIO_ID), [never])
    assert stretches([one], VERSIONS, MAY) == (Stretch(MAY, STUDIO),)


def test_an_addon_has_ended_from_the_day_of_its_end_on() -> None:
    until = bought(STORAGE_50GB, date(2026, 5, 10), to_day=date(2026, 5, 20))

    assert [until.has_ended(date(2026, 5, n)) for n in (9, 19, 20, 21)] == [False, False, True, True]
    assert not bought(STORAGE_50GB, FIRST).has_ended(date(2099, 12, 31))


def test_an_attachment_takes_the_place_of_the_one_of_its_id() -> None:
    first, second = (bought(STORAGE_50GB, FIRST, number=n) for n in (1, 2))
    one = subscription(Timeline.starting(FIRST, STUDIO_ID), [first, second])
    ended = second.detached(date(2026, 5, 20))

    assert one.with_addon(ended) == replace(one, addons=(first, ended))


def test_an_addon_cannot_end_before_it_begins() -> None:
    with pytest.raises(AddonEndsBeforeStart) as refused:
        bought(STORAGE_50GB, date(2026, 5, 10)).detached(date(2026, 5, 9))

    assert refused.value.facts == {
        "code": "storage_50gb", "from_day": date(2026, 5, 10), "to_day": date(2026, 5, 9),
    }  # fmt: skip
    assert str(refused.value) == (
        "Addon 'storage_50gb' is attached from 2026-05-10: it cannot end on 2026-05-09."
    )
    assert (refused.value.code, refused.value.field) == ("addon_ends_before_start", "to_day")


@pytest.mark.parametrize("bad", [date(1999, 12, 31), datetime(2026, 5, 2), None])
def test_an_addon_attached_or_detached_on_what_is_no_day_is_refused(bad: date) -> None:
    with pytest.raises(DateOutOfRange, match="The day of attachment"):
        bought(STORAGE_50GB, bad)
    with pytest.raises(DateOutOfRange, match="The day of detachment"):
        bought(STORAGE_50GB, FIRST).detached(bad)


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[Subscription, Diary]]:
    """One to three subscriptions of one deployment, each beginning after the one before."""
    result: list[tuple[Subscription, Diary]] = []
    for number, (timeline, diary) in enumerate(
        sorted(draw(st.lists(kept_twice(), min_size=1, max_size=3)), key=lambda kept: kept[1].start)
    ):
        addons = []
        for slot in range(draw(st.integers(0, 3))):
            begins = draw(st.integers(0, HORIZON - 1))
            addon = bought(
                draw(st.sampled_from([STORAGE_50GB, TOKENS_1M])), day(begins), number=number * 9 + slot
            )
            ends = draw(st.one_of(st.none(), st.integers(begins, HORIZON)))
            addons.append(addon if ends is None else addon.detached(day(ends)))
        result.append((subscription(timeline, draw(st.permutations(addons)), number=number), diary))
    return result


def _held_on(lived: Sequence[tuple[Subscription, Diary]], n: int) -> tuple[Subscription, Diary] | None:
    begun = [one for one in lived if one[1].start <= n]
    return begun[-1] if begun else None


@examples(500)
@given(lives(), st.sampled_from([EVE, FIRST, date(2026, 3, 1)]))
def test_the_stretches_of_a_month_are_its_days_each_once_as_the_diaries_say(
    lived: list[tuple[Subscription, Diary]], first: date
) -> None:
    month = month_of(first)
    cut = stretches([one for one, _ in lived], VERSIONS, month)

    assert all(a.period.end <= b.period.start for a, b in pairwise(cut))
    assert all(month.start <= s.period.start and s.period.end <= month.end for s in cut)
    slot_of: dict[UUID, int] = {}
    for here in month:
        n = (here - EVE).days
        held = [s for s in cut if here in s.period]
        living = _held_on(lived, n)
        if living is None:
            assert held == []
            continue
        (stretch,) = held
        one, diary = living
        assert stretch.version is VERSIONS[diary.version[n]]
        assert stretch.status is diary.status[n]
        expected = [a for a in one.addons if a.from_day <= here and (a.to_day is None or here < a.to_day)]
        expected.sort(key=lambda addon: (addon.from_day, addon.id))
        assert [a.code for a in stretch.addons] == [a.code for a in expected]
        for found, wanted in zip(stretch.addons, expected, strict=True):
            assert found.slot == slot_of.setdefault(wanted.id, found.slot)
            assert (found.qty, found.price_cents, found.currency, found.resource_kind) == (
                wanted.qty, wanted.price_cents, wanted.currency, wanted.resource_kind,
            )  # fmt: skip
    assert len(set(slot_of.values())) == len(slot_of)


@examples(200)
@given(
    lives(),
    st.dictionaries(st.sampled_from(["droplet_hours", "spaces_gb_month", "dns_zones"]), st.integers(0, 9000)),
)
def test_a_subscriptions_month_costs_what_the_oracle_says(
    lived: list[tuple[Subscription, Diary]], used: dict[str, int]
) -> None:
    usage = {kind: {date(2026, 5, 1 + q % 31): Decimal(q)} for kind, q in used.items()}
    cut = stretches([one for one, _ in lived], VERSIONS, MAY)

    assert in_month(MAY, cut, usage).total_cents == oracle.expected(cut, usage, [], FIRST).total


def test_a_month_before_the_start_has_no_stretch() -> None:
    one = subscription(Timeline.starting(FIRST, STUDIO_ID))

    assert stretches([one], VERSIONS, month_of(date(2026, 4, 1))) == ()
    assert stretches([], VERSIONS, MAY) == ()


def test_a_month_is_cut_only_where_something_changes() -> None:
    timeline = Timeline.starting(date(2026, 1, 1), STUDIO_ID).with_version(date(2026, 5, 16), PRO_ID)
    one = subscription(timeline, [bought(STORAGE_50GB, date(2026, 5, 25), to_day=date(2026, 5, 28))])
    cut = stretches([one], VERSIONS, MAY)

    assert [s.period for s in cut] == [may(1, 16), may(16, 25), may(25, 28), may(28, 32)]
    assert [s.version.plan_code for s in cut] == ["studio", "pro", "pro", "pro"]
    assert [len(s.addons) for s in cut] == [0, 0, 1, 0]
    assert cut[2].addons == (AttachedAddon(0, "storage_50gb", "spaces_gb_month", Decimal(50), 750, "AUD"),)


def test_a_change_on_the_first_or_after_the_last_of_a_month_cuts_nothing() -> None:
    timeline = Timeline.starting(date(2026, 1, 1), STUDIO_ID)
    timeline = timeline.with_version(FIRST, PRO_ID).with_version(date(2026, 6, 1), STARTER_ID)

    assert [(s.period, s.version.plan_code) for s in stretches([subscription(timeline)], VERSIONS, MAY)] == [
        (MAY, "pro")
    ]


def test_two_subscriptions_in_sequence_share_the_month() -> None:
    first = Timeline.starting(date(2026, 1, 1), STUDIO_ID).with_status(date(2026, 5, 10), Status.CANCELLED)
    then = Timeline.starting(date(2026, 5, 20), PRO_ID)
    addon = bought(STORAGE_50GB, date(2026, 1, 1), number=1)
    another = bought(TOKENS_1M, date(2026, 5, 20), number=2)
    cut = stretches([subscription(first, [addon]), subscription(then, [another], number=2)], VERSIONS, MAY)

    assert [(s.period, s.version.plan_code, s.status, [a.slot for a in s.addons]) for s in cut] == [
        (may(1, 10), "studio", Status.ACTIVE, [0]),
        (may(10, 20), "studio", Status.CANCELLED, [0]),
        (may(20, 32), "pro", Status.ACTIVE, [1]),
    ]
    made = in_month(MAY, cut, on(date(2026, 5, 15), droplet_hours=4000))
    assert [line.amount_cents for line in made.lines] == [1452, 4645, 218, 310, 1237]
    # The span is 21 days; cancelled days' usage counts to Studio: 4000 − (1488 × 9 + 3720 × 12) ÷ 21 hours.
    assert made.overage[0].meta["allowance"] == "2763.428571"
    assert made.overage[0].qty == Decimal("1236.571429")


def test_a_subscription_that_is_followed_on_its_first_day_has_no_day() -> None:
    first = subscription(Timeline.starting(FIRST, STUDIO_ID))
    second = subscription(Timeline.starting(FIRST, PRO_ID), number=2)

    assert [s.version.plan_code for s in stretches([first, second], VERSIONS, MAY)] == ["pro"]


def test_addons_are_told_apart_by_day_then_instant_then_id() -> None:
    late = replace(bought(STORAGE_50GB, FIRST, number=1), attached_at=NOON + timedelta(hours=1))
    early = bought(TOKENS_1M, FIRST, number=3)
    twin = replace(bought(STORAGE_50GB, FIRST, number=2), code="twin")
    before = replace(
        bought(STORAGE_50GB, date(2026, 4, 1), number=4), code="before", attached_at=late.attached_at
    )
    one = subscription(Timeline.starting(FIRST, STUDIO_ID), [late, early, twin, before])
    (cut,) = stretches([one], VERSIONS, MAY)

    assert [(a.slot, a.code) for a in cut.addons] == [
        (0, "before"), (1, "twin"), (2, "llm_1m"), (3, "storage_50gb"),
    ]  # fmt: skip


def test_an_addon_of_an_unknown_kind_is_refused_when_the_month_is_cut() -> None:
    broken = replace(bought(STORAGE_50GB, FIRST), resource_kind="gpu_hours")
    with pytest.raises(UnknownKind, match="'gpu_hours'"):
        stretches([subscription(Timeline.starting(FIRST, STUDIO_ID), [broken])], VERSIONS, MAY)


def test_an_addon_attached_before_the_start_is_held_from_the_start() -> None:
    one = subscription(Timeline.starting(date(2026, 5, 20), STUDIO_ID), [bought(STORAGE_50GB, FIRST)])

    assert [(s.period, len(s.addons)) for s in stretches([one], VERSIONS, MAY)] == [(may(20, 32), 1)]
    assert month_of_subscription(MAY, one).total_cents == 2225


def test_a_whole_year_bills_each_day_of_service_once() -> None:
    timeline = Timeline.starting(date(2026, 2, 10), STUDIO_ID, trial_ends_on=date(2026, 2, 24))
    timeline = timeline.with_version(date(2026, 4, 16), PRO_ID).with_status(date(2026, 7, 5), Status.PAUSED)
    timeline = timeline.with_status(date(2026, 8, 9), Status.ACTIVE)
    timeline = timeline.with_status(date(2026, 11, 30), Status.CANCELLED)
    one = subscription(timeline)
    billed = sum(
        int(str(line.meta["days_billed"]))
        for number in range(1, 13)
        for line in month_of_subscription(month_of(date(2026, number, 1)), one).recurring
    )

    in_service = (
        Period(date(2026, 2, 24), date(2026, 11, 30)).days - Period(date(2026, 7, 5), date(2026, 8, 9)).days
    )
    assert billed == in_service


def test_instants_are_kept_as_given() -> None:
    one = subscription(Timeline.starting(FIRST, STUDIO_ID))

    assert one.created_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert one.current_period == MAY


def in_trial(ends_at: datetime | None, *points: tuple[int, Status]) -> Subscription:
    """A subscription of May whose timeline has these points, with a trial granted until `ends_at`."""
    return Subscription(
        id=UUID(int=1),
        tenant_id="acme",
        deployment_id=UUID(int=2),
        timeline=Timeline(
            tuple(ChangePoint(date(2026, 5, day), UUID(int=3), status) for day, status in points)
        ),
        current_period=Period(date(2026, 5, 1), date(2026, 6, 1)),
        created_at=datetime(2026, 5, 1, tzinfo=UTC),
        trial_ends_at=ends_at,
    )


def statuses_of(subscription: Subscription) -> list[tuple[int, Status]]:
    return [(point.from_day.day, point.status) for point in subscription.timeline.points]


TRIAL_ENDS = datetime(2026, 5, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("held", "resumed_on", "expected"),
    [
        pytest.param(
            [(1, Status.TRIAL), (5, Status.PAUSED)],
            9,
            [(1, Status.TRIAL), (5, Status.PAUSED), (9, Status.TRIAL), (20, Status.ACTIVE)],
            id="the pause lay in the trial",
        ),
        pytest.param(
            [(1, Status.PAUSED)], 1, [(1, Status.TRIAL), (20, Status.ACTIVE)], id="paused before it began"
        ),
        pytest.param(
            [(1, Status.TRIAL), (5, Status.PAUSED)],
            5,
            [(1, Status.TRIAL), (20, Status.ACTIVE)],
            id="paused and resumed on one day",
        ),
        pytest.param(
            [(1, Status.TRIAL), (5, Status.PAUSED)],
            19,
            [(1, Status.TRIAL), (5, Status.PAUSED), (19, Status.TRIAL), (20, Status.ACTIVE)],
            id="a day of it is left",
        ),
        pytest.param(
            [(1, Status.TRIAL), (5, Status.PAUSED)],
            20,
            [(1, Status.TRIAL), (5, Status.PAUSED), (20, Status.ACTIVE)],
            id="it is over on that day",
        ),
        pytest.param(
            [(1, Status.TRIAL), (3, Status.ACTIVE), (5, Status.PAUSED)],
            9,
            [(1, Status.TRIAL), (3, Status.ACTIVE), (5, Status.PAUSED), (9, Status.ACTIVE)],
            id="it was ended before the pause",
        ),
        pytest.param(
            [(1, Status.TRIAL), (20, Status.ACTIVE)],
            9,
            [(1, Status.TRIAL), (9, Status.ACTIVE)],
            id="ended by becoming active, without a pause",
        ),
        pytest.param(
            [(1, Status.TRIAL), (3, Status.PAUSED), (5, Status.TRIAL), (7, Status.PAUSED)],
            9,
            [
                (1, Status.TRIAL),
                (3, Status.PAUSED),
                (5, Status.TRIAL),
                (7, Status.PAUSED),
                (9, Status.TRIAL),
                (20, Status.ACTIVE),
            ],
            id="paused twice",
        ),
        pytest.param(
            [(1, Status.TRIAL), (5, Status.PAUSED)],
            25,
            [(1, Status.TRIAL), (5, Status.PAUSED), (25, Status.ACTIVE)],
            id="it was over before that day",
        ),
        pytest.param(
            [(1, Status.ACTIVE), (5, Status.PAUSED)],
            9,
            [(1, Status.ACTIVE), (5, Status.PAUSED), (9, Status.ACTIVE)],
            id="it never began",
        ),
        pytest.param(
            [(1, Status.ACTIVE), (3, Status.TRIAL), (5, Status.PAUSED)],
            9,
            [
                (1, Status.ACTIVE),
                (3, Status.TRIAL),
                (5, Status.PAUSED),
                (9, Status.TRIAL),
                (20, Status.ACTIVE),
            ],
            id="it began after days in service",
        ),
        pytest.param(
            [(1, Status.TRIAL), (5, Status.PAUSED), (15, Status.ACTIVE)],
            9,
            [(1, Status.TRIAL), (5, Status.PAUSED), (9, Status.TRIAL), (20, Status.ACTIVE)],
            id="what was planned after the pause does not count",
        ),
    ],
)
def test_a_trial_that_a_pause_interrupted_goes_on(
    held: list[tuple[int, Status]], resumed_on: int, expected: list[tuple[int, Status]]
) -> None:
    subscription = in_trial(TRIAL_ENDS, *held)
    resumed = subscription.standing(date(2026, 5, resumed_on), Status.ACTIVE)
    assert statuses_of(resumed) == expected
    assert resumed.revision == subscription.revision + 1


@pytest.mark.parametrize("status", [Status.TRIAL, Status.PAUSED, Status.CANCELLED])
def test_only_becoming_active_takes_up_a_trial(status: Status) -> None:
    paused = in_trial(TRIAL_ENDS, (1, Status.TRIAL), (5, Status.PAUSED))

    assert paused.standing(date(2026, 5, 9), status) == paused.with_timeline(
        paused.timeline.with_status(date(2026, 5, 9), status)
    )


def test_without_a_trial_a_resumed_subscription_is_active() -> None:
    resumed = in_trial(None, (1, Status.TRIAL), (5, Status.PAUSED)).standing(date(2026, 5, 9), Status.ACTIVE)
    assert statuses_of(resumed)[-1] == (9, Status.ACTIVE)


def test_a_pause_in_a_trial_is_a_pause_and_voids_what_was_planned() -> None:
    paused = in_trial(TRIAL_ENDS, (1, Status.TRIAL), (20, Status.ACTIVE)).standing(
        date(2026, 5, 9), Status.PAUSED
    )
    assert statuses_of(paused) == [(1, Status.TRIAL), (9, Status.PAUSED)]


def test_the_trial_ends_on_its_day_in_utc() -> None:
    in_sydney = datetime.fromisoformat("2026-05-20T08:00:00+10:00")
    resumed = in_trial(in_sydney, (1, Status.TRIAL), (5, Status.PAUSED)).standing(
        date(2026, 5, 9), Status.ACTIVE
    )
    assert statuses_of(resumed)[-1] == (19, Status.ACTIVE)
