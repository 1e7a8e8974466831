"""Confirm what a whole listing did not show: looked up one by one, tombstoned where the provider has it not.

Owns the order of looking up and burying (SPEC 6). A listing can miss what moved between two of its pages, so
absence from it alone ends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from arcadia_app.use_cases.cloud.sync_run import LOOK_UPS, Found, SyncRun
from arcadia_domain.cloud.endings import DATED_KINDS
from arcadia_domain.cloud.listing import Listing, SeenResource
from arcadia_domain.cloud.looks import Grave, MissingResource
from arcadia_domain.cloud.provider_errors import (
    ProviderError,
    ProviderRateLimited,
    ProviderUnauthorized,
    ProviderUnreachable,
)

_AT_ONCE: Final = 50
"""Look-ups whose answers are stored together."""


@dataclass(slots=True)
class Confirmed:
    """What became of the missing. `unconfirmed` were not looked up, or without an answer."""

    unconfirmed: int
    buried: int = 0
    found: Found = field(default_factory=Counter)


@dataclass(slots=True)
class _Answers:
    """What the provider said: `gone` and `there`, each with the instant before it was asked."""

    gone: list[tuple[MissingResource, datetime]] = field(default_factory=list)
    there: list[tuple[SeenResource, datetime]] = field(default_factory=list)
    error: ProviderError | None = None
    """The last one."""

    @property
    def hopeless(self) -> bool:
        """Whether the next look-up would fare no better, and take as long."""
        return isinstance(self.error, ProviderUnreachable | ProviderRateLimited)


def confirm_missing(run: SyncRun, listing: Listing, began: datetime) -> Confirmed:
    """What became of all that a whole listing, begun at `began`, did not show.

    Raises ProviderUnauthorized.
    """
    with run.transactions.begin(run.by) as work:
        look = run.look(listing.kind, run.clock.now())
        missing = work.syncs.missing(look, region=listing.region, since=began)
    confirmed = Confirmed(unconfirmed=len(missing))
    within = missing[: run.look_ups_left]
    reason = f"one sync looks up {LOOK_UPS} at most"
    for start in range(0, len(within), _AT_ONCE):
        answers = _look_up(run, listing.kind, within[start : start + _AT_ONCE])
        _store(run, listing.kind, answers, confirmed)
        if answers.error is not None:
            reason = str(answers.error)
        if answers.hopeless:
            break
    if confirmed.unconfirmed:
        run.warn(f"{confirmed.unconfirmed} of the kind {listing.kind} are missing, not confirmed: {reason}")
    return confirmed


def _look_up(run: SyncRun, kind: str, missing: Sequence[MissingResource]) -> _Answers:
    answers = _Answers()
    for one in missing:
        run.look_ups_left -= 1
        at = run.clock.now()
        try:
            seen = run.provider.look_up(kind, one.provider_id)
        except ProviderUnauthorized:
            raise
        except ProviderError as error:
            answers.error = error
            if answers.hopeless:
                break
            continue
        if seen is None:
            answers.gone.append((one, at))
        else:
            answers.there.append((seen, at))
    return answers


def _store(run: SyncRun, kind: str, answers: _Answers, confirmed: Confirmed) -> None:
    if answers.gone:
        graves = _graves(run, kind, answers.gone)
        with run.transactions.begin(run.by) as work:
            confirmed.buried += work.syncs.bury(run.look(kind, run.clock.now()), graves)
    if answers.there:
        earliest = min(at for _, at in answers.there)
        confirmed.found.update(run.take_in(kind, [seen for seen, _ in answers.there], earliest))
    confirmed.unconfirmed -= len(answers.gone) + len(answers.there)


def _graves(run: SyncRun, kind: str, gone: Sequence[tuple[MissingResource, datetime]]) -> list[Grave]:
    """Each ended when its `destroy` did, where the provider tells that, else when it was first missing."""
    if kind in DATED_KINDS and any((kind, one.provider_id) not in run.endings.destroyed for one, _ in gone):
        run.hear_of_actions()  # it may have been destroyed since they were heard of
    return [
        Grave(one.id, run.endings.destroyed.get((kind, one.provider_id), one.missing_since), at)
        for one, at in gone
    ]
