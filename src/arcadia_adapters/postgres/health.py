"""Whether the database can serve: each role reaches it, the schema is this version's, jobs can wait in it.

Owns the looking, on connections of its own: a pool that is in use is not a database that is gone. Anybody may
ask, so a look is shared by all who ask within a second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

import psycopg

from arcadia_adapters.postgres.migrate import Revisions, known_revisions
from arcadia_adapters.postgres.pools import Pools
from arcadia_domain.ports.health import Check, Look
from arcadia_domain.ports.jobs import QueueLoad

_FRESH: Final = 1.0
"""Seconds for which a look is shared."""

_PATIENCE: Final = 3
"""Seconds that a connection may take, and a question on it."""

_GREETING: Final = "SELECT 1"
_REVISION: Final = "SELECT version_num FROM alembic_version"
# The same as `PostgresJobs.load`, on a connection of its own and by the server's clock.
_QUEUES: Final = """
    SELECT queue,
           count(*) FILTER (WHERE state = 'queued'),
           count(*) FILTER (WHERE state = 'running'),
           count(*) FILTER (WHERE state = 'queued' AND attempts > 0),
           count(*) FILTER (WHERE state IN ('failed', 'parked')),
           min(run_after) FILTER (WHERE state = 'queued' AND run_after <= now())
    FROM jobs
    WHERE state IN ('queued', 'running', 'failed', 'parked')
    GROUP BY queue ORDER BY queue
"""
_BROKER: Final = "jobs wait in the database; a broker that is away delays them only"
_NO_SCHEMA: Final = (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege)

_log: Final = logging.getLogger("arcadia.postgres")

_Rows = Sequence[tuple[Any, ...]]


class PostgresHealth:
    """The state of one database, by the libpq URLs of its serving roles."""

    def __init__(self, tenant_url: str, operator_url: str, gateway_url: str, pools: Pools) -> None:
        self._urls = {"tenant": tenant_url, "operator": operator_url, "gateway": gateway_url}
        self._pools = pools
        self._revisions = known_revisions()
        self._turn = threading.Lock()
        self._last = Look((), {})
        self._looked_at = float("-inf")

    def look(self) -> Look:
        """What was found a moment ago, or is found now."""
        with self._turn:
            if time.monotonic() - self._looked_at > _FRESH:
                self._last = self._look()
                self._looked_at = time.monotonic()
            return self._last

    def connections_in_use(self) -> Mapping[str, int]:
        """Connections out of the pools, by role."""
        return self._pools.in_use()

    def _look(self) -> Look:
        for role in self._urls:
            if self._asked(role, _GREETING) is None:
                return Look(
                    (
                        Check("database", False, f"the {role} role does not reach it"),
                        Check("migrations", False, "not known: the database is not reached"),
                        Check("broker", False, "jobs wait in the database, which is not reached"),
                    ),
                    {},
                )
        revision, found = self._asked("operator", _REVISION), self._asked("operator", _QUEUES)
        queues = [QueueLoad(*row) for row in found or ()]
        return Look(
            (
                Check("database", True, "every role reaches it"),
                _migrations(revision, self._revisions),
                Check("broker", found is not None, _BROKER),
            ),
            {} if found is None else _unfinished(queues),
            queues,
        )

    def _asked(self, role: str, question: LiteralString) -> _Rows | None:
        """The answer on a connection of its own; None where there is none, and the log says why."""
        try:
            with psycopg.connect(
                self._urls[role],
                application_name="arcadia-health",
                connect_timeout=_PATIENCE,
                options=f"-c statement_timeout={_PATIENCE}s",
                autocommit=True,
            ) as connection:
                return connection.execute(question).fetchall()
        except _NO_SCHEMA:
            return None
        except psycopg.Error as error:
            _log.warning("the %s role was not answered: %s", role, error)
            return None


def _unfinished(queues: Sequence[QueueLoad]) -> dict[str, int]:
    return {
        "queued": sum(one.waiting for one in queues),
        "running": sum(one.running for one in queues),
    }


def _migrations(found: _Rows | None, revisions: Revisions) -> Check:
    """A revision that this code does not know is of a newer version: migrations come first, and expand only,
    so this version still serves.
    """
    at = found[0][0] if found else None
    if at is None:
        return Check("migrations", False, "the schema is not there: 'arcadia migrate' makes it")
    if at in revisions.known and at != revisions.head:
        return Check("migrations", False, "at an older revision: 'arcadia migrate' brings it here")
    newer = at != revisions.head
    return Check("migrations", True, "at a newer revision" if newer else "at this version's revision")
