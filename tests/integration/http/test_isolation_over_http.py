"""Isolation: every route and parameter of the served document, asked by one tenant with another's ids.

Nothing is listed by hand but how to ask. A new operation, parameter or field that names something fails here
until it is said how another tenant would ask for it: see `PARAMETERS` and `BODIES`, and give both tenants one
of what it names in `two_tenants`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import pytest

from arcadia_domain.identity import Principal
from tests.integration.http.conftest import running
from tests.integration.http.operations import DOCUMENT, Operation, operations
from tests.integration.http.test_tokens_over_http import OPEN_TO_TENANTS_TOO
from tests.integration.http.two_tenants import KEY, OpenWall, Side, World, rows_of, two_tenants
from tests.integration.servers import Servers

Value = Callable[[World, Side, Operation], str]
Body = Callable[[World, Side], dict[str, Any]]


def the(name: str) -> Value:
    """The one of that name that the asked-for tenant has."""
    return lambda world, side, operation: side.ids[name]


def plain(value: str) -> Value:
    """What names nothing of anybody's."""
    return lambda world, side, operation: value


def cursor_of(world: World, side: Side, operation: Operation) -> str:
    """A cursor that the other tenant (or, where only they may, an operator) got from the same list."""
    client = world.olga if operation.is_for_operators else side.client
    path = operation.url(
        {name: PARAMETERS[name](world, side, operation) for name in operation.parameters("path")}
    )
    required = {name: value_of(name, operation, world, side) for name in required_in(operation)}
    page = client.get(path, params={"limit": "1", **required})
    cursor = page.json()["next_cursor"]
    assert cursor is not None, f"two_tenants has too few of what {operation.id} lists: {page.text}"
    return str(cursor)


PARAMETERS: Final[Mapping[str, Value]] = {
    # that name something of a tenant's
    "addon_id": the("addon_id"),
    "cloud_invoice_id": the("cloud_invoice_id"),
    "deployment_id": the("deployment_id"),
    "invoice_id": the("invoice_id"),
    "job_id": the("job_id"),
    "line_id": the("line_id"),
    "name": the("resource_name"),
    "resource_id": the("resource_id"),
    "sync_id": the("sync_id"),
    "tenant_id": the("tenant_id"),
    "cursor": cursor_of,
    # that name something of everybody's, or nothing
    "deleted": plain("false"),
    "from_day": plain("2026-02-01"),
    "invoice_uuid": plain("22737513-0ea7-4206-8ceb-98a575af7681"),
    "kind": plain("droplet_hours"),
    "limit": plain("200"),
    "matched": plain("true"),
    "period": plain("2026-04"),
    "plan_code": the("plan_code"),
    "preview": plain("true"),
    "queue": plain("cloud_billing"),
    "to_day": plain("2026-05-25"),
    "version_id": the("version_id"),
}
"""How each parameter of a path or a query asks for what another tenant has."""

OTHERWISE: Final[Mapping[tuple[str, str], str]] = {
    ("export_focus", "period"): "2026-04-01",
    ("list_cloud_invoices", "state"): "ingested",
    ("list_cost_lines", "kind"): "droplet",
    ("list_cost_lines", "period"): "2026-04-01",
    ("list_deployments", "state"): "active",
    ("list_inventory", "kind"): "droplet",
    ("list_inventory", "status"): "active",
    ("list_jobs", "state"): "queued",
    ("list_invoices", "status"): "draft",
    ("read_leakage", "period"): "2026-04-01",
    ("read_margin", "period"): "2026-04-01",
    ("pause_tick", "tick_name"): "metering",
    ("read_month_to_date", "period"): "2026-05-01",
    ("resume_tick", "tick_name"): "metering",
}
"""Where a name means something else: by operation and parameter."""


def json(**fields: Any) -> dict[str, Any]:
    return {"json": fields}


