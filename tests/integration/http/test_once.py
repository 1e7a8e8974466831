"""Idempotency-Key: sent again is answered again, and done once (SPEC 15; issue B)."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.unit_of_work import PostgresWork
from arcadia_app.http import once
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Transactions, Work
from tests.integration.http.conftest import Api, minted, running
from tests.integration.http.statements import statements
from tests.integration.servers import Database
from tests.world import ANN, OLGA

PATH = "/api/v1/deployments"
BODY = {"slug": "pilot", "display_name": "Pilot", "region": "syd1"}
KEY = {"Idempotency-Key": "k-1"}
REPLAYED = "Idempotency-Replayed"
MANY = 200


def slugs(api: Api, tenant_id: str = "acme") -> list[str]:
    return [one["slug"] for one in api.client(tenant_id).get(PATH).json()["items"]]


@asynccontextmanager
async def opened(doors: tuple[Api, ...]) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client of each door, with as many connections as it needs."""
    headers = {"Authorization": f"Bearer {minted()}"}
    limits = httpx.Limits(max_connections=None)
    made = [httpx.AsyncClient(base_url=one.url, headers=headers, timeout=60, limits=limits) for one in doors]
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(one) for one in made]


Request = tuple[str, object]
"""A path, and the body that is posted to it."""


def posted(
    posts: int, clients: list[httpx.AsyncClient], request: Request
) -> list[asyncio.Task[httpx.Response]]:
    """One request, on its way many times under one key, to each of the doors."""
    path, body = request
    return [
        asyncio.create_task(clients[n % len(clients)].post(path, json=body, headers=KEY))
        for n in range(posts)
    ]


def together(posts: int, *doors: Api, request: Request = (PATH, BODY)) -> list[httpx.Response]:
    """What all of them are answered."""

    async def send() -> list[httpx.Response]:
        async with opened(doors) as clients:
            return await asyncio.gather(*posted(posts, clients, request))

    return asyncio.run(send())


def test_of_200_posts_at_once_under_one_key_one_is_done_and_all_are_answered_alike(api: Api) -> None:
    answers = together(MANY, api)
    assert {(one.status_code, one.content, one.headers["Location"]) for one in answers} == {
        (201, answers[0].content, f"{PATH}/{answers[0].json()['id']}")
    }
    assert [one.headers.get(REPLAYED) for one in answers].count(None) == 1
    assert slugs(api) == ["pilot"]


def test_two_doors_on_one_database_do_it_once_between_them(api_database: Database, api: Api) -> None:
    with running(api_database, seed=False) as other:
        answers = together(60, api, other)
    assert {(one.status_code, one.content) for one in answers} == {(201, answers[0].content)}
    assert [one.headers.get(REPLAYED) for one in answers].count(None) == 1
    assert slugs(api) == ["pilot"]


def test_sent_again_it_is_answered_as_before_also_by_another_door(api_database: Database, api: Api) -> None:
    first = api.client(**KEY).post(PATH, json=BODY)
    assert REPLAYED not in first.headers
    with running(api_database, seed=False) as other:
        for door in (api, other):
            again = door.client(**KEY).post(PATH, json=BODY)
            assert (again.status_code, again.content) == (201, first.content)
            assert again.headers[REPLAYED] == "true"
            for name in ("ETag", "Location", "Content-Type"):
                assert again.headers[name] == first.headers[name]


def test_the_answer_stays_as_it_was_given_also_when_the_object_has_changed(api: Api) -> None:
    ann = api.client()
    first = ann.post(PATH, json=BODY, headers=KEY)
    ann.post(f"{PATH}/{first.json()['id']}/transition", json={"to": "paused"})
    assert ann.post(PATH, json=BODY, headers=KEY).content == first.content


def test_another_body_under_the_same_key_is_refused_and_nothing_is_done(api: Api) -> None:
    ann = api.client(**KEY)
    ann.post(PATH, json=BODY)
    refused = ann.post(PATH, json={**BODY, "slug": "other"})
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    assert slugs(api) == ["pilot"]


def test_a_key_is_its_callers_own_and_its_routes(api: Api) -> None:
    first = api.client(**KEY).post(PATH, json=BODY)
    for caller in (api.client("acme", sub="abe", **KEY), api.client("bobs-burgers", sub="ann", **KEY)):
        answer = caller.post(PATH, json={**BODY, "slug": "other"})
        assert answer.status_code == 201
        assert answer.json()["id"] != first.json()["id"]
    other = api.client(**KEY).post(f"{PATH}/{first.json()['id']}/transition", json={"to": "paused"})
    assert (other.status_code, other.json()["state"]) == (200, "paused")
    assert REPLAYED not in other.headers


