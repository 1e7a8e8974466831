"""The numbers of the advisory locks: in one place, and each for one thing."""

from __future__ import annotations

import re
from pathlib import Path

import arcadia_adapters.postgres
from arcadia_adapters.postgres.locks import Lock

HERE = Path(arcadia_adapters.postgres.__file__).parent


def test_no_two_locks_are_one() -> None:
    assert len({lock.value for lock in Lock.__members__.values()}) == len(Lock.__members__)


def test_no_number_of_a_lock_stands_elsewhere() -> None:
    number = re.compile(r"\b4_?005_?0\d\d\b")
    found = [path.name for path in HERE.rglob("*.py") if number.search(path.read_text())]
    assert found == ["locks.py"]
