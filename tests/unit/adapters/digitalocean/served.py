"""A provider made of one function, on a real socket: what a test wants said, said over real HTTP.

Owns the server and the client that is set on it. What is said is each test's.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from arcadia_adapters.digitalocean.client import Access, DigitalOceanClient, Limits, Secret, SpacesAccess
from tests.unit.adapters.digitalocean.waits import Waits

TOKEN = "dop_v1_0123456789canary"


@dataclass(frozen=True)
class Asked:
    """A request as the provider got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def page(self) -> int:
        return int(self.query.get("page", "1"))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What the provider says. `sent`: of the body only so many bytes, then the line goes dead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None


HANG_UP = Reply(status=0)
"""No answer: the line goes dead before the first byte."""

Answering = Callable[[Asked], Reply]


def said(value: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; headers are named with _ for -."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"content-type": "application/json", **names})


def refused(status: int, id_: str = "not_found", message: str = "No.", **headers: str) -> Reply:
    """DigitalOcean's error body."""
    return said({"id": id_, "message": message}, status, **headers)


class Provider:
    """The server. `asked` holds every request in order."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Provider:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def client_of(
    answering: Answering, waits: Waits | None = None, *, spaces: bool = False, **limits: Any
) -> Iterator[tuple[DigitalOceanClient, Provider]]:
    """A client on a provider that answers so."""
    with Provider(answering) as provider:
        access = Access(
            token=Secret(TOKEN, "the token"),
            url=provider.url,
            spaces=SpacesAccess(
                key=Secret("SPACESKEY", "the key of Spaces"),
                secret=Secret("spaces-secret-canary", "the secret of Spaces"),
                url=provider.url,
                regions=("nyc3", "ams3"),
            )
            if spaces
            else None,
            limits=Limits(**{"attempts": 3, "read": 5.0, **limits}),
        )
        with DigitalOceanClient(access, waits or Waits()) as client:
            yield client, provider


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            headers = {name.lower(): text for name, text in self.headers.items()}
            asked = Asked(self.command, url.path, query, headers, body)
            provider.asked.append(asked)
            self.say(provider.answering(asked))

        def say(self, reply: Reply) -> None:
            if reply.status == 0:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, text in reply.headers.items():
                self.send_header(name, text)
            if reply.status != 204:
                self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body if reply.sent is None else reply.body[: reply.sent])
            self.close_connection = reply.sent is not None

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
