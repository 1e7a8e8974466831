"""A line of a provider invoice: what it says, what it is for, and what identifies it (SPEC 10).

Owns CostLine. What its product and description mean is descriptions'; which resource the line is for is
matching's; who pays for it is attribution's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from arcadia_domain.cloud.descriptions import is_tax, kind_of, resource_name

ROW_COLUMNS = ("product", "group_description", "description", "hours", "start", "end", "USD", "project_name")
"""The columns that every invoice has had since 2019: those that identify a row."""


def _nothing_more() -> Mapping[str, str]:
    return MappingProxyType({})


class UnfrozenCostLine:
    """The slots of a CostLine and a cheap constructor, by position; what it makes is a CostLine, and frozen.

    A frozen dataclass pays for each field it sets. The parser makes lines by the hundred thousand; all
    others call CostLine by keyword.
    """

    __slots__ = (
        "amount_cents",
        "category",
        "currency",
        "description",
        "end",
        "extra",
        "group_description",
        "hours",
        "line_no",
        "ordinal",
        "product",
        "project_name",
        "provider_id",
        "row",
        "start",
    )

    def __init__(  # noqa: PLR0917 - a record is built by position: that is what makes it cheap
        self,
        line_no: int,
        product: str,
        group_description: str,
        description: str,
        hours: Decimal | None,
        start: datetime,
        end: datetime,
        amount_cents: int,
        project_name: str,
        category: str | None,
        extra: Mapping[str, str],
        ordinal: int,
        row: str | bytes,
    ) -> None:
        self.line_no = line_no
        self.product = product
        self.group_description = group_description
        self.description = description
        self.hours = hours
        self.start = start
        self.end = end
        self.amount_cents = amount_cents
        self.project_name = project_name
        self.category = category
        self.extra = extra
        self.ordinal = ordinal
        self.row = row
        self.currency = "USD"
        self.provider_id: str | None = None
        self.__class__ = CostLine  # noqa: PLE0237 - no slot: this is what freezes the line


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine(UnfrozenCostLine):
    """One line of a provider invoice.

    `line_no` is the line of the file on which the row begins (the header is 1). `start` and `end` are
    instants in UTC, the end exclusive: a row that is written as ending at 23:59:59 ends at the midnight
    that follows. `amount_cents` is in cents of `currency`, negative for a credit; `hours` is None where the
    provider counts none; `category` is None where the invoice has no such column; `extra` holds columns
    that we do not know. `row` is what identifies the line: its canonical_row, or the sha256 of that where
    only the hash is left (a line read back from the store).
    `ordinal` counts equal rows of one invoice from 0. `provider_id` is the resource's id, which only the
    provider's JSON has.
    """

    line_no: int
    product: str
    group_description: str
    description: str
    hours: Decimal | None
    start: datetime
    end: datetime
    amount_cents: int
    project_name: str
    category: str | None = None
    extra: Mapping[str, str] = field(default_factory=_nothing_more, hash=False)
    ordinal: int = 0
    row: str | bytes = field(compare=False, repr=False)
    currency: str = "USD"
    provider_id: str | None = None

    @property
    def row_sha256(self) -> bytes:
        """The hash of the row as written: with `ordinal` the key of the line in its invoice.

        It covers ROW_COLUMNS only, by name: the order of the columns does not count, and a column that the
        provider adds later does not make old lines new ones, so that what an operator attributed stays so.
        """
        return self.row if isinstance(self.row, bytes) else hashlib.sha256(self.row.encode()).digest()

    @property
    def kind(self) -> str | None:
        """The kind of the inventory that the product is about, or None."""
        return kind_of(self.product)

    @property
    def name(self) -> str | None:
        """The name of the resource as the description gives it, or None where it names none for certain."""
        return resource_name(self.kind, self.description, self.group_description)

    @property
    def is_tax(self) -> bool:
        """Whether the line is the provider's tax on the others."""
        return is_tax(self.product)


def canonical_row(cells: Mapping[str, str]) -> str:
    """A row as it was written, as canonical JSON:
    the cells of ROW_COLUMNS by column name, names sorted, ASCII.
    """
    return json.dumps({name: cells[name] for name in ROW_COLUMNS}, sort_keys=True, separators=(",", ":"))
