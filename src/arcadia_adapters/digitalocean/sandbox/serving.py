"""The sandbox on a socket.

Owns the server's settings: uvicorn, told how the sandbox closes a connection without an answer, and quick to
stop while somebody still waits for an answer that never comes.
"""

from __future__ import annotations

from asyncio import Transport

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from arcadia_adapters.digitalocean.sandbox.app import CUT, ASGIApp

_SECONDS_TO_STOP = 1


class _Cuttable(H11Protocol):
    """HTTP/1.1 whose connections an app can close: `state` of each scope says how."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, CUT: transport.close}
        super().connection_made(transport)


def config(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """How uvicorn serves the sandbox, or an app around it, on this port (0: a free one)."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_Cuttable,
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_STOP,
    )
