"""One table from a code to its status: nothing that is refused lacks a row, and no row is dead (SPEC 15)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import arcadia_adapters
import arcadia_app
import arcadia_domain
from arcadia_app.http.problems import MISSING, STATUS, status_of
from arcadia_domain.errors import DomainError

INTERNAL = "internal_error"
"""The one code that nobody raises: it is the answer to what nobody foresaw."""

NEVER_AT_A_DOOR = {
    "domain_error": "the base class, which nobody raises",
}
"""Codes that no request can come to, each with the reason."""


def _imported() -> Iterator[str]:
    for package in (arcadia_domain, arcadia_adapters, arcadia_app):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__") and ".migrations." not in found.name:
                importlib.import_module(found.name)
                yield found.name


def _subclasses(of: type[DomainError]) -> Iterator[type[DomainError]]:
    for one in of.__subclasses__():
        if one.__module__.split(".")[0].startswith("arcadia_"):
            yield one
        yield from _subclasses(one)


@pytest.fixture(scope="module")
def refusals() -> dict[str, set[type[DomainError]]]:
    """Every refusal of the source, by its code."""
    assert len(list(_imported())) > 100
    found: dict[str, set[type[DomainError]]] = {}
    for one in (DomainError, *_subclasses(DomainError)):
        found.setdefault(one.code, set()).add(one)
    return found


def test_every_refusal_has_one_status_or_a_reason_why_no_request_comes_to_it(
    refusals: dict[str, set[type[DomainError]]],
) -> None:
    places = (STATUS.keys(), MISSING.keys(), NEVER_AT_A_DOOR.keys())
    rows = {code: sum(code in place for place in places) for code in refusals}
    assert {code: [one.__qualname__ for one in refusals[code]] for code, n in rows.items() if n != 1} == {}


def test_no_row_of_the_table_is_of_a_code_that_nothing_raises(
    refusals: dict[str, set[type[DomainError]]],
) -> None:
    assert (STATUS.keys() | MISSING.keys() | NEVER_AT_A_DOOR.keys()) - refusals.keys() == {INTERNAL}


def test_every_refusal_says_its_sentence_with_its_facts_and_leaves_no_class_without_a_code(
    refusals: dict[str, set[type[DomainError]]],
) -> None:
    for one in _subclasses(DomainError):
        inherited = one.__subclasses__() and one.code == DomainError.code
        assert inherited or one.code != DomainError.code, one
        assert one.code == one.code.lower().replace("-", "_").strip(), one


def test_what_is_not_there_is_404_where_the_path_names_it_and_else_422(
    refusals: dict[str, set[type[DomainError]]],
) -> None:
    for code, fact in MISSING.items():
        (kind,) = refusals[code]
        error = kind.__new__(kind)
        assert status_of(error, {fact: "1"}) == 404
        assert status_of(error, {}) == 422
        assert status_of(error, {"other": "1"}) == 422
