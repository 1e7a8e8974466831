"""The token in the header, put there as a request is sent."""

from __future__ import annotations

from collections.abc import Generator

import httpx

from arcadia_adapters.digitalocean.client.secret import Secret


class Bearer(httpx.Auth):
    """Authorization: Bearer."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """What httpx asks of one who signs."""
        request.headers["authorization"] = f"Bearer {self._token.reveal()}"
        yield request
