"""Times a sync of all droplets, the first and a later one, beside fetching and decoding them alone."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from arcadia_adapters.clock import SystemClock
from arcadia_app.arcadia import Arcadia, FreshDatabases, Wiring
from arcadia_app.use_cases.cloud.sync_inventory import sync_inventory
from arcadia_domain.cloud.syncing import Speed
from arcadia_domain.identity import operator
from arcadia_domain.ports.cloud_provider import CloudInventory
from bench.paired import Act, Measured, Side, measure
from bench.results import Goal, NotEqualWork, Result, microseconds
from bench.sync.floor import fetch_all, open_floor
from bench.sync.proof import facts_from, facts_of, prove_equal
from bench.sync.provider import client_on, provider_of, rename

GOAL = Goal(2)
SIZE = 10_000
"""Droplets, unless --size says otherwise."""
PAIRS = 7
CHANGED = 0.01
"""Of all droplets, between the first sync and the later one."""
MEGABYTES = 200
"""What a sync of SIZE may take of memory at most, the program itself included (tests hold it)."""
Say = Callable[[str], None]
BY = operator("bench")
ACCOUNT = "digitalocean"


def measure_sync(wiring: Wiring, size: int | None, say: Say) -> Result:
    """Microseconds a droplet of a later sync, which finds a hundredth changed. Raises NotEqualWork."""
    size = size or SIZE
    with wiring.throwaway(durable=True) as server, provider_of(size) as url:
        synced = server.template(lambda app, urls: sync_droplets(app, url))
        with open_floor(url) as http:
            rename(url, [droplet.id for droplet in fetch_all(http)[:: round(1 / CHANGED)]])
        say(f"a later sync of {size} droplets, {CHANGED:.0%} renamed meanwhile, {PAIRS} pairs")
        later = measure(_ours(server, synced, url, size), _floor(url), pairs=PAIRS)
    say(_told(later))
    say(f"this process has had at most {peak_megabytes():.0f} MB of memory")
    return microseconds("sync", later.median, size, GOAL)


def measure_first_sync(wiring: Wiring, size: int | None, say: Say) -> Result:
    """Microseconds a droplet of a sync into a store that holds nothing yet. Raises NotEqualWork."""
    size = size or SIZE
    with wiring.throwaway(durable=True) as server, provider_of(size) as url:
        empty = server.template(lambda app, urls: None)
        say(f"a first sync of {size} droplets, {PAIRS} pairs")
        first = measure(_ours(server, empty, url, size), _floor(url), pairs=PAIRS)
    say(_told(first))
    return microseconds("sync-first", first.median, size, GOAL)


def sync_droplets(app: Arcadia, url: str) -> None:
    """One fast sync, through the client. Raises NotEqualWork where it was not whole."""
    with client_on(url) as provider:
        sync_through(provider, app)


def sync_through(provider: CloudInventory, app: Arcadia) -> None:
    """The same through a client that there is. Raises NotEqualWork."""
    synced = sync_inventory(
        app.transactions, provider, BY, account=ACCOUNT, speed=Speed.FAST, clock=SystemClock()
    )
    if not synced.complete:
        raise NotEqualWork(f"the sync was not whole: {synced}")


def peak_megabytes() -> float:
    """The most memory that this process has had. On Linux since it began as this program: the count of a
    process's whole life goes back to the one that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        told = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(told.split()[1]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _ours(server: FreshDatabases, template: str, url: str, size: int) -> Side:
    @contextmanager
    def side() -> Iterator[Act]:
        with server.copy(template) as (app, urls), client_on(url) as provider:
            with app.transactions.begin(BY) as work:
                work.tenants.tax_rates()  # connected
            yield lambda: sync_through(provider, app)
            with open_floor(url) as http:
                prove_equal(facts_of(urls.operator), facts_from(fetch_all(http)), size)

    return side


def _floor(url: str) -> Side:
    @contextmanager
    def side() -> Iterator[Act]:
        with open_floor(url) as http:
            yield lambda: fetch_all(http)

    return side


def _told(measured: Measured) -> str:
    low, high = measured.spread
    seconds = measured.median
    return (
        f"{seconds.ours:.2f} s beside {seconds.floor:.2f} s of fetching and decoding, "
        f"{seconds.ratio:.2f} times (from {low:.2f} to {high:.2f})"
    )
