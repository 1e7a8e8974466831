"""A load balancer as small as one can be: each request to the next process that is ready, and never twice.

Owns the health checks, and who is sent requests. A request that fails is noted, and is not tried again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import httpx

from tests.integration.http.serve import PATIENCE
from tests.integration.operations.processes import until

EVERY = 0.1
"""Seconds between two checks of one process."""


class Balancer:
    """Processes by their address, each ready or not as its last check said."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        """What no caller may ever see: no answer, or one of 500 and more."""
        self._ready: dict[str, bool] = {}
        self._turns = count()
        self._own = threading.local()
        self._clients: list[httpx.Client] = []

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Processes are checked beside the block."""
        stopping = threading.Event()
        thread = threading.Thread(target=self._check, args=(stopping,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join(PATIENCE)
            for client in self._clients:
                client.close()

    def put(self, url: str) -> None:
        """Send requests there too, once it is ready."""
        self._ready[url] = False
        until(lambda: self._ready[url], lambda: f"{url} is not ready")

    def take_out(self, url: str) -> None:
        """Forget a process that is not ready any more."""
        until(lambda: not self._ready[url], lambda: f"{url} is ready")
        del self._ready[url]

    def is_ready(self, url: str) -> bool:
        return self._ready[url]

    def send(self, method: str, path: str, **words: Any) -> httpx.Response | None:
        """The answer; None, and it is noted, where there is none."""
        ready = [url for url, is_ready in list(self._ready.items()) if is_ready]
        if not ready:
            self.failures.append(f"{method} {path}: nobody is ready")
            return None
        url = ready[next(self._turns) % len(ready)]
        try:
            answer = self._client(url).request(method, path, **words)
        except httpx.HTTPError as error:
            self.failures.append(f"{method} {url}{path}: {error!r}")
            return None
        if answer.status_code >= 500:
            self.failures.append(f"{method} {url}{path}: {answer.status_code} {answer.text}")
        return answer

    def _client(self, url: str) -> httpx.Client:
        """Of this thread, which keeps its connections."""
        clients: dict[str, httpx.Client] = self._own.__dict__.setdefault("clients", {})
        if url not in clients:
            clients[url] = httpx.Client(base_url=url, timeout=PATIENCE)
            self._clients.append(clients[url])
        return clients[url]

    def _check(self, stopping: threading.Event) -> None:
        while not stopping.wait(EVERY):
            for url in list(self._ready):
                ready = False
                with suppress(httpx.HTTPError):
                    ready = self._client(url).get("/api/ready").status_code == 200
                if url in self._ready:
                    self._ready[url] = ready
