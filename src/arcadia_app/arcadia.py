"""What a door is handed: the wired application, seen through ports.

Owns the shape only. bootstrap fills it; command line, HTTP and jobs use it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Protocol

from arcadia_app.settings import DatabaseUrls
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.clock import Clock
from arcadia_domain.ports.cloud_provider import CallBudget, CloudProvider
from arcadia_domain.ports.health import Health, Unwatched
from arcadia_domain.ports.schedule import Calendar
from arcadia_domain.ports.unit_of_work import Transactions
from arcadia_domain.ports.upkeep import Retention


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    """A provider invoice as read from a file: its lines, and what is odd about it, a sentence each."""

    lines: Sequence[CostLine]
    warnings: Sequence[str]


class ReadInvoice(Protocol):
    """Reads a provider invoice. Raises a DomainError that names the line of the file.

    `may_be_empty`: a file of no line is the invoice of nothing, and not one that is cut off.
    """

    def __call__(self, source: bytes, /, *, may_be_empty: bool = False) -> InvoiceFile: ...


class SampleAccount(Protocol):
    """The sample account: April 2026 at DigitalOcean. Made up, and marked so."""

    account: str
    identity: str
    """What the provider says of whose it is, where the local DigitalOcean shows it."""

    def invoice_csv(self) -> bytes:
        """April's invoice as DigitalOcean would write it."""
        ...

    def droplets(self) -> Sequence[CloudResource]:
        """The droplets that run through April, as an inventory sync would see them."""
        ...


class CloudNotConnected(DomainError):
    code = "cloud_not_connected"
    sentence = (
        "No account of DigitalOcean is connected: set ARCADIA_DO_TOKEN, or set ARCADIA_DO_URL to a local "
        "DigitalOcean ('arcadia sandbox'), or run 'arcadia serve', which brings one of its own."
    )


class Cloud(Protocol):
    """How an act comes by the provider."""

    def __call__(self) -> AbstractContextManager[CloudProvider]:
        """The provider, shared by all who ask. Raises CloudNotConnected."""
        ...

    def budget(self) -> CallBudget | None:
        """How many calls are left; None while none was made."""
        ...


class NotConnected:
    """The cloud of an application that is connected to none."""

    def __call__(self) -> AbstractContextManager[CloudProvider]:
        raise CloudNotConnected()

    def budget(self) -> None:
        return None


class Apart(Protocol):
    """How jobs come by connections that no request takes from them, nor they from requests."""

    def __call__(self, connections: int) -> AbstractContextManager[Transactions]:
        """The same database, with so many connections of operators' own at most."""
        ...


@dataclass(frozen=True, slots=True)
class Arcadia:
    """The application on one database."""

    transactions: Transactions
    clock: Clock
    read_invoice: ReadInvoice
    sample: SampleAccount
    calendar: Calendar
    ticks: frozenset[str] = frozenset()
    """The names of the ticks that this version fires."""
    job_stored: Event = field(default_factory=Event)
    """Set by whoever has stored a job, after the commit: the relay of this process tells of it at once."""
    health: Health = field(default_factory=Unwatched)
    cloud: Cloud = field(default_factory=NotConnected)
    stopping: Event = field(default_factory=Event)
    """Set when this process was asked to stop: it still answers, but new requests belong elsewhere."""
    retention: Retention = field(default_factory=Retention)
    broker_url: str = field(default="", repr=False)
    """Where workers are told of jobs. '' where nobody is told, in tests."""
    apart: Apart | None = None
    """None where the store is not one of connections, in tests."""


@dataclass(frozen=True, slots=True)
class MintedToken:
    """A bearer token for development."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A file with a database in it. `revision` of its schema, as of when it was made."""

    file: Path
    size_bytes: int
    revision: str


class Wiring(Protocol):
    """How a door comes by the application."""

    def open(self) -> AbstractContextManager[Arcadia]:
        """The application on the database of the settings, started and migrated where it is ours to do so."""
        ...

    def migrate(self) -> Sequence[str]:
        """Bring the database of the settings to this version's schema; the roles that had to be made."""
        ...

    def api(self) -> None:
        """Answer HTTP until the process is asked to stop."""
        ...

    def serve(self, *, sample: bool = False) -> None:
        """Everything in this process until it is asked to stop: database, schema, catalogue, HTTP, jobs.

        `sample` adds the April tenants.
        """
        ...

    def worker(self, *, queues: Sequence[str], at_once: int) -> None:
        """Run the jobs of these queues, so many of each at a time, until the process is asked to stop."""
        ...

    def scheduler(self) -> None:
        """Fire the ticks of the schedule until the process is asked to stop."""
        ...

    def back_up(self, file: Path) -> BackedUp:
        """Write the embedded database to a file that is not there yet, while it serves."""
        ...

    def restore(self, file: Path) -> BackedUp:
        """Make the embedded database from such a file, where there is none yet; what was restored."""
        ...

    def sandbox(self, *, port: int, extra_droplets: int = 0) -> None:
        """A local DigitalOcean with the sample account, until the process is asked to stop."""
        ...

    def mint(self, principal: Principal, ttl: timedelta) -> MintedToken:
        """A token with which the principal may call this application's HTTP door until `ttl` has passed."""
        ...

    def throwaway(self, *, durable: bool = False) -> AbstractContextManager[FreshDatabases]:
        """An embedded server of one's own, that nothing is left of afterwards.

        `durable` makes it wait for the disk, as a server in service does: what is measured on it counts.
        """
        ...


class FreshDatabases(Protocol):
    """A server that hands out new, migrated databases."""

    def fresh(self) -> AbstractContextManager[Arcadia]:
        """The application on an empty one."""
        ...

    def template(self, fill: Callable[[Arcadia, DatabaseUrls], None]) -> str:
        """The name of one that `fill` has filled, to make copies of. `fill` leaves no connection open."""
        ...

    def copy(self, template: str) -> AbstractContextManager[tuple[Arcadia, DatabaseUrls]]:
        """The application on a copy, and the copy's addresses. It is dropped at the end."""
        ...
