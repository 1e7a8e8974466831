"""What the tests of jobs share: a broker of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.jobs.brokers import Broker, NoSuchBroker, RabbitMQ, Redis, do_without, running


@pytest.fixture(params=["rabbitmq", "redis"])
def foreign_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """A broker that is not our database."""
    try:
        with running({"rabbitmq": RabbitMQ, "redis": Redis}[request.param]) as broker:
            yield broker
    except NoSuchBroker as reason:
        do_without(reason)
