"""The schedule on Postgres (`arcadia_domain.ports.schedule`): a row for each name, locked by who fires it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.tables.foundation import Instant, Text
from arcadia_adapters.postgres.tables.jobs import schedule
from arcadia_domain.ports.schedule import Scheduled

_S: Final = schedule.c
_ROWS: Final = sa.select(schedule).order_by(_S.name.collate("C"))
_DUE: Final = _ROWS.where(
    _S.next_at <= sa.bindparam("now", type_=Instant),
    ~_S.paused,
    _S.name == sa.any_(sa.bindparam("names", type_=sa.ARRAY(Text))),
).with_for_update(skip_locked=True)
_insert = insert(schedule)
# A row that is there keeps its next tick, and so what was missed. Another expression has its own next tick,
# but what was due by then is due still.
_PUT: Final = _insert.on_conflict_do_update(
    index_elements=[_S.name],
    set_={
        "cron": _insert.excluded.cron,
        "next_at": sa.case(
            (_S.next_at <= sa.bindparam("now", type_=Instant), _S.next_at), else_=_insert.excluded.next_at
        ),
    },
    where=_S.cron != _insert.excluded.cron,
)


class PostgresSchedule:
    """The schedule, as the operators' role sees it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self) -> Sequence[Scheduled]:
        return [_scheduled(row) for row in self._connection.execute(_ROWS)]

    def put(self, rows: Mapping[str, tuple[str, datetime]], now: datetime) -> None:
        told = [
            {"name": name, "cron": cron, "next_at": at, "now": now}
            for name, (cron, at) in sorted(rows.items())
        ]
        if told:
            self._connection.execute(_PUT, told)

    def take_due(self, now: datetime, names: Collection[str]) -> Sequence[Scheduled]:
        found = self._connection.execute(_DUE, {"now": now, "names": list(names)})
        return [_scheduled(row) for row in found]

    def fired(self, name: str, *, next_at: datetime, last_at: datetime, job_id: UUID | None) -> None:
        moved: dict[str, object] = {"next_at": next_at, "last_at": last_at}
        if job_id is not None:
            moved["last_job_id"] = job_id
        self._connection.execute(sa.update(schedule).where(_S.name == name).values(moved))

    def pause(self, name: str, *, paused: bool) -> bool:
        held = sa.update(schedule).where(_S.name == name).values(paused=paused)
        return self._connection.execute(held).rowcount > 0


def _scheduled(row: sa.Row[Any]) -> Scheduled:
    return Scheduled(**row._mapping)
