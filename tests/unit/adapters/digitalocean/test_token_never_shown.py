"""The token and the keys: in the header of a request, and nowhere that anybody reads."""

from __future__ import annotations

import logging
import os
import pickle
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType

import httpx
import pytest

from arcadia_adapters.digitalocean.client import Access, DigitalOceanClient, Limits, Secret, SpacesAccess
from arcadia_adapters.digitalocean.client.secret import UnusableSecret
from arcadia_domain.cloud.orders import DropletOrder
from arcadia_domain.cloud.provider_errors import ProviderError
from tests.unit.adapters.digitalocean.served import (
    HANG_UP,
    TOKEN,
    Asked,
    Reply,
    client_of,
    refused,
    said,
)
from tests.unit.adapters.digitalocean.waits import Waits

USER_DATA = "user-data-canary"
CANARIES = (TOKEN, "spaces-secret-canary", USER_DATA)
ORDER = DropletOrder(name="web-1", size="s-1vcpu-1gb", image=1, user_data=USER_DATA)


def shown(error: BaseException) -> Iterator[str]:
    """All that an error shows: its text, and the locals of every frame of it and of what led to it."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield from (str(one), repr(one), repr(vars(one)))
        yield from _locals(one.__traceback__)
        left += [one.__cause__, one.__context__]


def _locals(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        if f"{os.sep}tests{os.sep}" not in trace.tb_frame.f_code.co_filename:  # a test holds its canaries
            yield from map(repr, trace.tb_frame.f_locals.values())
        trace = trace.tb_next


def echo(asked: Asked) -> Reply:
    """A provider that tells what it was sent."""
    header = asked.headers["authorization"]
    return refused(400, header.rpartition(" ")[2], f"the header was {header}")


@pytest.mark.parametrize(
    "answering",
    [
        pytest.param(lambda _: HANG_UP, id="hangs up"),
        pytest.param(lambda _: Reply(200, b"{" * 99, sent=9), id="half a body"),
        pytest.param(lambda _: Reply(200, b"{"), id="no JSON"),
        pytest.param(lambda _: refused(401, "unauthorized"), id="401"),
        pytest.param(lambda _: refused(429, "too_many_requests", retry_after="9999"), id="429"),
        pytest.param(lambda _: refused(500, "server_error"), id="500"),
        pytest.param(echo, id="echoes the token"),
    ],
)
@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda client: client.look_up("droplet", "7"), id="read"),
        pytest.param(lambda client: client.create_droplet(ORDER), id="create"),
        pytest.param(lambda client: client.balance(), id="balance"),
        pytest.param(lambda client: client.look_up("space", "nyc3/media"), id="space"),
    ],
)
def test_no_error_shows_a_secret(
    answering: Callable[[Asked], Reply],
    act: Callable[[DigitalOceanClient], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with client_of(answering, spaces=True) as (client, _), pytest.raises(ProviderError) as raised:
        act(client)
    text = "\n".join(shown(raised.value)) + caplog.text
    text += "".join(traceback.format_exception(raised.value))
    assert len(text) > 200
    assert [canary for canary in CANARIES if canary in text] == []


class _Stopped(BaseException):
    """What a job's time limit raises, wherever its thread is just then."""


def test_an_interrupt_in_the_middle_of_a_request_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise _Stopped

    monkeypatch.setattr("h11.Connection.send", interrupted)  # the headers are locals of its callers
    with client_of(lambda _: HANG_UP) as (client, _), pytest.raises(_Stopped) as raised:
        client.look_up("droplet", "7")
    frames = [os.path.basename(frame.filename) for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert "exchange.py" in frames
    assert [frame for frame in frames if frame.startswith("http11")] == []
    assert TOKEN not in "\n".join(shown(raised.value))


def test_the_token_is_sent_and_nothing_that_can_be_printed_holds_it() -> None:
    sent: list[str] = []

    def look(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return httpx.Response(404)

    token = Secret(f"  {TOKEN}\n", "the token")
    spaces = SpacesAccess(key=Secret("k", "key"), secret=token)
    access = Access(token=token, spaces=spaces, limits=Limits())
    with DigitalOceanClient(access, Waits(), httpx.MockTransport(look)) as client:
        client.look_up("droplet", "7")
        texts = [repr(token), str(token), f"{token}", repr(access), repr(client), repr(vars(client))]
    assert sent == [f"Bearer {TOKEN}"]
    assert [text for text in texts if TOKEN in text] == []


def test_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(TOKEN, "the token"))


@pytest.mark.parametrize("text", ["", "  ", "one\r\ntwo", "zwölf", "with space", "null\0"])
def test_a_text_that_can_be_no_token_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(UnusableSecret) as raised:
        Secret(text, "the token")
    shown_locals = [frame for frame in _frames(raised.value) if "secret.py" in frame]
    assert shown_locals
    assert str(raised.value) == "the token is empty, or holds a character that no such secret has."
    if text.strip():
        assert text.strip() not in "\n".join(shown_locals)


def _frames(error: BaseException) -> list[str]:
    found = []
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        found.append(f"{frame.f_code.co_filename} {frame.f_locals!r}")
        trace = trace.tb_next
    return found


def test_an_order_does_not_show_what_its_droplet_is_told() -> None:
    assert USER_DATA not in repr(ORDER)


def test_a_listing_of_a_provider_that_echoes_the_token_does_not_repeat_it() -> None:
    with client_of(echo) as (client, _):
        (listing,) = client.list_resources("droplet", lambda _: None)
    assert listing.detail is not None
    assert "[secret]" in listing.detail
    assert TOKEN not in listing.detail


def test_what_can_be_read_is_read(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with client_of(lambda _: said({"droplet": {"id": 7, "name": "web-1"}})) as (client, _):
        assert client.look_up("droplet", "7") is not None
    assert "/v2/droplets/7" in caplog.text
    assert TOKEN not in caplog.text
