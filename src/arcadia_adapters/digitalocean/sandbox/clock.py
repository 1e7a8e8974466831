"""The account's time: it runs with the clock behind it, or stands still until it is told to move.

Owns the difference between the account's time and that clock's. Nothing in the sandbox sleeps: what takes
time is done when somebody looks after its time is up.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from arcadia_domain.ports.clock import Clock


class SandboxClock:
    """A settable clock. Without a clock behind it, or once `stand` was called, it stands."""

    def __init__(self, behind: Clock | None = None, *, at: datetime | None = None) -> None:
        if behind is None and at is None:
            raise ValueError("a clock with nothing behind it needs the instant at which it stands")
        self._behind = behind
        self._ahead = timedelta(0)
        self._standing: datetime | None = None
        if at is not None:
            self.set(at)
        if behind is None:
            self.stand()

    @property
    def runs(self) -> bool:
        """Whether time passes by itself."""
        return self._standing is None

    def now(self) -> datetime:
        """This instant of the account, in UTC."""
        if self._standing is not None:
            return self._standing
        assert self._behind is not None, "a clock that runs has a clock behind it"
        return self._behind.now() + self._ahead

    def set(self, at: datetime) -> None:
        """Make it `at` now, running or standing as before."""
        if self._standing is not None or self._behind is None:
            self._standing = at.astimezone(UTC)
        else:
            self._ahead = at.astimezone(UTC) - self._behind.now()

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.set(self.now() + by)

    def stand(self) -> None:
        """Stop where it is."""
        self._standing = self.now()

    def run(self) -> None:
        """Go on from where it stands; a clock with nothing behind it cannot."""
        if self._behind is None:
            raise ValueError("this clock has no clock behind it to run with")
        at, self._standing = self.now(), None
        self.set(at)


def written(at: datetime) -> str:
    """An instant as DigitalOcean writes it: 2026-04-01T00:00:00Z, whole seconds."""
    return at.isoformat()[:19] + "Z"
