"""Half-open spans of instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from arcadia_domain.cloud.spans import FOREVER, EmptySpan, Span, micros
from arcadia_domain.period import NaiveInstant
from tests.unit.domain.cloud.resources import APRIL, MAY


def test_instants_are_counted_in_whole_microseconds_whatever_their_time_zone() -> None:
    assert micros(datetime(1970, 1, 1, 0, 0, 1, 7, tzinfo=UTC)) == 1_000_007
    sydney = timezone(timedelta(hours=10))
    assert micros(datetime(2026, 4, 1, 10, tzinfo=sydney)) == micros(APRIL)


def test_a_time_without_a_zone_is_no_instant() -> None:
    with pytest.raises(NaiveInstant):
        micros(datetime(2026, 4, 1))


def test_an_open_span_lasts_for_ever() -> None:
    assert Span(APRIL).bounds == (micros(APRIL), FOREVER)
    assert Span(APRIL, MAY).bounds == (micros(APRIL), micros(MAY))


@pytest.mark.parametrize("end", [APRIL, APRIL - timedelta(microseconds=1)])
def test_a_span_that_holds_no_instant_is_refused(end: datetime) -> None:
    with pytest.raises(EmptySpan):
        Span(APRIL, end)