@pytest.mark.parametrize("roles", [(), ("llm_gateway",), ("platform_admin", "llm_gateway")])
def test_a_kept_answer_is_not_given_to_the_same_person_with_other_rights(
    api: Api, roles: tuple[str, ...]
) -> None:
    plan = {"code": "p", "name": "P"}
    path = "/api/v1/catalog/plans"
    assert api.client("acme", "platform_admin", **KEY).post(path, json=plan).status_code == 201
    answer = api.client("acme", *roles, **KEY).post(path, json=plan)
    assert answer.status_code in (403, 409)
    assert REPLAYED not in answer.headers
    again = api.client("acme", "platform_admin", **KEY).post(path, json=plan)
    assert (again.status_code, again.headers[REPLAYED]) == (201, "true")


def test_no_name_reads_as_another_ones_roles(api: Api) -> None:
    first = api.client("acme", "platform_admin", sub="ann", **KEY).post(PATH, json=BODY)
    assert first.status_code == 201
    for sub in ("platform_admin:ann", "platform_admin ann", ":ann"):
        answer = api.client("acme", sub=sub, **KEY).post(PATH, json=BODY)
        assert answer.json()["code"] == "slug_taken", sub


def test_without_a_key_each_request_is_done(api: Api) -> None:
    ann = api.client()
    assert ann.post(PATH, json=BODY).status_code == 201
    assert ann.post(PATH, json=BODY).json()["code"] == "slug_taken"


def test_a_refusal_is_not_kept_the_key_still_opens(api: Api) -> None:
    ann = api.client()
    made = ann.post(PATH, json=BODY).json()["id"]
    path, body = f"{PATH}/{made}/transition", {"to": "active"}
    assert ann.post(path, json=body, headers=KEY).json()["code"] == "invalid_transition"
    ann.post(path, json={"to": "paused"})
    done = ann.post(path, json=body, headers=KEY)
    assert (done.status_code, done.json()["state"]) == (200, "active")
    assert REPLAYED not in done.headers


def test_a_kept_answer_is_forgotten_after_its_time(api: Api) -> None:
    ann = api.client(**KEY)
    ann.post(PATH, json=BODY)
    api.clock.pass_by(once.KEPT_FOR - timedelta(minutes=1))
    assert ann.post(PATH, json=BODY).headers[REPLAYED] == "true"
    api.clock.pass_by(timedelta(minutes=1))
    assert ann.post(PATH, json=BODY).json()["code"] == "slug_taken"
    later = ann.post(PATH, json={**BODY, "slug": "later"})
    assert (later.status_code, later.headers.get(REPLAYED)) == (201, None)
    assert ann.post(PATH, json={**BODY, "slug": "later"}).content == later.content


@dataclass(frozen=True)
class Dying:
    """Transactions that die as they end: before the commit, or after it and before the answer."""

    inner: Transactions
    committed: bool

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[Work]:
        with self.inner.begin(principal) as work:
            yield work
            if not self.committed:
                raise ConnectionError("died before the commit")
        if self.committed:
            raise ConnectionError("died after the commit")


