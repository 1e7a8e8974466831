"""A look at the provider, taken in a page at a time (SPEC 6).

Owns the comparison in the database. What was seen just so before is known by its hash, and only its last look
moves; the rest of a page is compared by the domain. What is found out is written by `findings`,
what tags say by `tagging`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
import sqlalchemy as sa

from arcadia_adapters.collector_at_rest import collector_at_rest
from arcadia_adapters.postgres.arrays import array_of_text
from arcadia_adapters.postgres.cloud.findings import write_events, write_rates
from arcadia_adapters.postgres.cloud.gaps import end_assignments
from arcadia_adapters.postgres.cloud.projects import mirror_projects
from arcadia_adapters.postgres.cloud.resource_rows import resource_from
from arcadia_adapters.postgres.cloud.tagging import Tagging
from arcadia_adapters.postgres.cloud.turns import take_turn
from arcadia_adapters.postgres.documents import encode
from arcadia_adapters.postgres.records import records, table_of_records
from arcadia_adapters.postgres.staging import columns_of
from arcadia_adapters.postgres.tables.cloud import cloud_resources
from arcadia_domain.cloud.changes import changes
from arcadia_domain.cloud.gaps import Gap, gap_before
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.looks import FoundRates, Look, Looked, as_seen, newcomer, rates_found

# Each statement names the rows that it is about, so that its plan goes by the key, however many rows there
# are and whatever the planner knows of them. A hash is of the provider's id too: it is no other row's.
_NAMED: Final = "account = :account AND kind = :kind AND known.provider_id = ANY(CAST(:names AS text[]))"
_TOUCH: Final = sa.text(f"""
WITH touched AS (
    UPDATE cloud_resources AS known SET last_seen = :at, last_seen_sync = :sync, missing_since = NULL
    WHERE {_NAMED} AND seen_sha256 = ANY(CAST(:hashes AS bytea[])) AND deleted_at IS NULL AND last_seen <= :at
    RETURNING provider_id)
SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE name NOT IN (SELECT provider_id FROM touched)
""")

Facts = tuple[str, str, str | None, str | None, str | None, tuple[str, ...], msgspec.Raw, datetime | None]
"""What was seen, as it is hashed and stored."""

_COLUMNS: Final = columns_of(
    cloud_resources,
    *("id", "provider_id", "name", "region", "size_slug", "status", "tags", "attrs", "created_at"),
    "seen_sha256",
)
_ARRIVE: Final = sa.text(f"""
INSERT INTO cloud_resources (id, account, kind, provider_id, name, region, size_slug, status, tags, attrs,
                             created_at, seen_sha256, first_seen, last_seen, last_seen_sync)
SELECT id, :account, :kind, provider_id, name, region, size_slug, status, tags, attrs,
       created_at, seen_sha256, :at, :at, :sync
FROM {table_of_records("seen", _COLUMNS)}
ON CONFLICT (account, kind, provider_id) DO NOTHING
RETURNING provider_id
""")

# A tombstone is older than this look only if the look-up that confirmed it is.
_KNOWN: Final = sa.text(f"""
SELECT known.* FROM cloud_resources AS known
WHERE {_NAMED} AND last_seen <= :at AND (deleted_at IS NULL OR NOT EXISTS (
    SELECT FROM cloud_resource_events AS told
    WHERE resource_id = known.id AND told.kind = 'disappeared' AND at > :at))
""")
_CHANGE: Final = sa.text(f"""
UPDATE cloud_resources AS known
SET name = seen.name, region = seen.region, size_slug = seen.size_slug, status = seen.status,
    tags = seen.tags, attrs = seen.attrs, created_at = seen.created_at,
    seen_sha256 = seen.seen_sha256, last_seen = :at, last_seen_sync = :sync,
    missing_since = NULL, deleted_at = NULL
FROM {table_of_records("seen", _COLUMNS)}
WHERE {_NAMED} AND known.provider_id = seen.provider_id
""")


def take_look(
    connection: sa.Connection, look: Look, page: Sequence[SeenResource], new_id: Callable[[], UUID]
) -> Looked:
    """See Syncs.look."""
    take_turn(connection, look.account)
    with collector_at_rest():
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
        self._facts = {one.provider_id: _facts(one) for one in page}
        self._hashes = {name: _sha256(facts) for name, facts in self._facts.items()}
        self._asked = {"account": look.account, "kind": look.kind, "at": look.at, "sync": look.sync_id}
        self._before: list[CloudResource] = []
        self._after: list[CloudResource] = []
        self._rates: list[FoundRates] = []
        self._gaps: dict[UUID, Gap] = {}

    def touch(self) -> Collection[str]:
        """Move the last look of what is just as it was; the others, by provider id."""
        hashes = array_of_text(f"\\x{one.hex()}" for one in self._hashes.values())
        told = {"names": array_of_text(self._hashes), "hashes": hashes}
        return self._connection.scalars(_TOUCH, {**self._asked, **told}).all()

    def compare(self, rest: Collection[str], new_id: Callable[[], UUID]) -> None:
        """Store what is new, and what has changed."""
        ids = {provider_id: new_id() for provider_id in rest}
        as_new = self._records((own_id, self._facts[name]) for name, own_id in ids.items())
        arrived = self._connection.scalars(_ARRIVE, {**self._asked, "seen_rows": as_new}).all()
        for name in arrived:
            new = newcomer(self._look, self._seen[name], ids[name])
            self._after.append(new)
            self._rates += rates_found(self._look, None, new)
        known_before = ids.keys() - set(arrived)
        if known_before:
            named = {**self._asked, "names": array_of_text(known_before)}
            for row in self._connection.execute(_KNOWN, named).all():
                self._compared_with(resource_from(row))
        if self._before:
            changed = [one for one in self._after if one.provider_id in known_before]
            names = array_of_text(one.provider_id for one in changed)
            told = {"names": names, "seen_rows": self._records((one.id, _facts(one)) for one in changed)}
            self._connection.execute(_CHANGE, {**self._asked, **told})

    def _records(self, rows: Iterable[tuple[UUID, Facts]]) -> str:
        """Rows as they are to be, each with its id, and with the hash of what was seen."""
        return records(_COLUMNS, ((own_id, *facts, self._hashes[facts[0]]) for own_id, facts in rows))

    def _compared_with(self, known: CloudResource) -> None:
        seen = self._seen[known.provider_id]
        now, gap = as_seen(self._look, seen, known), gap_before(seen, known, self._look.at)
        self._before.append(known)
        self._after.append(now)
        self._rates += rates_found(self._look, known, now, gap)
        if gap is not None:
            self._gaps[known.id] = gap

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
        tagging = Tagging(self._connection, self._look, list(self._seen.values()), self._gaps)
        ended = end_assignments(
            self._connection, self._before, self._gaps, tagged_for=tagging.tagged_for, actor=self._look.actor
        )
        regions = {resource.key: resource.region for resource in self._after}
        return Looked(
            found=Counter((event.kind, regions[event.key]) for event in events),
            assigned=tagging.assign(new, self._before),
            warnings=(*ended, *tagging.objections()),
        )


def _facts(one: SeenResource | CloudResource) -> Facts:
    """In the order of _COLUMNS. The document is encoded here once, for the hash and for the row."""
    attrs = msgspec.Raw(encode(dict(one.attrs)))
    named = (one.provider_id, one.name, one.region, one.size_slug, one.status)
    return (*named, one.tags, attrs, one.created_at)


def _sha256(facts: Facts) -> bytes:
    return hashlib.sha256(encode(facts)).digest()
