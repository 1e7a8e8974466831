"""Whether an invoice says the same of each thing: CSV and items by row, CSV and summary by product (SPEC 10).

Owns these two comparisons: sums that agree can hide an amount that moved from one thing to another. Whether
the sums agree is reconciliation's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.descriptions import Sort, sort_of
from arcadia_domain.cloud.figures import ZERO, dollars, total, unequal, written
from arcadia_domain.cloud.statements import ChargeGroup, InvoiceItem, InvoiceSummary
from arcadia_domain.quantity import EXACT

_SHOWN = 20
"""How many rows are named: where more differ, it is the file that is another."""

_CREDITS = (Sort.CREDIT, Sort.ADJUSTMENT)
_Thing = tuple[str, str]
_Stated = tuple[Decimal, int | None]


def other_rows(lines: Iterable[CostLine], items: Iterable[InvoiceItem]) -> Iterator[str]:
    """What product, description and amount the CSV and the items do not have equally often."""
    csv = _amounts((line.product, line.description, dollars(line.amount_cents)) for line in lines)
    told = _amounts((item.product, item.description, item.amount) for item in items)
    others = (thing for thing in dict.fromkeys([*csv, *told]) if csv[thing] != told[thing])
    for thing in islice(others, _SHOWN):
        product, description = thing
        yield (
            f"of {product}, {description!r}, its CSV has {_all_written(csv[thing])}, but its items have "
            f"{_all_written(told[thing])}"
        )
    left = sum(1 for _ in others)
    if left:
        yield f"of {left} more descriptions its CSV and its items do not have the same amounts"


def other_groups(lines: Iterable[CostLine], summary: InvoiceSummary) -> Iterator[str]:
    """What the rows of the CSV come to otherwise than the summary says: product by product, taxes, credits.

    The names of products need not be the same in both, for nobody has said that they are: those that only one
    of them has are compared as one.
    """
    products: dict[str, list[Decimal]] = defaultdict(list)
    sorts: dict[Sort, list[Decimal]] = defaultdict(list)
    for line in lines:
        sort, amount = sort_of(line.product), dollars(line.amount_cents)
        if sort is Sort.TAX or sort in _CREDITS:
            sorts[sort].append(amount)
        else:
            products[line.product].append(amount)
    yield from _other_products(products, summary)
    credits = [amount for sort in _CREDITS for amount in sorts[sort]]
    for name, amounts, group in (
        ("taxes", sorts[Sort.TAX], summary.taxes),
        ("credits and adjustments", credits, summary.credits_and_adjustments),
    ):
        if total(amounts) != group.amount:
            yield unequal(f"{name} in its CSV come to", total(amounts), "its summary says", group.amount)


def _other_products(products: Mapping[str, list[Decimal]], summary: InvoiceSummary) -> Iterator[str]:
    named = _by_name(summary.products)
    for name in sorted(products.keys() & named.keys()):
        amount, (stated, count) = total(products[name]), named[name]
        if amount != stated:
            yield unequal(f"{name} in its CSV come to", amount, "its summary says", stated)
        if count not in (None, len(products[name])):
            yield f"{name} are {len(products[name])} rows in its CSV, but {count} in its summary"
    yield from _other_rest(products, named, summary)


def _other_rest(
    products: Mapping[str, list[Decimal]], named: Mapping[str, _Stated], summary: InvoiceSummary
) -> Iterator[str]:
    """What only one of the two has under a name, and what the summary has under none."""
    ours = sorted(products.keys() - named.keys())
    theirs = sorted(named.keys() - products.keys())
    rest = total(amount for name in ours for amount in products[name])
    both = (stated for name, (stated, _) in named.items() if name in products)
    charged = total([summary.product_charges.amount, summary.overages.amount])
    stated = EXACT.subtract(charged, total(both))
    if rest != stated:
        yield unequal(
            f"the products of its CSV that its summary does not name ({_listed(ours)}) come to",
            rest,
            f"the rest of the product charges and overages in its summary ({_listed(theirs)}) is",
            stated,
        )


def _amounts(rows: Iterable[tuple[str, str, Decimal]]) -> dict[_Thing, Counter[Decimal]]:
    found: dict[_Thing, Counter[Decimal]] = defaultdict(Counter)
    for product, description, amount in rows:
        found[product, description][amount] += 1
    return found


def _by_name(groups: Iterable[ChargeGroup]) -> dict[str, _Stated]:
    """What the summary says of each product; together where it names one twice."""
    found: dict[str, _Stated] = {}
    for group in groups:
        amount, count = found.get(group.name, (ZERO, 0))
        both = None if count is None or group.count is None else count + group.count
        found[group.name] = total([amount, group.amount]), both
    return found


def _all_written(amounts: Counter[Decimal]) -> str:
    said = [f"{written(amount)} USD" for amount in sorted(amounts.elements())]
    if len(said) > _SHOWN:
        return f"{len(said)} amounts of {written(total(amounts.elements()))} USD together"
    return " + ".join(said) or "nothing"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
