"""A Postgres server of a test's own, that waits for the disk, can be killed, and comes back where it was."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arcadia_adapters.postgres.embedded import EmbeddedPostgres
from tests.integration.postgres.embedded_owner import ends
from tests.integration.servers import Server


class KilledDatabase:
    """The server of a data directory, which somebody else has entered."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def kill(self) -> None:
        """kill -9 of the postmaster: gone when this returns, and the sessions with it soon."""
        note = (self._data_dir / "pgdata" / "postmaster.pid").read_text(encoding="ascii")
        postmaster = int(note.split()[0])
        os.kill(postmaster, signal.SIGKILL)
        assert ends(postmaster)

    def start(self) -> None:
        """It recovers, and is at the same address when this returns."""
        with EmbeddedPostgres(self._data_dir):
            pass


@contextmanager
def durable_server() -> Iterator[tuple[Server, KilledDatabase]]:
    """With the four roles and the migrated template."""
    folder = Path(tempfile.mkdtemp(prefix="arcadia-"))
    folder.chmod(0o711)  # as root, the server's account must pass
    try:
        with EmbeddedPostgres(folder / "db") as embedded:
            server = Server(embedded)
            server.make_template()
            yield server, KilledDatabase(folder / "db")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
