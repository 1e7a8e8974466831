"""What can go wrong with the embedded server: one class per case, the facts as attributes.

Owns the stable codes. Does not decide who sees them.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be used; `code` is stable, the text is one sentence."""

    code: ClassVar[str] = "embedded_postgres"


class BinariesNotFound(EmbeddedPostgresError):
    """No usable server binaries were found in the places that were looked at."""

    code = "embedded_binaries_not_found"

    def __init__(self, looked_at: tuple[str, ...]) -> None:
        self.looked_at = looked_at
        super().__init__(
            "no PostgreSQL server binaries (initdb and postgres, 15 or later) in "
            + ", ".join(looked_at)
            + ": set ARCADIA_PG_BIN to the folder that holds them, or ARCADIA_DATABASE_URL to a"
            " server that runs already"
        )


class BinariesUnusable(EmbeddedPostgresError):
    """The binaries are there but the server's account cannot run them."""

    code = "embedded_binaries_unusable"

    def __init__(self, binaries: Path, reason: str) -> None:
        self.binaries = binaries
        self.reason = reason
        super().__init__(
            f"the PostgreSQL binaries in {binaries} cannot be run ({reason}): set ARCADIA_PG_BIN"
            " to a folder that every user may read"
        )


class DataDirUnusable(EmbeddedPostgresError):
    """The data directory cannot hold the server's files."""

    code = "embedded_data_dir_unusable"

    def __init__(self, data_dir: Path, reason: str) -> None:
        self.data_dir = data_dir
        self.reason = reason
        super().__init__(
            f"the data directory {data_dir} cannot be used ({reason}): set ARCADIA_DATA_DIR to another one"
        )


class DataDirBusy(EmbeddedPostgresError):
    """A server that we did not start runs on our data directory."""

    code = "embedded_data_dir_busy"

    def __init__(self, data_dir: Path, pid: int) -> None:
        self.data_dir = data_dir
        self.pid = pid
        super().__init__(
            f"process {pid} runs a PostgreSQL server on {data_dir} that was not started here:"
            " stop it, or set ARCADIA_DATA_DIR to another directory"
        )


class SocketPathTooLong(EmbeddedPostgresError):
    """No directory for the socket has a path short enough for the system."""

    code = "embedded_socket_path_too_long"

    def __init__(self, tried: tuple[Path, ...], limit: int) -> None:
        self.tried = tried
        self.limit = limit
        super().__init__(
            f"no socket path of at most {limit} bytes under "
            + ", ".join(str(path) for path in tried)
            + ": set TMPDIR to a shorter directory"
        )


class SecretMissing(EmbeddedPostgresError):
    """The database exists but the secret its passwords were derived from is gone."""

    code = "embedded_secret_missing"

    def __init__(self, secret: Path) -> None:
        self.secret = secret
        super().__init__(
            f"{secret} is missing although its database exists: restore the file, or remove the"
            " whole data directory to begin again"
        )


class VersionMismatch(EmbeddedPostgresError):
    """The database was made by another major version than these binaries."""

    code = "embedded_version_mismatch"

    def __init__(self, data_dir: Path, database: int, binaries: int) -> None:
        self.data_dir = data_dir
        self.database = database
        self.binaries = binaries
        super().__init__(
            f"the database in {data_dir} was made by PostgreSQL {database} and these binaries are"
            f" {binaries}: set ARCADIA_PG_BIN to PostgreSQL {database}, or dump and restore"
        )


class ServerDidNotStart(EmbeddedPostgresError):
    """The server was started and did not become ready; `log` holds its last lines."""

    code = "embedded_server_did_not_start"

    def __init__(self, data_dir: Path, log: str) -> None:
        self.data_dir = data_dir
        self.log = log
        super().__init__(f"the PostgreSQL server in {data_dir} did not start: {log}")


class ForeignServer(EmbeddedPostgresError):
    """Something else answers at our address, so the address is not handed out."""

    code = "embedded_foreign_server"

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"what answers at {address} is not our PostgreSQL server ({reason})")


class NotEntered(EmbeddedPostgresError):
    """An address or password was asked for outside the `with` block."""

    code = "embedded_not_entered"

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        super().__init__(f"the embedded server of {data_dir} is not in use: enter it first")
