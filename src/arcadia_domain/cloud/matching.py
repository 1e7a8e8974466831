"""Which resource a line of a provider invoice is for (SPEC 10).

Owns the rule: the one resource of that kind and name, in whatever case, that lived while the line ran. None
or several is no match, with the reason; nothing is guessed.
What an operator attributed by hand is applied elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from uuid import UUID

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.spans import FOREVER, micros


class How(StrEnum):
    """By what a line was matched. (The provider's JSON items could be matched by id; its CSV has none.)"""

    NAME = "name"
    NONE = "none"


class Unmatched(StrEnum):
    """Why a line matches no resource."""

    TAX = "tax"
    PRODUCT_OF_NO_KIND = "product_of_no_kind"
    NO_NAME = "no_name"
    NO_SUCH_RESOURCE = "no_such_resource"
    NOT_AT_THAT_TIME = "not_at_that_time"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Match:
    """A line with the resource it is for and how that is known, or with the reason why it is for none."""

    line: CostLine
    resource_id: UUID | None = None
    how: How = How.NONE
    reason: Unmatched | None = None


def match(lines: Iterable[CostLine], resources: Iterable[CloudResource]) -> list[Match]:
    """Each line, in order, with its resource or the reason for none.

    `resources` are those of the invoice's account, the tombstoned among them. A resource lived from its
    creation (the first look, where the provider gave no date) until it was deleted. The time is linear in
    lines and resources.
    """
    lives = _lives_by_name(resources)
    return [_match(line, lives) for line in lines]


class _Lives:
    """The lifetimes of all resources of one kind and name, in order of birth."""

    __slots__ = ("births", "ids", "latest_deaths", "lives")

    def __init__(self, lives: list[tuple[int, int, UUID]]) -> None:
        self.lives = sorted(lives, key=lambda life: life[:2])
        self.births = [birth for birth, _, _ in self.lives]
        self.latest_deaths = list(accumulate((death for _, death, _ in self.lives), max))

    def during(self, start: int, end: int) -> list[UUID]:
        """Who lived between start and end: all that matters is none, one or more, so the search stops at two.

        Backwards from the last one born before `end`; done where all earlier ones died before `start`.
        """
        found: list[UUID] = []
        i = bisect_left(self.births, end) - 1
        while i >= 0 and self.latest_deaths[i] > start and len(found) < 2:
            _, death, resource_id = self.lives[i]
            if death > start:
                found.append(resource_id)
            i -= 1
        return found


def _lives_by_name(resources: Iterable[CloudResource]) -> dict[tuple[str, str], _Lives]:
    named: dict[tuple[str, str], list[tuple[int, int, UUID]]] = defaultdict(list)
    for resource in resources:
        birth = micros(resource.created_at or resource.first_seen)
        death = FOREVER if resource.deleted_at is None else micros(resource.deleted_at)
        named[resource.kind, resource.name.casefold()].append((birth, death, resource.id))
    return {key: _Lives(lives) for key, lives in named.items()}


def _match(line: CostLine, lives: dict[tuple[str, str], _Lives]) -> Match:
    kind = line.kind
    if kind is None:
        return Match(line, reason=Unmatched.TAX if line.is_tax else Unmatched.PRODUCT_OF_NO_KIND)
    name = line.name
    if name is None:
        return Match(line, reason=Unmatched.NO_NAME)
    named = lives.get((kind, name.casefold()))
    if named is None:
        return Match(line, reason=Unmatched.NO_SUCH_RESOURCE)
    start, end = micros(line.start), micros(line.end)
    found = named.during(start, max(end, start + 1))
    if len(found) == 1:
        return Match(line, found[0], How.NAME)
    return Match(line, reason=Unmatched.SEVERAL if found else Unmatched.NOT_AT_THAT_TIME)