@pytest.mark.parametrize("committed", [False, True])
def test_the_act_and_its_answer_are_kept_both_or_not_at_all(
    api: Api, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    ann, steady = api.client(**KEY), api.app.transactions
    object.__setattr__(api.app, "transactions", Dying(steady, committed))
    broken = ann.post(PATH, json=BODY)
    object.__setattr__(api.app, "transactions", steady)
    assert (broken.status_code, broken.json()["code"]) == (500, "internal_error")
    assert slugs(api) == (["pilot"] if committed else [])
    again = ann.post(PATH, json=BODY)
    assert (again.status_code, again.headers.get(REPLAYED)) == (201, "true" if committed else None)
    assert slugs(api) == ["pilot"]


@contextmanager
def held(api: Api, deployment_id: str) -> Iterator[None]:
    """The deployment's row, locked as by somebody who is slow."""
    with api.app.transactions.begin(ANN) as work:
        assert work.deployments.get_locked(UUID(deployment_id)) is not None
        yield


def test_twins_that_wait_hold_neither_the_pool_nor_the_threads(
    api_database: Database, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "WAIT", 60.0)
    made = api.client().post(PATH, json=BODY).json()["id"]

    async def crowd(*doors: Api) -> list[httpx.Response]:
        async with opened(doors) as clients:
            with held(api, made):
                twins = posted(MANY, clients, (f"{PATH}/{made}/transition", {"to": "paused"}))
                for n in range(20):
                    seen = await clients[n % len(doors)].get(f"{PATH}/{made}", timeout=5)
                    assert (seen.status_code, seen.json()["state"]) == (200, "active")
                assert not any(twin.done() for twin in twins)
            return await asyncio.gather(*twins)

    with running(api_database, seed=False) as other:
        answers = asyncio.run(crowd(api, other))
    assert {(one.status_code, one.content) for one in answers} == {(200, answers[0].content)}
    assert [one.headers.get(REPLAYED) for one in answers].count(None) == 1
    history = api.client().get(f"{PATH}/{made}").json()["events"]
    assert [event["to_state"] for event in history] == ["active", "paused"]


def test_twins_of_one_process_ask_the_database_nothing_while_they_wait(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "WAIT", 60.0)
    made = api.client().post(PATH, json=BODY).json()["id"]

    async def crowd() -> None:
        async with opened((api,)) as clients:
            with held(api, made), statements() as sent:
                twins = posted(50, clients, (f"{PATH}/{made}/transition", {"to": "paused"}))
                for _ in range(10):
                    await clients[0].get(f"{PATH}/{made}")
                assert len([one for one in sent if "pg_try_advisory_xact_lock" in one]) == 1
            await asyncio.gather(*twins)

    asyncio.run(crowd())


@pytest.mark.parametrize("same_door", [True, False])
def test_a_twin_waits_no_longer_than_it_is_to_and_is_told_to_ask_again(
    api_database: Database, api: Api, monkeypatch: pytest.MonkeyPatch, same_door: bool
) -> None:
    monkeypatch.setattr(once, "WAIT", 0.3)
    made = api.client().post(PATH, json=BODY).json()["id"]
    path, body = f"{PATH}/{made}/transition", {"to": "paused"}
    firsts: list[httpx.Response] = []
    with running(api_database, seed=False) as other:
        slow, twin = api.client(**KEY), (api if same_door else other).client(**KEY)
        with held(api, made):
            first = threading.Thread(target=lambda: firsts.append(slow.post(path, json=body)))
            first.start()
            _until_waiting_for_a_lock(api)
            refused = twin.post(path, json=body)
            assert (refused.status_code, refused.json()["code"]) == (409, "in_progress")
            assert int(refused.headers["Retry-After"]) >= 1
            assert timedelta(seconds=0.29) < refused.elapsed < timedelta(seconds=5)
            assert not firsts
        first.join(20)
        assert [one.status_code for one in firsts] == [200]
        assert twin.post(path, json=body).content == firsts[0].content


def _until_waiting_for_a_lock(api: Api) -> None:
    """Returns when a transaction of the database waits for a row."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with api.app.transactions.begin(OLGA) as work:
            assert isinstance(work, PostgresWork)
            waiting = work.connection.scalar(
                sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype <> 'advisory'")
            )
        if waiting:
            return
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("key", ["", "k" * 256, "a b", "caf\xe9", "tab\tbed"])
def test_a_bad_key_is_refused_by_its_name(api: Api, key: str) -> None:
    refused = api.client().post(PATH, json=BODY, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")
    assert [one["field"] for one in refused.json()["errors"]] == ["Idempotency-Key"]
    assert slugs(api) == []


def test_two_keys_are_refused(api: Api) -> None:
    refused = api.client().post(
        PATH, json=BODY, headers=[("Idempotency-Key", "k-1"), ("Idempotency-Key", "k-1")]
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")
    assert slugs(api) == []


def test_the_longest_key_and_the_oddest_path_are_taken(api: Api) -> None:
    ann = api.client(**{"Idempotency-Key": "!~" + "k" * 253})
    first = ann.post(PATH, json=BODY)
    assert (first.status_code, ann.post(PATH, json=BODY).content) == (201, first.content)
    olga = api.admin()
    for path in ("/api/v1/catalog/plans/%00/versions", f"/api/v1/catalog/plans/{'x' * 9000}/versions"):
        body = {"base_price_cents": 1, "currency": "AUD", "items": []}
        assert 400 <= olga.post(path, json=body, headers=KEY).status_code < 500
