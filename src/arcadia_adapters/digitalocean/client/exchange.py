"""One request and its answer over HTTP, whole and in bounded time and size, or the reason there is none.

Owns httpx. Failures come back as values: a traceback with httpx's frames in it would show the headers that
were being sent, and the token with them. What an answer means, and whether to try again, is calls'.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from attrs import field, frozen

from arcadia_adapters.digitalocean.client.access import Limits
from arcadia_adapters.digitalocean.client.waiting import Waiting

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_AGENT = "arcadia-cloud"
_HERE = ("localhost", "127.0.0.1", "::1")


@frozen
class Answer:
    """A whole answer, of any status."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@frozen
class NoAnswer:
    """Why there is no whole answer. `sent`: the other side may have had the request. `refused`: at that
    address nobody listens.
    """

    reason: str
    sent: bool = True
    refused: bool = False


@cache
def _trust() -> ssl.SSLContext:
    """Whose certificates are believed. Reading them takes 20 ms, and Spaces is asked region by region."""
    return httpx.create_ssl_context()


class Exchange:
    """A pool of connections to one address. Shared by threads."""

    def __init__(
        self,
        url: str,
        auth: httpx.Auth,
        limits: Limits,
        waiting: Waiting,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._waiting = waiting
        self._limits = limits
        self._address = _address(url)
        self._client = httpx.Client(
            base_url=url,
            auth=auth,
            transport=transport,
            headers={"accept": "application/json, text/csv", "user-agent": _AGENT},
            timeout=httpx.Timeout(limits.read, connect=limits.connect, pool=limits.whole),
            limits=httpx.Limits(max_connections=limits.connections),
            follow_redirects=False,  # the token goes to nobody else
            trust_env=urlsplit(url).hostname not in _HERE,  # no proxy between us and this machine
            verify=_trust(),
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        content: bytes | None = None,
    ) -> httpx.Request:
        """A request, which may be sent more than once. It shows its method and address only."""
        headers = {"content-type": "application/json"} if content is not None else None
        return self._client.build_request(method, path, params=params, content=content, headers=headers)

    def send(self, request: httpx.Request) -> Answer | NoAnswer:
        """Send it once."""
        try:
            return self._answer(request)
        except _NEVER_SENT as error:
            refused = _is_refused(error)
            reason = "nothing listens" if refused else type(error).__name__
            return NoAnswer(f"{reason} at {self._address}", sent=False, refused=refused)
        except httpx.HTTPError as error:
            return NoAnswer(f"{type(error).__name__} at {self._address}")
        except BaseException as error:  # a job's time limit, an interrupt: it may strike inside httpx
            raise _without_frames(error) from None

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _answer(self, request: httpx.Request) -> Answer | NoAnswer:
        response = self._client.send(request, stream=True)
        try:
            begun, size, parts = self._waiting.elapsed(), 0, []
            for part in response.iter_bytes():
                size += len(part)
                parts.append(part)
                if size > self._limits.largest_answer:
                    return NoAnswer(f"more than {self._limits.largest_answer} bytes")
                if self._waiting.elapsed() - begun > self._limits.whole:
                    return NoAnswer(f"not whole after {self._limits.whole:g} s")
            return Answer(response.status_code, response.headers, b"".join(parts))
        finally:
            response.close()


def _address(url: str) -> str:
    """The address as it may be shown: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _is_refused(error: BaseException | None) -> bool:
    """Whether it came of a connection that was refused: httpx tells by what it was raised from only."""
    while error is not None and not isinstance(error, ConnectionRefusedError):
        error = error.__cause__ or error.__context__
    return error is not None


def _without_frames(error: BaseException) -> Any:
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)
