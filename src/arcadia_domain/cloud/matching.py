"""Which resource a line of a provider invoice is for (SPEC 10).

Owns the rule: the resource with the id that the provider gives; else the one of that kind and name, in
whatever case, that lived all the while the line ran. None or several is no match, with the reason; nothing
is guessed. What an operator attributed by hand is applied elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from types import MappingProxyType
from typing import Final
from uuid import UUID

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.descriptions import Sort, is_account_wide, kinds_of_id, sort_of
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.spans import FOREVER, micros


class How(StrEnum):
    """By what a line was matched. An id is only in the provider's JSON items, not in its CSV."""

    ID = "id"
    NAME = "name"
    NONE = "none"


class Unmatched(StrEnum):
    """Why a line matches no resource."""

    TAX = "tax"
    CREDIT = "credit"
    ADJUSTMENT = "adjustment"
    OVERAGE = "overage"
    SUPPORT = "support"
    ACCOUNT_WIDE = "account_wide"
    PRODUCT_OF_NO_KIND = "product_of_no_kind"
    NO_NAME = "no_name"
    NO_SUCH_RESOURCE = "no_such_resource"
    OTHER_ID = "other_id"
    NOT_AT_THAT_TIME = "not_at_that_time"
    SEVERAL = "several"

    @property
    def in_words(self) -> str:
        """The reason as a sentence."""
        return _IN_WORDS[self]


_IN_WORDS: Mapping[Unmatched, str] = MappingProxyType(
    {
        Unmatched.TAX: "It is the provider's tax on the whole invoice.",
        Unmatched.CREDIT: "It is a credit to the account, for no one resource.",
        Unmatched.ADJUSTMENT: "It is a correction to the account, for no one resource.",
        Unmatched.OVERAGE: "It is for more than the whole account has included.",
        Unmatched.SUPPORT: "It is for the provider's support of the whole account.",
        Unmatched.ACCOUNT_WIDE: "It is a subscription of the whole account.",
        Unmatched.PRODUCT_OF_NO_KIND: "Its product is about no kind of resource that we know.",
        Unmatched.NO_NAME: "It has no id that we know, and its description names no resource for certain.",
        Unmatched.NO_SUCH_RESOURCE: "The inventory has no resource of its kind with its id or name.",
        Unmatched.OTHER_ID: "The inventory has its name, but of a resource with another id.",
        Unmatched.NOT_AT_THAT_TIME: "A resource has its name, but did not live all the while the line ran.",
        Unmatched.SEVERAL: "Several resources with its name lived all the while the line ran.",
    }
)

_OF_SORT: Mapping[Sort, Unmatched] = MappingProxyType(
    {
        Sort.TAX: Unmatched.TAX,
        Sort.CREDIT: Unmatched.CREDIT,
        Sort.ADJUSTMENT: Unmatched.ADJUSTMENT,
        Sort.OVERAGE: Unmatched.OVERAGE,
        Sort.SUPPORT: Unmatched.SUPPORT,
    }
)


# The provider cuts a line at the hour in which its resource was created or destroyed, or at the instant.
_HOUR: Final = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Match:
    """A line with the resource it is for and how that is known, or with the reason why it is for none."""

    line: CostLine
    resource_id: UUID | None = None
    how: How = How.NONE
    reason: Unmatched | None = None


def match(lines: Iterable[CostLine], resources: Iterable[CloudResource]) -> list[Match]:
    """Each line, in order, with its resource or the reason for none.

    `resources` are those of the invoice's account, the tombstoned among them: all that have one of the
    `wanted_ids` or `wanted_names`, at least. A resource lived from its creation until it was deleted. One
    that was born more than an hour after a line's start, or ended more than an hour before its end, is
    another of that name. Where the provider gave no date of creation, it was there at the first look, and
    nobody knows since when. The time is linear in lines and resources.
    """
    known = _Known(resources)
    return [_match(line, known) for line in lines]


def wanted_names(lines: Iterable[CostLine]) -> set[tuple[str, str]]:
    """The kinds and case-folded names by which resources of the lines are looked for."""
    return {(line.kind, name.casefold()) for line in lines if line.kind and (name := line.name)}


def wanted_ids(lines: Iterable[CostLine]) -> set[tuple[str, str]]:
    """The kinds and provider ids by which resources of the lines are looked for."""
    return {
        (kind, line.provider_id)
        for line in lines
        if line.provider_id is not None
        for kind in kinds_of_id(line.product)
    }


