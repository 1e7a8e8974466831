"""The schedule over a leap year: two schedulers race for every tick, four workers run what comes of it.

Six processes, each in a time zone that changes its clocks, on one clock that is set from look to look. Which
ticks are to be fired is counted out by hand.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from arcadia_app.jobs.schedule import TICKS
from tests import seeds
from tests.by_hand import fired_of, ticks_of
from tests.integration.servers import Database

ROOT = Path(__file__).resolve().parents[3]
SYDNEY, NEW_YORK = "AEST-10AEDT,M10.1.0,M4.1.0/3", "EST5EDT,M3.2.0,M11.1.0"
LORD_HOWE = "LHST-10:30LHDT-11,M10.1.0,M4.1.0"
DAY = timedelta(days=1)
_ROUNDS = 20
"""For two workers that stand in each other's way at a job: it is told of again, a moment later."""


@dataclass(frozen=True)
class Span:
    """What is simulated: nobody runs in the `outage`."""

    since: datetime
    until: datetime
    outage: tuple[datetime, datetime]


LEAP_DAY = Span(
    datetime(2028, 2, 28, 23, 58, tzinfo=UTC),
    datetime(2028, 3, 2, 9, tzinfo=UTC),
    (datetime(2028, 3, 1, 6, tzinfo=UTC), datetime(2028, 3, 2, 6, tzinfo=UTC)),
)
MONTH_END_MISSED = Span(
    datetime(2028, 9, 30, 12, tzinfo=UTC),
    datetime(2028, 10, 1, 18, tzinfo=UTC),
    (datetime(2028, 9, 30, 15, tzinfo=UTC), datetime(2028, 10, 1, 15, tzinfo=UTC)),
)
"""Sydney puts its clocks forward in it."""
YEAR = Span(
    datetime(2027, 12, 31, 23, 58, tzinfo=UTC),
    datetime(2029, 1, 1, 4, tzinfo=UTC),
    (datetime(2028, 9, 27, 1, 17, tzinfo=UTC), datetime(2028, 10, 4, 1, 17, tzinfo=UTC)),
)


class Crew:
    """Processes of one role."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]]) -> None:
        self._processes = list(processes)

    def told(self, at: datetime, order: random.Random) -> list[list[list[str]]]:
        """What each says, told at once that it is now `at`; they are told in any order."""
        for process in order.sample(self._processes, len(self._processes)):
            assert process.stdin is not None
            process.stdin.write(f"{at.isoformat()}\n")
            process.stdin.flush()
        return [_line(process) for process in self._processes]


@contextmanager
def crew(role: str, zones: Sequence[str], database: Database) -> Iterator[Crew]:
    urls = (database.tenant_url, database.operator_url, database.gateway_url)
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.integration.jobs.clocked", role, *urls],
                    cwd=ROOT,
                    env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "TZ": zone, "PGTZ": "Australia/Sydney"},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for zone in zones
        ]
        for process in started:
            stack.callback(process.kill)
        for process in started:
            january, july = _line(process)
            assert january != july  # its clocks do change
        yield Crew(started)


def _line(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the process ended with {process.wait()}"
    return json.loads(line)


def looks_of(span: Span, due: Mapping[str, Sequence[datetime]], chance: random.Random) -> list[datetime]:
    """When is looked: some seconds after every tick; now and then nobody does, and not in the outage."""
    minutes = sorted({minute for each in due.values() for minute in each})
    down, up = span.outage
    seen = [minute for minute in minutes if not down <= minute < up and chance.random() > 0.02]
    return [span.since, *(minute + timedelta(seconds=chance.randrange(60)) for minute in seen)]


@dataclass(frozen=True)
class Lived:
    """What came of a span."""

    fired: Sequence[Counter[tuple[str, str]]]
    """By each scheduler."""
    ran: Sequence[Counter[tuple[str, str]]]
    """By each worker."""


def live(database: Database, looks: Sequence[datetime], order: random.Random) -> Lived:
    fired: list[Counter[tuple[str, str]]] = [Counter(), Counter()]
    ran: list[Counter[tuple[str, str]]] = [Counter() for _ in range(4)]
    with (
        crew("scheduler", [SYDNEY, NEW_YORK], database) as schedulers,
        crew("worker", [SYDNEY, NEW_YORK, LORD_HOWE, LORD_HOWE], database) as workers,
    ):
        for look in looks:
            left = counted(fired, schedulers.told(look, order))
            for again in range(_ROUNDS):
                if not left:
                    break
                left -= counted(ran, workers.told(look + again * timedelta(milliseconds=1), order))
    return Lived(fired, ran)


def counted(counts: Sequence[Counter[tuple[str, str]]], said: Sequence[Sequence[Sequence[str]]]) -> int:
    """Count what each process said; how much it was in all."""
    for each, of_it in zip(counts, said, strict=True):
        each.update((one, other) for one, other in of_it)
    return sum(map(len, said))


def each_due_tick_is_fired_once(database: Database, span: Span) -> None:
    chance = random.Random(seeds.seed())
    due = ticks_of(TICKS, span.since, span.until)
    looks = looks_of(span, due, chance)
    lived = live(database, looks, chance)

    expected = [(tick.name, at) for tick in TICKS for at in fired_of(tick.missed, due[tick.name], looks)]
    fired, ran = sum(lived.fired, Counter()), sum(lived.ran, Counter())
    assert fired == Counter((name, at.isoformat()) for name, at in expected)
    assert all(lived.fired), "one scheduler won every race"
    causes = Counter(f"tick {name} {at:%Y-%m-%dT%H:%M}Z" for name, at in expected)
    assert set(causes.values()) == set(ran.values()) == {1}
    assert Counter(cause for _, cause in ran) == causes
    with psycopg.connect(database.operator_url) as connection:
        rows = connection.execute("SELECT id::text, cause, state, attempts FROM jobs").fetchall()
        tries = connection.execute("SELECT job_id::text, outcome FROM job_history").fetchall()
        days = connection.execute(
            "SELECT payload->>'day' FROM jobs WHERE name = 'meter_day' ORDER BY 1"
        ).fetchall()
    assert Counter((id, cause) for id, cause, _, _ in rows) == ran
    assert {(state, attempts) for _, _, state, attempts in rows} == {("succeeded", 1)}
    assert Counter(tries) == Counter((id, "succeeded") for id, _ in ran)
    metered = [at.date() - DAY for at in due["metering"] if at <= looks[-1]]
    assert [date.fromisoformat(day) for (day,) in days] == metered
    print(f"{len(looks)} looks, {len(rows)} jobs, fired by each {[each.total() for each in lived.fired]}")


@pytest.mark.parametrize("span", [LEAP_DAY, MONTH_END_MISSED], ids=["leap day", "month end missed"])
def test_each_due_tick_of_some_days_is_fired_once_and_is_one_job(database: Database, span: Span) -> None:
    each_due_tick_is_fired_once(database, span)


@pytest.mark.long
def test_each_due_tick_of_a_leap_year_is_fired_once_and_is_one_job(database: Database) -> None:
    each_due_tick_is_fired_once(database, YEAR)
