"""`EmbeddedPostgres`: start or join the one server of a data directory; the last one out stops it.

Owns the order of the locks (docs/adr/0001). Makes no role and no database:
that is the migrations' work.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import hmac
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from arcadia_adapters.postgres.embedded.account import server_account
from arcadia_adapters.postgres.embedded.binaries import find_binaries, runnable
from arcadia_adapters.postgres.embedded.cluster import SUPERUSER, make_cluster
from arcadia_adapters.postgres.embedded.errors import NotEntered, ServerDidNotStart
from arcadia_adapters.postgres.embedded.launch import GLANCE_SECONDS, launch
from arcadia_adapters.postgres.embedded.locks import lock_now, locked
from arcadia_adapters.postgres.embedded.places import Address, Places, default_data_dir
from arcadia_adapters.postgres.embedded.proof import prove_ours

PATIENCE_SECONDS = 30.0


class EmbeddedPostgres:
    """The PostgreSQL server of one data directory, shared by all who enter it at the same time.

    A context manager, not entered twice at a time. `data_dir` holds everything: database, socket,
    log, secret. As root the server runs as an account without rights. `durable=False` trades
    safety in a power cut for speed (tests); who joins a running server gets it as it is.
    """

    superuser: str = SUPERUSER
    """The role initdb made: it passes row-level security, so the application never uses it."""

    def __init__(self, data_dir: Path, *, binaries: Path | None = None, durable: bool = True) -> None:
        self._places = Places(Path(data_dir).absolute(), server_account())
        self._binaries = binaries
        self._durable = durable
        self._owner: int | None = None
        self._secret: bytes | None = None
        self._address: Address | None = None

    def __enter__(self) -> EmbeddedPostgres:
        """Start or join the server; raises an `EmbeddedPostgresError` that says what to do."""
        if self._owner is not None:
            raise RuntimeError("this EmbeddedPostgres is entered already")
        self._places.prepare()
        with self._one_at_a_time():
            # Waits for a keeper that is stopping its server: it holds this lock exclusively.
            self._owner = locked(self._places.owners_lock, fcntl.LOCK_SH)
            try:
                self._secret = self._places.read_or_make_secret()
                self._address = self._start_or_join()
            except BaseException:
                self._leave()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._one_at_a_time():
            self._leave()

    def password(self, role: str) -> str:
        """The role's password: always the same for one data directory. Raises `NotEntered`."""
        if self._secret is None:
            raise NotEntered(self._places.data_dir)
        digest = hmac.digest(self._secret, role.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")

    def url(self, role: str, database: str) -> str:
        """The address as libpq and SQLAlchemy read it, good while entered. Raises `NotEntered`."""
        if self._address is None:
            raise NotEntered(self._places.data_dir)
        host = quote(str(self._address.socket_dir), safe="")
        who = f"{quote(role, safe='')}:{quote(self.password(role), safe='')}"
        name = quote(database, safe="")
        return f"postgresql://{who}@/{name}?host={host}&port={self._address.port}"

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        lock = locked(self._places.starting_lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(lock)

    def _start_or_join(self) -> Address:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            address = self._places.recorded_address()
            if address is None or not self._is_kept():
                address = self._start(deadline)
            try:
                prove_ours(address, self._places.pgdata, self.password(SUPERUSER))
                return address
            except psycopg.OperationalError as problem:  # starting, recovering or just gone
                if time.monotonic() > deadline:
                    raise ServerDidNotStart(self._places.data_dir, str(problem)) from problem
                time.sleep(GLANCE_SECONDS)

    def _is_kept(self) -> bool:
        """Whether a keeper lives, and with it its server."""
        lock = os.open(self._places.keeper_lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            return not lock_now(lock, fcntl.LOCK_SH)
        finally:
            os.close(lock)

    def _start(self, deadline: float) -> Address:
        shelf = default_data_dir({}, os.geteuid()) / "binaries"
        found = self._binaries or find_binaries(os.environ)
        binaries, major = runnable(found, self._places.account, shelf)
        make_cluster(self._places, binaries, major, self.password(SUPERUSER), self._durable)
        return launch(self._places, binaries, self._durable, deadline)

    def _leave(self) -> None:
        """Give up our share; when it was the last, wait until the keeper has stopped the server.

        Nobody else can enter meanwhile: the caller holds the starting lock.
        """
        owner, self._owner = self._owner, None
        address, self._address = self._address, None
        if owner is None:
            return
        try:
            fcntl.flock(owner, fcntl.LOCK_UN)
            # Refused both ways: the keeper has it already, so we were the last as well.
            last = lock_now(owner, fcntl.LOCK_EX) or not lock_now(owner, fcntl.LOCK_SH)
        finally:
            os.close(owner)
        if last:
            os.close(locked(self._places.keeper_lock, fcntl.LOCK_SH))
            if address is not None:
                self._places.forget_socket_dir(address)
