"""The sandbox's clock: it runs with the one behind it or stands, and can be set either way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock, written

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Behind:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


def test_it_runs_with_the_clock_behind_it_and_keeps_the_difference() -> None:
    behind = Behind()
    clock = SandboxClock(behind)
    assert (clock.now(), clock.runs) == (NOON, True)
    clock.set(NOON - timedelta(days=200))
    behind.at += MINUTE
    assert clock.now() == NOON - timedelta(days=200) + MINUTE
    clock.advance(MINUTE)
    assert clock.now() == NOON - timedelta(days=200) + 2 * MINUTE


def test_it_stands_and_goes_on_from_where_it_stood() -> None:
    behind = Behind()
    clock = SandboxClock(behind)
    clock.stand()
    behind.at += MINUTE
    assert (clock.now(), clock.runs) == (NOON, False)
    clock.run()
    assert clock.now() == NOON
    behind.at += MINUTE
    assert clock.now() == NOON + MINUTE


def test_it_starts_at_another_instant() -> None:
    assert SandboxClock(Behind(), at=NOON + MINUTE).now() == NOON + MINUTE


def test_without_a_clock_behind_it_stands_for_ever() -> None:
    clock = SandboxClock(at=datetime(2026, 5, 3, 22, tzinfo=timezone(timedelta(hours=10))))
    assert (clock.now(), clock.runs) == (NOON, False)
    with pytest.raises(ValueError, match="no clock behind it"):
        clock.run()
    with pytest.raises(ValueError, match="nothing behind it"):
        SandboxClock()


def test_an_instant_is_written_in_whole_seconds() -> None:
    assert written(NOON.replace(microsecond=999_999)) == "2026-05-03T12:00:00Z"
