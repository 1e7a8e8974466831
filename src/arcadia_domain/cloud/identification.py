"""The ids of the JSON items brought to the lines of the CSV: the same invoice, told twice (SPEC 10).

The CSV is the book of record and has no ids; the items have them. Owns which item is which line: the one that
says the same. What does not pair keeps its line, without an id.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from arcadia_domain.cloud.costs import CostLine, canonical_row
from arcadia_domain.cloud.statements import InvoiceItem, rounded_cents
from arcadia_domain.period import Period, midnight
from arcadia_domain.quantity import plain, scaled

_ONE_SECOND = timedelta(seconds=1)
_Key = tuple[object, ...]


def identified(lines: Sequence[CostLine], items: Iterable[InvoiceItem]) -> list[CostLine]:
    """The lines, in order, with the ids of the items that say the same: product, group, description, amount,
    project, start and end where the item tells them. Of equal ones the first item is the first line.
    """
    by_what_is_told: dict[tuple[bool, bool], list[InvoiceItem]] = defaultdict(list)
    for item in items:
        by_what_is_told[item.start is not None, item.end is not None].append(item)
    found = list(lines)
    free = set(range(len(found)))
    for told, own in sorted(by_what_is_told.items(), reverse=True):  # what tells most chooses first
        waiting: dict[_Key, deque[int]] = defaultdict(deque)
        for i in sorted(free):
            waiting[_line_key(found[i], told)].append(i)
        for item in own:
            same = waiting.get(_item_key(item))
            if same:
                i = same.popleft()
                free.discard(i)
                found[i] = replace(found[i], provider_id=provider_id(item))
    return found


def provider_id(item: InvoiceItem) -> str | None:
    """The id that the inventory has for the resource of an item: a number, or a UUID where it has none."""
    return item.resource_id or item.resource_uuid


def end_of(item: InvoiceItem) -> datetime | None:
    """The exclusive end: an item that is written as ending at 23:59:59 ends at the midnight that follows."""
    if item.end is None or (item.end.hour, item.end.minute, item.end.second) != (23, 59, 59):
        return item.end
    return item.end.replace(microsecond=0) + _ONE_SECOND


def lines_of(items: Iterable[InvoiceItem], period: Period) -> Iterator[CostLine]:
    """Cost lines of items that no CSV stands beside: those of the running month.

    An amount finer than a cent is rounded half up, for it is no bill. An item without a start or an end runs
    from the period's first instant or to its last. What identifies
    the row is what it says, in the CSV's columns.
    """
    met: dict[str, int] = defaultdict(int)
    for number, item in enumerate(items):
        start, end = item.start or midnight(period.start), end_of(item) or midnight(period.end)
        row = canonical_row(
            {
                "product": item.product,
                "group_description": item.group_description,
                "description": item.description,
                "hours": "" if item.hours is None else plain(item.hours),
                "start": _written(start),
                "end": _written(end),
                "USD": f"${plain(item.amount)}",
                "project_name": item.project_name or "",
            }
        )
        yield CostLine(
            line_no=number + 2,
            product=item.product,
            group_description=item.group_description,
            description=item.description,
            hours=item.hours,
            start=start,
            end=max(start, end),
            amount_cents=rounded_cents(item.amount),
            project_name=item.project_name or "",
            category=item.category,
            ordinal=met[row],
            row=row,
            provider_id=provider_id(item),
        )
        met[row] += 1


def _line_key(line: CostLine, told: tuple[bool, bool]) -> _Key:
    has_start, has_end = told
    return (
        line.product,
        line.group_description,
        line.description,
        line.amount_cents,
        line.project_name,
        line.start if has_start else None,
        line.end if has_end else None,
    )


def _item_key(item: InvoiceItem) -> _Key:
    return (
        item.product,
        item.group_description,
        item.description,
        scaled(item.amount, 2),
        item.project_name or "",
        item.start,
        end_of(item),
    )


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
