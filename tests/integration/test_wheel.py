"""The wheel without extras: the domain alone, in an empty environment, and the README's example in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(
        sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder), cwd=ROOT
    )
    (wheel,) = folder.glob("arcadia_cloud-*.whl")
    home = folder / "empty"
    _run(sys.executable, "-m", "venv", "--without-pip", str(home), cwd=folder)
    python = home / "bin" / "python"
    installer = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    _run(*installer, "--no-index", "--disable-pip-version-check", str(wheel), cwd=folder)
    return python


def _run(*words: str, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def readme_example() -> str:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return str(example)


def test_the_readmes_quote_runs_with_nothing_but_the_wheel(python: Path, tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(readme_example())
    printed = _run(str(python), "-I", str(script), cwd=tmp_path)
    assert printed.splitlines()[0].startswith("Plan: Studio 5000 ")


def test_importing_the_domain_loads_only_the_standard_library(python: Path, tmp_path: Path) -> None:
    check = (
        "import sys; before = set(sys.modules); import arcadia_domain; from arcadia_domain import *; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    assert _run(str(python), "-I", "-c", check, cwd=tmp_path).strip() == "['arcadia_domain']"


def test_the_wheel_says_that_it_is_typed_and_needs_nothing(python: Path, tmp_path: Path) -> None:
    check = (
        "import arcadia_domain, importlib.metadata as m, pathlib; "
        "home = pathlib.Path(arcadia_domain.__file__).parent; "
        "needed = [r for r in m.requires('arcadia-cloud') if 'extra ==' not in r]; "
        "print((home / 'py.typed').exists(), needed)"
    )
    assert _run(str(python), "-I", "-c", check, cwd=tmp_path).strip() == "True []"
