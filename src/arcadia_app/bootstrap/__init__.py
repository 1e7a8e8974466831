"""The composition root: the only package that knows every adapter.

`application` wires the application on a database, `embedded` makes databases, `tokens` says who is believed,
`background` has what runs jobs, `serving` runs what answers HTTP, `doorless` what does not, `backups` keeps
the embedded database; here is what a command may ask for.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from arcadia_adapters.postgres import migrate, roles
from arcadia_adapters.postgres.embedded import default_data_dir
from arcadia_app.arcadia import Arcadia, BackedUp, MintedToken
from arcadia_app.bootstrap.application import wire_application, wire_on
from arcadia_app.bootstrap.cloud import Find, connected
from arcadia_app.bootstrap.embedded import ThrowawayServer, embedded_database, throwaway_server
from arcadia_app.settings import CloudSettings, SettingMissing, Settings
from arcadia_domain.identity import Principal
from arcadia_domain.ports.clock import Clock

__all__ = ["LocalWiring", "ThrowawayServer", "wire_application", "wire_on"]


class LocalWiring:
    """The application as one process wires it for itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @contextmanager
    def open(self) -> Iterator[Arcadia]:
        """The embedded database is started, and brought to this version's schema; a named one is used as
        it is.
        """
        with self._open_with(self._cloud) as arcadia:
            yield arcadia

    def migrate(self) -> Sequence[str]:
        """Bring the database to this version's schema; the serving roles that had to be made, where the owner
        may make roles. Raises SettingMissing without an owner's address.
        """
        urls = self._settings.database
        if urls is None:
            with embedded_database(self._data_dir):
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
            with throwaway_server(folder, durable=durable) as server:
                yield server
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def api(self) -> None:
        """Answer HTTP until the process is asked to stop, on a database that is migrated and seeded. Raises
        SecretMissing, AddressTaken.
        """
        from arcadia_app.bootstrap.serving import serve_api

        serve_api(self._settings, self.open)

    def serve(self, *, sample: bool = False) -> None:
        """All in this process until it is asked to stop. Raises AddressTaken, SecretUnusable."""
        from arcadia_app.bootstrap.serving import serve_all

        serve_all(self._settings, self._open_migrated, self._data_dir, sample=sample)

    def worker(self, *, queues: Sequence[str], at_once: int) -> None:
        """Run jobs of these queues until the process is asked to stop. Raises UnknownBroker."""
        from arcadia_app.bootstrap.doorless import run_worker

        run_worker(self._settings, self.open, queues=queues, at_once=at_once)

    def scheduler(self) -> None:
        """Fire the ticks of the schedule until the process is asked to stop. Raises UnknownBroker."""
        from arcadia_app.bootstrap.doorless import run_scheduler

        run_scheduler(self._settings, self.open)

    def back_up(self, file: Path) -> BackedUp:
        """Raises DatabaseNotOurs, NothingToBackUp, FileTaken, BackupFailed."""
        from arcadia_app.bootstrap.backups import back_up

        return back_up(self._settings, self._data_dir, file)

    def restore(self, file: Path) -> BackedUp:
        """Raises DatabaseNotOurs, DatabaseNotEmpty, BackupUnusable."""
        from arcadia_app.bootstrap.backups import restore

        return restore(self._settings, self._data_dir, file)

    def sandbox(self, *, port: int, extra_droplets: int = 0) -> None:
        """A local DigitalOcean until the process is asked to stop. Raises AddressTaken."""
        from arcadia_app.bootstrap.local_cloud import serve_sandbox

        serve_sandbox(port=port, extra_droplets=extra_droplets)

    def mint(self, principal: Principal, ttl: timedelta) -> MintedToken:
        """A token of the environment's secret, else of the data directory's. Raises InvalidToken."""
        from arcadia_app.bootstrap.tokens import mint

        return mint(self._settings.tokens, self._data_dir, principal, ttl)

    @contextmanager
    def _open_migrated(self, cloud: CloudSettings, clock: Clock | None) -> Iterator[Arcadia]:
        """As `open`, with this cloud and clock; a named database is brought to this version's schema where
        its owner is named too.
        """
        if self._settings.database is not None and self._settings.database.owner is not None:
            self.migrate()
        with self._open_with(lambda: cloud, clock) as arcadia:
            yield arcadia

    @contextmanager
    def _open_with(self, cloud: Find, clock: Clock | None = None) -> Iterator[Arcadia]:
        with ExitStack() as stack:
            urls = self._settings.database or stack.enter_context(embedded_database(self._data_dir))
            connection = stack.enter_context(connected(cloud))
            app = stack.enter_context(wire_application(urls, connection, self._settings.broker_url, clock))
            yield replace(app, retention=self._settings.retention)

    def _cloud(self) -> CloudSettings | None:
        """The cloud that is named, else that of a `serve` on the same data directory."""
        if self._settings.cloud is not None:
            return self._settings.cloud
        from arcadia_app.bootstrap.local_cloud import sandbox_of

        return sandbox_of(self._data_dir)

    @property
    def _data_dir(self) -> Path:
        return self._settings.data_dir or default_data_dir({}, os.geteuid())
