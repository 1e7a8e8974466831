"""The dashboard over HTTP: the figures of the acts, as the command line prints them, and operators' alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from arcadia_app.cli.demo.april import play_account
from arcadia_app.cli.show import show_accrual, show_leakage, show_margin
from arcadia_app.use_cases.billing.leakage_report import leakage_report
from arcadia_app.use_cases.billing.live_accrual import live_accrual
from arcadia_app.use_cases.billing.margin_summary import margin_summary
from tests.april import APRIL, pilots
from tests.contracts.facts import charged
from tests.integration.http.conftest import Api
from tests.world import OLGA, at

MARGIN = "/api/v1/dashboard/margin"
LEAKAGE = "/api/v1/dashboard/leakage"
ACCRUAL = "/api/v1/dashboard/accrual"


def printed(capsys: pytest.CaptureFixture[str], show: Callable[[], None]) -> Any:
    """What the command line prints, as JSON."""
    capsys.readouterr()
    show()
    return json.loads(capsys.readouterr().out)


def floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from floats(one)


def test_golden_4_is_read_by_any_day_of_the_month_as_the_command_line_prints_it(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = api.app.sample
    play_account(api.app, sample.droplets(), sample.invoice_csv())
    olga = api.admin()
    answers = [olga.get(MARGIN, params={"period": f"2026-04-{day}"}) for day in ("01", "17", "30")]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    read, *others = (answer.json() for answer in answers)
    assert others == [read, read]
    (pilot,) = read["by_tenant"]
    assert (pilot["revenue_cents"], pilot["cogs_cents"], pilot["margin_cents"]) == (7112, 3053, 4059)
    assert pilot["margin_pct"] == "57.1"
    assert (read["overall"]["cogs_cents"], read["overall"]["margin_cents"]) == (8692, -1580)
    assert read["overall"]["cogs_cents"] == pilot["cogs_cents"] + read["unattributed_cogs_cents"]
    assert read["fx"] == {"pair": "USD/AUD", "rate": "1", "source": read["fx"]["source"], "assumed": True}
    with api.app.transactions.begin(OLGA) as work:
        summary = margin_summary(work, OLGA, period=APRIL)
    assert printed(capsys, lambda: show_margin(summary, True)) == read
    assert list(floats(read)) == []


def test_a_month_of_which_nothing_is_known_is_all_zeros(api: Api) -> None:
    read = api.admin().get(MARGIN, params={"period": "2030-01-01"}).json()
    assert (read["period"], read["by_tenant"], read["by_deployment"]) == ("2030-01", [], [])
    assert set(read["overall"].values()) == {0, None}
    assert read["overall"]["margin_pct"] is None


def test_the_leakage_is_read_by_any_day_of_the_month_as_the_command_line_prints_it(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = api.app.sample
    play_account(api.app, sample.droplets(), sample.invoice_csv())
    olga = api.admin()
    read, *others = (olga.get(LEAKAGE, params={"period": f"2026-04-{day}"}).json() for day in ("01", "30"))
    assert others == [read]
    assert (read["period"], read["currency"]) == ("2026-04", "USD")
    # All but the pilot's droplets is nobody's; the GST is left out.
    assert (read["looked_at_cents"], read["left_out_cents"]) == (7902, 790)
    assert read["total_cents"] == 7902 - 3053
    assert read["items"][0] == {
        "tenant_id": None,
        "deployment_id": None,
        "kind": "droplet",
        "product": "Droplets",
        "reason": "nobody",
        "amount_cents": 2014,
        "lines": 13,
    }
    reasons = ["nobody", "no_deployment", "no_meter", "no_price", "no_usage"]
    assert [one["reason"] for one in read["by_reason"]] == reasons
    assert [one["amount_cents"] for one in read["by_reason"]] == [read["total_cents"], 0, 0, 0, 0]
    with api.app.transactions.begin(OLGA) as work:
        report = leakage_report(work, OLGA, period=APRIL)
    assert printed(capsys, lambda: show_leakage(report, True)) == read
    assert list(floats(read)) == []


def test_the_leakage_is_a_table_for_people(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    sample = api.app.sample
    play_account(api.app, sample.droplets(), sample.invoice_csv())
    with api.app.transactions.begin(OLGA) as work:
        report = leakage_report(work, OLGA, period=APRIL)
    capsys.readouterr()
    show_leakage(report, False)
    shown = capsys.readouterr().out
    for words in ("nobody held it", "20.14", "48.49", "of 79.02 charged", "tax and credits, 7.90"):
        assert words in shown


def test_the_accrual_is_the_month_so_far_as_the_command_line_prints_it(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment, _ = pilots(api.app.transactions, "acme", "bobs-burgers", addon_codes=["storage_50gb"])
    charged(api.app.transactions, deployment, date(2026, 4, 3), "1.50")
    api.clock.at = at(date(2026, 4, 20))
    read = api.admin().get(ACCRUAL).json()
    assert (read["as_of"], read["currency"], read["total_cents"]) == ("2026-04-20T09:00:00Z", "AUD", 11650)
    assert read["items"][0] == {
        "tenant_id": "acme",
        "deployment_id": str(deployment.id),
        "currency": "AUD",
        "recurring_cents": 5750,
        "overage_cents": 0,
        "llm_cents": 150,
        "total_cents": 5900,
    }
    assert sum(item["total_cents"] for item in read["items"]) == read["total_cents"]
    assert (read["totals"], read["failures"]) == ([{"currency": "AUD", "total_cents": 11650}], [])
    with api.app.transactions.begin(OLGA) as work:
        accrued = live_accrual(work, OLGA, now=api.clock.now())
    assert printed(capsys, lambda: show_accrual(accrued, True)) == read
    assert list(floats(read)) == []


def test_a_tenant_that_cannot_be_priced_is_named_and_the_others_are_there(api: Api) -> None:
    deployment, other = pilots(api.app.transactions, "acme", "bobs-burgers")
    charged(api.app.transactions, deployment, date(2026, 4, 3), "1.50", currency="USD")
    api.clock.at = at(date(2026, 4, 20))
    read = api.admin().get(ACCRUAL).json()
    assert [failure["tenant_id"] for failure in read["failures"]] == ["acme"]
    assert [item["deployment_id"] for item in read["items"]] == [str(other.id)]


@pytest.mark.parametrize("path", [f"{MARGIN}?period=2026-04-01", MARGIN, LEAKAGE, ACCRUAL])
def test_the_dashboard_is_operators_business(api: Api, path: str) -> None:
    refused = api.client().get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "operators_only")


@pytest.mark.parametrize("query", ["", "?period=2026-04", "?period=1777593600", "?period=2026-02-30"])
@pytest.mark.parametrize("path", [MARGIN, LEAKAGE])
def test_a_period_that_is_no_day_is_named(api: Api, path: str, query: str) -> None:
    refused = api.admin().get(f"{path}{query}")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_parameter")
    assert [error["field"] for error in refused.json()["errors"]] == ["period"]


@pytest.mark.parametrize("day", ["1999-12-31", "2100-01-01", "9999-12-31"])
@pytest.mark.parametrize("path", [MARGIN, LEAKAGE])
def test_a_day_outside_the_calendar_is_refused(api: Api, path: str, day: str) -> None:
    refused = api.admin().get(path, params={"period": day})
    assert (refused.status_code, refused.json()["code"]) == (422, "date_out_of_range")
    assert refused.json()["detail"].endswith(f"but is {day}.")
