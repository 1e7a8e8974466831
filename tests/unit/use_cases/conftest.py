"""A store in memory for the tests of acts."""

from __future__ import annotations

import pytest

from tests.fakes.transactions import FakeTransactions
from tests.world import seeded


@pytest.fixture
def store() -> FakeTransactions:
    """Nothing in it yet."""
    return FakeTransactions()


@pytest.fixture
def shop() -> FakeTransactions:
    """The seed's catalogue, and nobody who bought of it."""
    return seeded(FakeTransactions())
