"""The bills: 137 made-up invoices that agree in all their forms, and the month that runs."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from arcadia_adapters.digitalocean.invoice_csv import parse
from arcadia_adapters.digitalocean.sample.account import sample_droplets, sample_invoice_csv
from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.billing import month
from arcadia_adapters.digitalocean.sandbox.billing.invoice import Invoice, Row, rows_of
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_domain.money import half_up
from tests.clouds.running import NOW, Cloud

MY = "/v2/customers/my"


def cents(text: str) -> int:
    """The cents of 12.34 or -0.05, which must have two decimals."""
    assert re.fullmatch(r"-?\d+\.\d\d", text), text
    return int(text.replace(".", ""))


def everything(cloud: Cloud, path: str, many: str) -> list[Any]:
    """All objects of a list, over its pages of 200."""
    body = cloud.get(path, per_page=200)
    found = list(body[many])
    while to := body["links"].get("pages", {}).get("next"):
        body = cloud.get(to)
        found += body[many]
    assert len(found) == body["meta"]["total"]
    return found


def csv_of(cloud: Cloud, uuid: str) -> httpx.Response:
    answer = cloud.http.get(f"{MY}/invoices/{uuid}/csv", headers={"accept": "text/csv"})
    assert answer.status_code == 200
    return answer


def test_there_are_137_invoices_back_to_december_2014(cloud: Cloud) -> None:
    invoices = everything(cloud, f"{MY}/invoices", "invoices")
    periods = [invoice["invoice_period"] for invoice in invoices]
    assert len(invoices) == len(set(periods)) == 137
    assert (periods[0], periods[-1]) == ("2026-04", "2014-12")
    assert periods == sorted(periods, reverse=True)
    assert len({invoice["invoice_uuid"] for invoice in invoices}) == 137


def test_every_invoices_items_csv_and_summary_come_to_its_amount(cloud: Cloud) -> None:
    for invoice in everything(cloud, f"{MY}/invoices", "invoices"):
        uuid, amount = invoice["invoice_uuid"], cents(invoice["amount"])
        items = everything(cloud, f"{MY}/invoices/{uuid}", "invoice_items")
        text = csv_of(cloud, uuid).content
        summary = cloud.get(f"{MY}/invoices/{uuid}/summary")
        assert sum(cents(item["amount"]) for item in items) == amount
        parsed = parse(text)
        assert parsed.amount_cents == amount
        assert parsed.warnings == ()
        parts = ("product_charges", "overages", "taxes", "credits_and_adjustments")
        assert sum(cents(summary[part]["amount"]) for part in parts) == amount == cents(summary["amount"])
        charges = summary["product_charges"]
        assert sum(cents(product["amount"]) for product in charges["items"]) == cents(charges["amount"])
        assert summary["billing_period"] == invoice["invoice_period"]
        assert summary["user_company"] == "SAMPLE DATA"
        told = [(item["product"], item["description"], item["amount"]) for item in items]
        written = csv.DictReader(io.StringIO(text.decode()))
        assert told == [(row["product"], row["description"], row["USD"].replace("$", "")) for row in written]


def test_the_invoice_of_april_is_the_samples_own_byte_for_byte(cloud: Cloud) -> None:
    [april] = cloud.get(f"{MY}/invoices", per_page=1)["invoices"]
    assert (april["invoice_period"], april["amount"]) == ("2026-04", "86.92")
    answer = csv_of(cloud, april["invoice_uuid"])
    assert answer.content == sample_invoice_csv()
    assert answer.headers["content-type"] == "text/csv"
    name = f'attachment; filename="DigitalOcean Invoice 2026 Apr ({april["invoice_id"]}).csv"'
    assert answer.headers["content-disposition"] == name


def test_six_items_of_april_are_for_the_five_droplets_by_their_ids(cloud: Cloud) -> None:
    [april] = cloud.get(f"{MY}/invoices", per_page=1)["invoices"]
    items = everything(cloud, f"{MY}/invoices/{april['invoice_uuid']}", "invoice_items")
    pilots = {str(droplet["id"]) for droplet in sample_droplets()}
    own = [item for item in items if item.get("resource_id") in pilots]
    assert [item["amount"] for item in own] == ["6.00", "6.00", "6.00", "4.00", "4.33", "4.20"]
    assert {item["resource_id"] for item in own} == pilots
    others = Counter(
        item.get("resource_id") or item.get("resource_uuid") for item in items if item not in own
    )
    assert others[None] == 3  # the tax, the registry, the Spaces subscription
    twice = {item["description"] for item in items if others[item.get("resource_id")] == 2}
    assert twice == {"bastion-old (s-1vcpu-512mb-10gb)", "staging-db (s-2vcpu-2gb)"}  # with their backups


def test_rows_have_a_category_from_july_2020_on(cloud: Cloud) -> None:
    by_period = {
        invoice["invoice_period"]: invoice["invoice_uuid"]
        for invoice in everything(cloud, f"{MY}/invoices", "invoices")
    }
    for period, has in (("2020-06", False), ("2020-07", True)):
        assert (b"category" in csv_of(cloud, by_period[period]).content) is has
        items = cloud.get(f"{MY}/invoices/{by_period[period]}")["invoice_items"]
        assert all(("category" in item) is has for item in items)


def test_the_history_has_every_form_that_readers_must_take() -> None:
    from arcadia_adapters.digitalocean.sandbox.billing.history import invoices

    text = "".join(invoice.csv().decode() for invoice in invoices())
    for form in ("$-", "-$", ":59:59 +0000,", "Taxes,,GST (10%),,", '""as agreed""'):
        assert form in text, form
    descriptions = {row.description for invoice in invoices() for row in invoice.rows}
    assert "shop (old, do not touch) (2gb)" in descriptions
    assert "a56e086a317d8410c8b4cfd1f4dc9f82" in descriptions
    assert any(row.group_description for invoice in invoices() for row in invoice.rows)
    assert {row.product for invoice in invoices() for row in invoice.rows} >= {
        "Droplets", "Backups", "Snapshots", "Volumes", "Floating IPs", "Reserved IPs", "Load Balancers",
        "Spaces Subscription", "Kubernetes Clusters", "Database Clusters", "Container Registry",
        "App Platform", "Bandwidth Overage", "Credits", "Adjustments", "Taxes",
    }  # fmt: skip


def test_droplets_of_the_history_follow_the_672_hour_rule() -> None:
    from arcadia_adapters.digitalocean.sandbox.billing.history import FLEET, invoices

    monthly = {thing.description: thing.cents for thing in FLEET if thing.product == "Droplets"}
    met = 0
    for invoice in invoices()[:-1]:
        for row in invoice.rows:
            if row.product == "Droplets" and row.description in monthly:
                met += 1
                assert row.cents == half_up(min(int(row.hours), 672) * monthly[row.description], 672)
    assert met > 300


def test_rows_read_from_a_csv_are_the_rows_it_was_written_from() -> None:
    row = Row(
        product="Credits",
        description='"x", y',
        hours="",
        start="2026-04-01 00:00:00 +0000",
        end="2026-04-30 23:59:59 +0000",
        cents=-105,
        category="iaas",
    )
    for period, written in (("2017-01", b",$-1.05,"), ("2026-04", b",-$1.05,")):
        made = Invoice(uuid="u", number="1", period=period, rows=[row], updated_at="2026-05-01T00:00:00Z")
        [again] = rows_of(made.csv().decode())
        assert (again.cents, again.description) == (-105, '"x", y')
        assert written in made.csv()


def test_the_billing_history_has_every_invoice_and_its_payments_and_comes_to_nothing(cloud: Cloud) -> None:
    rows = everything(cloud, f"{MY}/billing_history", "billing_history")
    types = Counter(row["type"] for row in rows)
    assert types["Invoice"] == 137
    assert types.keys() == {"Invoice", "Payment", "Credit", "CreditExpiration", "AttemptFailed"}
    assert sum(cents(row["amount"]) for row in rows) == 0
    assert [row["date"] for row in rows] == sorted((row["date"] for row in rows), reverse=True)
    for row in rows:
        assert ("invoice_uuid" in row) == (row["type"] == "Invoice")
    assert max(Counter(map(str, rows)).values()) == 2  # two equal payments on one day: rows have no id
    uuids = {invoice["invoice_uuid"] for invoice in everything(cloud, f"{MY}/invoices", "invoices")}
    assert {row["invoice_uuid"] for row in rows if row["type"] == "Invoice"} == uuids


def test_the_month_that_runs_is_counted_by_the_hour(cloud: Cloud) -> None:
    body = cloud.get(f"{MY}/invoices", per_page=1)
    running = body["invoice_preview"]
    assert running["invoice_period"] == "2026-05"
    items = everything(cloud, f"{MY}/invoices/preview", "invoice_items")
    assert items == everything(cloud, f"{MY}/invoices/{running['invoice_uuid']}", "invoice_items")
    web = next(item for item in items if item["description"].startswith("pilot-web-01"))
    assert (web["duration"], web["amount"], web["resource_id"]) == ("60", "0.54", "412873001")
    assert web["project_name"] == "Arcadia"
    total = sum(cents(item["amount"]) for item in items)
    assert cents(running["amount"]) == total == cents(cloud.get(f"{MY}/invoices/preview/summary")["amount"])
    balance = cloud.get(f"{MY}/balance")
    assert balance == {
        "account_balance": "0.00",
        "month_to_date_balance": running["amount"],
        "month_to_date_usage": running["amount"],
        "generated_at": "2026-05-03T12:00:00Z",
    }
    cloud.pass_by(3600)
    later = cloud.get(f"{MY}/invoices/preview")["invoice_items"]
    assert next(i for i in later if i["resource_id"] == "412873001")["duration"] == "61"


def test_a_droplet_that_was_resized_is_charged_at_both_sizes(cloud: Cloud) -> None:
    path = "/v2/droplets/412873001/actions"
    cloud.ask("POST", path, {"type": "power_off"}, expect=201)
    cloud.pass_by()
    cloud.ask("POST", path, {"type": "resize", "size": "s-1vcpu-2gb", "disk": False}, expect=201)
    cloud.pass_by(24 * 3600)
    items = cloud.get(f"{MY}/invoices/preview")["invoice_items"]
    own = [item for item in items if item.get("resource_id") == "412873001"]
    assert [(item["description"], item["duration"]) for item in own] == [
        ("pilot-web-01 (s-1vcpu-1gb)", "60"),
        ("pilot-web-01 (s-1vcpu-2gb)", "23"),
    ]


def test_what_is_gone_is_still_charged_for_the_time_it_was_there(cloud: Cloud) -> None:
    body = {"name": "planted", "region": "syd1", "size_gigabytes": 100}
    id = cloud.ask("POST", "/v2/volumes", body, expect=201)["volume"]["id"]
    cloud.pass_by(48 * 3600)
    cloud.ask("DELETE", f"/v2/volumes/{id}", expect=204)
    cloud.pass_by(48 * 3600)
    items = cloud.get(f"{MY}/invoices/preview", per_page=200)["invoice_items"]
    [own] = [item for item in items if item.get("resource_uuid") == id]
    assert (own["description"], own["duration"], own["amount"]) == ("planted (syd1) 100GB", "48", "0.71")


def test_a_reserved_ip_is_charged_while_it_is_on_no_droplet(cloud: Cloud) -> None:
    ip = cloud.ask("POST", "/v2/reserved_ips", {"region": "syd1"}, expect=202)["reserved_ip"]["ip"]
    cloud.pass_by(10 * 3600)
    body = {"type": "assign", "droplet_id": 412873001}
    cloud.ask("POST", f"/v2/reserved_ips/{ip}/actions", body, expect=201)
    cloud.pass_by(10 * 3600)
    items = cloud.get(f"{MY}/invoices/preview", per_page=200)["invoice_items"]
    [own] = [item for item in items if item["description"].endswith(ip)]
    assert (own["description"], own["duration"]) == (f"Unused Floating IP - {ip}", "10")


def test_a_month_that_is_over_can_be_billed_once(cloud: Cloud) -> None:
    cloud.ask("POST", "/sandbox/invoices", {"period": "2026-05"}, expect=422)
    cloud.ask("PUT", "/sandbox/clock", {"at": "2026-06-02T00:00:00Z"})
    made = cloud.ask("POST", "/sandbox/invoices", {"period": "2026-05"}, expect=201)
    assert made["amount"] == "37.40"  # 3 × 6 + 4 + 12 and 10 % of it
    assert cloud.get(f"{MY}/invoices", per_page=1)["invoices"] == [made]
    assert parse(csv_of(cloud, made["invoice_uuid"]).content).amount_cents == 3740
    assert cloud.get(f"{MY}/balance")["account_balance"] == "37.40"
    assert (
        cloud.get(f"{MY}/billing_history", per_page=1)["billing_history"][0]["invoice_uuid"]
        == made["invoice_uuid"]
    )
    cloud.ask("POST", "/sandbox/invoices", {"period": "2026-05"}, expect=422)
    cloud.ask("POST", "/sandbox/invoices", {"period": "May"}, expect=422)


def test_everything_that_costs_is_charged_for(serve: Callable[..., Cloud]) -> None:
    cloud = serve(content.filled(2, SandboxClock(at=NOW)))
    cloud.pass_by(3600)
    items = everything(cloud, f"{MY}/invoices/preview", "invoice_items")
    assert {item["product"] for item in items} == {
        "App Platform", "Container Registry", "Database Clusters", "Droplets", "Floating IPs", "Images",
        "Kubernetes Clusters", "Load Balancers", "Snapshots", "Taxes", "Volumes",
    }  # fmt: skip


def test_an_invoice_that_is_not_there_is_404(cloud: Cloud) -> None:
    for part in ("", "/csv", "/summary"):
        cloud.ask("GET", f"{MY}/invoices/3f2f1b1e-0000-4000-8000-000000000000{part}", expect=404)


def test_an_account_bills_each_month_in_the_morning_after_it(serve: Callable[..., Cloud]) -> None:
    account = content.sample(SandboxClock(at=NOW))
    month.bill_each(account)
    cloud = serve(account)

    def billed(at: str) -> list[tuple[str, str]]:
        cloud.ask("PUT", "/sandbox/clock", {"at": at})
        newest = cloud.get(f"{MY}/invoices", per_page=3)["invoices"]
        return [(one["invoice_period"], one["amount"]) for one in newest if one["invoice_period"] > "2026-04"]

    assert billed("2026-06-01T08:44:37Z") == []
    assert billed("2026-06-01T08:44:38Z") == [("2026-05", "37.40")]
    cloud.ask("PUT", "/sandbox/clock", {"at": "2026-07-01T00:00:00Z"})
    cloud.ask("POST", "/sandbox/invoices", {"period": "2026-06"}, expect=201)  # and not once more
    assert [period for period, _ in billed("2026-08-01T09:00:00Z")] == ["2026-07", "2026-06", "2026-05"]
