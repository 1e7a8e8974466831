"""Match cost lines to the resources of their account, as the inventory stands (SPEC 10)."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.matching import Match, match, wanted_ids, wanted_names
from arcadia_domain.ports.unit_of_work import Work


def match_lines(work: Work, account: str, lines: Sequence[CostLine]) -> list[Match]:
    """Each line with its resource or the reason for none, in order, from two questions to the inventory."""
    named = work.inventory.named(account, wanted_names(lines))
    identified = work.inventory.identified(account, wanted_ids(lines))
    resources = {resource.id: resource for resource in (*named, *identified)}
    return match(lines, resources.values())
