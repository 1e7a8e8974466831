"""What the tests of jobs share: a broker of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.integration.jobs.brokers import Broker, NoSuchBroker, RabbitMQ, Redis, do_without, running

FOREIGN: Final[dict[str, type[RabbitMQ] | type[Redis]]] = {"rabbitmq": RabbitMQ, "redis": Redis}


@pytest.fixture(params=list(FOREIGN))
def foreign_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """A broker that is not our database."""
    try:
        with running(FOREIGN[request.param]) as broker:
            yield broker
    except NoSuchBroker as reason:
        do_without(reason)
