"""What DigitalOcean charges, read whole and exactly, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_adapters.digitalocean.client.decoding import Unreadable
from arcadia_adapters.digitalocean.client.payloads.money import amount
from arcadia_domain.cloud.provider_errors import (
    ProviderError,
    ProviderFailed,
    ProviderListingIncomplete,
    ProviderNotFound,
    ProviderUnreadable,
)
from arcadia_domain.period import month_of
from tests.unit.adapters.digitalocean.account import page_of
from tests.unit.adapters.digitalocean.served import Asked, Reply, client_of, refused, said

UUID = "22737513-0ea7-4206-8ceb-98a575af7681"
ITEMS = f"/v2/customers/my/invoices/{UUID}"


def item(n: int, **more: Any) -> dict[str, Any]:
    return {"product": "Droplets", "description": f"web-{n} (s-1vcpu-1gb)", "amount": "6.00", **more}


def paged(root: str, objects: list[dict[str, Any]]) -> Callable[[Asked], Reply]:
    return lambda asked: said(page_of(root, objects, asked))


def test_the_balance_is_exact_and_may_be_in_our_favour() -> None:
    told = {
        "month_to_date_balance": "-27.40",
        "account_balance": "-27.52",
        "month_to_date_usage": "0.00",
        "generated_at": "2026-04-09T15:01:12Z",
    }
    with client_of(lambda _: said(told)) as (client, _):
        balance = client.balance()
    assert (balance.month_to_date_balance, balance.account_balance) == (Decimal("-27.40"), Decimal("-27.52"))
    assert str(balance.month_to_date_usage) == "0.00"
    assert balance.generated_at == datetime(2026, 4, 9, 15, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "bad", ["", "NaN", "Infinity", "1e3", "1,000.00", "12.", ".5", "--1", "-$-1", None, True, [1]]
)
def test_an_amount_that_is_none_is_not_guessed(bad: object) -> None:
    told = {
        "month_to_date_balance": "1",
        "account_balance": bad,
        "month_to_date_usage": "1",
        "generated_at": "2026-04-09T15:01:12Z",
    }
    with client_of(lambda _: said(told)) as (client, _), pytest.raises(ProviderUnreadable):
        client.balance()


@pytest.mark.parametrize(
    ("written", "read"),
    [("12.34", "12.34"), ("-12.34", "-12.34"), ("$12.34", "12.34"), ("-$1.00", "-1.00"), ("$-1.00", "-1.00")],
)
def test_an_amount_may_be_written_in_five_ways(written: str, read: str) -> None:
    assert str(amount(written)) == read


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_an_amount_is_read_as_it_is_written(number: Decimal) -> None:
    assert str(amount(str(number))) == str(number)


@given(st.floats())
def test_no_float_is_an_amount(number: float) -> None:
    with pytest.raises(Unreadable):
        amount(number)


def test_a_json_number_is_read_to_its_last_digit() -> None:
    body = (
        b'{"month_to_date_balance": 0.1, "account_balance": 123456789012.01,'
        b' "month_to_date_usage": 7, "generated_at": "2026-04-09T15:01:12Z"}'
    )
    with client_of(lambda _: Reply(200, body)) as (client, _):
        balance = client.balance()
    assert (balance.month_to_date_balance, balance.account_balance) == (
        Decimal("0.1"),
        Decimal("123456789012.01"),
    )


@pytest.mark.parametrize("count", [0, 1, 200, 201, 401])
def test_the_items_of_an_invoice_are_all_of_them_in_order(count: int) -> None:
    with client_of(paged("invoice_items", [item(n) for n in range(count)])) as (client, provider):
        items = client.invoice_items(UUID)
        assert {asked.path for asked in provider.asked} == {ITEMS}
    assert [found.description for found in items] == [f"web-{n} (s-1vcpu-1gb)" for n in range(count)]


def test_an_item_has_the_ids_that_its_csv_has_not() -> None:
    told = item(
        1,
        resource_id="123",
        resource_uuid="",
        duration="720",
        duration_unit="Hours",
        start_time="2026-04-01T00:00:00Z",
        end_time="2026-05-01T00:00:00Z",
        project_name="Arcadia",
        category="iaas",
    )
    with client_of(paged("invoice_items", [told])) as (client, _):
        (found,) = client.invoice_items(UUID)
    assert (found.resource_id, found.resource_uuid, found.category) == ("123", None, "iaas")
    assert (found.hours, found.amount) == (Decimal(720), Decimal("6.00"))
    assert found.end == datetime(2026, 5, 1, tzinfo=UTC)


def test_equal_items_are_different_items() -> None:
    with client_of(paged("invoice_items", [item(1), item(1)])) as (client, _):
        assert len(client.invoice_items("preview")) == 2


def test_items_that_change_while_they_are_read_are_read_again() -> None:
    versions = [[item(n) for n in range(count)] for count in (300, 301)]
    asked_so_far: list[int] = []

    def moving(asked: Asked) -> Reply:
        asked_so_far.append(asked.page)
        return said(page_of("invoice_items", versions[len(asked_so_far) > 1], asked))

    with client_of(moving) as (client, _):
        items = client.invoice_items("preview")
    assert asked_so_far == [1, 2, 1, 2]
    assert len(items) == 301


def test_items_that_never_stand_still_are_an_error() -> None:
    requests: list[int] = []

    def moving(asked: Asked) -> Reply:
        requests.append(asked.page)
        return said(page_of("invoice_items", [item(n) for n in range(300 + len(requests))], asked))

    with client_of(moving) as (client, _), pytest.raises(ProviderListingIncomplete) as raised:
        client.invoice_items("preview")
    assert requests == [1, 2] * 3
    assert raised.value.call == "GET /v2/customers/my/invoices/preview"


@pytest.mark.parametrize("page", [1, 2, 3])
def test_items_of_which_a_page_is_missing_are_an_error(page: int) -> None:
    good = paged("invoice_items", [item(n) for n in range(401)])
    fail = lambda asked: refused(503) if asked.page == page else good(asked)  # noqa: E731
    with client_of(fail) as (client, _), pytest.raises(ProviderFailed):
        client.invoice_items(UUID)


@pytest.mark.parametrize("bad", [{"amount": "six"}, {"amount": None}, {"start_time": "soon"}, {"product": 4}])
def test_one_item_that_cannot_be_read_spoils_the_invoice(bad: dict[str, Any]) -> None:
    answer = paged("invoice_items", [item(1), item(2, **bad)])
    with client_of(answer) as (client, _), pytest.raises(ProviderError) as raised:
        client.invoice_items(UUID)
    assert raised.value.code in {"provider_unreadable", "provider_listing_incomplete"}


def entry(**more: Any) -> dict[str, Any]:
    return {
        "description": "Payment (MC 2018)",
        "amount": "-12.34",
        "date": "2018-06-02T08:44:38Z",
        "type": "Payment",
        **more,
    }


def test_equal_rows_of_the_history_are_told_apart_by_their_ordinal() -> None:
    rows = [entry(), entry(), entry(amount="1.00"), entry()]
    with client_of(paged("billing_history", rows)) as (client, _):
        history = client.billing_history()
    assert [(row.amount, row.ordinal) for row in history] == [
        (Decimal("-12.34"), 0),
        (Decimal("-12.34"), 1),
        (Decimal("1.00"), 0),
        (Decimal("-12.34"), 2),
    ]
    assert {row.invoice_uuid for row in history} == {None}


@pytest.mark.parametrize(
    "more", [{}, {"links": {}}, {"meta": {}}, {"links": {"pages": {}}, "meta": {"total": 2}}]
)
def test_the_history_may_come_on_one_page_without_a_total(more: dict[str, Any]) -> None:
    rows = [entry(), entry(type="Invoice", invoice_uuid=UUID, invoice_id="123")]
    with client_of(lambda _: said({"billing_history": rows, **more})) as (client, provider):
        history = client.billing_history()
        assert len(provider.asked) == 1
    assert [row.invoice_uuid for row in history] == [None, UUID]


def test_a_history_of_many_pages_without_a_total_is_read_to_its_end() -> None:
    rows = [entry(description=f"{n}") for n in range(401)]

    def without_total(asked: Asked) -> Reply:
        page = page_of("billing_history", rows, asked)
        return said(page | {"meta": {}})

    with client_of(without_total) as (client, _):
        assert [row.description for row in client.billing_history()] == [f"{n}" for n in range(401)]


def test_invoices_come_with_the_running_month() -> None:
    headers = [
        {
            "invoice_uuid": f"u{n}",
            "invoice_id": f"{n}",
            "amount": f"{n}.50",
            "invoice_period": f"{2014 + n // 12}-{n % 12 + 1:02}",
        }
        for n in range(137)
    ]
    preview = {
        "invoice_uuid": "up",
        "amount": "34.56",
        "invoice_period": "2026-05",
        "updated_at": "2026-05-23T06:31:50Z",
    }

    def answer(asked: Asked) -> Reply:
        return said(page_of("invoices", headers, asked) | {"invoice_preview": preview})

    with client_of(answer) as (client, _):
        stated = client.invoices()
    assert len(stated.invoices) == 137
    assert stated.invoices[0].period == month_of(date(2014, 1, 1))
    assert stated.invoices[1].amount == Decimal("1.50")
    assert stated.preview is not None
    assert (stated.preview.amount, stated.preview.invoice_id) == (Decimal("34.56"), None)


def test_an_account_without_a_running_month_has_no_preview() -> None:
    with client_of(paged("invoices", [])) as (client, _):
        stated = client.invoices()
    assert (stated.invoices, stated.preview) == ((), None)


SUMMARY = {
    "invoice_uuid": UUID,
    "invoice_id": "123",
    "billing_period": "2026-04",
    "amount": "27.13",
    "user_name": "Sammy",
    "user_email": "sammy@example.com",
    "product_charges": {
        "name": "Product usage charges",
        "amount": "12.34",
        "items": [{"amount": "10.00", "name": "Spaces Subscription", "count": "1"}],
    },
    "overages": {"name": "Overages", "amount": "3.45"},
    "taxes": {"name": "Taxes", "amount": "4.56"},
    "credits_and_adjustments": {"name": "Credits & adjustments", "amount": "6.78"},
}


def test_a_summary_says_by_how_much_it_does_not_add_up() -> None:
    with client_of(lambda _: said(SUMMARY)) as (client, _):
        assert client.invoice_summary(UUID).difference == 0
    with client_of(lambda _: said(SUMMARY | {"amount": "27.14"})) as (client, _):
        assert client.invoice_summary(UUID).difference == Decimal("0.01")


def test_a_summary_without_parts_that_came_to_nothing_is_one_with_zeros() -> None:
    told = {name: part for name, part in SUMMARY.items() if name not in {"overages", "taxes"}}
    with client_of(lambda _: said(told | {"amount": "19.12"})) as (client, _):
        assert client.invoice_summary(UUID).difference == 0


def test_nobody_s_name_is_kept_from_a_summary() -> None:
    with client_of(lambda _: said(SUMMARY)) as (client, _):
        assert "ammy" not in repr(client.invoice_summary(UUID))


def test_the_csv_is_handed_on_byte_by_byte() -> None:
    csv = b"\xef\xbb\xbfproduct,USD\r\n\xff\x00Droplets,$6.00\r\n"
    with client_of(lambda _: Reply(200, csv, {"content-type": "text/csv"})) as (client, provider):
        assert client.invoice_csv(UUID) == csv
        assert provider.asked[0].path == f"{ITEMS}/csv"


@pytest.mark.parametrize("cut", [0, 5])
def test_half_a_csv_is_none(cut: int) -> None:
    half = Reply(200, b"product,USD\n", sent=cut)
    with client_of(lambda _: half) as (client, _), pytest.raises(ProviderError) as raised:
        client.invoice_csv(UUID)
    assert raised.value.code == "provider_unreachable"


def test_an_invoice_that_is_not_there_is_an_error() -> None:
    with client_of(lambda _: refused(404)) as (client, _):
        for read in (client.invoice_items, client.invoice_summary, client.invoice_csv):
            with pytest.raises(ProviderNotFound):
                read(UUID)