BODIES: Final[Mapping[str, Body]] = {
    "assign_resource": lambda world, side: json(
        deployment_id=side.ids["deployment_id"], from_at="2026-05-01T00:00:00Z"
    ),
    "attach_addon": lambda world, side: json(code="storage_50gb"),
    "attribute_cost_line": lambda world, side: json(
        tenant_id=side.tenant_id, deployment_id=side.ids["deployment_id"], reason="probe"
    ),
    "change_plan": lambda world, side: json(plan_code="pro"),
    "create_addon": lambda world, side: json(
        code="probe", name="Probe", resource_kind="bandwidth_gb", qty="1", price_cents=1, currency="AUD"
    ),
    "create_deployment": lambda world, side: json(
        slug="probe", display_name="Probe", region="syd1", tenant_id=side.tenant_id
    ),
    "create_plan": lambda world, side: json(code="probe", name="Probe"),
    "create_tenant": lambda world, side: json(tenant_id=side.tenant_id, currency="AUD"),
    "draft_version": lambda world, side: json(base_price_cents=1, currency="AUD", items=[]),
    "edit_deployment": lambda world, side: json(billing_action_suspended=True),
    "edit_tenant": lambda world, side: json(terms_days=7),
    "quote_plan": lambda world, side: json(plan_code="pro"),
    "record_llm_usage": lambda world, side: json(
        gateway_request_id="probe",
        deployment_id=side.ids["deployment_id"],
        model="probe",
        input_tokens=1,
        output_tokens=1,
        charge="1",
        currency="AUD",
        occurred_at="2026-05-01T00:00:00Z",
    ),
    "record_usage": lambda world, side: json(
        event_id="probe",
        deployment_id=side.ids["deployment_id"],
        resource_kind="bandwidth_gb",
        qty="1",
        occurred_at="2026-05-01T00:00:00Z",
    ),
    "request_sync": lambda world, side: json(speed="fast"),
    "request_rollup": lambda world, side: json(period="2026-04", force=True, tenant_id=side.tenant_id),
    "set_price": lambda world, side: json(
        resource_kind="bandwidth_gb",
        currency="AUD",
        from_at="2026-06-01T00:00:00Z",
        overage_unit="gb",
        overage_price_cents=1,
    ),
    "set_tax_profile": lambda world, side: json(country="AU", treatment="standard"),
    "subscribe_deployment": lambda world, side: json(plan_code="studio"),
    "transition_deployment": lambda world, side: json(to="paused"),
    "upload_cloud_invoice": lambda world, side: {
        "content": b"not,an,invoice\n",
        "headers": {"Content-Type": "text/csv"},
    },
}
"""A good body of each operation that takes one; what it names is the asked-for tenant's."""

NAMES_A_TENANTS = (
    "tenant_id",
    "deployment_id",
    "subscription_id",
    "invoice_id",
    "resource_id",
    "job_id",
    "line_id",
)
"""Fields of bodies that name something of a tenant's. Any other that ends in `_id` is in `NAMES_NOTHING`."""

NAMES_NOTHING = ("event_id", "gateway_request_id")


@dataclass(frozen=True)
class Call:
    """One request, ready to be sent by anybody."""

    operation: Operation
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    def sent_by(self, client: httpx.Client) -> httpx.Response:
        return client.request(
            self.operation.method, self.operation.url(self.path), params=dict(self.query), **self.body
        )

    @property
    def said(self) -> set[str]:
        """What the caller names, and so may be told again."""
        fields = self.body.get("json", {})
        return {
            *self.path.values(),
            *self.query.values(),
            *(v for v in fields.values() if isinstance(v, str)),
        }


def calls_for(operation: Operation, world: World, side: Side, other: Side) -> Iterator[Call]:
    """Every way to ask for what `side` has; `other` asks, with its own in the remaining places."""
    path_names, query_names = operation.parameters("path"), operation.parameters("query")
    values = {name: value_of(name, operation, world, side) for name in (*path_names, *query_names)}
    path = {name: values[name] for name in path_names}
    body = BODIES[operation.id](world, side) if operation.has_body else {}
    required = {name: values[name] for name in required_in(operation)}
    yield Call(operation, path, required, body)
    for name in query_names:
        yield Call(operation, path, {**required, name: values[name]}, body)
    own = {name: value_of(name, operation, world, other) for name in path_names}
    for name in path_names:
        if own[name] != values[name] and len(path_names) > 1:
            yield Call(operation, {**own, name: values[name]}, required, body)


def required_in(operation: Operation) -> list[str]:
    """The parameters of its query that it cannot do without."""
    told = operation.said.get("parameters", ())
    return [one["name"] for one in told if one["in"] == "query" and one.get("required")]


def value_of(name: str, operation: Operation, world: World, side: Side) -> str:
    if (operation.id, name) in OTHERWISE:
        return OTHERWISE[operation.id, name]
    return PARAMETERS[name](world, side, operation)


