"""The score of a mutation run: counts per file, the survivors, and docs/mutation.md.

Owns what counts. A mutant in an annotation is equivalent by construction; one that is listed in equivalent.toml is
equivalent for the reason given there; every other survivor lowers the score. A listed mutant that a test kills was
listed wrongly, and fails the run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutation.mutants import Mutant

GOAL = 95.0
ANNOTATION = "It is in an annotation, which is never evaluated (`from __future__ import annotations`)."


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


@dataclass
class Report:
    reasons: list[Reason]
    counts: dict[str, Counts]
    survivors: list[Mutant] = field(default_factory=list)
    accepted: list[Mutant] = field(default_factory=list)
    killed: list[Mutant] = field(default_factory=list)

    @classmethod
    def reading(cls, reasons: Path, files: Iterable[str]) -> Report:
        """An empty report on these files, with the reasons for equivalence that are written down."""
        listed = tomllib.loads(reasons.read_text(encoding="utf-8")).get("equivalent", [])
        return cls(
            reasons=[
                Reason(entry["file"], entry["why"], tuple((was, became) for was, became in entry["changes"]))
                for entry in listed
            ],
            counts={file: Counts() for file in files},
        )

    def add(self, mutant: Mutant, survived: bool) -> None:
        counts = self.counts[mutant.file]
        counts.mutants += 1
        if mutant.in_annotation:
            counts.in_annotations += 1
        elif not survived:
            counts.killed += 1
            self.killed.append(mutant)
        elif self._listed(mutant):
            counts.equivalent += 1
            self.accepted.append(mutant)
        else:
            counts.survived += 1
            self.survivors.append(mutant)

    def wrongly_accepted(self) -> list[Mutant]:
        return [mutant for mutant in self.killed if self._listed(mutant)]

    def score(self) -> float:
        return self._total().score

    def text(self) -> str:
        lines = [self._table(), ""]
        lines += [f"SURVIVED {m.file}:{m.line} {m.operator}\n  - {m.was}\n  + {m.became}" for m in self.survivors]
        for m in self.wrongly_accepted():
            lines.append(f"LISTED AS EQUIVALENT, BUT KILLED {m.file}:{m.line}\n  - {m.was}\n  + {m.became}")
        return "\n".join(lines)

    def _listed(self, mutant: Mutant) -> bool:
        change = (mutant.was, mutant.became)
        return any(change in reason.changes for reason in self.reasons if reason.file == mutant.file)

    def _total(self) -> Counts:
        total = Counts()
        for counts in self.counts.values():
            for name in vars(total):
                setattr(total, name, getattr(total, name) + getattr(counts, name))
        return total

    def _table(self) -> str:
        rows = [*self.counts.items(), ("all", self._total())]
        return "\n".join(
            [
                "| file | mutants | in annotations | equivalent | killed | survived | score |",
                "|---|---|---|---|---|---|---|",
                *(
                    f"| {file} | {c.mutants} | {c.in_annotations} | {c.equivalent} | {c.killed} | {c.survived} "
                    f"| {c.score:.1f} % |"
                    for file, c in rows
                ),
            ]
        )

    def document(self) -> str:
        """docs/mutation.md."""
        return "PLACEHOLDER\n"
