"""A client made from the document by a generator that we did not write: it works, so others' will (issue B).

Made once for the module, offline, into a temporary directory. `operations` finds its calls by the document's
names, so that the tests read as the document does.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from arcadia_adapters.jwt import JwtVerifier
from arcadia_app.http import openapi
from arcadia_app.http.app import HttpOptions, litestar
from tests.integration.http.conftest import ISSUER, SECRET, Api, minted
from tests.integration.http.described import JsonObject, operations_of
from tests.integration.http.serve import PATIENCE, Served, served

__all__ = ["served"]  # a fixture is found where its name is

_PACKAGE = "arcadia_client_of_the_tests"


@dataclass(frozen=True)
class Generated:
    """The generated package: `models` as the document names them, and what calls each operation."""

    models: ModuleType
    clients: ModuleType
    calls: dict[str, ModuleType]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    """Without a warning: an endpoint that the generator leaves out is told by one."""
    verifier = JwtVerifier([SECRET], issuer=ISSUER, audience=ISSUER)
    routes: Litestar = litestar(None, verifier, HttpOptions())  # type: ignore[arg-type]
    document = openapi.document(routes)
    folder = tmp_path_factory.mktemp("generated")
    source = folder / "openapi.json"
    source.write_text(json.dumps(document))
    config = Config.from_sources(
        # text/csv is a body that the generator knows under another name
        ConfigFile(post_hooks=[], content_type_overrides={"text/csv": "application/octet-stream"}),
        MetaType.NONE,
        source,
        "utf-8",
        overwrite=False,
        output_path=folder / _PACKAGE,
    )
    assert [f"{error.header}: {error.detail}" for error in generate(config=config)] == []
    with _importable(folder):
        yield _imported(document)


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
            del sys.modules[name]


def _imported(document: JsonObject) -> Generated:
    return Generated(
        importlib.import_module(f"{_PACKAGE}.models"),
        importlib.import_module(f"{_PACKAGE}.client"),
        {
            one.id: importlib.import_module(f"{_PACKAGE}.api.{one.told['tags'][0].lower()}.{one.id}")
            for one in operations_of(document)
        },
    )


@contextmanager
def clients_of(generated: Generated, url: str) -> Iterator[Callable[[str], Any]]:
    """Makes clients with a token, and closes them."""
    made: list[Any] = []

    def client(token: str) -> Any:
        made.append(generated.clients.AuthenticatedClient(base_url=url, token=token))
        return made[-1]

    yield client
    for one in made:
        one.get_httpx_client().close()


@pytest.fixture
def client(generated: Generated, api: Api) -> Iterator[Callable[[str], Any]]:
    with clients_of(generated, api.url) as client:
        yield client


@pytest.fixture
def ann(client: Callable[[str], Any]) -> Any:
    """A client of a tenant."""
    return client(minted("acme"))


def test_every_operation_and_every_shape_is_in_the_client(generated: Generated) -> None:
    for name, call in generated.calls.items():
        assert callable(call.sync_detailed), name
    assert {"Deployment", "Invoice", "Line", "Problem", "Quote", "Subscription"} <= set(
        vars(generated.models)
    )


def test_what_the_client_writes_it_reads_back_unchanged(generated: Generated, ann: Any) -> None:
    calls, models = generated.calls, generated.models
    body = models.DeploymentToCreate(slug="pilot", display_name="Pilot", region="syd1")
    made = calls["create_deployment"].sync(client=ann, body=body)
    assert isinstance(made, models.Deployment)
    assert isinstance(made.id, UUID)
    assert (made.slug, made.state, made.subscription) == ("pilot", models.State.ACTIVE, None)
    assert datetime.now(UTC) - made.created_at < timedelta(minutes=5)
    assert calls["read_deployment"].sync(client=ann, deployment_id=made.id) == made
    moved = calls["transition_deployment"].sync(
        client=ann, deployment_id=made.id, body=models.Transition(to=models.State.PAUSED, reason="holidays")
    )
    assert moved.state is models.State.PAUSED
    assert moved.events[-1].reason == "holidays"


def test_a_quote_keeps_every_cent_and_every_quantity(generated: Generated, ann: Any, api: Api) -> None:
    """Golden 2."""
    models = generated.models
    usage = {"droplet_hours": "1488", "spaces_gb_month": "200", "llm_tokens": "2500000"}
    body = {
        "plan_code": "studio",
        "addons": ["storage_50gb"],
        "projected_usage": usage,
        "starts_on": "2026-05-20",
    }
    asked = models.QuoteRequest.from_dict(body)
    assert asked.to_dict() == body
    quote = generated.calls["quote_plan"].sync(client=ann, body=asked)
    raw = api.client("acme").post("/api/v1/quote", json=body).json()
    assert quote.to_dict() == raw
    assert (quote.recurring.total_cents, quote.first_invoice.total_cents) == (5750, 2225)


def test_a_refusal_is_a_problem_that_a_program_decides_by(
    generated: Generated, ann: Any, client: Callable[[str], Any]
) -> None:
    calls, models = generated.calls, generated.models
    nobodys = calls["read_deployment"].sync_detailed(client=ann, deployment_id=UUID(int=0xDEAD))
    assert nobodys.status_code == 404
    assert isinstance(nobodys.parsed, models.Problem)
    assert nobodys.parsed.code == "deployment_not_found"
    unnamed = models.DeploymentToCreate(slug="Not a slug", display_name="", region="syd1")
    refused = calls["create_deployment"].sync(client=ann, body=unnamed)
    assert refused.code == "invalid_body"
    assert {error.field for error in refused.errors} == {"slug", "display_name"}
    nobody = client("garbage")
    assert calls["list_deployments"].sync(client=nobody).code == "invalid_token"


def test_a_key_that_is_sent_again_is_answered_again(generated: Generated, ann: Any) -> None:
    calls, models = generated.calls, generated.models
    body = models.DeploymentToCreate(slug="pilot", display_name="Pilot", region="syd1")
    first = calls["create_deployment"].sync_detailed(client=ann, body=body, idempotency_key="k1")
    again = calls["create_deployment"].sync_detailed(client=ann, body=body, idempotency_key="k1")
    assert again.parsed == first.parsed
    assert again.headers["Idempotency-Replayed"] == "true"


def test_pages_are_walked_to_their_end(generated: Generated, ann: Any) -> None:
    calls, models = generated.calls, generated.models
    for number in range(5):
        body = models.DeploymentToCreate(slug=f"d{number}", display_name="D", region="syd1")
        calls["create_deployment"].sync(client=ann, body=body)
    seen: list[str] = []
    page = calls["list_deployments"].sync(client=ann, limit=2)
    while page.next_cursor is not None:
        seen += [one.slug for one in page.items]
        page = calls["list_deployments"].sync(client=ann, limit=2, cursor=page.next_cursor)
    assert seen + [one.slug for one in page.items] == ["d4", "d3", "d2", "d1", "d0"]


def test_the_walk_from_sign_up_to_invoice_works_with_the_client(generated: Generated, served: Served) -> None:
    """docs/api.md, against `arcadia serve`: golden 3 by usage push."""
    calls, models = generated.calls, generated.models
    with clients_of(generated, served.url) as client:
        ann = client(served.token("acme"))
        olga = client(served.token("sky-ai", "platform_admin", subject="olga"))
        gateway = client(served.token("sky-ai", "llm_gateway", subject="gateway"))
        deployment = calls["create_deployment"].sync(
            client=ann, body=models.DeploymentToCreate(slug="pilot", display_name="Pilot", region="syd1")
        )
        subscription = calls["subscribe_deployment"].sync(
            client=olga,
            deployment_id=deployment.id,
            body=models.Subscribe(plan_code="studio", addons=["storage_50gb"], starts_on=date(2026, 4, 1)),
        )
        assert (subscription.addons[0].price_cents, subscription.addons[0].qty) == (750, "50")
        used = models.UsageToRecord(
            event_id="april-1",
            deployment_id=deployment.id,
            resource_kind="droplet_hours",
            qty="2160",
            occurred_at=datetime(2026, 4, 30, 12, tzinfo=UTC),
        )
        batch = models.UsageBatch(events=[used])
        assert calls["record_usage"].sync(client=gateway, body=batch).accepted == 1
        assert calls["record_usage"].sync(client=gateway, body=batch).duplicates == 1
        accepted = calls["request_rollup"].sync(client=olga, body=models.Rollup(period="2026-04"))
        assert job_done(calls["read_job"], olga, accepted.job_id).state is models.JobState.SUCCEEDED
        (invoice,) = calls["list_invoices"].sync(client=ann).items
        assert calls["read_invoice"].sync(client=ann, invoice_id=invoice.id) == invoice
    assert (invoice.subtotal_cents, invoice.tax_cents, invoice.total_cents) == (6422, 642, 7064)
    assert [line.amount_cents for line in invoice.lines] == [5000, 750, 672, 642]
    assert invoice.period_end == date(2026, 5, 1)


def job_done(read_job: ModuleType, client: Any, job_id: UUID) -> Any:
    """The job once it has come to its end."""
    gives_up_at = time.monotonic() + PATIENCE
    while True:
        job = read_job.sync(client=client, job_id=job_id)
        if job.finished_at is not None:
            return job
        assert time.monotonic() < gives_up_at, job
        time.sleep(0.05)
