"""The score of a mutation run: counts per file, the survivors, and docs/mutation.md.

Owns what counts. A mutant in an annotation is equivalent by construction; one listed in equivalent.toml is
equivalent for the reason given there; every other survivor lowers the score. A listed mutant that a test
kills was listed wrongly, and so was one that is not made any more: both fail the run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutation.mutants import Mutant

GOAL = 95.0
"""Killed ÷ all but those proven equivalent, in percent, of every file."""

HEAD = """# Mutation testing

Written by `./arcadia mutate --write`. The reasons stand in `tests/mutation/equivalent.toml`.

    ./arcadia mutate                  every file, about fifteen minutes on two cores
    ./arcadia mutate --only overage   one file

It changes one thing at a time in the files that decide cents, with every operator that cosmic-ray has at
every place, and runs the tests of the domain on each change.

- **killed**: a test failed, or the change ran out of time or memory;
- **in annotations**: no annotation is ever evaluated (`from __future__ import annotations`); the run proves
  it by comparing the syntax trees without them;
- **equivalent**: no input tells it from the original, for a reason below; the run fails when a test kills
  one of these after all;
- **score**: killed ÷ (killed + survived). Every file must reach {goal:g} %.
"""


@dataclass(frozen=True)
class Reason:
    """Why some mutants of a file change nothing that anybody could see."""

    file: str
    why: str
    changes: tuple[tuple[str, str], ...]


@dataclass
class Counts:
    mutants: int = 0
    killed: int = 0
    in_annotations: int = 0
    equivalent: int = 0
    survived: int = 0

    @property
    def score(self) -> float:
        counted = self.killed + self.survived
        return 100 * self.killed / counted if counted else 100.0

    def row(self, name: str) -> str:
        cells = (name, self.mutants, self.in_annotations, self.equivalent, self.killed, self.survived)
        return " | ".join(["|", *map(str, cells), f"{self.score:.1f} % |"]).replace("| | ", "| ")


@dataclass
class Report:
    reasons: list[Reason]
    counts: dict[str, Counts]
    survivors: list[Mutant] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    @classmethod
    def reading(cls, reasons: Path, files: Iterable[str]) -> Report:
        """An empty report on these files, with the reasons for equivalence that are written down."""
        listed = tomllib.loads(reasons.read_text(encoding="utf-8"))["equivalent"]
        counts = {file: Counts() for file in files}
        return cls(
            reasons=[
                Reason(one["file"], one["why"], tuple((was, became) for was, became in one["changes"]))
                for one in listed
                if one["file"] in counts
            ],
            counts=counts,
        )

    def add(self, mutant: Mutant, survived: bool) -> None:
        counts = self.counts[mutant.file]
        listed = any(
            (mutant.was, mutant.became) in reason.changes
            for reason in self.reasons
            if reason.file == mutant.file
        )
        self._seen.add((mutant.file, mutant.was, mutant.became))
        counts.mutants += 1
        if mutant.in_annotation:
            counts.in_annotations += 1
        elif not survived:
            counts.killed += 1
            if listed:
                self.wrong.append(f"killed, but listed as equivalent: {_told(mutant)}")
        elif listed:
            counts.equivalent += 1
        else:
            counts.survived += 1
            self.survivors.append(mutant)

    def close(self) -> None:
        """All mutants have been added."""
        for reason in self.reasons:
            for was, became in reason.changes:
                if (reason.file, was, became) not in self._seen:
                    self.wrong.append(f"listed, but not made: {reason.file}\n  - {was}\n  + {became}")

    @property
    def good(self) -> bool:
        return not self.wrong and all(counts.score >= GOAL for counts in self.counts.values())

    def text(self) -> str:
        """What the run prints."""
        survivors = [f"survived: {_told(mutant)}" for mutant in self.survivors]
        return "\n".join([self._table(), "", *survivors, *self.wrong])

    def document(self) -> str:
        """docs/mutation.md."""
        parts = [HEAD.format(goal=GOAL), self._table(), "\n## Survivors that count\n"]
        parts += [f"- `{m.file}` line {m.line}: `{m.was}` → `{m.became}`" for m in self.survivors] or [
            "None."
        ]
        parts.append("\n## Equivalent mutants, and why\n")
        for file in self.counts:
            reasons = [reason for reason in self.reasons if reason.file == file]
            parts += [f"### {file}\n"] if reasons else []
            for reason in reasons:
                parts += [reason.why, ""]
                parts += [f"- `{was}` → `{became}`" for was, became in reason.changes]
                parts.append("")
        return "\n".join(parts).rstrip() + "\n"

    def _table(self) -> str:
        total = Counts()
        for counts in self.counts.values():
            for name, value in vars(counts).items():
                setattr(total, name, getattr(total, name) + value)
        rows = [counts.row(file) for file, counts in self.counts.items()] + [total.row("all")]
        head = "| file | mutants | in annotations | equivalent | killed | survived | score |"
        return "\n".join([head, "|---|---|---|---|---|---|---|", *rows])


def _told(mutant: Mutant) -> str:
    return f"{mutant.file}:{mutant.line} {mutant.operator}\n  - {mutant.was}\n  + {mutant.became}"
