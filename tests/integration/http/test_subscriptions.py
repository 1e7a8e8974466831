"""Subscriptions over HTTP: golden 7, a change of plan billed as previewed, addons that end (SPEC 13, 15)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from arcadia_adapters.postgres.tables.catalog import addons as addons_table
from arcadia_adapters.postgres.unit_of_work import PostgresWork
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from tests.april import APRIL
from tests.contracts.facts import pushed
from tests.integration.http.conftest import Api
from tests.integration.http.test_deployments import PATH, created
from tests.world import OLGA, at

KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
def ann(api: Api) -> httpx.Client:
    """A customer, on the 20th of April 2026."""
    api.clock.at = at(date(2026, 4, 20))
    return api.client()


def test_who_read_a_deployment_before_its_subscription_changed_is_told(api: Api, ann: httpx.Client) -> None:
    olga = api.admin()
    place = f"{PATH}/{created(ann)['id']}"

    def stale_after(act: Callable[[], httpx.Response]) -> None:
        tag = olga.get(place).headers["ETag"]
        done = act()
        assert done.is_success, done.text
        refused = olga.patch(place, json={"display_name": "Other"}, headers={"If-Match": tag})
        assert (refused.status_code, refused.json()["code"]) == (412, "stale")
        refused = olga.post(f"{place}/transition", json={"to": "paused"}, headers={"If-Match": tag})
        assert (refused.status_code, refused.json()["code"]) == (412, "stale")

    stale_after(lambda: ann.post(f"{place}/subscribe", json={"plan_code": "studio"}))
    stale_after(lambda: ann.post(f"{place}/change-plan", json={"plan_code": "pro"}))
    stale_after(lambda: ann.post(f"{place}/addons", json={"code": "storage_50gb"}))
    (addon,) = ann.get(place).json()["subscription"]["addons"]
    stale_after(lambda: ann.delete(f"{place}/addons/{addon['id']}"))
    tag = olga.get(place).headers["ETag"]
    assert ann.delete(f"{place}/addons/{addon['id']}").is_success  # the same again is nothing new
    assert ann.post(f"{place}/change-plan", json={"plan_code": "pro"}).is_success
    edited = olga.patch(place, json={"display_name": "Other"}, headers={"If-Match": tag})
    assert edited.status_code == 200


def subscribed(client: httpx.Client, place: str, **more: Any) -> dict[str, Any]:
    answer = client.post(f"{place}/subscribe", json={"plan_code": "studio", **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == place
    made: dict[str, Any] = answer.json()
    return made


def pilot(ann: httpx.Client, slug: str = "pilot") -> str:
    """Where a new deployment of Ann's is read."""
    return f"{PATH}/{created(ann, slug)['id']}"


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_golden_7_an_addon_is_kept_as_it_was_whatever_the_catalogue_does_later(
    api: Api, ann: httpx.Client
) -> None:
    place = pilot(ann)
    made = subscribed(ann, place, addons=["storage_50gb"])
    assert (made["plan_code"], made["plan_version"], made["status"]) == ("studio", 1, "active")
    [addon] = made["addons"]
    assert (addon["price_cents"], addon["qty"], addon["currency"]) == (750, "50", "AUD")
    with api.app.transactions.begin(OLGA) as work:
        assert isinstance(work, PostgresWork)
        dearer = sa.update(addons_table).where(addons_table.c.code == "storage_50gb")
        work.connection.execute(dearer.values(price_cents=900, qty=Decimal(40)))
    assert ann.get(place).json()["subscription"] == made
    [new] = subscribed(ann, pilot(ann, "later"), addons=["storage_50gb"])["addons"]
    assert (new["price_cents"], new["qty"]) == (900, "40")
    lines = ann.get(f"{place}/upcoming-invoice").json()["lines"]
    assert [line["unit_price_cents"] for line in lines if line["kind"] == "addon"] == [750]


def test_two_subscribes_at_once_make_one_subscription(ann: httpx.Client) -> None:
    place = pilot(ann)
    together = Barrier(2)

    def subscribe(plan_code: str) -> httpx.Response:
        together.wait()
        return ann.post(f"{place}/subscribe", json={"plan_code": plan_code})

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(subscribe, ["studio", "pro"]), key=lambda answer: answer.status_code)
    won, lost = answers
    assert won.status_code == 201
    assert refusal(lost) == (409, "already_subscribed")
    assert ann.get(place).json()["subscription"] == won.json()


