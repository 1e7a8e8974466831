"""The public door: light, complete, and made of the standard library alone."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import arcadia_domain

SRC = Path(arcadia_domain.__file__).parents[1]
FRESH = f"""
import sys
before = set(sys.modules)
sys.path.insert(0, {str(SRC)!r})
import arcadia_domain
at_import = set(sys.modules) - before
values = [getattr(arcadia_domain, name) for name in arcadia_domain.__all__]
import json
print(json.dumps([sorted(at_import), sorted(sys.modules)]))
"""


def fresh_interpreter() -> tuple[set[str], set[str]]:
    """What the import alone loads, and what is loaded once every name of the door has been used."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", FRESH], capture_output=True, text=True, check=True, cwd="/"
    )
    at_import, in_the_end = json.loads(ran.stdout)
    return set(at_import), set(in_the_end)


def test_the_import_loads_nothing_but_the_standard_library() -> None:
    at_import, in_the_end = fresh_interpreter()
    allowed = sys.stdlib_module_names | {"arcadia_domain", "__main__"}

    assert {name.partition(".")[0] for name in in_the_end} <= allowed
    assert {name for name in at_import if name.startswith("arcadia_domain")} == {"arcadia_domain"}


def test_no_source_file_of_the_domain_imports_anything_else() -> None:
    allowed = sys.stdlib_module_names | {"arcadia_domain"}
    files = sorted((SRC / "arcadia_domain").rglob("*.py"))

    assert len(files) > 15
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file.name} imports relatively"
                names = [node.module or ""]
            for name in names:
                assert name.partition(".")[0] in allowed, f"{file.name} imports {name}"


@pytest.mark.parametrize("name", arcadia_domain.__all__)
def test_every_name_of_the_door_opens(name: str) -> None:
    value = getattr(arcadia_domain, name)

    assert value.__name__ == name
    assert value.__module__.startswith("arcadia_domain.")


def test_all_names_what_the_type_checker_sees() -> None:
    tree = ast.parse(Path(arcadia_domain.__file__).read_text(encoding="utf-8"))
    (block,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    )
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert sorted(seen) == sorted(arcadia_domain.__all__) == arcadia_domain.__all__
    for name, module in seen.items():
        assert getattr(arcadia_domain, name).__module__ == module


def test_dir_shows_the_door() -> None:
    assert set(arcadia_domain.__all__) <= set(dir(arcadia_domain))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'arcadia_domain' has no attribute 'nope'"):
        arcadia_domain.nope  # noqa: B018
