"""Where the files of one embedded database lie, and which socket directory it uses.

Owns paths, their modes and owners, the secret and the recorded address. Runs nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from arcadia_adapters.postgres.embedded.account import Account
from arcadia_adapters.postgres.embedded.errors import (
    DataDirUnusable,
    SecretMissing,
    SocketPathTooLong,
)

APP = "arcadia-cloud"
ROOTS_STATE = Path("/var/lib")
LONGEST_SOCKET_PATH = 103  # bytes, without the closing NUL: 107 on Linux, 103 on the BSDs
FIRST_PORT = 5433  # only a part of the socket's file name: nothing listens on the network


def default_data_dir(env: Mapping[str, str], uid: int) -> Path:
    """ARCADIA_DATA_DIR, else the user's state directory; root's lies outside root's home.

    (Root's server runs as another account, which cannot enter a private home.) SPEC 18.
    """
    named = env.get("ARCADIA_DATA_DIR")
    if named:
        return Path(named).absolute()
    if uid == 0:
        return ROOTS_STATE / APP
    state = env.get("XDG_STATE_HOME", "")
    if os.path.isabs(state):  # the XDG rules say: a relative one is ignored
        return Path(state) / APP
    return Path(env.get("HOME") or os.path.expanduser("~")) / ".local" / "state" / APP


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens: a socket directory, and the number in the socket's name."""

    socket_dir: Path
    port: int

    @property
    def socket(self) -> Path:
        return self.socket_dir / f".s.PGSQL.{self.port}"

    @property
    def lock(self) -> Path:
        """The file in which a live PostgreSQL server claims this socket (its process id)."""
        return self.socket_dir / f"{self.socket.name}.lock"


@dataclass(frozen=True, slots=True)
class Places:
    """The files of the database in `data_dir`; `account` is set when root made them."""

    data_dir: Path
    account: Account | None

    @property
    def pgdata(self) -> Path:
        return self.data_dir / "pgdata"

    @property
    def initdb_dir(self) -> Path:
        """Where a new database is made, so that `pgdata` is either whole or not there."""
        return self.data_dir / "pgdata.new"

    @property
    def socket_dir(self) -> Path:
        return self.data_dir / "socket"

    @property
    def log(self) -> Path:
        return self.data_dir / "log" / "server.log"

    @property
    def secret(self) -> Path:
        return self.data_dir / "secret"

    @property
    def address(self) -> Path:
        return self.data_dir / "address.json"

    @property
    def starting_lock(self) -> Path:
        """Held while somebody starts, joins or leaves: one at a time."""
        return self.data_dir / "starting.lock"

    @property
    def owners_lock(self) -> Path:
        """Shared by the owners; whoever gets it exclusively knows that there is none left."""
        return self.data_dir / "owners.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper for as long as its server lives."""
        return self.data_dir / "keeper.lock"

    def prepare(self) -> None:
        """Make the directories; raises `DataDirUnusable` with the reason when it cannot."""
        try:
            self._make()
        except OSError as problem:
            reason = problem.strerror or str(problem)
            raise DataDirUnusable(self.data_dir, reason) from problem
        if self.account is None:
            return
        for folder in self.data_dir.resolve().parents:
            if not self.account.may_pass(folder):
                reason = f"the server's account {self.account.uid} cannot pass {folder}"
                raise DataDirUnusable(self.data_dir, reason)

    def _make(self) -> None:
        for folder in reversed([self.data_dir, *_made_for(self.data_dir)]):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._let_pass(folder)
        seen = self.data_dir.stat()
        if seen.st_uid != os.geteuid():
            raise DataDirUnusable(self.data_dir, f"it belongs to user {seen.st_uid}")
        if seen.st_mode & stat.S_IWOTH:
            raise DataDirUnusable(self.data_dir, "everybody may write in it")
        self.log.parent.mkdir(mode=0o700, exist_ok=True)

    def _let_pass(self, folder: Path) -> None:
        """Let root's server through a directory of ours; what lies in it stays private."""
        seen = folder.stat()
        ours = seen.st_uid == os.geteuid()
        if self.account is not None and ours and not self.account.may_pass(folder):
            folder.chmod(stat.S_IMODE(seen.st_mode) | 0o011)

    def read_or_make_secret(self) -> bytes:
        """The random secret of this database (mode 0600); only a new database gets a new one."""
        if not self.secret.exists():
            if self.pgdata.exists():
                raise SecretMissing(self.secret)
            _replace(self.secret, secrets.token_hex(32))
        return self.secret.read_bytes()

    def recorded_address(self) -> Address | None:
        """The address of the last start; None when there was none or it cannot be read."""
        try:
            noted = json.loads(self.address.read_text(encoding="utf-8"))
            return Address(Path(noted["socket_dir"]), int(noted["port"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def choose_address(self) -> Address:
        """An address nobody else claims: the last one where possible, so that URLs stay good."""
        last = self.recorded_address()
        folder = self._usable_socket_dir(last.socket_dir if last else None)
        first = last.port if last else FIRST_PORT
        for port in (first, *range(FIRST_PORT, 65536)):
            address = Address(folder, port)
            if not _claimed(address):
                _replace(self.address, json.dumps({"socket_dir": str(folder), "port": port}))
                return address
        raise DataDirUnusable(self.data_dir, f"every socket name in {folder} is taken")

    def forget_socket_dir(self, address: Address) -> None:
        """Remove a socket directory that lies outside the data directory, once it is empty."""
        if address.socket_dir != self.socket_dir:
            with contextlib.suppress(OSError):  # not empty: it is used again, or the system's
                address.socket_dir.rmdir()

    def _usable_socket_dir(self, last: Path | None) -> Path:
        if _fits(self.socket_dir):
            self.socket_dir.mkdir(mode=0o700, exist_ok=True)
            if self.account is not None:
                self.account.give(self.socket_dir)
            return self.socket_dir
        if last is not None and _fits(last) and self._is_private(last):
            return last
        parents = tuple(dict.fromkeys((Path(tempfile.gettempdir()), Path("/tmp"))))
        for parent in parents:
            if _fits(parent / f"{APP}-12345678") and parent.is_dir():
                made = Path(tempfile.mkdtemp(prefix=f"{APP}-", dir=parent))
                if self.account is not None:
                    self.account.give(made)
                return made
        raise SocketPathTooLong(parents, LONGEST_SOCKET_PATH)

    def _is_private(self, folder: Path) -> bool:
        """Still a directory that only the server's account may enter (the name is no secret)."""
        try:
            seen = folder.lstat()
        except OSError:
            return False
        owner = self.account.uid if self.account else os.geteuid()
        private = stat.S_IMODE(seen.st_mode) == 0o700
        return stat.S_ISDIR(seen.st_mode) and seen.st_uid == owner and private


def _made_for(folder: Path) -> list[Path]:
    """The parents, innermost first, that hold nothing but this directory: missing or empty ones.

    Those may be opened for the server's account (`mktemp -d` makes a private one); no other is.
    """
    if folder.exists():
        return []
    made = []
    for parent in folder.parents:
        if parent.exists() and any(parent.iterdir()):
            break
        made.append(parent)
        if parent.exists():
            break
    return made


def _fits(folder: Path) -> bool:
    """Short enough, and free of the signs by which a client splits a list of hosts."""
    longest = os.fsencode(folder / ".s.PGSQL.65535")
    return len(longest) <= LONGEST_SOCKET_PATH and not set(str(folder)) & set(",:\"'\\@")


def _claimed(address: Address) -> bool:
    """Whether a live process claims the socket, by PostgreSQL's own rule."""
    try:
        pid = abs(int(address.lock.read_text(encoding="ascii").split("\n", 1)[0]))
        os.kill(pid, 0)
    except (OSError, ValueError):
        return False
    return True


def _replace(path: Path, text: str) -> None:
    """Write a private file so that it is there whole or not at all, also after a power cut."""
    fresh = path.with_name(f"{path.name}.new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
