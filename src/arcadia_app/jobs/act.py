"""What an act of a job is: from the payload, and told how to say how far it is, to what it came to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from arcadia_app.arcadia import Arcadia
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob
from arcadia_domain.ports.unit_of_work import Work


class Progress(Protocol):
    """How an act speaks with whoever runs it."""

    def __call__(self, done: int, total: int | None) -> None:
        """Tell how far it is: done, and of how many where that is known. Raises where the act is to stop.

        Never within a transaction that must hold the job: it would wait for it.
        """
        ...

    def must_hold(self, work: Work) -> None:
        """Raise JobTaken unless the job is still this try's; nobody takes it until this transaction ends.

        To be the last word of each transaction that writes: a process that stood still past its lease must
        not commit what another has done meanwhile, and a lease is not renewed while its row is locked.
        """
        ...


def counting(progress: Progress) -> Callable[[int], None]:
    """Says how far an act is that tells how much more it has done, of nobody knows how much."""
    done = 0

    def more(number: int) -> None:
        nonlocal done
        done += number
        progress(done, None)

    return more


Act = Callable[[Arcadia, ClaimedJob, Principal, Progress], Struct]
"""Gives what it came to, in the shape in which it is shown."""


class Waits(Exception):
    """An act has to wait for others: it is begun again at `until`, or before if its job is advanced.

    `why`, a code and a detail, where somebody must do something first.
    """

    def __init__(self, until: datetime, why: tuple[str, str] | None = None) -> None:
        super().__init__(until)
        self.until = until
        self.why = why
