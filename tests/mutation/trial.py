"""Trying a mutant: the domain's tests, run by a forked child of a warm process in a copy of the tree.

Owns the sandbox. A mutant is killed when a test fails, when it runs out of time, or when it takes all memory.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutation.mutants import Mutant

DOMAIN = Path("src/arcadia_domain")
TESTS = Path("tests/unit/domain")
LEFT_OUT = (
    *("cloud", "provisioning"),
    *("test_door.py", "test_errors.py", "test_identity.py", "test_margin.py"),
    *("test_earning.py", "test_leakage.py"),
)
"""Tests of the domain that say nothing about the mutated files."""

SECONDS = 20
"""What a mutant may compute, in processor time (a busy machine kills nobody): the tests take about three."""
BYTES = 3 << 30
"""What a mutant may allocate: some make numbers that would fill the machine."""


class Sandbox:
    """A copy of the domain and its tests in which files may be broken."""

    def __init__(self, place: Path) -> None:
        self.place = place

    @classmethod
    def copied(cls, root: Path, place: Path) -> Sandbox:
        shutil.copytree(root / DOMAIN, place / DOMAIN, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(root / TESTS, place / TESTS, ignore=shutil.ignore_patterns("__pycache__", *LEFT_OUT))
        settings = "[pytest]\naddopts = --import-mode=importlib\nfilterwarnings = error\n"
        (place / "pytest.ini").write_text(settings, encoding="utf-8")
        return cls(place)

    def twin(self, place: Path) -> Sandbox:
        """Another sandbox like this one, compiled tests included."""
        shutil.copytree(self.place, place, copy_function=shutil.copy2)
        return Sandbox(place)

    def tests(self, first: str) -> list[str]:
        """Every test file, the one that is most likely to notice first, the slow oracle last."""
        files = sorted(str(path.relative_to(self.place)) for path in self.place.glob("tests/**/test_*.py"))
        return sorted(files, key=lambda file: (not file.endswith(f"domain/{first}"), "oracle" in file))

    def survives(self, mutant: Mutant, first: str) -> bool:
        """Whether every test passes on the mutant."""
        file = self.place / DOMAIN / mutant.file
        source = file.read_text(encoding="utf-8")
        try:
            file.write_text(mutant.code, encoding="utf-8")
            return self.passes(self.tests(first))
        finally:
            file.write_text(source, encoding="utf-8")

    def passes(self, tests: Sequence[str], *, compile: bool = False) -> bool:
        """Whether the tests pass in a forked child. Only a run that compiles leaves compiled files behind."""
        child = os.fork()
        if child == 0:
            _run(self.place, tests, compile=compile)
        _, status = os.waitpid(child, 0)
        return status == 0


def _run(place: Path, tests: Sequence[str], *, compile: bool) -> None:
    """Be the child: run the tests and end. Running out of time or memory ends it too."""
    code = 1
    try:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(quiet, stream)
        os.chdir(place)
        os.environ["ARCADIA_MUTANT"] = "1"
        sys.dont_write_bytecode = not compile
        sys.path[:0] = [str(place / "src"), str(place)]
        for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "arcadia_domain")]:
            del sys.modules[name]
        code = int(pytest.main(["-x", "-q", "-c", "pytest.ini", "-p", "no:cacheprovider", *tests]))
    finally:
        os._exit(code)
