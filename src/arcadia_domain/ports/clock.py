"""The time, asked of the outside: rules and acts take it as an argument, doors and jobs ask for it here."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """This instant, in UTC."""
        ...
