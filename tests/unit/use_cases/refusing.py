"""A refused act, and the proof that nothing is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from tests.fakes.transactions import FakeTransactions, FakeWork


@contextmanager
def refusal(store: FakeTransactions, by: Principal, error: type[DomainError]) -> Iterator[FakeWork]:
    """The block must raise exactly `error`, in one transaction that leaves the store as it was."""
    before = store.state.copy()
    with pytest.raises(error) as caught, store.begin(by) as work:
        yield work
    assert caught.type is error
    assert store.state == before
