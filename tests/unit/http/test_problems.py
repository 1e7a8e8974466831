"""One table from a code to its status: nothing that is refused lacks a row, and no row is dead (SPEC 15)."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Request

import arcadia_adapters
import arcadia_app
import arcadia_domain
from arcadia_app.http.problems import MISSING, STATUS, answer, status_of
from arcadia_domain.errors import DomainError

_START = "a process refuses to start; it answers nobody yet"
_PROVIDER = "no request calls the provider: jobs do"
_METERING = "metering a day names it as the tenant's failure, and goes on"
_BACKUP = "no request backs a database up: a command does"
_WRONG_CALL = "the code that calls is wrong, not the request: an internal error"

NEVER_AT_A_DOOR = {
    "address_taken": _START,
    "backup_failed": _BACKUP,
    "backup_unusable": _BACKUP,
    "database_not_empty": _BACKUP,
    "database_not_ours": _BACKUP,
    "file_taken": _BACKUP,
    "nothing_to_back_up": _BACKUP,
    "amount_not_in_cents": _PROVIDER,
    "cannot_meter": _METERING,
    "cloud_not_connected": _PROVIDER,
    "cloud_invoice_not_listed": "discovery asks for an ingest of listed invoices only",
    "deployment_without_tenant": _METERING,
    "did_not_open": _START,
    "domain_error": "base classes, which nobody raises",
    "empty_span": _WRONG_CALL,
    "invalid_cron": "the expressions of the schedule are ours, and a test reads each",
    "invalid_rate": _WRONG_CALL,
    "invoice_file_gone": "the job of an upload says it, when it is begun again",
    "no_identifier": _PROVIDER,
    "not_in_projects": _PROVIDER,
    "other_account": _PROVIDER,
    "not_taggable": _PROVIDER,
    "nothing_to_weigh": _WRONG_CALL,
    "provider_busy": _PROVIDER,
    "provider_conflict": _PROVIDER,
    "provider_error": _PROVIDER,
    "provider_failed": _PROVIDER,
    "provider_forbidden": _PROVIDER,
    "provider_listing_incomplete": _PROVIDER,
    "provider_not_asked": _PROVIDER,
    "provider_not_found": _PROVIDER,
    "provider_rate_limited": _PROVIDER,
    "provider_refused": _PROVIDER,
    "provider_unauthorized": _PROVIDER,
    "provider_unreachable": _PROVIDER,
    "provider_unreadable": _PROVIDER,
    "resource_deleted_before_created": _METERING,
    "resource_held_twice": _METERING,
    "resource_without_created_at": _METERING,
    "resource_without_size": _METERING,
    "secret_unusable": _START,
    "shard_not_planned": "a shard is rolled up by the job that was stored with it",
    "shard_settled": "as shard_not_planned",
    "spaces_key_refused": _PROVIDER,
    "setting_invalid": _START,
    "setting_missing": _START,
    "stretches_out_of_order": _WRONG_CALL,
    "two_assignments_at_once": _METERING,
    "unknown_broker": _START,
    "unknown_inventory_kind": _WRONG_CALL,
    "unusable_secret": _PROVIDER,
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
    every: list[type[DomainError]] = [DomainError, *_subclasses(DomainError)]
    for one in every:
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
    assert (STATUS.keys() | MISSING.keys() | NEVER_AT_A_DOOR.keys()) - refusals.keys() == set()


def test_classes_of_one_code_say_the_same_sentence(refusals: dict[str, set[type[DomainError]]]) -> None:
    said = {code: {one.sentence for one in refusals[code]} for code in refusals.keys() - NEVER_AT_A_DOOR}
    assert {code: sentences for code, sentences in said.items() if len(sentences) > 1} == {}


def test_what_has_no_row_is_a_fault_of_ours_and_says_nothing() -> None:
    class Unforeseen(DomainError):
        code = "unforeseen"
        sentence = "A secret of {tenant}."

    scope: Any = {"type": "http", "state": {"request_id": "r-1"}}
    answered = answer(Request[Any, Any, Any](scope), Unforeseen(tenant="acme"))
    assert answered.status_code == 500
    told = json.loads(answered.content)
    assert (told["code"], told["instance"]) == ("internal_error", "urn:arcadia:request:r-1")
    assert "acme" not in answered.content.decode()


def test_what_is_not_there_is_404_where_the_path_names_it_and_else_422(
    refusals: dict[str, set[type[DomainError]]],
) -> None:
    for code, fact in MISSING.items():
        (kind,) = refusals[code]
        error = kind.__new__(kind)
        assert status_of(error, {fact: "1"}) == 404
        assert status_of(error, {}) == 422
        assert status_of(error, {"other": "1"}) == 422
