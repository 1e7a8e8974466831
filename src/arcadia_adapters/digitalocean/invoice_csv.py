"""DigitalOcean's invoice as CSV: from the bytes of the file to cost lines (SPEC 10).

Owns the form of the file: its columns are found by name, and what is cut, mangled or not what it should be is
refused with its line number, because half an invoice is worse than none. What a line means is the domain's.

It works a column at a time on a few thousand rows, for speed: a row of Python per cell would cost more than
reading the file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, repeat
from operator import gt
from types import MappingProxyType
from typing import TypeVar, cast

from arcadia_adapters.collector_at_rest import collector_at_rest
from arcadia_adapters.digitalocean.invoice_cells import Cells, Unreadable, cents, end_instant, hours, instant
from arcadia_domain.cloud.costs import ROW_COLUMNS, CostLine, UnfrozenCostLine, canonical_row
from arcadia_domain.errors import DomainError

_CATEGORY = "category"
_FREE_TEXT = ("product", "group_description", "description", "project_name")
_ROW_FORM = canonical_row(dict.fromkeys(ROW_COLUMNS, "%s"))
_CHUNK = 4096
_SHOWN = 80
_NO_EXTRA: Mapping[str, str] = MappingProxyType({})

T = TypeVar("T")


class InvoiceRefused(DomainError):
    """A file that is not a whole DigitalOcean invoice. Nothing of it may be taken over."""

    code = "invoice_refused"
    sentence = "Line {line_no}: this is not a DigitalOcean invoice."


class NotUtf8(InvoiceRefused):
    code = "invoice_not_utf8"
    sentence = "Line {line_no}: the file is not text in UTF-8."


class HoldsNul(InvoiceRefused):
    code = "invoice_holds_nul"
    sentence = "Line {line_no}: the file holds a NUL byte: it is damaged."


class NoHeader(InvoiceRefused):
    code = "invoice_without_header"
    sentence = "Line {line_no}: the file has no header."


class MissingColumn(InvoiceRefused):
    code = "invoice_column_missing"
    sentence = "Line {line_no}: the header lacks {column}; it has {found}."


class RepeatedColumn(InvoiceRefused):
    code = "invoice_column_repeated"
    sentence = "Line {line_no}: the header names {column!r} twice."


class NoLines(InvoiceRefused):
    code = "invoice_without_lines"
    sentence = "Line {line_no}: the file has a header and no line: it is cut off."


class NoFinalLineBreak(InvoiceRefused):
    code = "invoice_last_line_cut"
    sentence = "Line {line_no}: the last line does not end with a line break: the file is cut off."


class WrongFieldCount(InvoiceRefused):
    code = "invoice_row_cut"
    sentence = (
        "Line {line_no}: {found} fields where the header has {expected}: the row is cut off or mangled."
    )


class NotCsv(InvoiceRefused):
    code = "invoice_row_not_csv"
    sentence = "Line {line_no}: this row is no CSV, so the file is cut off or mangled: {why}."


class BadAmount(InvoiceRefused):
    code = "invoice_amount_unreadable"
    sentence = "Line {line_no}: {column} {text!r} is not an amount with two decimals, as in $1.00."


class BadHours(InvoiceRefused):
    code = "invoice_hours_unreadable"
    sentence = "Line {line_no}: {column} {text!r} is not a number of hours."


class BadInstant(InvoiceRefused):
    code = "invoice_date_unreadable"
    sentence = "Line {line_no}: {column} {text!r} is not an instant, as in 2026-04-01 00:00:00 +0000."


class EndsBeforeStart(InvoiceRefused):
    code = "invoice_line_ends_before_start"
    sentence = "Line {line_no}: {column} {end} lies before start {start}."


@dataclass(frozen=True, slots=True)
class InvoiceWarning:
    """Something about the file that is worth a look and changes no amount."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ParsedInvoice:
    """The lines of an invoice in the order of the file, and what is odd about it."""

    lines: tuple[CostLine, ...]
    warnings: tuple[InvoiceWarning, ...]

    @property
    def amount_cents(self) -> int:
        """What the lines add up to, tax among them."""
        return sum(line.amount_cents for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the columns of this file are."""

    width: int
    row: tuple[int, ...]
    category: int | None
    unknown: Mapping[str, int]


def parse(source: bytes | str, *, may_be_empty: bool = False) -> ParsedInvoice:
    """The lines of the invoice, or an InvoiceRefused that names the line.

    The order of the columns does not count; `category` may be absent, as in 2019; columns that we do not
    know are kept in `extra` and warned about. A byte order mark, either line ending and quoted commas and
    newlines are fine. A header alone is taken for cut off, unless it is known that the invoice is of nothing.
    """
    text = _text(source)
    body = text.rstrip("\r\n")
    with collector_at_rest():
        header, chunks = _quoted_rows(body) if '"' in body else _plain_rows(body)
        layout = _layout(header)
        lines = _lines(chunks, layout)
    if not lines and not may_be_empty:
        raise NoLines(line_no=body.count("\n") + 1)
    if body == text:
        raise NoFinalLineBreak(line_no=body.count("\n") + 1)
    return ParsedInvoice(tuple(lines), tuple(_warnings(layout)))


def _text(source: bytes | str) -> str:
    try:
        text = source.decode() if isinstance(source, bytes) else source.encode().decode()
    except UnicodeDecodeError as error:
        raise NotUtf8(line_no=error.object.count(b"\n", 0, error.start) + 1) from None
    except UnicodeEncodeError as error:
        raise NotUtf8(line_no=error.object.count("\n", 0, error.start) + 1) from None
    nul = text.find("\0")
    if nul >= 0:
        raise HoldsNul(line_no=text.count("\n", 0, nul) + 1)
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _layout(header: list[str]) -> _Layout:
    names = [name.strip() for name in header]
    if not any(names):
        raise NoHeader(line_no=1)
    place: dict[str, int] = {}
    for i, name in enumerate(names):
        if name in place:
            raise RepeatedColumn(line_no=1, column=_shown(name))
        place[name] = i
    missing = [name for name in ROW_COLUMNS if name not in place]
    if missing:
        raise MissingColumn(line_no=1, column=", ".join(missing), found=_shown(", ".join(names)))
    row = tuple(place.pop(name) for name in ROW_COLUMNS)
    return _Layout(len(names), row, place.pop(_CATEGORY, None), place)


def _warnings(layout: _Layout) -> Iterator[InvoiceWarning]:
    for name in layout.unknown:
        yield InvoiceWarning(
            "unknown_column", f"The column {_shown(name)!r} is new: it is kept beside the line."
        )


_Chunk = tuple[Sequence[int], list[list[str]]]
"""Some rows, with the numbers of the lines on which they begin."""


def _plain_rows(body: str) -> tuple[list[str], Iterator[_Chunk]]:
    """The header and the rows of a file without quotes: there a line is a row, and a comma ends a cell."""
    stray = body.find("\r")
    if stray >= 0:
        raise NotCsv(line_no=body.count("\n", 0, stray) + 1, why="a carriage return in the middle of a line")
    header, *lines = body.split("\n")
    starts = range(0, len(lines), _CHUNK)
    return header.split(","), (
        (range(i + 2, min(i + _CHUNK, len(lines)) + 2), [line.split(",") for line in lines[i : i + _CHUNK]])
        for i in starts
    )


def _quoted_rows(body: str) -> tuple[list[str], Iterator[_Chunk]]:
    """The header and the rows of a file with quotes, in which a row can be several lines."""
    numbered = _numbered_rows(body)
    _, header = next(numbered)
    return header, _in_chunks(numbered)


def _in_chunks(numbered: Iterator[tuple[int, list[str]]]) -> Iterator[_Chunk]:
    while chunk := list(islice(numbered, _CHUNK)):
        yield [number for number, _ in chunk], [row for _, row in chunk]


def _numbered_rows(body: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(body, newline=""), strict=True)
    first = 1
    try:
        for row in reader:
            yield first, row
            first = reader.line_num + 1
    except csv.Error as error:
        raise NotCsv(line_no=first, why=str(error)) from None


def _lines(chunks: Iterable[_Chunk], layout: _Layout) -> list[CostLine]:
    known_cents, known_hours, starts, ends = Cells(cents), Cells(hours), Cells(instant), Cells(end_instant)
    met: dict[str, int] = {}
    lines: list[UnfrozenCostLine] = []
    for numbers, rows in chunks:
        columns = _columns(numbers, rows, layout.width)
        cells = [columns[i] for i in layout.row]
        product, group_description, description, hours_, start, end, amount, project_name = cells
        started = _typed(starts, start, numbers, "start", BadInstant)
        ended = _typed(ends, end, numbers, "end", BadInstant)
        if any(map(gt, started, ended)):
            raise _backwards(numbers, started, ended)
        hour_counts = _typed(known_hours, hours_, numbers, "hours", BadHours)
        amounts = _typed(known_cents, amount, numbers, "USD", BadAmount)
        written = _canonical_rows(cells)
        lines += map(
            UnfrozenCostLine,
            numbers,
            product,
            group_description,
            description,
            hour_counts,
            started,
            ended,
            amounts,
            project_name,
            repeat(None) if layout.category is None else columns[layout.category],
            _extras(columns, layout.unknown),
            _ordinals(written, met),
            written,
        )
    return cast(list[CostLine], lines)


def _columns(numbers: Sequence[int], rows: list[list[str]], width: int) -> list[tuple[str, ...]]:
    if set(map(len, rows)) != {width}:
        number, row = next(pair for pair in zip(numbers, rows, strict=True) if len(pair[1]) != width)
        raise WrongFieldCount(line_no=number, found=len(row), expected=width, column=None)
    return list(zip(*rows, strict=True))


def _typed(
    known: Cells[T], texts: Sequence[str], numbers: Sequence[int], column: str, refusal: type[InvoiceRefused]
) -> list[T]:
    try:
        return list(map(known.__getitem__, texts))
    except Unreadable as error:
        number = numbers[texts.index(error.text)]
        raise refusal(line_no=number, column=column, text=_shown(error.text)) from None


def _backwards(
    numbers: Sequence[int], starts: Sequence[datetime], ends: Sequence[datetime]
) -> EndsBeforeStart:
    i = next(i for i, backwards in enumerate(map(gt, starts, ends)) if backwards)
    return EndsBeforeStart(line_no=numbers[i], column="end", start=starts[i], end=ends[i])


def _extras(columns: list[tuple[str, ...]], unknown: Mapping[str, int]) -> Iterable[Mapping[str, str]]:
    if not unknown:
        return repeat(_NO_EXTRA)
    names = list(unknown)
    cells = zip(*(columns[i] for i in unknown.values()), strict=True)
    return (MappingProxyType(dict(zip(names, texts, strict=True))) for texts in cells)


def _canonical_rows(cells: list[tuple[str, ...]]) -> list[str]:
    """The domain's canonical_row of each row, by filling in a form; `cells` are the columns of ROW_COLUMNS.

    Hours, dates and amounts have been read by now and hold nothing that JSON would escape.
    """
    by_name = dict(zip(ROW_COLUMNS, cells, strict=True))
    for name in _FREE_TEXT:
        text = "".join(by_name[name])
        if not text.isascii() or not text.isprintable() or '"' in text or "\\" in text:
            by_name[name] = tuple(json.dumps(cell)[1:-1] for cell in by_name[name])
    return list(map(_ROW_FORM.__mod__, zip(*(by_name[name] for name in sorted(by_name)), strict=True)))


def _ordinals(rows: list[str], met: dict[str, int]) -> Iterator[int]:
    """How many equal rows came before each; `met` counts them over the whole file."""
    for row in rows:
        ordinal = met.get(row, 0)
        met[row] = ordinal + 1
        yield ordinal


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
