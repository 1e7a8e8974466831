"""The sandbox on a real socket, judged by DigitalOcean's own document where that is there.

Owns the server and a plain caller. A client of ours set on it is connected's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn

from arcadia_adapters.digitalocean.sandbox import Limits, Sandbox, sandbox
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.serving import config
from tests.clouds.judge import Documented, judge

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
"""Where the clocks stand: the April invoice is out, May runs."""
TOKEN = "dop_v1_any_token_will_do"
HEADERS = {"authorization": f"Bearer {TOKEN}", "accept": "application/json"}


@dataclass
class Cloud:
    """A running sandbox, and a caller with a token."""

    url: str
    sandbox: Sandbox
    http: httpx.Client

    def get(self, path: str, **query: object) -> Any:
        """The body of a good answer."""
        if query:
            path = str(httpx.URL(path, params={name: str(value) for name, value in query.items()}))
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: object = None, *, expect: int = 200, **more: Any) -> Any:
        """The body of an answer that has this status."""
        if body is not None:
            more["json"] = body
        answer = self.http.request(method, path, **more)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def pass_by(self, seconds: int = 20) -> None:
        """Let time pass: by default as long as an action takes."""
        self.ask("PUT", "/sandbox/clock", {"advance_seconds": seconds})

    def fault(self, fault: str, **how: object) -> None:
        """Arm a fault."""
        self.ask("POST", "/sandbox/faults", {"fault": fault, **how})

    def counts(self) -> dict[str, int]:
        """How many of each kind there are."""
        counts: dict[str, int] = self.get("/sandbox/account")
        return counts


@contextmanager
def running(account: Account, limits: Limits | None = None, *, judged_every: int = 1) -> Iterator[Cloud]:
    """The sandbox on a socket until the block ends; then nothing may have been against the document.

    Of every `judged_every` exchanges one is judged; where the document is not there, none. Nothing limits the
    rate unless limits are given.
    """
    app = sandbox(account, limits=limits or Limits.none())
    document = judge()
    judged = None if document is None else Documented(app, document, judged_every)
    server = uvicorn.Server(config(judged or app))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the sandbox did not start")
        time.sleep(0.002)
    url = "http://127.0.0.1:" + str(server.servers[0].sockets[0].getsockname()[1])
    try:
        with httpx.Client(base_url=url, headers=HEADERS, timeout=30) as http:
            yield Cloud(url, app, http)
    finally:
        server.should_exit = True
        thread.join(20)
    assert judged is None or judged.violations == []
