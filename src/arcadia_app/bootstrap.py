"""The composition root: the only file that knows every adapter."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.digitalocean import invoice_csv
from arcadia_adapters.digitalocean.sample import account as april
from arcadia_adapters.postgres import migrate, roles
from arcadia_adapters.postgres.embedded import EmbeddedPostgres, default_data_dir
from arcadia_adapters.postgres.pools import Pools
from arcadia_adapters.postgres.unit_of_work import PostgresTransactions
from arcadia_app.arcadia import Arcadia, InvoiceFile
from arcadia_app.settings import DatabaseUrls, SettingMissing, Settings
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.ports.clock import Clock
from arcadia_domain.ports.unit_of_work import Transactions

_DATABASE = "arcadia"


class LocalWiring:
    """The application as one process wires it for itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @contextmanager
    def open(self) -> Iterator[Arcadia]:
        """The embedded database is started, and brought to this version's schema; a named one is used as
        it is.
        """
        if self._settings.database is not None:
            with wire_application(self._settings.database) as arcadia:
                yield arcadia
            return
        with self._embedded() as urls, wire_application(urls) as arcadia:
            yield arcadia

    def migrate(self) -> Sequence[str]:
        """Bring the database to this version's schema; the serving roles that had to be made, where the owner
        may make roles. Raises SettingMissing without an owner's address.
        """
        urls = self._settings.database
        if urls is None:
            with self._embedded():
                return []
        if urls.owner is None:
            raise SettingMissing(present="ARCADIA_DATABASE_URL", missing="ARCADIA_DATABASE_OWNER_URL")
        made = roles.create_missing_roles(urls.owner, [urls.tenant, urls.operator, urls.gateway])
        migrate.upgrade(urls.owner)
        return made

    @contextmanager
    def throwaway(self, *, durable: bool = False) -> Iterator[ThrowawayServer]:
        """A server in a temporary directory, which is removed with it."""
        folder = Path(tempfile.mkdtemp(prefix="arcadia-"))
        folder.chmod(0o711)  # as root, the server runs as another account that must pass
        try:
            with EmbeddedPostgres(folder / "postgres", durable=durable) as server:
                roles.create_roles(_superuser_url(server), _passwords(server))
                yield ThrowawayServer(server)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _embedded(self) -> Iterator[DatabaseUrls]:
        data_dir = self._settings.data_dir or default_data_dir({}, os.geteuid())
        with EmbeddedPostgres(data_dir / "postgres") as server:
            roles.create_roles(_superuser_url(server), _passwords(server))
            yield _migrated(server, _DATABASE)


class ThrowawayServer:
    """Hands out databases, one after the other."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._numbers = count(1)

    @contextmanager
    def fresh(self) -> Iterator[Arcadia]:
        """The application on a new database."""
        with wire_application(_migrated(self._server, self._new_name())) as arcadia:
            yield arcadia

    def template(self, fill: Callable[[Arcadia, DatabaseUrls], None]) -> str:
        """The name of a new database that `fill` has filled."""
        name = self._new_name()
        urls = _migrated(self._server, name)
        with wire_application(urls) as arcadia:
            fill(arcadia, urls)
        return name

    @contextmanager
    def copy(self, template: str) -> Iterator[tuple[Arcadia, DatabaseUrls]]:
        """The application on a copy of a template, dropped at the end."""
        name = self._new_name()
        roles.create_database(_superuser_url(self._server), name, template=template)
        try:
            urls = _urls(self._server, name)
            with wire_application(urls) as arcadia:
                yield arcadia, urls
        finally:
            roles.drop_database(_superuser_url(self._server), name)

    def _new_name(self) -> str:
        return f"{_DATABASE}_{next(self._numbers)}"


@contextmanager
def wire_application(urls: DatabaseUrls) -> Iterator[Arcadia]:
    """The application on a database that has the schema."""
    with Pools(urls.tenant, urls.operator, urls.gateway) as pools:
        yield wire_on(PostgresTransactions(pools), SystemClock())


def wire_on(transactions: Transactions, clock: Clock) -> Arcadia:
    """The application on an open store, by this clock."""
    return Arcadia(transactions=transactions, clock=clock, read_invoice=_read_invoice, sample=_Sample())


class _Sample:
    """The sample account as doors see it."""

    account = april.ACCOUNT

    def invoice_csv(self) -> bytes:
        return april.sample_invoice_csv()

    def droplets(self) -> Sequence[CloudResource]:
        return april.sample_resources(uuid4, SystemClock().now())


def _read_invoice(source: bytes) -> InvoiceFile:
    parsed = invoice_csv.parse(source)
    return InvoiceFile(parsed.lines, [warning.sentence for warning in parsed.warnings])


def _migrated(server: EmbeddedPostgres, name: str) -> DatabaseUrls:
    roles.create_database(_superuser_url(server), name)
    migrate.upgrade(server.url(roles.OWNER, name))
    return _urls(server, name)


def _urls(server: EmbeddedPostgres, name: str) -> DatabaseUrls:
    return DatabaseUrls(
        owner=server.url(roles.OWNER, name),
        tenant=server.url(roles.TENANT, name),
        operator=server.url(roles.OPERATOR, name),
        gateway=server.url(roles.GATEWAY, name),
    )


def _superuser_url(server: EmbeddedPostgres) -> str:
    """For making roles and databases only; the application never connects so."""
    return server.url(server.superuser, "postgres")


def _passwords(server: EmbeddedPostgres) -> dict[str, str]:
    return {role: server.password(role) for role in roles.ROLES}
