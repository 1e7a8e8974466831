"""A look at the provider, taken in a page at a time (SPEC 6).

Owns the comparison in the database. What was seen just so before is known by its hash, and only its last look
moves; the rest of a page is staged, and compared by the domain. What is found out is written by `findings`,
what tags say by `tagging`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.arrays import array_of_text
from arcadia_adapters.postgres.cloud.findings import write_events, write_rates
from arcadia_adapters.postgres.cloud.projects import mirror_projects
from arcadia_adapters.postgres.cloud.resource_rows import resource_from
from arcadia_adapters.postgres.cloud.tagging import Tagging
from arcadia_adapters.postgres.cloud.turns import take_turn
from arcadia_adapters.postgres.documents import encode
from arcadia_adapters.postgres.staged import staged
from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.cloud import cloud_resources
from arcadia_domain.cloud.changes import changes
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.looks import FoundRates, Look, Looked, as_seen, newcomer, rates_found

# Each statement names the rows that it is about, so that its plan goes by the key, however many rows there
# are and whatever the planner knows of them. A hash is of the provider's id too: it is no other row's.
_NAMED: Final = "account = :account AND kind = :kind AND known.provider_id = ANY(CAST(:names AS text[]))"
_TOUCH: Final = sa.text(f"""
UPDATE cloud_resources AS known SET last_seen = :at, last_seen_sync = :sync, missing_since = NULL
WHERE {_NAMED} AND seen_sha256 = ANY(CAST(:hashes AS bytea[])) AND deleted_at IS NULL AND last_seen <= :at
RETURNING provider_id
""")

_COLUMNS: Final = columns_of(
    cloud_resources,
    *("id", "provider_id", "name", "region", "size_slug", "status", "tags", "attrs", "created_at"),
    "seen_sha256",
)
_ARRIVE: Final = sa.text("""
INSERT INTO cloud_resources (id, account, kind, provider_id, name, region, size_slug, status, tags, attrs,
                             created_at, seen_sha256, first_seen, last_seen, last_seen_sync)
SELECT id, :account, :kind, provider_id, name, region, size_slug, status, tags, attrs,
       created_at, seen_sha256, :at, :at, :sync
FROM temp_seen AS seen
ON CONFLICT (account, kind, provider_id) DO NOTHING
RETURNING provider_id
""")

# The staged id is the row's own where it came with this look. A tombstone is older than this look only if the
# look-up that confirmed it is.
_KNOWN: Final = sa.text(f"""
SELECT known.* FROM temp_seen AS seen JOIN cloud_resources AS known USING (provider_id)
WHERE {_NAMED} AND known.id <> seen.id AND last_seen <= :at AND (deleted_at IS NULL OR NOT EXISTS (
    SELECT FROM cloud_resource_events AS told
    WHERE resource_id = known.id AND told.kind = 'disappeared' AND at > :at))
""")
_CHANGE: Final = sa.text(f"""
UPDATE cloud_resources AS known
SET name = seen.name, region = seen.region, size_slug = seen.size_slug, status = seen.status,
    tags = seen.tags, attrs = seen.attrs, created_at = coalesce(seen.created_at, known.created_at),
    seen_sha256 = seen.seen_sha256, last_seen = :at, last_seen_sync = :sync,
    missing_since = NULL, deleted_at = NULL
FROM temp_seen AS seen
WHERE {_NAMED} AND known.provider_id = seen.provider_id AND known.id = ANY(CAST(:known AS uuid[]))
""")


def take_look(
    connection: sa.Connection, look: Look, page: Sequence[SeenResource], new_id: Callable[[], UUID]
) -> Looked:
    """See Syncs.look."""
    take_turn(connection, look.account)
    taking = _Taking(connection, look, page)
    rest = taking.touch()
    if rest:
        taking.compare(rest, new_id)
    return taking.found_out()


class _Taking:
    """One page as it is taken in."""

    def __init__(self, connection: sa.Connection, look: Look, page: Sequence[SeenResource]) -> None:
        self._connection = connection
        self._look = look
        self._seen = {one.provider_id: one for one in page}
        self._hashes = {one.provider_id: _sha256(one) for one in page}
        self._facts = {"account": look.account, "kind": look.kind, "at": look.at, "sync": look.sync_id}
        self._before: list[CloudResource] = []
        self._after: list[CloudResource] = []
        self._rates: list[FoundRates] = []

    def touch(self) -> Collection[str]:
        """Move the last look of what is just as it was; the others, by provider id."""
        hashes = array_of_text(f"\\x{one.hex()}" for one in self._hashes.values())
        told = {"names": array_of_text(self._hashes), "hashes": hashes}
        touched = self._connection.scalars(_TOUCH, {**self._facts, **told}).all()
        return self._hashes.keys() - set(touched)

    def compare(self, rest: Collection[str], new_id: Callable[[], UUID]) -> None:
        """Store what is new, and what has changed."""
        ids = {provider_id: new_id() for provider_id in rest}
        rows = ((own_id, *_facts(self._seen[name]), self._hashes[name]) for name, own_id in ids.items())
        with staged(self._connection, "temp_seen", _COLUMNS, rows):
            for name in self._connection.scalars(_ARRIVE, self._facts).all():
                self._compared(None, newcomer(self._look, self._seen[name], ids[name]))
            named = {**self._facts, "names": array_of_text(ids)}
            for row in self._connection.execute(_KNOWN, named).all():
                known = resource_from(row)
                self._compared(known, as_seen(self._look, self._seen[known.provider_id], known))
            if self._before:
                known_ids = [known.id for known in self._before]
                self._connection.execute(_CHANGE, {**named, "known": known_ids})

    def _compared(self, before: CloudResource | None, after: CloudResource) -> None:
        if before is not None:
            self._before.append(before)
        self._after.append(after)
        self._rates += rates_found(self._look, before, after)

    def found_out(self) -> Looked:
        """Write what came of the comparison, and assign what tags say."""
        events = changes(self._before, self._after)
        if events:
            write_events(self._connection, self._look, events)
        if self._rates:
            write_rates(self._connection, self._rates)
        if self._look.kind == "project" and self._after:
            mirror_projects(self._connection, [project.id for project in self._after])
        known_before = {known.id for known in self._before}
        new = [resource for resource in self._after if resource.id not in known_before]
        tagging = Tagging(self._connection, self._look, list(self._seen.values()))
        regions = {resource.key: resource.region for resource in self._after}
        return Looked(
            found=Counter((event.kind, regions[event.key]) for event in events),
            assigned=tagging.assign(new, self._before),
            warnings=tagging.objections(),
        )


def _facts(seen: SeenResource) -> tuple[object, ...]:
    told = (seen.provider_id, seen.name, seen.region, seen.size_slug, seen.status)
    return (*told, list(seen.tags), dict(seen.attrs), seen.created_at)


def _sha256(seen: SeenResource) -> bytes:
    return hashlib.sha256(encode(_facts(seen))).digest()