class _Lives:
    """The lifetimes of all resources of one kind and name, in order of birth."""

    __slots__ = ("births", "latest_deaths", "lives")

    def __init__(self, lives: list[tuple[int, int, UUID, str]]) -> None:
        self.lives = sorted(lives, key=lambda life: life[:2])
        self.births = [birth for birth, *_ in self.lives]
        self.latest_deaths = list(accumulate((death for _, death, *_ in self.lives), max))

    def spanning(self, born_before: int, died_after: int) -> list[tuple[UUID, str]]:
        """Who was born before the one instant and died after the other: all that matters is none, one or
        more, so the search stops at two.

        Backwards from the last one born before; done where all earlier ones had died.
        """
        found: list[tuple[UUID, str]] = []
        i = bisect_left(self.births, born_before) - 1
        while i >= 0 and self.latest_deaths[i] > died_after and len(found) < 2:
            _, death, resource_id, provider_id = self.lives[i]
            if death > died_after:
                found.append((resource_id, provider_id))
            i -= 1
        return found


class _Named:
    """The lifetimes of all resources of one kind and name: those whose births are told, and the others."""

    __slots__ = ("born", "seen")

    def __init__(self, resources: list[CloudResource]) -> None:
        self.born = _Lives([_life(one, one.created_at) for one in resources if one.created_at is not None])
        self.seen = _Lives([_life(one, one.first_seen) for one in resources if one.created_at is None])

    def throughout(self, start: int, end: int) -> list[tuple[UUID, str]]:
        """Who lived from start to end, within an hour, and at some instant between them."""
        died_after = max(start, end - _HOUR - 1)
        return [
            *self.born.spanning(min(end, start + _HOUR + 1), died_after),
            *self.seen.spanning(end, died_after),
        ]


def _life(resource: CloudResource, birth: datetime) -> tuple[int, int, UUID, str]:
    death = FOREVER if resource.deleted_at is None else micros(resource.deleted_at)
    return micros(birth), death, resource.id, resource.provider_id


class _Known:
    """The resources by what lines call them."""

    __slots__ = ("by_id", "by_name")

    def __init__(self, resources: Iterable[CloudResource]) -> None:
        self.by_id: dict[tuple[str, str], UUID] = {}
        named: dict[tuple[str, str], list[CloudResource]] = defaultdict(list)
        for resource in resources:
            self.by_id[resource.kind, resource.provider_id] = resource.id
            named[resource.kind, resource.name.casefold()].append(resource)
        self.by_name = {key: _Named(of_name) for key, of_name in named.items()}


def _match(line: CostLine, known: _Known) -> Match:
    kind = line.kind
    if kind is None:
        return Match(line, reason=_OF_SORT.get(sort_of(line.product), Unmatched.PRODUCT_OF_NO_KIND))
    if line.provider_id is not None:
        for each in kinds_of_id(line.product):
            resource_id = known.by_id.get((each, line.provider_id))
            if resource_id is not None:
                return Match(line, resource_id, How.ID)
    return _match_by_name(line, kind, known)


def _match_by_name(line: CostLine, kind: str, known: _Known) -> Match:
    name = line.name
    if name is None:
        return Match(line, reason=_nameless(line))
    named = known.by_name.get((kind, name.casefold()))
    if named is None:
        return Match(line, reason=Unmatched.NO_SUCH_RESOURCE)
    start, end = micros(line.start), micros(line.end)
    found = named.throughout(start, max(end, start + 1))
    if len(found) != 1:
        return Match(line, reason=Unmatched.SEVERAL if found else Unmatched.NOT_AT_THAT_TIME)
    resource_id, provider_id = found[0]
    if line.provider_id is not None and _form(line.provider_id) == _form(provider_id):
        return Match(line, reason=Unmatched.OTHER_ID)
    return Match(line, resource_id, How.NAME)


def _nameless(line: CostLine) -> Unmatched:
    if is_account_wide(line.product):
        return Unmatched.ACCOUNT_WIDE
    return Unmatched.NO_NAME if line.provider_id is None else Unmatched.NO_SUCH_RESOURCE


def _form(provider_id: str) -> str:
    """How an id is written. Two of one form that differ are two resources; of two forms, nobody knows."""
    if provider_id.isascii() and provider_id.isdigit():
        return "number"
    return "uuid" if len(provider_id) == 36 and provider_id.count("-") == 4 else provider_id
