"""Making the database cluster on disk, and the settings a server runs with.

Owns initdb and the server's command line. Starts nothing that lasts.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from arcadia_adapters.postgres.embedded.account import run_as
from arcadia_adapters.postgres.embedded.binaries import libraries_of
from arcadia_adapters.postgres.embedded.errors import ServerDidNotStart, VersionMismatch
from arcadia_adapters.postgres.embedded.places import Address, Places

SUPERUSER = "arcadia_superuser"

# Words sort by code point and upper case is Unicode's, whatever the machine's locale is.
# The locale that needs no system library came with 17; before, the C library's comes closest.
_BUILTIN_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
_LIBRARY_LOCALE = ("--locale=C.UTF-8",)

_SETTINGS = {
    "listen_addresses": "",  # the socket only: no port is open, and none can be taken
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "huge_pages": "off",
    "jit": "off",  # it costs more than it saves on our short queries
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "off",  # the keeper holds the log file
    "cluster_name": "arcadia",
}
if sys.platform == "linux":
    # The server needs System V memory in any case; /dev/shm is small in containers and closed to
    # its account in a bare chroot.
    _SETTINGS["dynamic_shared_memory_type"] = "sysv"
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def make_cluster(places: Places, binaries: Path, major: int, password: str, durable: bool) -> None:
    """Run initdb unless the database is there; raises `VersionMismatch`, `ServerDidNotStart`."""
    if places.pgdata.exists():
        made_by = int((places.pgdata / "PG_VERSION").read_text(encoding="ascii"))
        if made_by != major:
            raise VersionMismatch(places.data_dir, made_by, major)
        return
    shutil.rmtree(places.initdb_dir, ignore_errors=True)  # what a killed start left
    places.initdb_dir.mkdir(mode=0o700)
    with tempfile.TemporaryDirectory(dir=places.data_dir) as held:
        password_file = Path(held) / "password"
        password_file.write_text(password, encoding="ascii")
        if places.account is not None:
            for path in (places.initdb_dir, Path(held), password_file):
                places.account.give(path)
        _initdb(places, binaries, major, password_file, durable)
    os.rename(places.initdb_dir, places.pgdata)


def server_command(places: Places, binaries: Path, address: Address, durable: bool) -> list[str]:
    """The server's own command line."""
    settings = {
        **_SETTINGS,
        **(_DURABLE if durable else _FLEETING),
        "unix_socket_directories": str(address.socket_dir),
        "port": str(address.port),
    }
    words = [str(binaries / "postgres"), "-D", str(places.pgdata)]
    for name, value in settings.items():
        words += ["-c", f"{name}={value}"]
    return words


def _initdb(places: Places, binaries: Path, major: int, password_file: Path, durable: bool) -> None:
    command = [str(binaries / "initdb"), f"--pgdata={places.initdb_dir}"]
    command += [f"--username={SUPERUSER}", f"--pwfile={password_file}", "--encoding=UTF8"]
    command += ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256"]
    command += _BUILTIN_LOCALE if major >= 17 else _LIBRARY_LOCALE
    command += [] if durable else ["--no-sync"]
    done = run_as(places.account, command, libraries_of(binaries))
    if done.returncode != 0:
        raise ServerDidNotStart(places.data_dir, "initdb: " + (done.stderr or done.stdout).strip())