def expected(operation: Operation) -> tuple[int, set[str]] | None:
    """The status and the codes that another tenant is answered; None: an answer without anything of ours."""
    if operation.id == "create_deployment":
        return 403, {"other_tenant"}
    if "gateway_only" in operation.codes:
        return 403, {"gateway_only"}
    if operation.is_for_operators and operation.id not in OPEN_TO_TENANTS_TOO:
        return 403, {"operators_only"}
    missing = (
        {code for code in operation.codes if code.endswith("_not_found")}
        if operation.parameters("path")
        else {}
    )
    return (404, set(missing)) if missing else None


def leaks(answer: httpx.Response, marks: frozenset[str], said: set[str]) -> list[str]:
    """What an answer holds of the other tenant that its caller did not say itself."""
    shown = answer.text.lower() + str(answer.headers).lower()
    for one in sorted(said, key=len, reverse=True):
        shown = shown.replace(one.lower(), "")
    return [mark for mark in marks if mark.lower() in shown]


def verdict(call: Call, answer: httpx.Response, marks: frozenset[str]) -> str | None:
    """What is wrong with the answer that another tenant got, in words."""
    asked = f"{call.operation.id} {dict(call.path)} {dict(call.query)}"
    if found := leaks(answer, marks, call.said if answer.is_client_error else set()):
        return f"{asked}: {answer.status_code} shows {found}"
    wanted = expected(call.operation)
    if wanted is None:
        good = answer.is_success
    else:
        good = answer.status_code == wanted[0] and answer.json()["code"] in wanted[1]
    return None if good else f"{asked}: {answer.status_code} {answer.text}"


@contextmanager
def fresh(servers: Servers) -> Iterator[World]:
    with servers.get("embedded").database() as database, running(database) as api:
        yield two_tenants(api)


@pytest.fixture(scope="module")
def world(servers: Servers) -> Iterator[World]:
    """Both tenants. No test may change what is A's."""
    with fresh(servers) as made:
        yield made


@pytest.fixture(scope="module")
def asked(world: World) -> list[Operation]:
    """Every operation that asks for a token."""
    document = world.api.bare().get(DOCUMENT).json()
    return [one for one in operations(document) if not one.is_public]


def test_every_operation_parameter_and_field_has_its_case(world: World, asked: list[Operation]) -> None:
    schemas = world.api.bare().get(DOCUMENT).json()["components"]["schemas"]
    wanting = []
    for operation in asked:
        if operation.has_body and operation.id not in BODIES:
            wanting.append(f"BODIES: how is {operation.id} asked?")
        for name in (*operation.parameters("path"), *operation.parameters("query")):
            if name not in PARAMETERS and (operation.id, name) not in OTHERWISE:
                wanting.append(f"PARAMETERS: what of another tenant does {name} of {operation.id} name?")
    for shape, told in schemas.items():
        if told.get("additionalProperties") is False:  # what is asked for, not what is answered
            for name in told["properties"]:
                if name.endswith("_id") and name not in (*NAMES_A_TENANTS, *NAMES_NOTHING):
                    wanting.append(f"NAMES_…: what does {name} of {shape} name?")
    ids = {operation.id for operation in asked}
    wanting += [f"BODIES: {one} is gone" for one in BODIES.keys() - ids]
    wanting += [f"OTHERWISE: {one} is gone" for one in OTHERWISE if one[0] not in ids]
    assert wanting == []


def test_a_body_names_the_asked_for_tenant_wherever_it_can(world: World, asked: list[Operation]) -> None:
    for operation in asked:
        if operation.id in BODIES:
            ours, theirs = (BODIES[operation.id](world, side).get("json", {}) for side in (world.a, world.b))
            naming = {name for name in ours if name in NAMES_A_TENANTS}
            assert {name for name in ours if ours[name] != theirs[name]} == naming, operation.id


WALLS = {
    "both walls": (False, False),
    "the use cases' alone": (True, False),
    "the database's alone": (False, True),
}


@contextmanager
def walls(world: World, *, database_open: bool, use_cases_open: bool) -> Iterator[None]:
    steady = world.api.app.transactions
    patch = pytest.MonkeyPatch()
    if database_open:
        object.__setattr__(world.api.app, "transactions", OpenWall(steady))
    if use_cases_open:
        patch.setattr(Principal, "may_see", lambda principal, tenant_id: True)
    try:
        yield
    finally:
        patch.undo()
        object.__setattr__(world.api.app, "transactions", steady)


