"""Mutation testing: every mutant of the files that decide cents, against the domain's tests.

Owns which files are mutated and the command line. `./arcadia mutate` calls it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

import hypothesis  # noqa: F401  # loaded before the forks, so that no child pays for it

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.report import Report
from tests.mutation.trial import DOMAIN, Sandbox

ROOT = Path(__file__).parents[2]
FILES = {
    "money.py": "test_money.py",
    "period.py": "test_period.py",
    "pricing/quoting.py": "pricing/test_quoting.py",
    "pricing/recurring.py": "pricing/test_recurring.py",
    "pricing/overage.py": "pricing/test_overage.py",
    "pricing/sizes.py": "pricing/test_sizes.py",
    "pricing/line.py": "pricing/test_line.py",
    "pricing/stretch.py": "pricing/test_stretch.py",
    "pricing/usage.py": "pricing/test_usage.py",
    "pricing/proof.py": "pricing/test_proof.py",
    "billing/subscriptions.py": "billing/test_subscriptions.py",
    "billing/invoicing.py": "billing/test_invoicing.py",
}
"""What is mutated, and the test that is most likely to notice; all the others follow it."""

_sandbox: Sandbox | None = None


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    files = [file for file in FILES if not options.only or options.only in file]
    report = Report.reading(ROOT / "tests/mutation/equivalent.toml", files)
    mutants = [mutant for file in files for mutant in mutants_of(file, _source(file))]
    with tempfile.TemporaryDirectory(prefix="arcadia-mutants-") as scratch:
        clean = Sandbox.copied(ROOT, Path(scratch, "clean"))
        if not clean.passes(clean.tests(""), compile=True):
            print("The tests fail without any mutant: mend them first.", file=sys.stderr)
            return 2
        fork = multiprocessing.get_context("fork")
        with fork.Pool(options.workers, _enter, (clean, Path(scratch))) as pool:
            started = time.monotonic()
            for n, (mutant, survived) in enumerate(pool.imap(_try, mutants, chunksize=1), start=1):
                report.add(mutant, survived)
                if n % 100 == 0:
                    print(f"{n} of {len(mutants)}, {time.monotonic() - started:.0f} s", file=sys.stderr)
    report.close()
    print(report.text())
    if options.write and not options.only:
        (ROOT / "docs/mutation.md").write_text(report.document(), encoding="utf-8")
    return 0 if report.good else 1


def _source(file: str) -> str:
    return (ROOT / DOMAIN / file).read_text(encoding="utf-8")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./arcadia mutate", description=__doc__)
    parser.add_argument("--only", help="mutate only files whose name holds this")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true", help="write docs/mutation.md")
    return parser.parse_args(arguments)


def _enter(clean: Sandbox, scratch: Path) -> None:
    """Each worker breaks files in a sandbox of its own."""
    global _sandbox  # noqa: PLW0603  # a pool hands its workers nothing else
    _sandbox = clean.twin(scratch / f"worker-{os.getpid()}")


def _try(mutant: Mutant) -> tuple[Mutant, bool]:
    assert _sandbox is not None
    return mutant, mutant.in_annotation or _sandbox.survives(mutant, FILES[mutant.file])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
