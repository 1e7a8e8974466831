"""`arcadia serve` as a process: it starts, is called, stops, and comes back (SPEC 18)."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from arcadia_adapters.jwt import JwtVerifier
from arcadia_adapters.postgres import roles
from arcadia_adapters.postgres.embedded import EmbeddedPostgres
from tests.integration.http.described import operation_of
from tests.integration.http.fuzz.world import Judge
from tests.integration.http.serve import PATIENCE, Served, arcadia, environment, own_data_dir, serving

SECRET = "a secret of these tests, which is as long as HS512 asks for: 64 bytes"
PATH = "/api/v1/deployments"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with own_data_dir() as folder:
        yield folder


@dataclass(frozen=True)
class Life:
    """A process that was started, called once, and stopped with Ctrl-C."""

    data_dir: Path
    token: str
    exit_status: int
    lines: list[dict[str, Any]]

    @property
    def said(self) -> str:
        return json.dumps(self.lines)


@pytest.fixture(scope="module")
def life() -> Iterator[Life]:
    with own_data_dir() as data_dir, serving(data_dir) as served:
        token = served.token("acme")
        served.client("acme", **{"X-Request-Id": "mine-1"}).get(PATH)
        exit_status = served.stop(signal.SIGINT)
        yield Life(data_dir, token, exit_status, served.lines())


def deployments(client: httpx.Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(PATH).raise_for_status().json()["items"]
    return items


def create(client: httpx.Client, slug: str = "pilot") -> httpx.Response:
    return client.post(PATH, json={"slug": slug, "display_name": "Pilot", "region": "syd1"})


def test_a_request_that_runs_when_the_process_is_stopped_is_answered_and_no_other_is_taken(
    data_dir: Path,
) -> None:
    with serving(data_dir) as served, EmbeddedPostgres(data_dir / "postgres") as server:
        ann = served.client("acme")
        create(ann, "first")
        idle = served.bare()
        assert idle.get("/api/health").status_code == 200  # a connection that is kept, and idle
        with (
            psycopg.connect(server.url(roles.OPERATOR, "arcadia")) as holder,
            psycopg.connect(server.url(roles.OPERATOR, "arcadia"), autocommit=True) as watcher,
            ThreadPoolExecutor(1) as pool,
        ):
            # The new slug is taken by a transaction that has not ended: whoever wants it waits.
            holder.execute(
                "INSERT INTO cloud_deployments (tenant_id, id, slug, display_name, region, state, llm_mode,"
                " created_at, provisioning_state, billing_action_suspended, revision)"
                " SELECT tenant_id, gen_random_uuid(), 'second', display_name, region, state, llm_mode,"
                " created_at, provisioning_state, billing_action_suspended, revision FROM cloud_deployments"
            )
            answer = pool.submit(create, ann, "second")
            wait_for_a_lock(watcher)
            served.process.send_signal(signal.SIGTERM)
            refused(served.url)
            assert not answer.done()
            holder.rollback()
            answered = answer.result(30)
        assert (answered.status_code, answered.json()["slug"]) == (201, "second")
        assert answered.headers["Connection"] == "close"
        assert served.stop() == 0
    assert [line["event"] for line in served.lines()][-1] == "stopped"


def test_a_request_that_waits_for_a_lock_when_the_process_is_stopped_is_refused_and_the_process_ends(
    data_dir: Path,
) -> None:
    with EmbeddedPostgres(data_dir / "postgres") as server, serving(data_dir) as first:
        made = create(first.client("acme")).json()["id"]
        assert first.stop() == 0
        settings = {
            name: f"{server.url(role, 'arcadia')}&options=-c%20lock_timeout%3D2s"
            for name, role in (
                ("ARCADIA_DATABASE_URL", roles.TENANT),
                ("ARCADIA_DATABASE_OPERATOR_URL", roles.OPERATOR),
                ("ARCADIA_DATABASE_GATEWAY_URL", roles.GATEWAY),
            )
        }
        with (
            serving(data_dir, command="api", ARCADIA_JWT_SECRET=SECRET, **settings) as served,
            psycopg.connect(server.url(roles.OPERATOR, "arcadia")) as holder,
            psycopg.connect(server.url(roles.OPERATOR, "arcadia"), autocommit=True) as watcher,
            ThreadPoolExecutor(1) as pool,
        ):
            holder.execute("SELECT FROM cloud_deployments FOR UPDATE")
            ann = served.client("acme")
            answer = pool.submit(ann.post, f"{PATH}/{made}/transition", json={"to": "paused"})
            wait_for_a_lock(watcher)
            served.process.send_signal(signal.SIGTERM)
            answered = answer.result(PATIENCE)
            assert (answered.status_code, answered.json()["code"]) == (503, "database_busy")
            assert served.stop() == 0


def wait_for_a_lock(watcher: psycopg.Connection) -> None:
    """Until somebody waits for a lock."""
    deadline = time.monotonic() + PATIENCE
    while watcher.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
        assert time.monotonic() < deadline


def refused(url: str) -> None:
    """Until no connection is taken."""
    where = urlsplit(url)
    assert where.hostname is not None
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection((where.hostname, where.port or 80), timeout=10).close()
        except ConnectionResetError:
            continue  # taken by the kernel while the socket was being closed
        except ConnectionRefusedError:
            return
    raise AssertionError("connections are still taken")


def test_asked_to_stop_it_exits_with_0_and_leaves_no_database_running(life: Life) -> None:
    assert life.exit_status == 0
    assert not (life.data_dir / "postgres" / "pgdata" / "postmaster.pid").exists()


def test_every_line_is_json_and_a_request_has_one_with_its_id(life: Life) -> None:
    assert all({"event", "level", "logger", "at"} <= line.keys() for line in life.lines)
    (line,) = [line for line in life.lines if line.get("request_id") == "mine-1"]
    assert (line["event"], line["route"], line["status"], line["tenant"]) == ("request", PATH, 200, "acme")


def test_the_secret_is_private_and_is_never_told_and_is_read_again(life: Life) -> None:
    file = life.data_dir / "jwt_secret"
    secret = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [line["file"] for line in life.lines if "file" in line] == [str(file)]
    assert secret not in life.said
    assert life.token not in life.said
    again = arcadia(environment(life.data_dir), "token", "--tenant", "acme")
    assert again.stderr == ""  # nothing was made
    spoken_for = JwtVerifier([secret], issuer="arcadia", audience="arcadia").verify(again.stdout.strip())
    assert spoken_for.tenant_id == "acme"


def test_a_second_one_on_the_same_data_directory_answers_the_same_and_outlives_the_first(
    data_dir: Path,
) -> None:
    with serving(data_dir) as first, serving(data_dir) as second:
        assert first.url != second.url
        token = first.token("acme")
        assert create(first.client("acme")).status_code == 201
        assert first.stop() == 0
        ann = second.bare(Authorization=f"Bearer {token}")  # one secret for both
        assert [one["slug"] for one in deployments(ann)] == ["pilot"]


def test_commands_work_beside_it(served: Served) -> None:
    done = served.command("quote", "studio", "--json")
    assert done.returncode == 0, done.stderr


def test_killed_it_comes_back_with_what_was_answered(data_dir: Path) -> None:
    with serving(data_dir) as served:
        token = served.token("acme")
        assert create(served.client("acme")).status_code == 201
        assert served.stop(signal.SIGKILL) == -signal.SIGKILL
    with serving(data_dir) as again:
        assert [one["slug"] for one in deployments(again.bare(Authorization=f"Bearer {token}"))] == ["pilot"]
        database_dies(data_dir)
        answer = not_ready(again.bare())
        assert answer.json()["status"] == "not_ready"
        assert str(data_dir) not in answer.text
        assert again.bare().get("/api/health").status_code == 200
        refusal = again.bare(Authorization=f"Bearer {token}").get(PATH)
        assert (refusal.status_code, refusal.json()["code"]) == (503, "database_unreachable")
        document = again.bare().get("/api/openapi.json").json()
        listing = operation_of(document, "list_deployments")
        assert Judge(document).faults(listing, 503, refusal.headers, refusal.text) == []
        assert str(data_dir) not in refusal.text
        assert again.stop() == 0


def database_dies(data_dir: Path) -> None:
    noted = (data_dir / "postgres" / "pgdata" / "postmaster.pid").read_text()
    os.kill(int(noted.splitlines()[0]), signal.SIGQUIT)


def not_ready(client: httpx.Client) -> httpx.Response:
    """Once it is told: a look is up to a second old."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (answer := client.get("/api/ready")).status_code == 503:
            return answer
    raise AssertionError("still ready")


