"""Health, readiness and metrics: what anybody is told, and what nobody is (SPEC 15)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.postgres.health import PostgresHealth
from arcadia_adapters.postgres.pools import Pools
from arcadia_app.bootstrap import wire_on
from arcadia_app.http.server import url_of
from arcadia_app.http.watched import watched
from arcadia_domain import __version__
from arcadia_domain.ports.health import Health, Look
from arcadia_domain.ports.jobs import QUEUES, NewJob
from tests.fakes.transactions import FakeTransactions
from tests.integration.http.conftest import Api, running
from tests.integration.http.described import operation_of
from tests.integration.http.fuzz.world import Judge
from tests.integration.servers import Database
from tests.world import NOW, OLGA

HOUR = timedelta(hours=1)


@contextmanager
def health_of(database: Database, **instead: str) -> Iterator[Health]:
    urls = {
        "tenant": database.tenant_url,
        "operator": database.operator_url,
        "gateway": database.gateway_url,
        **instead,
    }
    with Pools(urls["tenant"], urls["operator"], urls["gateway"]) as pools:
        yield PostgresHealth(urls["tenant"], urls["operator"], urls["gateway"], pools)


def found(look: Look) -> dict[str, bool]:
    return {check.name: check.ok for check in look.checks}


def test_health_names_the_service_and_asks_nobody(api: Api) -> None:
    answer = api.bare().get("/api/health")
    assert answer.status_code == 200
    assert answer.json() == {"service": "arcadia-cloud", "status": "ok", "version": __version__}


def test_a_token_that_is_no_good_does_not_matter_where_none_is_asked_for(api: Api) -> None:
    for path in ("/api/health", "/api/ready", "/metrics"):
        assert api.bare(Authorization="Bearer garbage").get(path).status_code == 200


def test_ready_names_the_database_the_migrations_and_the_broker(api: Api) -> None:
    answer = api.bare().get("/api/ready")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert {one["name"]: one["ok"] for one in answer.json()["checks"]} == {
        "database": True,
        "migrations": True,
        "broker": True,
    }


def test_metrics_count_requests_by_route_and_connections_by_role_and_name_no_tenant(api: Api) -> None:
    api.client("acme").get("/api/v1/deployments")
    answer = api.bare().get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    text = answer.text
    assert 'route="/api/v1/deployments"' in text
    for role in ("tenant", "operator", "gateway"):
        assert f'arcadia_database_connections_in_use{{role="{role}"}} 0.0' in text
    assert 'arcadia_jobs_unfinished{state="queued"} 0.0' in text
    assert 'arcadia_ready{check="database"} 1.0' in text
    assert "acme" not in text


def gauge(text: str, name: str, **labels: str) -> float:
    """What the metrics say of it."""
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    [found] = [one for one in samples if one.name == name and one.labels == labels]
    return found.value


def test_metrics_tell_how_many_jobs_of_each_queue_are_in_each_state_and_how_long_the_oldest_waits(
    api: Api,
) -> None:
    api.clock.at = NOW
    with api.app.transactions.begin(OLGA) as work:
        for at in (NOW - HOUR, NOW - 3 * HOUR, NOW):
            work.jobs.add(NewJob(work.new_id(), "n", "metering", {}, "c", "olga"), at)
        claimed = []
        for _ in range(2):
            (due,) = work.jobs.due(NOW, NOW, 1, queue="metering")
            claimed.append(work.jobs.claim(due.id, NOW, NOW + HOUR, names=["n"], worker="one"))
        assert claimed[-1] is not None
        assert work.jobs.fail(claimed[-1], "internal_error", "ZeroDivisionError", NOW, parked=True)
    text = api.bare().get("/metrics").text
    states = {
        state: gauge(text, "arcadia_queue_jobs", queue="metering", state=state)
        for state in ("waiting", "retrying", "running", "stopped")
    }
    assert states == {"waiting": 1, "retrying": 0, "running": 1, "stopped": 1}
    assert gauge(text, "arcadia_queue_oldest_due_seconds", queue="metering") == 0
    for queue in QUEUES:
        assert gauge(text, "arcadia_queue_jobs", queue=queue, state="retrying") == 0


def test_metrics_of_queues_say_as_much_as_their_load(api_database: Database) -> None:
    with running(api_database) as api:
        with api.app.transactions.begin(OLGA) as work:
            for age, tried in ((1, False), (2, True), (5, False)):
                job = NewJob(work.new_id(), "n", "cloud_billing", {}, "c", "olga")
                work.jobs.add(job, NOW - age * HOUR)
                if tried:
                    held = work.jobs.claim(job.id, NOW, NOW + HOUR, names=["n"], worker="one")
                    assert held is not None
                    assert work.jobs.retry(held, NOW - HOUR, NOW, error=("database_busy", "Ask again."))
            load = work.jobs.load(NOW)
        api.clock.at = NOW
        text = api.bare().get("/metrics").text
        (found,) = api.app.health.look().queues
    assert found == next(one for one in load if one.queue == "cloud_billing")
    assert gauge(text, "arcadia_queue_jobs", queue="cloud_billing", state="waiting") == 2
    assert gauge(text, "arcadia_queue_jobs", queue="cloud_billing", state="retrying") == 1
    assert gauge(text, "arcadia_queue_oldest_due_seconds", queue="cloud_billing") == 5 * 3600


def test_metrics_are_told_without_queues_while_the_database_is_away(database: Database) -> None:
    nowhere = database.operator_url.replace(database.name, "no_such_database")
    with health_of(database, operator=nowhere) as health:
        assert health.look().queues == ()
        listener = socket.create_server(("127.0.0.1", 0))
        app = wire_on(FakeTransactions(), SystemClock(), health)
        with listener, watched(app, listener):
            answer = httpx.get(f"{url_of(listener)}/metrics", timeout=30)
    assert answer.status_code == 200
    assert gauge(answer.text, "arcadia_ready", check="database") == 0
    assert "arcadia_queue_jobs" not in answer.text
    assert gauge(answer.text, "arcadia_database_connections_in_use", role="tenant") == 0


def test_a_connection_in_use_is_counted_under_its_role(database: Database) -> None:
    with Pools(database.tenant_url, database.operator_url, database.gateway_url) as pools:
        health = PostgresHealth(database.tenant_url, database.operator_url, database.gateway_url, pools)
        with pools.tenant.connect():
            assert health.connections_in_use() == {"tenant": 1, "operator": 0, "gateway": 0}
        assert health.connections_in_use()["tenant"] == 0


@pytest.mark.parametrize("role", ["tenant", "operator", "gateway"])
def test_a_role_that_does_not_reach_the_database_is_named_and_nothing_else(
    database: Database, role: str, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = database.tenant_url.replace(database.name, "no_such_database")
    with health_of(database, **{role: nowhere}) as health:
        look = health.look()
    assert found(look) == {"database": False, "migrations": False, "broker": False}
    told = " ".join(check.detail for check in look.checks)
    assert f"the {role} role does not reach it" in told
    assert "no_such_database" not in told
    assert "no_such_database" in caplog.text  # who operates it is told why


def test_a_database_at_an_older_revision_is_not_ready(own_database: Database) -> None:
    with psycopg.connect(own_database.owner_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    with health_of(own_database) as health:
        assert found(health.look()) == {"database": True, "migrations": False, "broker": True}


def test_a_database_at_a_newer_revision_is_ready_for_the_version_before_it(own_database: Database) -> None:
    with psycopg.connect(own_database.owner_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with health_of(own_database) as health:
        assert found(health.look())["migrations"] is True


def test_a_database_without_tables_is_not_ready(empty_database: Database) -> None:
    with health_of(empty_database) as health:
        assert found(health.look()) == {"database": True, "migrations": False, "broker": False}


def test_a_look_is_shared_by_all_who_ask_within_a_second(own_database: Database) -> None:
    with health_of(own_database) as health:
        assert health.look() is health.look()


def test_what_is_asked_of_a_database_without_tables_is_refused_as_documented(
    empty_database: Database,
) -> None:
    with running(empty_database, seed=False) as api:
        refused = api.client().get("/api/v1/deployments")
        document = api.bare().get("/api/openapi.json").json()
    assert (refused.status_code, refused.json()["code"]) == (503, "database_without_schema")
    listing = operation_of(document, "list_deployments")
    assert Judge(document).faults(listing, 503, refused.headers, refused.text) == []
