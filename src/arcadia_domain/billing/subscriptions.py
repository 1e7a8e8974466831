"""Subscriptions: what a deployment is bound to from which day on, and the addons attached to it (SPEC 5).

Owns the timeline of change points and how a month is cut into stretches. What the stretches cost is pricing's
business; that a deployment has one subscription at a time is held by the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from arcadia_domain.errors import DomainError
from arcadia_domain.period import Period, check_day
from arcadia_domain.pricing.catalog import PlanVersion
from arcadia_domain.pricing.stretch import AddonTerms, AttachedAddon, Status, Stretch


class ChangeBeforeStart(DomainError):
    code = "change_before_start"
    sentence = "The subscription starts on {start}: nothing can change on {day}."
    field = "from_day"


class SubscriptionCancelled(DomainError):
    code = "subscription_cancelled"
    sentence = "The subscription is cancelled on {day}: its plan and addons cannot change any more."


class TrialEndsBeforeStart(DomainError):
    code = "trial_ends_before_start"
    sentence = "A trial that starts on {start} cannot end on {ends}."
    field = "trial_ends_at"


class InvalidTimeline(DomainError):
    code = "invalid_timeline"
    sentence = "A timeline needs change points on distinct days in order, but has them on {days}."


class AddonEndsBeforeStart(DomainError):
    code = "addon_ends_before_start"
    sentence = "Addon {code!r} is attached from {from_day}: it cannot end on {to_day}."
    field = "to_day"


class AddonEnded(DomainError):
    code = "addon_ended"
    sentence = "Addon {code!r} ended on {to_day}: that stays. To have it again, attach it anew."


class TooManyAddons(DomainError):
    code = "too_many_addons"
    sentence = "A subscription holds at most {most} addons that have not ended: detach one first."


MOST_ADDONS = 100
"""How many addons of one subscription may not have ended."""


class ChangePoint(NamedTuple):
    """From this day on, until the next point, this version is bound and the subscription stands so."""

    from_day: date
    version_id: UUID
    status: Status


@dataclass(frozen=True, slots=True)
class Timeline:
    """The change points of one subscription, in order. The last one holds for ever.

    Two tracks run in it, the version and the status; a change of one leaves the other as it is.
    """

    points: tuple[ChangePoint, ...]

    def __post_init__(self) -> None:
        days = [point.from_day for point in self.points]
        if not days or any(later <= earlier for earlier, later in pairwise(days)):
            raise InvalidTimeline(days=[day.isoformat() for day in days])

    @classmethod
    def starting(
        cls,
        day: date,
        version_id: UUID,
        status: Status = Status.ACTIVE,
        *,
        trial_ends_on: date | None = None,
    ) -> Timeline:
        """A subscription from `day` on; in trial until `trial_ends_on` (the first day that costs), if given.

        Raises DateOutOfRange, TrialEndsBeforeStart.
        """
        check_day(day, "The start day")
        if trial_ends_on is None:
            return cls((ChangePoint(day, version_id, status),))
        check_day(trial_ends_on, "The end of the trial")
        if trial_ends_on <= day:
            raise TrialEndsBeforeStart(start=day, ends=trial_ends_on)
        return cls(
            (
                ChangePoint(day, version_id, Status.TRIAL),
                ChangePoint(trial_ends_on, version_id, Status.ACTIVE),
            )
        )

    @property
    def start(self) -> date:
        return self.points[0].from_day

    def on(self, day: date) -> ChangePoint | None:
        """What holds on a day, or None before the start."""
        return next((point for point in reversed(self.points) if point.from_day <= day), None)

    def with_version(self, day: date, version_id: UUID) -> Timeline:
        """Another version from `day` on, until the next change of version that is there already.

        The last change of a day replaces the earlier ones.
        Raises DateOutOfRange, ChangeBeforeStart, SubscriptionCancelled.
        """
        self.must_allow_change(day)
        versions = {point.from_day: point.version_id for point in _changes_of_version(self.points)}
        return _merged({**versions, day: version_id}, _statuses(self.points))

    def with_status(self, day: date, status: Status) -> Timeline:
        """Another status from `day` on; what was planned after it (the end of a trial) is void.

        Raises DateOutOfRange, ChangeBeforeStart.
        """
        check_day(day, "The day of the change")
        if day < self.start:
            raise ChangeBeforeStart(start=self.start, day=day)
        versions = {point.from_day: point.version_id for point in _changes_of_version(self.points)}
        before = {d: s for d, s in _statuses(self.points).items() if d < day}
        return _merged(versions, {**before, day: status})

    def must_allow_change(self, day: date) -> None:
        """Raise unless plan and addons may change on `day`:
        DateOutOfRange, ChangeBeforeStart, SubscriptionCancelled.
        """
        check_day(day, "The day of the change")
        point = self.on(day)
        if point is None:
            raise ChangeBeforeStart(start=self.start, day=day)
        if point.status is Status.CANCELLED:
            raise SubscriptionCancelled(day=day)


def _changes_of_version(points: Sequence[ChangePoint]) -> list[ChangePoint]:
    return [p for i, p in enumerate(points) if i == 0 or p.version_id != points[i - 1].version_id]


def _statuses(points: Sequence[ChangePoint]) -> dict[date, Status]:
    return {
        p.from_day: p.status for i, p in enumerate(points) if i == 0 or p.status is not points[i - 1].status
    }


def _merged(versions: Mapping[date, UUID], statuses: Mapping[date, Status]) -> Timeline:
    """The two tracks as one row of points, without points that change nothing."""
    points: list[ChangePoint] = []
    version, status = versions[min(versions)], statuses[min(statuses)]
    for day in sorted({*versions, *statuses}):
        version, status = versions.get(day, version), statuses.get(day, status)
        if not points or points[-1][1:] != (version, status):
            points.append(ChangePoint(day, version, status))
    return Timeline(tuple(points))


@dataclass(frozen=True, slots=True)
class SubscriptionAddon:
    """An addon as it was when it was attached: a later change of the catalogue never reprices it.

    It holds from `from_day` until `to_day` (not included; None: for ever).
    """

    id: UUID
    addon_id: UUID
    code: str
    resource_kind: str
    qty: Decimal
    price_cents: int
    currency: str
    attached_at: datetime
    from_day: date
    to_day: date | None = None

    @classmethod
    def snapshot(
        cls, addon: AddonTerms, *, id: UUID, addon_id: UUID, attached_at: datetime, from_day: date
    ) -> SubscriptionAddon:
        """The catalogue's addon, frozen as it is now. Raises DateOutOfRange."""
        return cls(
            id=id,
            addon_id=addon_id,
            code=addon.code,
            resource_kind=addon.resource_kind,
            qty=addon.qty,
            price_cents=addon.price_cents,
            currency=addon.currency,
            attached_at=attached_at,
            from_day=check_day(from_day, "The day of attachment"),
        )

    def detached(self, to_day: date) -> SubscriptionAddon:
        """The addon ending on `to_day`, which is not billed. Raises DateOutOfRange, AddonEndsBeforeStart."""
        check_day(to_day, "The day of detachment")
        if to_day < self.from_day:
            raise AddonEndsBeforeStart(code=self.code, from_day=self.from_day, to_day=to_day)
        return replace(self, to_day=to_day)

    def has_ended(self, today: date) -> bool:
        """Whether its end is behind it; an end that is still ahead may be moved."""
        return self.to_day is not None and self.to_day <= today

    def holds_on(self, day: date) -> bool:
        return self.from_day <= day and (self.to_day is None or day < self.to_day)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One deployment's binding to a plan: its timeline and its addons."""

    id: UUID
    tenant_id: str
    deployment_id: UUID
    timeline: Timeline
    current_period: Period
    created_at: datetime
    addons: tuple[SubscriptionAddon, ...] = ()
    trial_ends_at: datetime | None = None
    revision: int = 1

    def standing(self, day: date, status: Status) -> Subscription:
        """The subscription standing otherwise from `day` on.

        A trial that a pause interrupted goes on until its end. Raises DateOutOfRange, ChangeBeforeStart.
        """
        timeline = self.timeline.with_status(day, status)
        if status is Status.ACTIVE and self.trial_ends_at is not None and self._was_in_trial(day):
            ends_on = self.trial_ends_at.astimezone(UTC).date()
            if day < ends_on:
                timeline = timeline.with_status(day, Status.TRIAL).with_status(ends_on, Status.ACTIVE)
        return self.with_timeline(timeline)

    def _was_in_trial(self, day: date) -> bool:
        """Whether a pause that holds on `day`, or from the next, began in the trial, or at the start."""
        points = self.timeline.points
        before = [point.status for point in points if point.from_day <= day or point.status is Status.PAUSED]
        in_service = [status for status in before if status is not Status.PAUSED]
        return before[-1] is Status.PAUSED and in_service[-1:] in ([], [Status.TRIAL])

    def must_take_addon(self, today: date) -> None:
        """Raise TooManyAddons where MOST_ADDONS have not ended; one that has yet to begin counts."""
        if sum(not addon.has_ended(today) for addon in self.addons) >= MOST_ADDONS:
            raise TooManyAddons(most=MOST_ADDONS)

    def with_addon(self, addon: SubscriptionAddon) -> Subscription:
        """The subscription with this in place of the attachment of the same id."""
        return replace(self, addons=tuple(addon if one.id == addon.id else one for one in self.addons))

    def with_timeline(self, timeline: Timeline) -> Subscription:
        """The subscription on another timeline, under its next revision."""
        return replace(self, timeline=timeline, revision=self.revision + 1)

    def status_on(self, day: date) -> Status:
        """How it stands on a day; before its start, as it will stand then."""
        return (self.timeline.on(day) or self.timeline.points[0]).status

    def version_on(self, day: date) -> UUID:
        """The version bound on a day; before its start, the first."""
        return (self.timeline.on(day) or self.timeline.points[0]).version_id


