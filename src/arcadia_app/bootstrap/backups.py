"""The embedded database to a file, and from one (SPEC 18).

Owns what is refused: a database that is somebody else's, a file or a database that would be written over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from arcadia_adapters.postgres import archives, migrate, roles
from arcadia_adapters.postgres.embedded import EmbeddedPostgres, find_binaries
from arcadia_app.arcadia import BackedUp
from arcadia_app.bootstrap.embedded import DATABASE, passwords, superuser_url
from arcadia_app.settings import Settings
from arcadia_domain.errors import DomainError

_ASIDE: Final = f"{DATABASE}_restoring"
_REVISION: Final = "SELECT version_num FROM alembic_version"


class DatabaseNotOurs(DomainError):
    code = "database_not_ours"
    sentence = "ARCADIA_DATABASE_URL names a PostgreSQL of your own: its own programs back it up."


class NothingToBackUp(DomainError):
    code = "nothing_to_back_up"
    sentence = "There is no database in {data_dir}."


class FileTaken(DomainError):
    code = "file_taken"
    sentence = "{file} is there already: a backup writes over nothing."


class BackupFailed(DomainError):
    code = "backup_failed"
    sentence = "The database was not backed up: {reason}"


class DatabaseNotEmpty(DomainError):
    code = "database_not_empty"
    sentence = (
        "There is a database in {data_dir}, and a restore writes over nothing: name another ARCADIA_DATA_DIR."
    )


class BackupUnusable(DomainError):
    code = "backup_unusable"
    sentence = "{file} was not restored, and nothing is left of the attempt: {reason}."


def back_up(settings: Settings, data_dir: Path, file: Path) -> BackedUp:
    """Write the database as it is at one instant, while others work on it. Its schema stays as it is.

    Written aside and named at the end: the file is whole or not there. Raises DatabaseNotOurs,
    NothingToBackUp, FileTaken, BackupFailed.
    """
    _ours(settings)
    if not (data_dir / "postgres" / "pgdata").is_dir():
        raise NothingToBackUp(data_dir=data_dir)
    with EmbeddedPostgres(data_dir / "postgres") as server:
        if not roles.database_exists(superuser_url(server), DATABASE):
            raise NothingToBackUp(data_dir=data_dir)
        owner_url = server.url(roles.OWNER, DATABASE)
        with _written_whole(file) as fresh:
            try:
                archives.dump(find_binaries(os.environ), owner_url, fresh)
            except archives.ProgramFailed as error:
                raise BackupFailed(reason=error) from None
        return _told(owner_url, file)


def restore(settings: Settings, data_dir: Path, file: Path) -> BackedUp:
    """Make the database from a backup, and bring it to this version's schema.

    Made aside and named at the end: the database is whole or not there. Raises DatabaseNotOurs,
    DatabaseNotEmpty, BackupUnusable.
    """
    _ours(settings)
    with EmbeddedPostgres(data_dir / "postgres") as server:
        superuser = superuser_url(server)
        if roles.database_exists(superuser, DATABASE):
            raise DatabaseNotEmpty(data_dir=data_dir)
        roles.create_roles(superuser, passwords(server))
        roles.drop_database(superuser, _ASIDE)  # what a restore that was killed has left
        roles.create_database(superuser, _ASIDE)
        try:
            restored = _filled(server.url(roles.OWNER, _ASIDE), file)
            if not roles.rename_database(superuser, _ASIDE, DATABASE):
                raise DatabaseNotEmpty(data_dir=data_dir)  # made meanwhile
        finally:
            roles.drop_database(superuser, _ASIDE)
        return restored


def _filled(owner_url: str, file: Path) -> BackedUp:
    try:
        archives.load(find_binaries(os.environ), owner_url, file)
        backed_up = _told(owner_url, file)
    except (archives.ProgramFailed, psycopg.Error) as error:
        raise BackupUnusable(file=file, reason=str(error).partition("\n")[0]) from None
    if backed_up.revision not in migrate.known_revisions().known:
        raise BackupUnusable(file=file, reason=f"it is of a newer version, at revision {backed_up.revision}")
    migrate.upgrade(owner_url)
    return backed_up


def _ours(settings: Settings) -> None:
    if settings.database is not None:
        raise DatabaseNotOurs()


def _told(owner_url: str, file: Path) -> BackedUp:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        row = connection.execute(_REVISION).fetchone()
    assert row is not None  # written in the transaction of the schema
    return BackedUp(file=file, size_bytes=file.stat().st_size, revision=row[0])


@contextmanager
def _written_whole(file: Path) -> Iterator[Path]:
    """A file aside, private, that gets its name when the block is done. Raises FileTaken."""
    fresh = file.with_name(f"{file.name}.part-{os.getpid()}")
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if file.exists():
            raise FileTaken(file=file)
        yield fresh
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        try:
            os.link(fresh, file)  # refused where the name was taken meanwhile
        except FileExistsError:
            raise FileTaken(file=file) from None
    finally:
        fresh.unlink()
