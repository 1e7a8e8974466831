"""A local DigitalOcean in a process of its own, so that neither its time nor its memory is ours.

Owns the process, and the client that is set on it. It limits no rate, and neither does the client.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx

from arcadia_adapters.digitalocean.client import Access, DigitalOceanClient, Limits, Secret

TOKEN = "bench"
_PLENTY = 10**9
_PATIENCE = 60


@contextmanager
def provider_of(droplets: int) -> Iterator[str]:
    """The address of a sandbox with at least so many droplets."""
    command = [sys.executable, "-m", "arcadia_app", "sandbox", "--port", "0", "--droplets", str(droplets)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            url: str = json.loads(process.stderr.readline())["url"]
            unlimited: dict[str, object] = {"per_minute": None, "per_hour": None, "paths": {}}
            httpx.put(f"{url}/sandbox/limits", json=unlimited, timeout=_PATIENCE).raise_for_status()
            yield url
        finally:
            process.kill()


def rename(url: str, ids: Iterable[int]) -> None:
    """Have these droplets be called otherwise, as if somebody had done it elsewhere."""
    with httpx.Client(base_url=url, trust_env=False, timeout=_PATIENCE) as door:
        for id in ids:
            door.patch(f"/sandbox/account/droplet/{id}", json={"name": f"renamed-{id}"}).raise_for_status()


def client_on(url: str) -> DigitalOceanClient:
    """Our client, set on that address."""
    limits = Limits(calls_per_minute=_PLENTY, calls_per_hour=_PLENTY)
    return DigitalOceanClient(Access(token=Secret(TOKEN, "the token"), url=url, limits=limits))