@pytest.mark.parametrize("standing", WALLS)
def test_another_tenant_is_shown_nothing_and_changes_nothing(
    world: World, asked: list[Operation], standing: str
) -> None:
    database_open, use_cases_open = WALLS[standing]
    marks, before = world.marks(), rows_of(world, world.a)
    wrong = []
    for operation in asked:
        calls = list(calls_for(operation, world, world.a, world.b))
        with walls(world, database_open=database_open, use_cases_open=use_cases_open):
            for call in calls:
                wrong.append(verdict(call, call.sent_by(world.b.client), marks))
    assert [one for one in wrong if one] == []
    assert rows_of(world, world.a) == before


def test_the_gateways_token_shows_and_changes_nothing_outside_its_operations(
    world: World, asked: list[Operation]
) -> None:
    marks, before = world.marks(), rows_of(world, world.a)
    for operation in asked:
        if "gateway_only" not in operation.codes:
            for call in calls_for(operation, world, world.a, world.b):
                answer = call.sent_by(world.gateway)
                assert (answer.status_code, answer.json()["code"]) == (403, "gateway_forbidden"), call
                assert leaks(answer, marks, call.said) == []
    assert rows_of(world, world.a) == before


def test_a_tenant_that_names_another_in_a_filter_gets_an_empty_list_or_its_own(
    world: World, asked: list[Operation]
) -> None:
    for operation in asked:
        if (
            operation.method == "GET"
            and "tenant_id" in operation.parameters("query")
            and expected(operation) is None
        ):
            answer = world.b.client.get(operation.path, params={"tenant_id": world.a.tenant_id})
            assert {one["tenant_id"] for one in answer.json()["items"]} <= {world.b.tenant_id}


def test_the_other_tenants_idempotency_key_gives_ones_own_answer(world: World) -> None:
    sent = {
        side.name: {"slug": f"{side.name}-first", "display_name": f"{side.name} first", "region": "syd1"}
        for side in (world.a, world.b)
    }
    for asking, said in ((world.b, world.b), (world.a, world.a)):
        answer = asking.client.post("/api/v1/deployments", json=sent[said.name], headers=KEY)
        assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (201, "true")
        assert answer.json()["tenant_id"] == asking.tenant_id
    # B under A's key and with A's very body: a request of its own, not A's answer.
    taken = world.b.client.post("/api/v1/deployments", json=sent[world.a.name], headers=KEY)
    assert (taken.status_code, taken.json()["code"]) == (409, "idempotency_key_reused")


def test_a_tenant_without_anything_sees_nothing_at_all(world: World, asked: list[Operation]) -> None:
    nobody = Side("nobody", world.api.client("nobody", sub="nobody"))
    marks = world.marks()
    for operation in asked:
        for call in calls_for(operation, world, world.a, world.b):
            assert verdict(call, call.sent_by(nobody.client), marks) is None


def test_without_the_walls_every_hidden_object_would_be_shown(world: World, asked: list[Operation]) -> None:
    """So the calls above ask for what is there, and their marks are found where they are."""
    marks = world.marks()
    for operation in asked:
        if operation.method == "GET" and (expected(operation) or (0, ()))[0] == 404:
            call = next(calls_for(operation, world, world.a, world.b))
            with walls(world, database_open=True, use_cases_open=True):
                answer = call.sent_by(world.b.client)
            assert answer.is_success, f"{operation.id}: {answer.text}"
            said = {value for name, value in call.path.items() if name != "tenant_id"}
            assert leaks(answer, marks, said) or operation.id in HOLDS_NO_NAME, operation.id


HOLDS_NO_NAME = {"read_usage": "amounts by kind only"}
"""Operations whose answer holds no name and no id, each with what it holds."""


def test_the_same_calls_by_who_may_are_let_through(servers: Servers, asked: list[Operation]) -> None:
    """So none of the calls above was refused for another reason than the wall."""
    with fresh(servers) as world:
        before = rows_of(world, world.a)
        assert list(_refused(world, asked)) == []
        changed = {table for table, rows in rows_of(world, world.a).items() if rows != before[table]}
    assert changed >= {"cloud_deployments", "subscriptions", "tenants", "llm_usage_events", "plans", "jobs"}


def _refused(world: World, asked: list[Operation]) -> Iterator[str]:
    for operation in asked:
        client = world.a.client
        if "gateway_only" in operation.codes:
            client = world.gateway
        elif operation.is_for_operators and operation.id not in OPEN_TO_TENANTS_TOO:
            client = world.olga
        for call in calls_for(operation, world, world.a, world.a):
            answer = call.sent_by(client)
            if answer.status_code in (400, 401, 403, 404) or answer.is_server_error:
                yield f"{operation.id} {dict(call.query)}: {answer.status_code} {answer.text}"