def stretches(
    subscriptions: Sequence[Subscription], versions: Mapping[UUID, PlanVersion], month: Period
) -> tuple[Stretch, ...]:
    """The days of `month` on which the subscriptions of ONE deployment hold, cut wherever something changes.

    `subscriptions` come in the order of their start; where a later one starts,
    the earlier one (cancelled by then) ends. Days before the first start are in no stretch.
    """
    slots: dict[UUID, int] = {}
    result: list[Stretch] = []
    for subscription, end in zip(subscriptions, _ends(subscriptions, month), strict=True):
        start = max(month.start, subscription.timeline.start)
        if start >= end:
            continue
        for period in _cut(subscription, Period(start, end)):
            point = subscription.timeline.on(period.start)
            assert point is not None  # the period starts no earlier than the timeline
            held = [addon for addon in _in_order(subscription.addons) if addon.holds_on(period.start)]
            attached = tuple(
                AttachedAddon.of(addon, slots.setdefault(addon.id, len(slots))) for addon in held
            )
            result.append(Stretch(period, versions[point.version_id], attached, point.status))
    return tuple(result)


def _ends(subscriptions: Sequence[Subscription], month: Period) -> list[date]:
    """Where each subscription gives way to the next within the month."""
    return [min(month.end, later.timeline.start) for later in subscriptions[1:]] + [month.end] * bool(
        subscriptions
    )


def _cut(subscription: Subscription, days: Period) -> list[Period]:
    """The days cut at every change of version, status or addon that falls inside."""
    changes = {point.from_day for point in subscription.timeline.points}
    for addon in subscription.addons:
        if addon.to_day != addon.from_day:
            changes |= {addon.from_day, addon.to_day or addon.from_day}
    inside = sorted(day for day in changes if days.start < day < days.end)
    starts, ends = [days.start, *inside], [*inside, days.end]
    return [Period(start, end) for start, end in zip(starts, ends, strict=True)]


def _in_order(addons: Sequence[SubscriptionAddon]) -> list[SubscriptionAddon]:
    return sorted(addons, key=lambda addon: (addon.from_day, addon.attached_at, addon.id))
