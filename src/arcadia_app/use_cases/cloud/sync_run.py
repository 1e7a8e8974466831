"""A sync while it runs: what its steps share (SPEC 6).

Owns the store and the provider of one sync, what it has heard, and how many look-ups are left. The steps have
a file each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.endings import Endings, endings
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.looks import Look
from arcadia_domain.cloud.provider_errors import ProviderError, ProviderUnauthorized
from arcadia_domain.identity import Principal
from arcadia_domain.ports.clock import Clock
from arcadia_domain.ports.cloud_provider import CloudInventory
from arcadia_domain.ports.unit_of_work import Transactions

LOOK_UPS: Final = 500
"""Missing resources that one sync looks up at most: more of them are a reason to look twice."""

_ACTIONS_BEFORE: Final = timedelta(days=1)
"""How long before the last look an action may have begun that ended after it."""
_ACTIONS_AT_MOST: Final = timedelta(days=31)
_WARNINGS: Final = 100

Found = Counter[tuple[EventKind, str | None]]
"""How many of each event, by region."""


@dataclass(slots=True, kw_only=True)
class SyncRun:
    """One sync of one account."""

    transactions: Transactions
    provider: CloudInventory
    by: Principal
    clock: Clock
    account: str
    sync_id: UUID
    started_at: datetime
    looked_since: datetime | None
    """The oldest last look at what the actions may tell of; None where there is nothing of it."""
    endings: Endings = field(default_factory=Endings)
    look_ups_left: int = LOOK_UPS
    assigned: int = 0
    _warnings: list[str] = field(default_factory=list)
    _passed_over: int = 0

    def look(self, kind: str, at: datetime) -> Look:
        """A look at a kind, asked for at `at` or later."""
        return Look(
            sync_id=self.sync_id,
            account=self.account,
            kind=kind,
            at=at,
            actor=self.by.subject,
            resized=self.endings.resized,
        )

    def take_in(self, kind: str, seen: Sequence[SeenResource], at: datetime) -> Found:
        """Store a page in a transaction of its own: no call to the provider is made inside one."""
        with self.transactions.begin(self.by) as work:
            looked = work.syncs.look(self.look(kind, at), seen, work.new_id)
        self.assigned += looked.assigned
        for warning in looked.warnings:
            self.warn(warning)
        return Counter(looked.found)

    def hear_of_actions(self) -> None:
        """Ask when resources were resized and destroyed. Without an answer these times are our looks'.

        Raises ProviderUnauthorized.
        """
        if self.looked_since is None:
            return
        looked_since = min(self.looked_since, self.started_at)  # whose clock ran ahead is not believed
        since = max(looked_since, self.started_at - _ACTIONS_AT_MOST) - _ACTIONS_BEFORE
        try:
            self.endings = endings(self.provider.recent_actions(since))
        except ProviderUnauthorized:
            raise
        except ProviderError as error:
            self.warn(f"When resources were resized or destroyed is taken from our looks: {error}")

    def warn(self, sentence: str) -> None:
        """Say something to the operator, once; beyond a hundred sentences only how many they were."""
        if sentence in self._warnings:
            return
        if len(self._warnings) < _WARNINGS:
            self._warnings.append(sentence)
        else:
            self._passed_over += 1

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was said."""
        more = (f"There are {self._passed_over} warnings more.",) if self._passed_over else ()
        return (*self._warnings, *more)
