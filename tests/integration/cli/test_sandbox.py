"""`arcadia sandbox`: a local DigitalOcean as a process of its own (SPEC 18)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

PATIENCE = 60


@contextmanager
def running(*words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Its URL, and the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "arcadia_app", "sandbox", "--port", "0", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = json.loads(process.stderr.readline())
        assert said["event"] == "serving"
        yield said["url"], process
    finally:
        process.kill()
        process.wait(PATIENCE)
        assert process.stderr is not None
        process.stderr.close()


def droplets(url: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{url}/v2/droplets", params={"per_page": 200}, headers=headers, timeout=PATIENCE)


def test_it_answers_as_digitalocean_with_the_sample_and_as_many_droplets_more() -> None:
    with running("--droplets", "7") as (url, process):
        listed = droplets(url, Authorization="Bearer anything")
        assert listed.status_code == 200
        assert listed.json()["meta"]["total"] == 5 + 7
        assert "pilot-web-01" in {one["name"] for one in listed.json()["droplets"]}
        refused = droplets(url)
        assert (refused.status_code, refused.json()["id"]) == (401, "unauthorized")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_a_taken_port_is_told() -> None:
    with running() as (url, _):
        port = url.rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "arcadia_app", "sandbox", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert second.returncode == 1
    assert "address_taken" in second.stderr
