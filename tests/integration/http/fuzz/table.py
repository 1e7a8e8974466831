"""The table of a run: each operation, and how often it was answered with what."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.integration.http.described import Operation

SUCCESSES: Final = 10
"""How often every operation must have been answered a 2xx; each documented 4xx once (issue B)."""


@dataclass
class Table:
    """Counts of answers, by operation and status; of refusals also by operation and code."""

    operations: Sequence[Operation]
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, operation: str, status: int, text: str) -> None:
        self.counts[operation, status] += 1
        if 400 <= status < 500 and (code := _code(text)) is not None:
            self.codes[operation, code] += 1

    @property
    def calls(self) -> int:
        return self.counts.total()

    def successes(self, operation: Operation) -> int:
        return sum(self.counts[operation.id, status] for status in operation.statuses if 200 <= status < 300)

    def missing(self) -> list[str]:
        """What was asked for and did not come, a sentence each."""
        return [
            *(
                f"{one.id} was answered a 2xx {self.successes(one)} times"
                for one in self.operations
                if self.successes(one) < SUCCESSES
            ),
            *(
                f"{one.id} documents {status} and never answered it"
                for one in self.operations
                for status in one.statuses
                if 400 <= status < 500 and not self.counts[one.id, status]
            ),
        ]

    def undocumented(self) -> list[str]:
        """What came though nothing says so; 405 is the answer to a method that there is not."""
        told = {(one.id, status) for one in self.operations for status in one.statuses}
        return [
            f"{name} answered {status}, which it does not document"
            for name, status in sorted(self.counts)
            if (name, status) not in told and status != 405
        ]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        statuses = sorted({status for one in self.operations for status in one.statuses} | {405})
        width = max(len(one.id) for one in self.operations)
        yield f"{self.calls} calls"
        yield " ".join([" " * width, *(f"{status:>6}" for status in statuses)])
        for one in self.operations:
            cells = (self._cell(one, status) for status in statuses)
            yield " ".join([one.id.ljust(width), *cells])
        by_code: Counter[str] = Counter()
        for (_, code), times in self.codes.items():
            by_code[code] += times
        yield "refusals by code: " + ", ".join(f"{code} {times}" for code, times in sorted(by_code.items()))
        for one in self.operations:
            told = {code for status in one.statuses if 400 <= status < 500 for code in one.codes(status)}
            if unseen := sorted(code for code in told if not self.codes[one.id, code]):
                yield f"{one.id} documents and never answered: {', '.join(unseen)}"

    def _cell(self, one: Operation, status: int) -> str:
        """Empty where it is neither documented nor came; 0 where it is missing."""
        count = self.counts[one.id, status]
        return f"{count:>6}" if count or status in one.statuses else " " * 6


def _code(text: str) -> str | None:
    try:
        return str(json.loads(text)["code"])
    except (ValueError, KeyError, TypeError):
        return None
