"""DigitalOcean's invoice as CSV: whole and typed, or refused with the line."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_adapters.digitalocean import invoice_csv
from arcadia_adapters.digitalocean.invoice_csv import (
    BadAmount,
    BadHours,
    BadInstant,
    EndsBeforeStart,
    HoldsNul,
    InvoiceRefused,
    MissingColumn,
    NoFinalLineBreak,
    NoHeader,
    NoLines,
    NotCsv,
    NotUtf8,
    ParsedInvoice,
    RepeatedColumn,
    WrongFieldCount,
    parse,
)
from arcadia_domain.cloud.costs import ROW_COLUMNS, canonical_row
from tests.unit.adapters.price_rule import droplet_cents, whole_hours

HEADER = "product,group_description,description,hours,start,end,USD,project_name,category"
START, END = "2026-04-01 00:00:00 +0000", "2026-05-01 00:00:00 +0000"
ROW = {
    "product": "Droplets",
    "group_description": "",
    "description": "web-1 (s-1vcpu-1gb)",
    "hours": "720",
    "start": START,
    "end": END,
    "USD": "$6.00",
    "project_name": "Arcadia",
    "category": "iaas",
}
REAL = Path(__file__).parents[4] / "shared" / "data" / "digitalocean_invoice_2019-01.csv"


def written(rows: list[dict[str, str]], columns: list[str] | None = None) -> str:
    """The rows as a CSV file."""
    file = io.StringIO()
    names = columns or list(rows[0])
    writer = csv.DictWriter(file, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def invoice(**cells: str) -> str:
    """A file of two lines, of which the second has these cells."""
    return written([ROW, {**ROW, **cells}])


def refused(source: bytes | str, kind: type[InvoiceRefused]) -> InvoiceRefused:
    with pytest.raises(InvoiceRefused) as error:
        parse(source)
    assert type(error.value) is kind
    assert f"Line {error.value.facts['line_no']}:" in str(error.value)
    return error.value


def test_a_line_is_read_whole() -> None:
    [line] = parse(written([ROW])).lines
    assert (line.line_no, line.product, line.group_description) == (2, "Droplets", "")
    assert (line.description, line.kind, line.name) == ("web-1 (s-1vcpu-1gb)", "droplet", "web-1")
    assert line.hours == Decimal(720)
    assert (line.start, line.end) == (datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    assert (line.amount_cents, line.currency) == (600, "USD")
    assert (line.project_name, line.category, dict(line.extra)) == ("Arcadia", "iaas", {})
    assert (line.ordinal, line.is_tax) == (0, False)
    assert line.row == canonical_row(ROW)


def test_the_lines_keep_their_order_and_add_up() -> None:
    found = parse(invoice(USD="-$1.50"))
    assert [line.amount_cents for line in found.lines] == [600, -150]
    assert found.amount_cents == 450
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("$1.00", 100),
        ("-$1.00", -100),
        ("$-1.00", -100),
        ("1.00", 100),
        ("-1.00", -100),
        ("$1,234.56", 123456),
        ("-$1,234,567.89", -123456789),
        ("$0.00", 0),
        ("-$0.00", 0),
        ("$0.05", 5),
        ("$9999999999999.99", 999999999999999),
    ],
)
def test_an_amount_is_read_to_the_cent(text: str, cents: int) -> None:
    assert parse(invoice(USD=text)).lines[1].amount_cents == cents


@pytest.mark.parametrize(
    "text",
    [
        *("", "$", "$1", "$1.", "$1.0", "$1.000", "$.50", "--1.00", "-$-1.00", "$1,23.00", "$12,34.00"),
        *("1e2.00", "€1.00", "$1.00 ", " $1.00", "$1_0.00", "$\u0661.00", "$12345678901234.00", "(1.00)"),
        *("NaN", "$1.00-"),
    ],
)
def test_an_amount_that_is_cut_or_mangled_does_not_pass(text: str) -> None:
    error = refused(invoice(USD=text), BadAmount)
    assert error.facts == {"line_no": 3, "column": "USD", "text": text}


@pytest.mark.parametrize(
    ("text", "hours"),
    [("", None), ("0", 0), ("744", 744), ("446.25", "446.25"), ("0.0166666666", "0.016667"), ("720.0", 720)],
)
def test_hours_may_be_empty_or_fractional(text: str, hours: str | int | None) -> None:
    assert parse(invoice(hours=text)).lines[1].hours == (None if hours is None else Decimal(hours))


@pytest.mark.parametrize("text", ["-1", "1.", ".5", "1e3", "NaN", "seven", " 7", "7 ", "\u0661", "1,000"])
def test_hours_that_are_no_number_are_refused(text: str) -> None:
    assert refused(invoice(hours=text), BadHours).facts == {"line_no": 3, "column": "hours", "text": text}


@pytest.mark.parametrize("column", ["start", "end"])
@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-04-01", "2026-04-01 00:00:00", "2026-04-01T00:00:00 +0000", "2026-04-01 00:00:00 +1000"),
        *("2026-02-30 00:00:00 +0000", "2026-04-01 24:00:00 +0000", "1999-12-31 00:00:00 +0000"),
        *("2100-01-01 00:00:00 +0000", "9999-12-31 23:59:59 +0000", "2026-W14-3 00:00:00 +0000"),
        *("20260401 00:00:00.0 +0000", "2026-04-01 00:00,000 +0000", "2026-04-01 00:00:00 UTC"),
    ],
)
def test_a_date_in_another_form_is_refused(column: str, text: str) -> None:
    assert refused(invoice(**{column: text}), BadInstant).facts == {
        "line_no": 3,
        "column": column,
        "text": text,
    }


def test_an_end_at_one_second_to_midnight_is_the_midnight_but_the_row_stays_as_written() -> None:
    first, second = parse(invoice(end="2026-04-30 23:59:59 +0000")).lines
    assert first.end == second.end == datetime(2026, 5, 1, tzinfo=UTC)
    assert first.row_sha256 != second.row_sha256


def test_a_start_at_one_second_to_midnight_stays_what_it_is() -> None:
    found = parse(invoice(start="2026-04-30 23:59:59 +0000")).lines[1]
    assert found.start == datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)


def test_a_line_may_end_as_it_starts_but_not_before() -> None:
    assert parse(invoice(end=START)).lines[1].end == datetime(2026, 4, 1, tzinfo=UTC)
    error = refused(invoice(end="2026-03-31 00:00:00 +0000"), EndsBeforeStart)
    assert (error.facts["line_no"], error.facts["column"]) == (3, "end")


def test_equal_rows_are_told_apart_by_their_ordinal() -> None:
    other = {**ROW, "USD": "$6.01"}
    lines = parse(written([ROW, other, ROW, ROW])).lines
    assert [line.ordinal for line in lines] == [0, 0, 1, 2]
    assert len({(line.row_sha256, line.ordinal) for line in lines}) == 4
    assert len({line.row_sha256 for line in lines}) == 2


def test_the_category_is_optional() -> None:
    columns = HEADER.removesuffix(",category").split(",")
    [line] = parse(written([{name: ROW[name] for name in columns}])).lines
    assert line.category is None
    assert line.row_sha256 == parse(written([ROW])).lines[0].row_sha256


def test_a_new_column_is_kept_and_warned_about_and_leaves_the_row_the_same() -> None:
    found = parse(written([{**ROW, "sku": "1-DO", "note": ""}]))
    [line] = found.lines
    assert dict(line.extra) == {"sku": "1-DO", "note": ""}
    assert [warning.code for warning in found.warnings] == ["unknown_column", "unknown_column"]
    assert line.row_sha256 == parse(written([ROW])).lines[0].row_sha256


@pytest.mark.parametrize("column", ROW_COLUMNS)
def test_a_missing_column_is_named(column: str) -> None:
    names = [name for name in HEADER.split(",") if name != column]
    error = refused(",".join(names) + "\n", MissingColumn)
    assert error.facts["column"] == column


def test_a_column_named_twice_is_refused() -> None:
    assert refused(HEADER + ",USD\n", RepeatedColumn).facts["column"] == "USD"


@pytest.mark.parametrize("source", ["", "\n", "\n\n", "\ufeff", ",,\n"])
def test_a_file_without_header_is_refused(source: str) -> None:
    assert refused(source, NoHeader).facts["line_no"] == 1


@pytest.mark.parametrize("source", [HEADER, HEADER + "\n", HEADER + "\r\n\r\n"])
def test_a_file_without_lines_is_refused(source: str) -> None:
    assert refused(source, NoLines).facts["line_no"] == 1


@pytest.mark.parametrize(
    "spoilt", ["Droplets,,web", ",".join([*ROW.values(), "more"]), "", '"Droplets",,web']
)
def test_a_row_with_fewer_or_more_fields_is_refused(spoilt: str) -> None:
    good = ",".join(ROW.values())
    error = refused(f"{HEADER}\n{good}\n{spoilt}\n{good}\n", WrongFieldCount)
    assert (error.facts["line_no"], error.facts["expected"]) == (3, 9)


def test_an_open_quote_is_refused_with_the_line_where_its_row_begins() -> None:
    good = ",".join(ROW.values())
    source = f'{HEADER}\n{good}\nDroplets,,"web-1 (s-1vcpu-1gb),720\n{good}\n'
    assert refused(source, NotCsv).facts["line_no"] == 3


def test_text_after_a_closing_quote_is_refused() -> None:
    assert refused(f'{HEADER}\n"Drop"lets,,,,,,,,\n', NotCsv).facts["line_no"] == 2


def test_a_carriage_return_in_the_middle_of_a_line_is_refused() -> None:
    good = ",".join(ROW.values())
    assert refused(f"{HEADER}\n{good}\nDrop\rlets,,,,,,,,\n", NotCsv).facts["line_no"] == 3


def test_a_nul_is_refused() -> None:
    assert refused(invoice(project_name="a\0b"), HoldsNul).facts["line_no"] == 3


def test_what_is_not_utf_8_is_refused() -> None:
    assert refused(invoice(project_name="caf\u00e9").encode("latin-1"), NotUtf8).facts["line_no"] == 3
    assert refused(invoice(project_name="\ud800"), NotUtf8).facts["line_no"] == 3


def test_byte_order_mark_line_endings_and_trailing_blank_lines_change_nothing() -> None:
    plain = invoice(description="web-2 (s-1vcpu-1gb)")
    dressed = b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode() + b"\r\n\n"
    assert parse(dressed) == parse(plain)


def test_a_file_that_does_not_end_with_a_line_break_is_cut() -> None:
    with pytest.raises(NoFinalLineBreak, match="Line 2: the last line does not end"):
        parse(written([ROW]).rstrip("\n"))


def test_quoted_commas_quotes_and_newlines_are_part_of_the_cell() -> None:
    odd = 'web, "the first"\nof two (s-1vcpu-1gb)'
    lines = parse(written([{**ROW, "description": odd}, ROW])).lines
    assert [line.line_no for line in lines] == [2, 4]
    assert lines[0].description == odd
    assert lines[0].row == canonical_row({**ROW, "description": odd})
    again = parse(written([{**ROW, "description": odd}, ROW]).replace("\n", "\r\n")).lines
    assert again == lines


def test_line_numbers_go_on_beyond_a_chunk_with_and_without_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoice_csv, "_CHUNK", 3)
    for name in ("plain", "quoted, twice"):
        rows = [{**ROW, "project_name": name} for _ in range(7)]
        lines = parse(written(rows)).lines
        assert [line.line_no for line in lines] == list(range(2, 9))
        assert [line.ordinal for line in lines] == list(range(7))
        bad = written([*rows, {**rows[0], "USD": "$6"}])
        assert refused(bad, BadAmount).facts["line_no"] == 9


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)
amounts = st.integers(-(10**7), 10**7).map(
    lambda n: f"{'-' if n < 0 else ''}${abs(n) // 100}.{abs(n) % 100:02d}"
)
rows = st.fixed_dictionaries(
    {
        "product": st.one_of(st.sampled_from(["Droplets", "Taxes"]), texts),
        "group_description": texts,
        "description": texts,
        "hours": st.one_of(st.just(""), st.integers(0, 999).map(str)),
        "start": st.just(START),
        "end": st.sampled_from([END, "2026-04-30 23:59:59 +0000"]),
        "USD": amounts,
        "project_name": texts,
        "category": texts,
    }
)


@given(st.lists(rows, min_size=1, max_size=6))
def test_what_was_written_is_read_and_identified_by_its_canonical_row(
    written_rows: list[dict[str, str]],
) -> None:
    lines = parse(written(written_rows)).lines
    assert [line.row for line in lines] == [canonical_row(row) for row in written_rows]
    for line, row in zip(lines, written_rows, strict=True):
        assert (line.product, line.description, line.project_name, line.category) == (
            row["product"],
            row["description"],
            row["project_name"],
            row["category"],
        )
        assert f"{'-' if line.amount_cents < 0 else ''}${abs(line.amount_cents) // 100}" in row["USD"]


@given(st.lists(rows, min_size=1, max_size=4), st.permutations(HEADER.split(",")))
def test_the_order_of_the_columns_changes_nothing(
    written_rows: list[dict[str, str]], columns: list[str]
) -> None:
    plain, shuffled = parse(written(written_rows)), parse(written(written_rows, columns))
    assert [line.row_sha256 for line in shuffled.lines] == [line.row_sha256 for line in plain.lines]
    assert [line.amount_cents for line in shuffled.lines] == [line.amount_cents for line in plain.lines]
    assert [line.ordinal for line in shuffled.lines] == [line.ordinal for line in plain.lines]


def parsed_or_refused(source: bytes | str) -> ParsedInvoice | InvoiceRefused:
    try:
        return parse(source)
    except InvoiceRefused as refusal:
        return refusal


@given(st.one_of(st.binary(), st.text()))
def test_nothing_but_its_own_refusals_comes_of_any_bytes(source: bytes | str) -> None:
    found = parsed_or_refused(source)
    assert isinstance(found, InvoiceRefused)
    assert isinstance(found.facts["line_no"], int)


@given(st.binary(max_size=60), st.integers(0, 200))
def test_nothing_but_its_own_refusals_comes_of_any_damage(damage: bytes, at: int) -> None:
    good = invoice(description='web, "1"').encode()
    at = min(at, len(good))
    parsed_or_refused(good[:at] + damage + good[at:])
    parsed_or_refused(good[:at] + damage + good[at + len(damage) :])


@given(st.integers(0, 10**6))
def test_a_file_cut_anywhere_is_refused_warned_about_or_whole_lines(cut: int) -> None:
    whole = invoice(description="web-2 (s-1vcpu-1gb)").encode()
    found = parsed_or_refused(whole[: cut % len(whole)])
    if isinstance(found, ParsedInvoice):
        full = parse(whole).lines
        assert found.warnings or found.lines == full[: len(found.lines)]
        assert [line.amount_cents for line in found.lines] == [600] * len(found.lines)


def test_every_damaged_byte_of_a_file_is_refused_or_read() -> None:
    good, random = invoice().encode(), Random(4)
    for at in range(len(good)):
        parsed_or_refused(good[:at] + bytes([random.randrange(256)]) + good[at + 1 :])


def test_the_real_invoice_of_2019_is_read_to_the_cent_and_follows_the_672_hour_rule() -> None:
    if not REAL.exists():
        pytest.skip(f"{REAL.name} is not here: it comes with the project's shared data")
    found = parse(REAL.read_bytes())
    assert len(found.lines) == 7
    assert found.amount_cents == 12211
    assert found.warnings == ()
    assert {line.end for line in found.lines} == {
        datetime(2019, 2, 1, tzinfo=UTC),
        datetime(2019, 1, 13, 9, 31, 34, tzinfo=UTC),
    }
    monthly = {"s-4vcpu-8gb": 4000, "s-1vcpu-2gb": 1000, "s-2vcpu-4gb": 2000}
    droplets = [line for line in found.lines if line.kind == "droplet"]
    assert len(droplets) == 6
    for line in droplets:
        assert line.hours == whole_hours(line)
        assert line.amount_cents == droplet_cents(line, monthly)
