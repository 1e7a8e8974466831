"""The cursors of tenants and of their invoices."""

from __future__ import annotations

import pytest

from arcadia_app.http.places import TENANTS
from arcadia_app.http.refusals import InvalidCursor


def cursor_to(tenant_id: str) -> str:
    _, cursor = TENANTS.page([tenant_id, "more"], 1, lambda one: [one], str)
    assert cursor is not None
    return cursor


@pytest.mark.parametrize("tenant_id", ["acme", " acme", "a/b", ".."])
def test_a_list_goes_on_after_any_tenant_that_it_has_shown(tenant_id: str) -> None:
    assert TENANTS.after(cursor_to(tenant_id)) == tenant_id


def test_what_no_database_can_hold_is_no_place() -> None:
    with pytest.raises(InvalidCursor):
        TENANTS.after(cursor_to("a\0b"))
