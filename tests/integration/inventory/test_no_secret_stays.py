"""Nothing that a provider tells in confidence is in the database or in a log afterwards (SPEC 6)."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
import pytest
from psycopg import sql

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.secrets import MARKS
from arcadia_app.logs import configure_logs
from arcadia_domain.cloud.syncing import Speed
from tests.clouds.connected import SPACES_SECRET
from tests.clouds.running import TOKEN
from tests.integration.inventory.conftest import OpenRoom
from tests.integration.inventory.room import Room
from tests.integration.servers import Database, Server

OURS = (TOKEN, base64.b64encode(TOKEN.encode()).decode().rstrip("=")[:-1], SPACES_SECRET)
NEEDLES = (*MARKS, *OURS)
TELLING = (
    "/v2/databases",
    "/v2/apps",
    "/v2/functions/namespaces",
    "/v2/load_balancers",
    "/v2/vpcs",
)
"""Lists whose answers hold secrets."""
HOLDING = ("database", "app", "functions_namespace", "space", "kubernetes_cluster", "load_balancer", "vpc")


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """All that anybody logs, however quietly: ours, httpx's and httpcore's, the database driver's."""
    root, text = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    configure_logs(text)
    root.setLevel(logging.DEBUG)
    levels = {name: logging.getLogger(name).level for name in ("arcadia", "httpx", "httpcore", "sqlalchemy")}
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.handlers[:], root.level = before[0], before[1]
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def dump(server: Server, database: Database) -> str:
    """Every column of every row of every table, as text: no wall hides anything from the superuser."""
    with psycopg.connect(server.embedded.url(server.embedded.superuser, database.name)) as connection:
        return "\n".join(
            text
            for table, column in connection.execute(_COLUMNS).fetchall()
            for (text,) in connection.execute(_as_text(table, column))
            if text is not None
        )


_COLUMNS: Final = """
SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm') AND attnum > 0 AND NOT attisdropped
"""


def _as_text(table: str, column: str) -> sql.Composed:
    """Bytes as they read, and not as digits, in which nothing would be found."""
    return sql.SQL(
        "SELECT CASE WHEN pg_typeof({0}) = 'bytea'::regtype THEN encode(CAST(CAST({0} AS text) AS bytea),"
        " 'escape') ELSE CAST({0} AS text) END FROM {1}"
    ).format(sql.Identifier(column), sql.Identifier(table))


def planted_in(room: Room) -> str:
    """All that the sandbox says where it says secrets."""
    return "".join(room.cloud.door.get(path).text for path in TELLING)


@pytest.mark.parametrize("fails", [False, True], ids=["clean", "faulty"])
def test_no_secret_is_in_a_dump_or_a_log_after_syncs(room_on: OpenRoom, server: Server, fails: bool) -> None:
    room = room_on(content.filled(7))
    (cluster, *_) = room.cloud.account.all("kubernetes_cluster")
    told = planted_in(room)
    with everything_logged() as logs:
        if fails:
            room.cloud.fault(fault="truncate", path="/v2/databases", times=2)
            room.cloud.fault(fault="status", status=500, body=told, path="/v2/apps", times=2)
            room.cloud.fault(fault="status", status=403, message=f"bad token {TOKEN}", path="/v2/vpcs")
        for speed in (Speed.FULL, Speed.SLOW, Speed.ALL):
            room.sync(speed)
    credentials = room.cloud.door.get(f"/v2/kubernetes/clusters/{cluster}/credentials").text
    for mark in MARKS:
        assert mark in told + credentials, "the needles are there to be found"
    stored, logged = dump(server, room.database), logs.getvalue()
    for kind in HOLDING:
        names = [row.name for row in room.stored() if row.kind == kind]
        assert names
        assert all(name in stored for name in names), "the dump holds what was synced"
    assert "HTTP Request: GET" in logged, "httpx was heard"
    assert [needle for needle in NEEDLES if needle in stored] == []
    assert [needle for needle in NEEDLES if needle in logged] == []


def test_a_secret_that_stays_is_found(room_on: OpenRoom, server: Server) -> None:
    room = room_on(content.filled(1))
    room.sync()
    with psycopg.connect(room.database.operator_url) as connection:
        connection.execute(
            "UPDATE cloud_resources SET attrs = jsonb_build_object('x', %s::text) WHERE kind = 'app'",
            [MARKS[0]],
        )
    assert MARKS[0] in dump(server, room.database)
