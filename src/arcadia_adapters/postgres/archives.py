"""A database in a file and back, by PostgreSQL's own programs.

Owns how `pg_dump` and `pg_restore` are called. Both run as the owner, whose policy shows every row. The
wake-ups of the broker stay behind: the jobs are in the tables.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from arcadia_adapters.brokers import POSTGRES_SCHEMA
from arcadia_adapters.postgres.embedded.binaries import libraries_of

DUMP: Final = (
    "pg_dump",
    "--format=custom",
    "--enable-row-security",
    f"--exclude-table-data={POSTGRES_SCHEMA}.*",
)
RESTORE: Final = ("pg_restore", "--no-owner", "--single-transaction")

_NAMES: Final = {
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
}


class ProgramFailed(Exception):
    """The program refused; the text is the first thing that it said."""


def dump(binaries: Path, owner_url: str, file: Path) -> None:
    """Write the database, as it is at one instant, to a file for `load`. Raises ProgramFailed."""
    _run(binaries, [*DUMP, f"--file={file}"], owner_url)


def load(binaries: Path, owner_url: str, file: Path) -> None:
    """Fill an empty database whose roles are there: wholly, or not at all. Raises ProgramFailed."""
    dbname = str(conninfo_to_dict(owner_url)["dbname"])
    _run(binaries, [*RESTORE, f"--dbname={dbname}", str(file)], owner_url)


def _run(binaries: Path, words: list[str], url: str) -> None:
    program, *options = words
    try:
        done = subprocess.run(
            [str(binaries / program), *options],
            env=_environment(binaries, url),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise ProgramFailed(f"{binaries / program}: {error.strerror}") from None
    if done.returncode != 0:
        raise ProgramFailed(done.stderr.strip().partition("\n")[0] or f"{program}: {done.returncode}")


def _environment(binaries: Path, url: str) -> Mapping[str, str]:
    """The address goes by the environment: words are shown to everybody who lists processes."""
    address = conninfo_to_dict(url)
    environment = {"PATH": os.defpath, "LC_ALL": "C", "PGTZ": "UTC"}
    environment.update({name: str(address[key]) for key, name in _NAMES.items() if key in address})
    libraries = libraries_of(binaries)
    if libraries is not None:
        environment["LD_LIBRARY_PATH"] = str(libraries)
    return environment
