"""What an act of a job is: from the payload, and told how to say how far it is, to what it came to."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from arcadia_app.arcadia import Arcadia
from arcadia_domain.identity import Principal
from arcadia_domain.ports.jobs import ClaimedJob

Progress = Callable[[int, int | None], None]
"""Tells how far an act is: done, and of how many where that is known. Raises where the act is to stop."""

Act = Callable[[Arcadia, ClaimedJob, Principal, Progress], Struct]
"""Gives what it came to, in the shape in which it is shown."""
