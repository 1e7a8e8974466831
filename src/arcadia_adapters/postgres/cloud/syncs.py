"""Syncs on Postgres: what they came to, and the port that takes their looks in (SPEC 6).

Owns sync_runs and sync_scopes. Looks, absences and projects have a file each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.cloud import absences, projects
from arcadia_adapters.postgres.cloud.looks import take_look
from arcadia_adapters.postgres.tables.cloud import cloud_resources, sync_runs, sync_scopes
from arcadia_adapters.postgres.tables.foundation import Document, Instant, Text, Uuid
from arcadia_domain.cloud.listing import SeenResource, Shortfall
from arcadia_domain.cloud.looks import Grave, Look, Looked, MissingResource
from arcadia_domain.cloud.syncing import (
    DEAD_AFTER,
    LOOK_BACK,
    NEVER_ENDED,
    Speed,
    Synced,
    SyncedScope,
)
from arcadia_domain.ports.syncs import Member

_C: Final = cloud_resources.c
_of_account: Final = _C.account == sa.bindparam("account", type_=Text)
_of_kinds: Final = _C.kind == sa.any_(sa.bindparam("kinds", type_=sa.ARRAY(Text)))
_LOOKED_SINCE: Final = sa.select(
    sa.func.greatest(sa.func.min(_C.last_seen), sa.func.max(_C.last_seen) - sa.literal(LOOK_BACK))
).where(_of_account, _of_kinds, _C.deleted_at.is_(None))
_AHEAD: Final = (
    sa.select(_C.kind, _C.region, sa.func.count().label("number"))
    .where(_of_account, _of_kinds, _C.last_seen > sa.bindparam("at", type_=Instant))
    .group_by(_C.kind, _C.region)
)
_REGIONS: Final = (
    sa.select(_C.region)
    .where(_of_account, _C.kind == sa.bindparam("kind", type_=Text))
    .where(_C.deleted_at.is_(None), _C.region.is_not(None))
    .distinct()
)

_RUN: Final = sa.bindparam("run", type_=Uuid)
_R: Final = sync_runs.c
_CLOSE: Final = (
    sa.update(sync_runs)
    .where(
        _R.account == sa.bindparam("of_account", type_=Text),
        _R.speed == sa.bindparam("of_speed", type_=Text),
        _R.finished_at.is_(None),
        _R.started_at < sa.bindparam("before", type_=Instant),
    )
    .values(
        finished_at=sa.bindparam("now", type_=Instant),
        complete=False,
        warnings=_R.warnings + sa.literal([NEVER_ENDED], Document),
    )
)
_FINISH: Final = sa.update(sync_runs).where(sync_runs.c.id == _RUN)
_GET: Final = sa.select(sync_runs).where(sync_runs.c.id == _RUN)
_PAGE: Final = (
    sa.select(sync_runs).order_by(sync_runs.c.id.desc()).limit(sa.bindparam("limit", type_=sa.Integer))
)
_PAGE_AFTER: Final = _PAGE.where(sync_runs.c.id < sa.bindparam("after", type_=Uuid))
_SCOPES: Final = (
    sa.select(sync_scopes)
    .where(sync_scopes.c.sync_id == sa.any_(sa.bindparam("runs", type_=sa.ARRAY(Uuid))))
    .order_by(sync_scopes.c.kind.collate("C"), sync_scopes.c.region.collate("C"))
)


class PostgresSyncs:
    """Syncs, as the role of this connection sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def begin(self, synced: Synced) -> None:
        facts = {"account": synced.account, "speed": synced.speed.value, "actor": synced.actor}
        now = synced.started_at
        dead = {"of_account": synced.account, "of_speed": synced.speed.value, "before": now - DEAD_AFTER}
        self._connection.execute(_CLOSE, {**dead, "now": now})
        self._connection.execute(sa.insert(sync_runs), {"id": synced.sync_id, "started_at": now, **facts})

    def look(self, look: Look, seen: Sequence[SeenResource], new_id: Callable[[], UUID]) -> Looked:
        return take_look(self._connection, look, seen, new_id)

    def looked_since(self, account: str, kinds: Collection[str]) -> datetime | None:
        asked = {"account": account, "kinds": list(kinds)}
        found: datetime | None = self._connection.scalar(_LOOKED_SINCE, asked)
        return found

    def ahead(
        self, account: str, kinds: Collection[str], at: datetime
    ) -> Mapping[tuple[str, str | None], int]:
        asked = {"account": account, "kinds": list(kinds), "at": at}
        return {(row.kind, row.region): row.number for row in self._connection.execute(_AHEAD, asked)}

    def regions(self, account: str, kind: str) -> Collection[str]:
        return self._connection.scalars(_REGIONS, {"account": account, "kind": kind}).all()

    def missing(self, look: Look, *, region: str | None, since: datetime) -> Sequence[MissingResource]:
        return absences.find_missing(self._connection, look, region, since)

    def bury(self, look: Look, graves: Sequence[Grave]) -> int:
        return absences.bury(self._connection, look, graves)

    def place(self, account: str, project_id: str, members: Collection[Member]) -> None:
        projects.place(self._connection, account, project_id, members)

    def displace(self, account: str, project_id: str, members: Collection[Member]) -> None:
        projects.displace(self._connection, account, project_id, members)

    def finish(self, synced: Synced) -> None:
        ended = {"finished_at": synced.finished_at, "complete": synced.complete}
        said = {"assigned": synced.assigned, "warnings": list(synced.warnings)}
        self._connection.execute(_FINISH.values(**ended, **said), {"run": synced.sync_id})
        if synced.scopes:
            rows = [_scope_row(synced.sync_id, scope) for scope in synced.scopes]
            self._connection.execute(sa.insert(sync_scopes).values(rows))

    def get(self, sync_id: UUID) -> Synced | None:
        found = self._connection.execute(_GET, {"run": sync_id}).all()
        return next(iter(self._with_scopes(found)), None)

    def page(self, *, after: UUID | None, limit: int) -> list[Synced]:
        if after is None:
            return self._with_scopes(self._connection.execute(_PAGE, {"limit": limit}).all())
        asked = {"limit": limit, "after": after}
        return self._with_scopes(self._connection.execute(_PAGE_AFTER, asked).all())

    def _with_scopes(self, runs: Sequence[sa.Row[Any]]) -> list[Synced]:
        scopes: dict[UUID, list[SyncedScope]] = defaultdict(list)
        for row in self._connection.execute(_SCOPES, {"runs": [run.id for run in runs]}):
            scopes[row.sync_id].append(_scope_from(row))
        return [_synced_from(run, scopes[run.id]) for run in runs]


