"""A process that is asked to stop says so before it takes no connection any more (SPEC 18)."""

from __future__ import annotations

import signal

import httpx

from tests.integration.http.serve import PATIENCE
from tests.integration.operations.processes import running, settings_of, until
from tests.integration.servers import Database


def test_asked_to_stop_it_is_not_ready_and_answers_till_the_drain_is_over_or_it_is_asked_again(
    named: Database,
) -> None:
    with running("api", settings_of(named, ARCADIA_DRAIN_SECONDS="900")) as api:
        assert httpx.get(f"{api.url}/api/ready").status_code == 200
        api.popen.send_signal(signal.SIGTERM)
        until(lambda: httpx.get(f"{api.url}/api/ready").status_code == 503)
        ready = httpx.get(f"{api.url}/api/ready")
        assert [one["name"] for one in ready.json()["checks"] if not one["ok"]] == ["process"]
        answer = httpx.get(f"{api.url}/api/health")
        assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
        api.popen.send_signal(signal.SIGTERM)
        assert api.popen.wait(PATIENCE) == 0
        assert api.lines()[-1]["event"] == "stopped"
