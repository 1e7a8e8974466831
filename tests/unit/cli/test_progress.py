"""Progress where nobody looks on: plain lines, at the start, now and then, and at the end."""

from __future__ import annotations

import pytest

from arcadia_app.cli.progress import Lines, counted, kinds_done, said_around


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    told = capsys.readouterr()
    assert told.out == ""
    return told.err.splitlines()


def test_a_count_is_said_at_the_start_now_and_then_and_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with counted("ingesting", "invoices", total=60) as progress:
        for _ in range(60):
            progress(1)
    assert lines(capsys) == [f"ingesting: {done} of 60 invoices" for done in (0, 25, 50, 60)]


def test_it_is_said_when_ten_seconds_have_passed_however_few_are_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    told = Lines("ingesting", "invoices", 9, clock=lambda: now[0])
    told.say()
    for seconds in (9.0, 10.0, 15.0, 20.0):
        now[0] = seconds
        told.advance(1)
    told.end()
    assert lines(capsys) == [f"ingesting: {done} of 9 invoices" for done in (0, 2, 4)]


def test_where_there_is_nothing_to_do_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with counted("ingesting", "invoices", total=0):
        pass
    assert lines(capsys) == []


def test_kinds_and_steps_are_said_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    with said_around("looking for invoices"), kinds_done("syncing") as progress:
        progress("droplet", 0, 2)
        progress("volume", 1, 2)
    assert lines(capsys) == [
        "looking for invoices: begun",
        "syncing: begun",
        "syncing: droplet (1 of 2)",
        "syncing: volume (2 of 2)",
        "syncing: done",
        "looking for invoices: done",
    ]


def test_what_fails_is_not_said_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), counted("ingesting", "invoices", total=2):
        raise RuntimeError
    assert lines(capsys) == ["ingesting: 0 of 2 invoices"]
