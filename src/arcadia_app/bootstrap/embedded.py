"""The embedded server and its databases: roles, schema, addresses.

Owns making them, for the one server of a data directory and for throwaway ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from arcadia_adapters.postgres import migrate, roles
from arcadia_adapters.postgres.embedded import EmbeddedPostgres
from arcadia_app.arcadia import Arcadia
from arcadia_app.bootstrap.application import wire_application
from arcadia_app.settings import DatabaseUrls

DATABASE: Final = "arcadia"
"""The name of the one database of a data directory."""


@contextmanager
def embedded_database(data_dir: Path) -> Iterator[DatabaseUrls]:
    """The database of a data directory: started or joined, and brought to this version's schema."""
    with EmbeddedPostgres(data_dir / "postgres") as server:
        roles.create_roles(superuser_url(server), passwords(server))
        yield _migrated(server, DATABASE)


@contextmanager
def throwaway_server(folder: Path, *, durable: bool) -> Iterator[ThrowawayServer]:
    """A server in this folder, stopped at the end."""
    with EmbeddedPostgres(folder / "postgres", durable=durable) as server:
        roles.create_roles(superuser_url(server), passwords(server))
        yield ThrowawayServer(server)


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
        roles.create_database(superuser_url(self._server), name, template=template)
        try:
            urls = _urls(self._server, name)
            with wire_application(urls) as arcadia:
                yield arcadia, urls
        finally:
            roles.drop_database(superuser_url(self._server), name)

    def _new_name(self) -> str:
        return f"{DATABASE}_{next(self._numbers)}"


def _migrated(server: EmbeddedPostgres, name: str) -> DatabaseUrls:
    roles.create_database(superuser_url(server), name)
    migrate.upgrade(server.url(roles.OWNER, name))
    return _urls(server, name)


def _urls(server: EmbeddedPostgres, name: str) -> DatabaseUrls:
    return DatabaseUrls(
        owner=server.url(roles.OWNER, name),
        tenant=server.url(roles.TENANT, name),
        operator=server.url(roles.OPERATOR, name),
        gateway=server.url(roles.GATEWAY, name),
    )


def superuser_url(server: EmbeddedPostgres) -> str:
    """For making roles and databases only; the application never connects so."""
    return server.url(server.superuser, "postgres")


def passwords(server: EmbeddedPostgres) -> dict[str, str]:
    return {role: server.password(role) for role in roles.ROLES}