def test_the_sample_is_added_once_and_is_what_the_spec_says_of_april(data_dir: Path) -> None:
    def april(olga: httpx.Client) -> tuple[Any, Any]:
        margin = olga.get("/api/v1/dashboard/margin", params={"period": "2026-04-01"}).raise_for_status()
        return deployments(olga), margin.json()

    with serving(data_dir, "--sample") as served:
        token = served.token("sky-ai", "platform_admin")
        first = april(served.bare(Authorization=f"Bearer {token}"))
    assert {one["tenant_id"] for one in first[0]} == {"pilot", "corner-shop"}
    revenue = {row["tenant_id"]: row["revenue_cents"] for row in first[1]["by_tenant"]}
    assert revenue["pilot"] == 6422  # golden 3
    assert first[1]["overall"]["cogs_cents"] == 8692  # golden 5
    with serving(data_dir, "--sample") as again:
        assert april(again.bare(Authorization=f"Bearer {token}")) == first
        assert "sample was loaded before" in [line["event"] for line in again.lines()]


def test_a_taken_port_is_told_before_anything_is_started(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = arcadia(environment(data_dir, ARCADIA_PORT=port), "serve")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"port {port}" in done.stderr
    assert "(address_taken)" in done.stderr
    assert not data_dir.exists()


def test_api_without_a_secret_refuses_to_start_and_says_what_to_do(data_dir: Path) -> None:
    done = arcadia(environment(data_dir), "api")
    assert (done.returncode, done.stdout) == (1, "")
    assert "ARCADIA_JWT_SECRET must be set" in done.stderr
    assert not data_dir.exists()


def test_api_does_as_the_environment_says_and_takes_the_secret_before_too(data_dir: Path) -> None:
    before = environment(data_dir, ARCADIA_JWT_SECRET=f"{SECRET} of old")
    old = arcadia(before, "token", "--tenant", "acme").stdout.strip()
    settings = {
        "ARCADIA_JWT_SECRET": SECRET,
        "ARCADIA_JWT_SECRET_PREVIOUS": f"{SECRET} of old",
        "ARCADIA_RATE_LIMIT": "2/hour",
        "ARCADIA_CORS_ORIGINS": "https://console.example.com",
    }
    with serving(data_dir, command="api", **settings) as api:
        for client in (api.client("acme"), api.bare(Authorization=f"Bearer {old}")):
            assert deployments(client) == []
        page = api.client("acme", Origin="https://console.example.com")
        limited = page.get(PATH)
        assert (limited.status_code, limited.json()["code"]) == (429, "too_many_requests")
        assert page.get("/api/health").headers["Access-Control-Allow-Origin"] == "https://console.example.com"
        assert not (data_dir / "jwt_secret").exists()


@pytest.mark.parametrize("sent_at_once", [True, False])
def test_a_head_without_end_is_refused_and_the_connection_closed(served: Served, sent_at_once: bool) -> None:
    where = urlsplit(served.url)
    assert where.hostname is not None
    assert where.port is not None
    head = b"GET /api/health HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer " + b"x" * 40_000
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(head + (b"\r\n\r\n" if sent_at_once else b""))
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert b"server:" not in answer.lower()
