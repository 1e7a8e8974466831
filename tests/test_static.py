"""The static checks, as tests: one command is the whole truth about a change.

Owns the running of the tools; their rules are in pyproject.toml.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"
IMPORT_LINTER = "from importlinter.cli import lint_imports_command as lint; lint()"


@pytest.mark.parametrize(
    "tool",
    [
        pytest.param(["-m", "ruff", "check", "."], id="ruff"),
        pytest.param(["-m", "mypy"], id="mypy"),
        pytest.param(["-c", IMPORT_LINTER], id="import-linter"),
    ],
)
def test_the_tree_is_clean_for(tool: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *tool],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(SRC), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _imported_by(file: Path) -> set[str]:
    """The top-level packages that a file imports anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("arcadia_domain" if node.level else (node.module or "").split(".")[0])
    return names


def test_the_domain_imports_the_standard_library_and_nothing_else() -> None:
    files = sorted((SRC / "arcadia_domain").rglob("*.py"))
    assert files
    allowed = sys.stdlib_module_names | {"arcadia_domain"}
    foreign = {str(f.relative_to(ROOT)): sorted(_imported_by(f) - allowed) for f in files}
    assert {file: names for file, names in foreign.items() if names} == {}


def test_every_package_says_that_it_is_typed() -> None:
    packages = sorted(p for p in SRC.iterdir() if p.name.startswith("arcadia_"))
    assert [p.name for p in packages] == ["arcadia_adapters", "arcadia_app", "arcadia_domain"]
    assert all((p / "py.typed").is_file() for p in packages)


def _locked(name: str) -> dict[str, str]:
    """Package and version, for each requirement of a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_has_a_hash_for_each_package_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?! )", text.strip())
    assert len(entries) == len(_locked(name)) > 10
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "index-url" not in text


def test_both_locks_agree_on_what_they_share() -> None:
    runtime, dev = _locked("requirements.txt"), _locked("requirements-dev.txt")
    shared = runtime.keys() & dev.keys()
    assert shared
    assert {name: runtime[name] for name in shared} == {name: dev[name] for name in shared}


def test_the_locks_hold_what_the_project_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = asked["project"]["optional-dependencies"]
    runtime = {_name(r) for rs in extras.values() for r in rs} - {"arcadia-cloud"}
    dev = {_name(r) for r in asked["dependency-groups"]["dev"]}
    assert asked["project"]["dependencies"] == []
    assert runtime - _locked("requirements.txt").keys() == set()
    assert dev - _locked("requirements-dev.txt").keys() == set()


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9-]+", requirement)
    assert found is not None
    return found[0].lower()