def _scope_row(sync_id: UUID, scope: SyncedScope) -> dict[str, object]:
    return {
        "sync_id": sync_id,
        "kind": scope.kind,
        "region": scope.region or "",
        "complete": scope.complete,
        "seen": scope.seen,
        "total": scope.total,
        "shortfall": scope.shortfall,
        "detail": scope.detail,
        "appeared": scope.appeared,
        "changed": scope.changed,
        "returned": scope.returned,
        "disappeared": scope.disappeared,
        "unconfirmed": scope.unconfirmed,
    }


def _scope_from(row: sa.Row[Any]) -> SyncedScope:
    return SyncedScope(
        kind=row.kind,
        region=row.region or None,
        seen=row.seen,
        total=row.total,
        shortfall=None if row.shortfall is None else Shortfall(row.shortfall),
        detail=row.detail,
        appeared=row.appeared,
        changed=row.changed,
        returned=row.returned,
        disappeared=row.disappeared,
        unconfirmed=row.unconfirmed,
    )


def _synced_from(row: sa.Row[Any], scopes: Iterable[SyncedScope]) -> Synced:
    return Synced(
        sync_id=row.id,
        account=row.account,
        speed=Speed(row.speed),
        actor=row.actor,
        started_at=row.started_at,
        finished_at=row.finished_at,
        complete=row.complete,
        scopes=tuple(scopes),
        assigned=row.assigned,
        warnings=tuple(row.warnings),
    )
