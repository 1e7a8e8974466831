"""The connection to DigitalOcean: one client for a process, made when it is first asked for.

Owns how the settings become a client. Its calls share one rate budget, whoever makes them. What a client
needs is imported with it: most commands call nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from arcadia_app.arcadia import Cloud, CloudNotConnected
from arcadia_app.settings import DO_TOKEN, SPACES_KEY, SPACES_SECRET, CloudSettings
from arcadia_domain.ports.cloud_provider import CallBudget, CloudProvider

if TYPE_CHECKING:
    from arcadia_adapters.digitalocean.client import DigitalOceanClient

_UNLIMITED: Final = 1_000_000
"""Calls in a minute, or an hour, that nobody makes."""

Find = Callable[[], CloudSettings | None]
"""Says how the cloud is reached, at the moment when it is needed; None where there is none."""


@contextmanager
def connected(find: Find) -> Iterator[Cloud]:
    """The cloud, until the block ends."""
    connection = _Connection(find)
    try:
        yield connection
    finally:
        connection.close()


class _Connection:
    """Implements Cloud."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._making = Lock()
        self._client: DigitalOceanClient | None = None

    def __call__(self) -> AbstractContextManager[CloudProvider]:
        return self._lent()

    def budget(self) -> CallBudget | None:
        client = self._client
        return None if client is None else client.budget

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    @contextmanager
    def _lent(self) -> Iterator[CloudProvider]:
        with self._making:
            client = self._client = self._client or self._made()
        yield client

    def _made(self) -> DigitalOceanClient:
        settings = self._find()
        if settings is None:
            raise CloudNotConnected()
        return client_of(settings)


def client_of(settings: CloudSettings) -> DigitalOceanClient:
    """A client of its own, to be closed."""
    from arcadia_adapters.digitalocean.client import (
        Access,
        DigitalOceanClient,
        Limits,
        Secret,
        SpacesAccess,
    )
    from arcadia_adapters.digitalocean.client.access import DIGITALOCEAN, SPACES

    limits = Limits() if settings.paced else Limits(calls_per_minute=_UNLIMITED, calls_per_hour=_UNLIMITED)
    spaces = None
    if settings.spaces_key is not None and settings.spaces_secret is not None:
        spaces = SpacesAccess(
            key=Secret(settings.spaces_key, f"the key of Spaces ({SPACES_KEY})"),
            secret=Secret(settings.spaces_secret, f"the secret of Spaces ({SPACES_SECRET})"),
            url=settings.url or SPACES,
        )
    token = Secret(settings.token, f"the token of DigitalOcean ({DO_TOKEN})")
    return DigitalOceanClient(
        Access(token=token, url=settings.url or DIGITALOCEAN, spaces=spaces, limits=limits)
    )
