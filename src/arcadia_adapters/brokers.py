"""Brokers for Dramatiq: Postgres (nothing to install), RabbitMQ, Redis (SPEC 17).

Owns how one is made of an address. A message is a wake-up only (`arcadia_domain.ports.jobs`), so nothing here
keeps, repeats or delays one: the rows of the jobs do, and the middleware that would is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import dramatiq
from dramatiq.middleware import Middleware

from arcadia_domain.errors import DomainError

POSTGRES_SCHEMA: Final = "arcadia_broker"
"""Of its own: applications that share one take each other's messages."""

_NAMESPACE: Final = "arcadia"
_PATIENCE: Final = 10.0
"""Seconds for a broker to answer. Only the relay and the consumers wait, in threads of their own."""
_CONNECTIONS: Final = 16
_SILENCE: Final = timedelta(seconds=6)
"""By which a worker that died is known: what it had taken is given to others."""
_MILLISECOND: Final = timedelta(milliseconds=1)


class UnknownBroker(DomainError):
    code = "unknown_broker"
    sentence = (
        "No broker is known for {scheme}://: "
        "a broker is at postgresql://, amqp://, amqps://, redis:// or rediss://."
    )


def broker_at(url: str, connections: int = _CONNECTIONS) -> dramatiq.Broker:
    """The broker of this address; no connection is made yet. `connections`: to a Postgres at most so many,
    which needs one for each queue that is consumed, and two more. Raises UnknownBroker.
    """
    scheme = urlsplit(url).scheme
    make = _BROKERS.get(scheme)
    if make is None:
        raise UnknownBroker(scheme=scheme)
    return make(url, connections)


class _NoDelays:
    """Dramatiq has a second queue beside each, for messages that wait. Ours never do: what waits is a row. So
    nobody is told of those, and workers that start consume, and keep a connection to, the first ones only.
    """

    def get_declared_delay_queues(self) -> set[str]:
        return set()


def _postgres(url: str, connections: int) -> dramatiq.Broker:
    from dramatiq_postgres import PostgresBroker

    class Broker(_NoDelays, PostgresBroker):  # type: ignore[misc]  # it has no types
        pass

    separator = "&" if urlsplit(url).query else "?"
    return Broker(
        url=f"{url}{separator}maxconn={connections}",
        schema=POSTGRES_SCHEMA,
        results=False,
        middleware=_NO_MIDDLEWARE,
        heartbeat_interval=2.0,
        heartbeat_ttl=_SILENCE.total_seconds(),
        maintenance_interval=5.0,
    )


def _rabbitmq(url: str, _: int) -> dramatiq.Broker:
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    class Broker(_NoDelays, RabbitmqBroker):
        pass

    separator = "&" if urlsplit(url).query else "?"
    limits = f"socket_timeout={_PATIENCE}&blocked_connection_timeout={_PATIENCE}&connection_attempts=1"
    return Broker(url=f"{url}{separator}{limits}", confirm_delivery=True, middleware=_NO_MIDDLEWARE)


def _redis(url: str, _: int) -> dramatiq.Broker:
    from dramatiq.brokers.redis import RedisBroker

    class Broker(_NoDelays, RedisBroker):
        pass

    separator = "&" if urlsplit(url).query else "?"
    patient = f"{url}{separator}socket_connect_timeout={_PATIENCE}"
    return Broker(  # type: ignore[no-untyped-call]  # its constructor has no types
        url=patient,
        namespace=_NAMESPACE,
        heartbeat_timeout=_SILENCE // _MILLISECOND,
        middleware=_NO_MIDDLEWARE,
    )


_NO_MIDDLEWARE: Final[list[Middleware]] = []
_BROKERS: Final[dict[str, Callable[[str, int], dramatiq.Broker]]] = {
    "postgresql": _postgres,
    "postgres": _postgres,
    "amqp": _rabbitmq,
    "amqps": _rabbitmq,
    "redis": _redis,
    "rediss": _redis,
}
