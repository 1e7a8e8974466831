"""What an act of a job is: from the payload, and told how to say how far it is, to what it came to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from arcadia_app.arcadia import Arcadia
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob

Progress = Callable[[int, int | None], None]
"""Tells how far an act is: done, and of how many where that is known. Raises where the act is to stop."""

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
