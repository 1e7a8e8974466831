"""export_focus: a month's cost lines as rows, to the cent what was invoiced."""

from __future__ import annotations

from decimal import Decimal

from arcadia_app.use_cases.cloud.export_focus import export_focus
from arcadia_app.wire.focus import focus_file
from arcadia_domain.cloud.focus import COLUMNS
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.identity import OperatorsOnly
from tests.contracts.test_costs import APRIL, MAY, line, stored, unmatched
from tests.fakes.transactions import FakeTransactions
from tests.held import april, assigned, recorded, resource
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, OLGA, deployed

HEADER = ",".join(column.id for column in COLUMNS)


def test_a_month_is_every_line_of_its_invoices(store: FakeTransactions) -> None:
    web = resource()
    recorded(store, web)
    assigned(store, web, deployed(store), april(16))
    stored(store, [Match(line(1), web.id, How.NAME), *unmatched(line(2, cents=-50))], uuid="u-1")
    stored(store, unmatched(line(3)), uuid="u-2")
    stored(store, unmatched(line(4)), uuid="u-3", period=MAY)
    with store.begin(OLGA) as work:
        rows = list(export_focus(work, OLGA, period=APRIL))
    assert sorted(Decimal(row[0] or "") for row in rows) == [
        Decimal("-0.50"),
        Decimal("3.00"),
        Decimal("3.00"),
        Decimal("6.00"),
    ]


def test_a_month_without_an_invoice_is_the_header_alone(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work, focus_file(export_focus(work, OLGA, period=APRIL)) as file:
        assert file.read().decode() == f"{HEADER}\r\n"


def test_text_stands_as_the_provider_wrote_it(store: FakeTransactions) -> None:
    stored(store, unmatched(line(1, description='=cmd|"x", ünïcode\nand more')))
    with store.begin(OLGA) as work, focus_file(export_focus(work, OLGA, period=APRIL)) as file:
        assert '"=cmd|""x"", ünïcode\nand more"' in file.read().decode()


def test_a_tenant_exports_nothing(store: FakeTransactions) -> None:
    with refusal(store, ANN, OperatorsOnly) as work:
        export_focus(work, ANN, period=APRIL)
