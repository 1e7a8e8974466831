"""The Postgres servers of a test run, and the databases that tests get on them.

Owns starting a server once for all parallel workers, one migrated template per server, copying
it, and cleaning up: the last worker out removes everything. The superuser's address is used in
this file only.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType

import psycopg

from arcadia_adapters.postgres import migrate, roles
from arcadia_adapters.postgres.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    find_binaries,
)

TEMPLATE = "arcadia_template"
MONTHS = (date(2026, 3, 1), date(2026, 6, 1))
"""The months that have a partition of their own in every test database."""

OLDEST = 15
SYSTEM = Path("/usr/lib/postgresql")


class NoSuchServer(Exception):
    """The binaries of a server were not found here; the text is the reason to skip."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database with the whole schema (or with none), and its address for each role."""

    name: str
    owner_url: str
    tenant_url: str
    operator_url: str
    gateway_url: str

    def url_of(self, role: str) -> str:
        return {
            roles.OWNER: self.owner_url,
            roles.TENANT: self.tenant_url,
            roles.OPERATOR: self.operator_url,
            roles.GATEWAY: self.gateway_url,
        }[role]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `passwords` has one per role of ours, whether they exist or not."""

    embedded: EmbeddedPostgres
    _kept: list[Database] = field(default_factory=list)

    @property
    def superuser_url(self) -> str:
        return self.embedded.url(self.embedded.superuser, "postgres")

    @property
    def passwords(self) -> dict[str, str]:
        return {role: self.embedded.password(role) for role in roles.ROLES}

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[Database]:
        """A database for one test: a copy of the migrated template, or an empty one."""
        name = f"test_{uuid.uuid4().hex}"
        template = TEMPLATE if migrated else "template0"
        roles.create_database(self.superuser_url, name, template=template)
        try:
            yield self.address_of(name)
        finally:
            roles.drop_database(self.superuser_url, name)

    @contextmanager
    def copy_of(self, database: Database) -> Iterator[Database]:
        """A copy for one test of a database that nobody is connected to."""
        name = f"test_{uuid.uuid4().hex}"
        roles.create_database(self.superuser_url, name, template=database.name)
        try:
            yield self.address_of(name)
        finally:
            roles.drop_database(self.superuser_url, name)

    @contextmanager
    def emptied_database(self) -> Iterator[Database]:
        """The database that this process keeps on this server, empty again afterwards.

        Making one costs half a second, emptying one a hundredth. Not for a test that changes more than rows.
        """
        if not self._kept:
            name = f"kept_{uuid.uuid4().hex}"
            roles.create_database(self.superuser_url, name, template=TEMPLATE)
            self._kept.append(self.address_of(name))
        try:
            yield self._kept[0]
        finally:
            self._empty(self._kept[0].name)

    def _empty(self, name: str) -> None:
        """Without triggers, so that guards and foreign keys are not in the way."""
        with psycopg.connect(self.embedded.url(self.embedded.superuser, name), autocommit=True) as connection:
            tables = connection.execute(
                "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'alembic_version'"
            ).fetchall()
            settings = "SET session_replication_role = replica; SET lock_timeout = '10s'; "
            deletes = "; ".join(f"DELETE FROM {table}" for (table,) in tables)
            connection.execute((settings + deletes).encode())

    def address_of(self, name: str) -> Database:
        owner, tenant, operator, gateway = (self.embedded.url(role, name) for role in roles.ROLES)
        return Database(name, owner, tenant, operator, gateway)

    def make_template(self) -> None:
        roles.create_roles(self.superuser_url, self.passwords)
        roles.create_database(self.superuser_url, TEMPLATE)
        migrate.upgrade(self.address_of(TEMPLATE).owner_url, MONTHS)


@dataclass
class Servers:
    """The servers of one test run, each started when first asked for, shared by its workers."""

    run: str
    folder: Path = field(init=False)
    _running: dict[str, Server] = field(init=False, default_factory=dict)
    _stack: ExitStack = field(init=False, default_factory=ExitStack)

    def __enter__(self) -> Servers:
        self.folder = Path(tempfile.gettempdir()) / f"arcadia-tests-{self.run}"
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o711)  # as root, the server's account must pass
        self._users = os.open(self.folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._users, fcntl.LOCK_SH)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another worker is still here, and will tidy up
        finally:
            os.close(self._users)
        shutil.rmtree(self.folder)

    def get(self, name: str) -> Server:
        """The server of this name, with our roles and the template. Raises `NoSuchServer`."""
        if name not in self._running:
            server = self._start(name, self.folder / name)
            with self._alone(name):
                ready = self.folder / f"{name}.ready"
                if not ready.exists():
                    server.make_template()
                    ready.touch()
            self._running[name] = server
        return self._running[name]

    @contextmanager
    def bare(self, name: str) -> Iterator[Server]:
        """A server of one's own, without our roles: for tests that make or spoil roles."""
        folder = self.folder / uuid.uuid4().hex[:8]
        binaries = _binaries(name)
        with EmbeddedPostgres(folder, binaries=binaries, durable=False) as embedded:
            yield Server(embedded)
        shutil.rmtree(folder)

    def _start(self, name: str, folder: Path) -> Server:
        embedded = EmbeddedPostgres(folder, binaries=_binaries(name), durable=False)
        return Server(self._stack.enter_context(embedded))

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        lock = os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _binaries(name: str) -> Path:
    """`embedded`: what the application itself would start; `oldest`: this machine's oldest."""
    if name == "embedded":
        try:
            return find_binaries({})
        except EmbeddedPostgresError as problem:
            raise NoSuchServer(str(problem)) from problem
    versions = [p for p in SYSTEM.glob("*") if p.name.isdigit() and int(p.name) >= OLDEST]
    for version in sorted(versions, key=lambda p: int(p.name)):
        if (version / "bin" / "initdb").exists():
            return version / "bin"
    raise NoSuchServer(f"no PostgreSQL of at least {OLDEST} under {SYSTEM}")
