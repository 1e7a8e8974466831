"""How a process that stays logs: one JSON object a line, whoever speaks, and never a value that is secret."""

from __future__ import annotations

import io
import json
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from arcadia_app.logs import configure_logs

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("arcadia").setLevel(logging.NOTSET)
    structlog.reset_defaults()


@pytest.fixture
def lines() -> Lines:
    stream = io.StringIO()
    configure_logs(stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_says_what_who_how_bad_and_when(lines: Lines) -> None:
    structlog.get_logger("arcadia.http").info("request", status=200)
    (line,) = lines()
    assert line.pop("at").endswith("Z")
    assert line == {"event": "request", "status": 200, "logger": "arcadia.http", "level": "info"}


def test_a_library_speaks_in_the_same_form_and_only_when_something_is_wrong(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    (line,) = lines()
    assert (line["event"], line["logger"]) == ("Invalid HTTP request received.", "uvicorn.error")
    assert line["level"] == "warning"


def test_the_request_id_stands_in_every_line_also_of_libraries_and_of_threads(lines: Lines) -> None:
    def speak() -> None:
        structlog.get_logger("arcadia").info("ours")
        logging.getLogger("library").warning("theirs")

    with bound_contextvars(request_id="r1"):
        speak()
        thread = threading.Thread(target=copy_context().run, args=(speak,))
        thread.start()
        thread.join()
    assert [line["request_id"] for line in lines()] == ["r1"] * 4


def fail(token: str) -> None:
    raise ValueError(f"{len(token)} characters")


@pytest.mark.parametrize("terminal", [True, False])
def test_a_traceback_shows_where_and_never_the_values(terminal: bool) -> None:
    stream = Terminal() if terminal else io.StringIO()
    configure_logs(stream)
    for tell in (structlog.get_logger("arcadia").error, logging.getLogger("library").error):
        try:
            fail(token="hunter" + "2")
        except ValueError as error:
            tell("failed", exc_info=error)
    told = stream.getvalue()
    assert told.count("7 characters") == 2
    assert "test_logs.py" in told
    assert "hunter2" not in told


def test_what_json_does_not_know_is_told_all_the_same(lines: Lines) -> None:
    structlog.get_logger("arcadia").info("odd", what=Ellipsis)
    assert lines()[0]["what"] == "Ellipsis"


def test_a_warning_of_python_is_a_line_too(lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("take care", UserWarning, stacklevel=1)
    (line,) = lines()
    assert "take care" in line["event"]


def test_who_sits_at_a_terminal_reads_text() -> None:
    stream = Terminal()
    configure_logs(stream)
    structlog.get_logger("arcadia").info("serving", url="http://127.0.0.1:4005")
    assert "serving" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