def test_a_subscription_starts_today_unless_a_platform_admin_says_otherwise(
    api: Api, ann: httpx.Client
) -> None:
    place = pilot(ann)
    early = {"plan_code": "studio", "starts_on": "2026-04-01"}
    assert refusal(ann.post(f"{place}/subscribe", json=early)) == (422, "day_in_the_past")
    trial = {"plan_code": "studio", "trial_ends_at": "2026-05-01T00:00:00Z"}
    assert refusal(ann.post(f"{place}/subscribe", json=trial)) == (403, "operators_only")
    made = subscribed(api.admin(), place, **(early | trial))
    assert (made["starts_on"], made["trial_ends_at"]) == ("2026-04-01", "2026-05-01T00:00:00Z")
    assert (made["current_period_start"], made["current_period_end"]) == ("2026-04-01", "2026-05-01")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"plan_code": "nothing"}, "unknown_plan"),
        ({"plan_code": "studio", "addons": ["nothing"]}, "unknown_addon"),
        ({"plan_code": "studio", "starts_on": "2100-01-01"}, "date_out_of_range"),
        ({"plan_code": "studio", "addons": ["storage_50gb"] * 51}, "invalid_body"),
        ({"plan_code": "studio", "from_day": "2026-05-01"}, "invalid_body"),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused(ann: httpx.Client, body: dict[str, Any], code: str) -> None:
    place = pilot(ann)
    assert refusal(ann.post(f"{place}/subscribe", json=body)) == (422, code)
    assert ann.get(place).json()["subscription"] is None


def test_a_change_of_plan_is_billed_as_it_was_previewed(api: Api, ann: httpx.Client) -> None:
    deployment = created(ann)
    place = f"{PATH}/{deployment['id']}"
    subscribed(api.admin(), place, starts_on="2026-04-01", addons=["storage_50gb"])
    with api.app.transactions.begin(OLGA) as work:
        stored = work.deployments.get(uuid.UUID(deployment["id"]))
    assert stored is not None
    for day in (3, 25):
        pushed(api.app.transactions, stored, "droplet_hours", date(2026, 4, day), "2000")
    body = {"plan_code": "pro", "from_day": "2026-04-21"}
    before = ann.get(place).json()
    told = ann.post(f"{place}/change-plan", params={"preview": "true"}, json=body, headers=KEY)
    assert told.status_code == 200
    assert ann.get(place).json() == before
    preview = told.json()
    assert preview["from_day"] == "2026-04-21"
    assert preview["before"] == ann.get(f"{place}/upcoming-invoice").json()
    assert preview["difference_cents"] == preview["after"]["total_cents"] - preview["before"]["total_cents"]

    changed = ann.post(f"{place}/change-plan", json=body, headers=KEY)
    assert (changed.status_code, changed.headers.get("Idempotency-Replayed")) == (200, None)
    assert changed.json()["plan_code"] == "studio"  # until tomorrow
    assert ann.get(f"{place}/upcoming-invoice").json() == preview["after"]
    api.clock.at = at(date(2026, 5, 1))
    assert ann.get(place).json()["subscription"]["plan_code"] == "pro"
    assert roll_up_period(api.app.transactions, OLGA, period=APRIL, now=api.clock.at).created == 1
    with api.app.transactions.begin(OLGA) as work:
        invoice = work.invoices.of_period("acme", APRIL.start)
    assert invoice is not None
    after = preview["after"]
    assert (invoice.total_cents, invoice.tax_cents) == (after["total_cents"], after["tax_cents"])
    assert invoice.quote_hash == after["quote_hash"]
    assert [(placed.line.description, placed.line.amount_cents) for placed in invoice.lines] == [
        (line["description"], line["amount_cents"]) for line in after["lines"]
    ]


def test_a_preview_keeps_no_answer_for_the_key_that_it_was_sent_with(ann: httpx.Client) -> None:
    place = pilot(ann)
    subscribed(ann, place)
    previews = [
        ann.post(f"{place}/change-plan?preview=true", json={"plan_code": plan_code}, headers=KEY)
        for plan_code in ("pro", "starter")
    ]
    assert [answer.status_code for answer in previews] == [200, 200]
    assert ["Idempotency-Replayed" in answer.headers for answer in previews] == [False, False]
    assert previews[0].json()["after"] != previews[1].json()["after"]


