"""docs/operations.md names what there is: each tick as it is scheduled, each queue, each setting."""

from __future__ import annotations

import re

from arcadia_app.jobs.schedule import TICKS
from arcadia_domain.ports.jobs import QUEUES
from tests.integration.operations.processes import ROOT, SRC

DOCUMENT = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
MISSED = {"skip": "passed over", "once": "once", "each": "each"}


def test_every_tick_is_told_with_its_time_and_what_becomes_of_a_missed_one() -> None:
    rows = re.findall(r"^\| `(\w+)`: [^|]+ \| ([^|]+) \| ([^|]+) \|$", DOCUMENT, re.MULTILINE)
    told = [(name, when, missed) for name, when, missed in rows]
    assert told == [(tick.name, in_words(tick.cron), MISSED[tick.missed.value]) for tick in TICKS]


def in_words(cron: str) -> str:
    minute, hour, day = cron.split()[:3]
    if minute.startswith("*/"):
        return f"every {minute[2:]} minutes"
    if hour == "*":
        return f"each hour, at :{int(minute):02}"
    at = f"{int(hour):02}:{int(minute):02}"
    return at if day == "*" else f"the {day}st, {at}"


def test_every_queue_and_every_setting_is_told() -> None:
    settings = (SRC / "arcadia_app/settings.py").read_text(encoding="utf-8")
    wanted = {*QUEUES, *re.findall(r'"(ARCADIA_[A-Z_]+)"', settings)}
    assert wanted - set(re.findall(r"`(\w+)`", DOCUMENT)) == set()
