"""docs/api.md, command by command, against `arcadia serve`: what it shows is what comes (issue B)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.http.serve import Served, served

__all__ = ["served"]  # a fixture is found where its name is

_DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"
_BLOCK = re.compile(r"```sh\n(?P<commands>.*?)```\n(?:```text\n(?P<shown>.*?)```)?", re.DOTALL)
_END = "\x1e"
"""What stands after the output of each block: a character that no command writes."""


class Block(NamedTuple):
    commands: str
    shown: str


def blocks() -> list[Block]:
    return [
        Block(found["commands"], found["shown"] or "")
        for found in _BLOCK.finditer(_DOCUMENT.read_text("utf-8"))
    ]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_walk_from_sign_up_to_invoice_shows_what_comes(served: Served, tmp_path: Path) -> None:
    launcher = tmp_path / "arcadia"  # in place of ./arcadia, which would look for its libraries first
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m arcadia_app "$@"\n')
    launcher.chmod(0o755)
    walk = blocks()
    assert len(walk) >= 9
    script = "\n".join(f"{block.commands}\nprintf '\\036'" for block in walk)
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=tmp_path,
        env={**served.env, "ARCADIA": served.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.split(_END)[:-1] == [block.shown for block in walk]