def test_what_cannot_be_changed_is_refused_as_its_preview_is(ann: httpx.Client) -> None:
    place = pilot(ann)
    subscribed(ann, place)
    bare, over = pilot(ann, "bare"), pilot(ann, "over")
    subscribed(ann, over)
    ann.post(f"{over}/transition", json={"to": "cancelled"})
    for where, body, refused in (
        (place, {"plan_code": "nothing"}, (422, "unknown_plan")),
        (place, {"plan_code": "pro", "from_day": "2026-04-19"}, (422, "day_in_the_past")),
        (bare, {"plan_code": "pro"}, (409, "not_subscribed")),
        (over, {"plan_code": "pro"}, (409, "subscription_cancelled")),
    ):
        for preview in ("true", "false"):
            answer = ann.post(f"{where}/change-plan", params={"preview": preview}, json=body)
            assert refusal(answer) == refused


def test_an_addon_is_attached_and_billed_until_the_day_on_which_it_ends(ann: httpx.Client) -> None:
    place = pilot(ann)
    subscribed(ann, place)
    attached = ann.post(f"{place}/addons", json={"code": "storage_50gb"}, headers=KEY)
    assert (attached.status_code, attached.headers["Location"]) == (201, place)
    again = ann.post(f"{place}/addons", json={"code": "storage_50gb"}, headers=KEY)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (attached.json(), "true")
    addon = attached.json()
    assert (addon["price_cents"], addon["from_day"], addon["to_day"]) == (750, "2026-04-20", None)

    ended = ann.delete(f"{place}/addons/{addon['id']}", params={"to_day": "2026-04-26"})
    assert ended.status_code == 200
    assert ended.json()["addons"] == [{**addon, "to_day": "2026-04-26"}]
    assert ann.get(place).json()["subscription"] == ended.json()
    lines = ann.get(f"{place}/upcoming-invoice").json()["lines"]
    assert [
        (line["amount_cents"], line["meta"]["days_billed"]) for line in lines if line["kind"] == "addon"
    ] == [(150, 6)]


def test_an_addon_is_detached_once_and_what_has_ended_stays_as_it_ended(api: Api, ann: httpx.Client) -> None:
    place = pilot(ann)
    [addon] = subscribed(ann, place, addons=["storage_50gb"])["addons"]
    this = f"{place}/addons/{addon['id']}"
    first = ann.delete(this)
    assert first.json()["addons"][0]["to_day"] == "2026-04-20"
    api.clock.at = at(date(2026, 4, 25))
    assert ann.delete(this).json() == first.json()
    assert ann.delete(this, params={"to_day": "2026-04-20"}).json() == first.json()
    for client in (ann, api.admin()):
        assert refusal(client.delete(this, params={"to_day": "2026-04-30"})) == (409, "addon_ended")
    events = [event for event in ann.get(place).json()["events"] if event["kind"] == "addon"]
    assert [event["details"] for event in events] == [{"detached": "storage_50gb", "to_day": "2026-04-20"}]


def test_an_addon_of_another_deployment_is_not_there(ann: httpx.Client) -> None:
    place, other, bare = (pilot(ann, slug) for slug in ("pilot", "other", "bare"))
    [addon] = subscribed(ann, place, addons=["storage_50gb"])["addons"]
    subscribed(ann, other, addons=["storage_50gb"])
    for where, addon_id in ((other, addon["id"]), (bare, addon["id"]), (place, uuid.uuid4())):
        assert refusal(ann.delete(f"{where}/addons/{addon_id}")) == (404, "subscription_addon_not_found")
    assert ann.get(place).json()["subscription"]["addons"] == [addon]


def test_another_tenants_deployment_is_not_there_to_act_on(api: Api, ann: httpx.Client) -> None:
    place = pilot(ann)
    made = subscribed(ann, place, addons=["storage_50gb"])
    bob = api.client("bobs-burgers", sub="bob")
    for answer in (
        bob.post(f"{place}/subscribe", json={"plan_code": "pro"}),
        bob.post(f"{place}/change-plan", json={"plan_code": "pro"}),
        bob.post(f"{place}/change-plan?preview=true", json={"plan_code": "pro"}),
        bob.post(f"{place}/addons", json={"code": "storage_50gb"}),
        bob.delete(f"{place}/addons/{made['addons'][0]['id']}"),
    ):
        assert refusal(answer) == (404, "deployment_not_found")
    assert ann.get(place).json()["subscription"] == made
