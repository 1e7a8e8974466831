"""A worker and a scheduler have no door: where they are told of one, they say how they are, no more."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.http.serve import DidNotServe, own_data_dir, serving


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with own_data_dir() as made:
        yield made


@pytest.mark.parametrize("command", ["worker", "scheduler"])
def test_a_process_without_a_door_tells_how_it_is_at_a_port_of_its_own(data_dir: Path, command: str) -> None:
    with serving(data_dir, command=command, ARCADIA_METRICS_PORT="0") as process:
        anybody = process.bare()
        assert anybody.get("/api/health").json()["status"] == "ok"
        assert anybody.get("/api/ready").json()["status"] == "ready"
        told = anybody.get("/metrics").text
        assert 'arcadia_queue_jobs{queue="metering",state="waiting"} 0.0' in told
        assert 'arcadia_queue_oldest_due_seconds{queue="metering"}' in told
        assert "arcadia_jobs_ended" in told
        assert anybody.get("/api/v1/jobs").status_code == 404
        assert process.stop(signal.SIGTERM) == 0


def test_a_port_that_is_taken_is_told_with_its_setting(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with (
            pytest.raises(DidNotServe, match="ARCADIA_METRICS_PORT and ARCADIA_HOST say where"),
            serving(data_dir, command="worker", ARCADIA_METRICS_PORT=port),
        ):
            pass
