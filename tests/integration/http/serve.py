"""`arcadia serve` as a person starts it: a process of its own, on a data directory of its own.

For tests from end to end. `served` is one on an empty database (the catalogue is seeded), `served_sample` one
with the April tenants; each is shared by the tests of a module. `serving` starts others.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

PATIENCE = 60
"""Seconds for a process to start, or to stop."""


class DidNotServe(Exception):
    """The process ended before it served; the text is what it said."""


@dataclass
class Served:
    """A running `arcadia serve`: `url` without a path, and the environment that its commands share."""

    url: str
    data_dir: Path
    env: Mapping[str, str]
    process: subprocess.Popen[str]
    said: list[str]
    """The lines of its stderr, so far."""

    _tokens: dict[tuple[str, ...], str] = field(default_factory=dict)
    _clients: list[httpx.Client] = field(default_factory=list)

    def token(self, tenant_id: str = "acme", *roles: str, subject: str = "ann") -> str:
        """A bearer token of `arcadia token`."""
        key = (tenant_id, subject, *roles)
        if key not in self._tokens:
            named = [word for role in roles for word in ("--role", role)]
            done = self.command("token", "--tenant", tenant_id, "--subject", subject, *named)
            assert done.returncode == 0, done.stderr
            self._tokens[key] = done.stdout.strip()
        return self._tokens[key]

    def client(
        self, tenant_id: str = "acme", *roles: str, subject: str = "ann", **headers: str
    ) -> httpx.Client:
        """A client with a good token; closed with the process."""
        return self.bare(Authorization=f"Bearer {self.token(tenant_id, *roles, subject=subject)}", **headers)

    def admin(self) -> httpx.Client:
        return self.client("sky-ai", "platform_admin", subject="olga")

    def gateway(self) -> httpx.Client:
        return self.client("sky-ai", "llm_gateway", subject="gateway")

    def bare(self, **headers: str) -> httpx.Client:
        """A client without a token."""
        made = httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE)
        self._clients.append(made)
        return made

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`arcadia` with these words, on the same data directory."""
        return arcadia(self.env, *words)

    def lines(self) -> list[dict[str, Any]]:
        """What it logged so far."""
        return [json.loads(line) for line in self.said]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Its exit status, after this signal; the second time the same."""
        for client in self._clients:
            client.close()
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)


def arcadia(env: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "arcadia_app", *words],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE * 2,
    )


@contextmanager
def own_data_dir() -> Iterator[Path]:
    """A data directory, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="arcadia-served-"))
    folder.chmod(0o711)  # as root, the server's account must pass
    try:
        yield folder / "state"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """This process's, without settings of ours but those given. A free port is taken."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("ARCADIA_")}
    return {**others, "ARCADIA_DATA_DIR": str(data_dir), "ARCADIA_PORT": "0", **settings}


@contextmanager
def serving(data_dir: Path, *words: str, command: str = "serve", **settings: str) -> Iterator[Served]:
    """`arcadia serve` with these words, until the block ends. Raises DidNotServe."""
    env = environment(data_dir, **settings)
    process = subprocess.Popen(
        [sys.executable, "-m", "arcadia_app", command, *words],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    began = threading.Event()
    listener = threading.Thread(target=_listen, args=(process, said, began), daemon=True)
    listener.start()
    try:
        served = _served(process, data_dir, env, said, began)
        try:
            yield served
        finally:
            served.stop()
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        listener.join(PATIENCE)
        assert process.stderr is not None
        process.stderr.close()


def _served(
    process: subprocess.Popen[str],
    data_dir: Path,
    env: Mapping[str, str],
    said: list[str],
    began: threading.Event,
) -> Served:
    """Once it is ready."""
    if not began.wait(PATIENCE) or (url := _url(said)) is None:
        raise DidNotServe("".join(said))
    served = Served(url, data_dir, env, process, said)
    ready = served.bare().get("/api/ready")  # answered when it is up: until then the connection waits
    if ready.status_code != 200:
        raise DidNotServe(f"{ready.text}\n{''.join(said)}")
    return served


def _listen(process: subprocess.Popen[str], said: list[str], began: threading.Event) -> None:
    """Keep what it says; `began` when it serves, or will say no more."""
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        if _url([line]) is not None:
            began.set()
    began.set()


def _url(said: list[str]) -> str | None:
    for line in said:
        if line.startswith("{") and (told := json.loads(line)).get("event") == "serving":
            url: str = told["url"]
            return url
    return None


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """`arcadia serve` on a database with the catalogue and no tenant."""
    with own_data_dir() as data_dir, serving(data_dir) as served:
        yield served


@pytest.fixture(scope="module")
def served_sample() -> Iterator[Served]:
    """`arcadia serve --sample`."""
    with own_data_dir() as data_dir, serving(data_dir, "--sample") as served:
        yield served
