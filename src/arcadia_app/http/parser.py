"""The HTTP parser's bounds: a head that is too large, or no HTTP, is refused before any of our code sees it.

Owns the size of a head; the size of a body is the application's (`app`). uvicorn's own parser keeps a header
for as long as somebody sends it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from uuid import uuid4

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from arcadia_app.wire.problem import Problem

LARGEST_HEAD: Final = 32 * 1024
"""Bytes of request line and headers: a token has at most 8 KiB (`arcadia_adapters.jwt`)."""


class HeadTooLarge(Exception):
    """Raised into the parser, which then refuses the request."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Refuses a head of more than LARGEST_HEAD with 400, and hangs up."""

    _reading_head = False
    _head = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._reading_head:
            self._head += len(data)
            if self._head > LARGEST_HEAD and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reading_head = True
        self._head = 0

    def on_headers_complete(self) -> None:
        self._reading_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD:
            raise HeadTooLarge
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """A problem like any other refusal, and the end of the connection."""
        body = msgspec.json.encode(
            Problem(
                type="urn:arcadia:problem:malformed_request",
                title=HTTPStatus.BAD_REQUEST.phrase,
                status=HTTPStatus.BAD_REQUEST,
                detail=msg,
                instance=f"urn:arcadia:request:{uuid4()}",
                code="malformed_request",
            )
        )
        headers = (
            *self.server_state.default_headers,
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        )
        head = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(STATUS_LINE[HTTPStatus.BAD_REQUEST] + head + b"\r\n" + body)
        self.transport.close()
