"""The system account that the server runs under when we are root.

Owns the one fact that PostgreSQL refuses to run as root. Makes no user.
"""

from __future__ import annotations

import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group by number (initdb wants the user to have an entry in /etc/passwd)."""

    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Make the account the owner of `path` itself (not of what lies in it)."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def may_pass(self, folder: Path) -> bool:
        """Whether the account may go through `folder` (mode bits; access lists are not read)."""
        seen = folder.stat()
        if seen.st_uid == self.uid:
            return bool(seen.st_mode & stat.S_IXUSR)
        if seen.st_gid == self.gid:
            return bool(seen.st_mode & stat.S_IXGRP)
        return bool(seen.st_mode & stat.S_IXOTH)


def server_account() -> Account | None:
    """None when we may run the server ourselves; else the account that root drops to."""
    return Account(NOBODY, NOBODY) if os.geteuid() == 0 else None


def run_as(
    account: Account | None, command: list[str], libraries: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one of the server's programs to its end as the account, with nothing of our own.

    `libraries`: a folder of shared libraries. Raises OSError when the account cannot run it at all.
    """
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    if libraries is not None:
        environment["LD_LIBRARY_PATH"] = str(libraries)
    return subprocess.run(
        command,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
