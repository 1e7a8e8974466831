"""The floor of a sync of droplets: every page fetched over one connection and decoded, nothing else.

Uses the decoder of the client, so that the ratio tells what the rest of a sync costs, and neither its budget,
its retries nor its guards.
"""

from __future__ import annotations

import httpx

from arcadia_adapters.digitalocean.client import decoding
from arcadia_adapters.digitalocean.client.payloads.droplet import Droplet
from bench.sync.provider import TOKEN

_LISTS: tuple[dict[str, str], ...] = ({}, {"type": "gpus"})
"""Droplets are on two lists: without a type, those with GPUs are left out."""


def open_floor(url: str) -> httpx.Client:
    """A connection, set up as the client's is."""
    return httpx.Client(base_url=url, headers={"authorization": f"Bearer {TOKEN}"}, trust_env=False)


def fetch_all(http: httpx.Client) -> list[Droplet]:
    """Every droplet there is. Believes the provider every word."""
    droplets: list[Droplet] = []
    for params in _LISTS:
        page, more = 1, True
        while more:
            body = http.get("/v2/droplets", params={**params, "page": page, "per_page": 200}).content
            parts = decoding.envelope(body)
            droplets += decoding.rows(parts, "droplets", Droplet).read
            page, more = page + 1, decoding.has_next(parts)
    return droplets
