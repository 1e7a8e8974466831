"""What a sync left in the database, beside what the provider showed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import psycopg

from arcadia_adapters.digitalocean.client.payloads.droplet import Droplet
from bench.results import NotEqualWork

Row = tuple[object, ...]
Facts = dict[str, Row]
"""What is known of each droplet, by its provider's id."""

_STORED: Final = """
SELECT provider_id, name, region, size_slug, status, tags, created_at, CAST(attrs AS text)
FROM cloud_resources WHERE kind = 'droplet' AND deleted_at IS NULL AND last_seen_sync = (
    SELECT id FROM sync_runs WHERE complete ORDER BY started_at DESC LIMIT 1)
"""


def facts_of(operator_url: str) -> Facts:
    """What is stored, as far as the last sync has seen it."""
    with psycopg.connect(operator_url) as connection:
        return {
            id: (name, region, size, status, tuple(tags), created_at, _canonical(json.loads(attrs)))
            for id, name, region, size, status, tags, created_at, attrs in connection.execute(_STORED)
        }


def facts_from(droplets: Iterable[Droplet]) -> Facts:
    """What was fetched."""
    return {
        seen.provider_id: (
            *(seen.name, seen.region, seen.size_slug, seen.status, seen.tags, seen.created_at),
            _canonical(seen.attrs),
        )
        for seen in (droplet.seen() for droplet in droplets)
    }


def prove_equal(stored: Facts, fetched: Facts, size: int) -> None:
    """Raise NotEqualWork unless what is stored is what was fetched, of at least so many droplets."""
    if len(fetched) < size or len(stored) != len(fetched):
        raise NotEqualWork(f"{len(stored)} droplets stored, {len(fetched)} fetched, of {size}")
    for id, row in fetched.items():
        if stored.get(id) != row:
            raise NotEqualWork(f"droplet {id}: stored {stored.get(id)}, fetched {row}")


def _canonical(attrs: object) -> str:
    return json.dumps(attrs, sort_keys=True, default=_number)


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)
