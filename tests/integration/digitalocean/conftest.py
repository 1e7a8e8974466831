"""What the sandbox's own tests ask for.

`cloud` is the sample account, `empty_cloud` one with nothing in it; their clocks stand until a test moves
them, nothing limits the rate, and an action is over twenty seconds after it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from tests.clouds.document import DOCUMENT
from tests.clouds.judge import Document, judge
from tests.clouds.running import NOW, Cloud, running


@pytest.fixture
def document() -> Document:
    """The judge; without DigitalOcean's document there is none, so the test is skipped."""
    found = judge()
    if found is None:
        pytest.skip(f"{DOCUMENT.name} is not here: it comes with the project's shared data")
    return found


@pytest.fixture
def serve() -> Iterator[Callable[..., Cloud]]:
    """Serves any account: `serve(content.filled(21))`; it stops with the test."""
    with ExitStack() as stack:
        yield lambda account, limits=None: stack.enter_context(running(account, limits))


@pytest.fixture
def cloud(serve: Callable[..., Cloud]) -> Cloud:
    """The sample account."""
    return serve(content.sample(SandboxClock(at=NOW)))


@pytest.fixture
def empty_cloud(serve: Callable[..., Cloud]) -> Cloud:
    """An account with nothing but its default project."""
    return serve(content.empty(SandboxClock(at=NOW)))
