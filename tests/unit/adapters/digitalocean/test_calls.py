"""What one call goes through: another try where that is right, and errors with all the facts."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from arcadia_adapters.digitalocean.client import Access, DigitalOceanClient, Limits, Secret
from arcadia_adapters.digitalocean.client.paths import NoIdentifier
from arcadia_domain.cloud.orders import DropletOrder, FirewallOrder
from arcadia_domain.cloud.provider_errors import (
    ProviderBusy,
    ProviderConflict,
    ProviderError,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnauthorized,
    ProviderUnreachable,
    ProviderUnreadable,
)
from tests.unit.adapters.digitalocean.served import HANG_UP, Asked, Reply, client_of, refused, said
from tests.unit.adapters.digitalocean.waits import START, Waits

DROPLET = {"id": 7, "name": "web-1"}
ACTION = {"action": {"id": 9, "status": "in-progress", "type": "power_off"}}
ORDER = DropletOrder(name="web-1", size="s-1vcpu-1gb", image="debian-13-x64", tags=("arc-op:1",))
FIREWALL = FirewallOrder(name="wall")

Act = Callable[[DigitalOceanClient], object]
READ: Act = lambda client: client.look_up("droplet", "7")  # noqa: E731
REPLACE: Act = lambda client: client.replace_firewall("f1", FIREWALL)  # noqa: E731
DELETE: Act = lambda client: client.delete_droplet("7")  # noqa: E731
CREATE: Act = lambda client: client.create_droplet(ORDER)  # noqa: E731
START_ACTION: Act = lambda client: client.power_off("7")  # noqa: E731

GOOD: dict[str, Reply] = {
    "GET": said({"droplet": DROPLET}),
    "PUT": said({"firewall": {"id": "f1", "name": "wall"}}),
    "DELETE": Reply(204),
    "POST": said({"droplet": DROPLET}, 202),
}
PASSING = [
    pytest.param(HANG_UP, id="hangs up"),
    pytest.param(Reply(200, b'{"droplet": {"id": 7,', sent=10), id="half a body"),
    pytest.param(refused(500, "server_error"), id="500"),
    pytest.param(Reply(502, b"<html>bad gateway</html>"), id="502 without JSON"),
    pytest.param(refused(503, "server_error"), id="503"),
    pytest.param(refused(504, "server_error"), id="504"),
    pytest.param(refused(429, "too_many_requests", retry_after="3"), id="429"),
]


def first(bad: Reply, times: int) -> Callable[[Asked], Reply]:
    """So many bad answers, then a good one."""
    left = [bad] * times
    return lambda asked: left.pop() if left else GOOD[asked.method]


@pytest.mark.parametrize("act", [READ, REPLACE, DELETE], ids=["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("bad", PASSING)
def test_what_may_be_repeated_is_repeated_until_it_passes(bad: Reply, act: Act) -> None:
    waits = Waits()
    with client_of(first(bad, 2), waits) as (client, provider):
        act(client)
        assert len(provider.asked) == 3
    assert len(waits.waited) == 2
    assert all(seconds > 0 for seconds in waits.waited)


@pytest.mark.parametrize("act", [READ, REPLACE, DELETE], ids=["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("bad", PASSING)
def test_what_may_be_repeated_is_repeated_so_often_and_no_more(bad: Reply, act: Act) -> None:
    with client_of(lambda _: bad) as (client, provider):
        with pytest.raises(ProviderError) as raised:
            act(client)
        assert len(provider.asked) == 3
        assert not raised.value.outcome_unknown


@pytest.mark.parametrize("act", [CREATE, START_ACTION], ids=["create", "action"])
@pytest.mark.parametrize("bad", PASSING)
def test_what_makes_or_starts_something_is_sent_once(bad: Reply, act: Act) -> None:
    waits = Waits()
    with client_of(first(bad, 1), waits) as (client, provider):
        with pytest.raises(ProviderError) as raised:
            act(client)
        assert len(provider.asked) == 1
    assert raised.value.outcome_unknown is not isinstance(raised.value, ProviderRateLimited)
    assert waits.waited == []


def test_a_create_call_that_was_never_sent_had_no_effect() -> None:
    access = Access(token=Secret("t", "the token"), url="http://127.0.0.1:9", limits=Limits(connect=1.0))
    with DigitalOceanClient(access, Waits()) as client, pytest.raises(ProviderUnreachable) as raised:
        client.create_droplet(ORDER)
    assert not raised.value.outcome_unknown
    assert raised.value.message == "nothing listens at http://127.0.0.1:9"


def test_where_nobody_listens_is_tried_once_more_and_soon() -> None:
    access = Access(token=Secret("t", "the token"), url="http://user:pw@127.0.0.1:9")
    waits = Waits()
    with DigitalOceanClient(access, waits) as client, pytest.raises(ProviderUnreachable) as raised:
        client.look_up("droplet", "7")
    assert waits.waited == [0.5]
    assert raised.value.message == "nothing listens at http://127.0.0.1:9"


def test_where_no_answer_comes_is_tried_as_often_as_ever_and_the_address_is_named() -> None:
    with client_of(lambda _: HANG_UP) as (client, provider):
        with pytest.raises(ProviderUnreachable, match=f" at {provider.url}$"):
            client.look_up("droplet", "7")
        assert len(provider.asked) == 3


def test_an_answer_to_a_create_call_that_cannot_be_read_may_have_had_its_effect() -> None:
    with client_of(lambda _: Reply(202, b'{"droplet": ')) as (client, _):
        with pytest.raises(ProviderUnreadable) as raised:
            client.create_droplet(ORDER)
        assert raised.value.outcome_unknown


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (400, "Bad.", ProviderRefused),
        (401, "Unable to authenticate you.", ProviderUnauthorized),
        (403, "You are not authorized.", ProviderForbidden),
        (409, "It exists.", ProviderConflict),
        (412, "The project is not empty.", ProviderConflict),
        (422, "Region is not available.", ProviderRefused),
        (422, "Droplet already has a pending event.", ProviderBusy),
        (302, "Over there.", ProviderRefused),
    ],
)
def test_a_refusal_is_told_at_once_with_all_that_the_provider_said(
    status: int, message: str, error: type[ProviderError]
) -> None:
    reply = said({"id": "the_id", "message": message, "request_id": "req-1"}, status)
    with client_of(lambda _: reply) as (client, provider):
        with pytest.raises(ProviderError) as raised:
            client.power_on("7")
        assert len(provider.asked) == 1
    refusal = raised.value
    assert type(refusal) is error
    assert (refusal.status, refusal.error_id, refusal.message) == (status, "the_id", message)
    assert (refusal.request_id, refusal.outcome_unknown) == ("req-1", False)
    assert refusal.call == "POST /v2/droplets/7/actions"
    assert "request req-1" in str(refusal)
    copy = pickle.loads(pickle.dumps(refusal))
    assert (type(copy), str(copy)) == (error, str(refusal))


def test_a_redirect_is_not_followed() -> None:
    with client_of(lambda _: Reply(302, headers={"location": "http://127.0.0.1:9/elsewhere"})) as (
        client,
        provider,
    ):
        with pytest.raises(ProviderRefused):
            client.look_up("droplet", "7")
        assert [asked.path for asked in provider.asked] == ["/v2/droplets/7"]


def test_the_id_of_the_request_is_found_in_the_header_too() -> None:
    reply = refused(422, "unprocessable_entity", x_request_id="req-2")
    with client_of(lambda _: reply) as (client, _), pytest.raises(ProviderRefused) as raised:
        client.power_on("7")
    assert raised.value.request_id == "req-2"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"id": 3}', b'{"id":"a","message":', b"\xff\xfe"])
def test_a_refusal_without_a_readable_body_is_still_a_refusal(body: bytes) -> None:
    with client_of(lambda _: Reply(400, body)) as (client, _), pytest.raises(ProviderRefused) as raised:
        client.power_on("7")
    assert (raised.value.status, raised.value.message) == (400, "it gave no reason")


def test_a_message_becomes_one_short_line() -> None:
    reply = refused(400, message="one\ntwo\x1b[31m\u202e" + "x" * 9999)
    with client_of(lambda _: reply) as (client, _), pytest.raises(ProviderRefused) as raised:
        client.power_on("7")
    assert raised.value.message.startswith("one two [31m x")
    assert len(raised.value.message) <= 500


def test_looking_for_what_is_not_there_finds_nothing() -> None:
    with client_of(lambda _: refused(404)) as (client, provider):
        assert client.look_up("droplet", "7") is None
        assert len(provider.asked) == 1


def test_acting_on_what_is_not_there_is_an_error() -> None:
    with client_of(lambda _: refused(404)) as (client, _), pytest.raises(ProviderNotFound):
        client.power_on("7")


@pytest.mark.parametrize("before", [0, 1])
def test_removing_what_is_gone_is_success(before: int) -> None:
    replies = [refused(500)] * before + [refused(404)]
    with client_of(lambda _: replies.pop(0)) as (client, provider):
        client.delete_droplet("7")
        assert len(provider.asked) == before + 1


def test_a_200_that_is_not_json_is_asked_for_again() -> None:
    with client_of(first(Reply(200, b'{"droplet": {"id": 7, "na'), 1)) as (client, provider):
        assert client.look_up("droplet", "7") is not None
        assert len(provider.asked) == 2


def test_retry_after_is_obeyed_by_all_callers() -> None:
    waits = Waits()
    with client_of(first(refused(429, retry_after="17"), 1), waits) as (client, _):
        with pytest.raises(ProviderRateLimited) as raised:
            client.power_on("7")
        assert raised.value.reset_at == datetime.fromtimestamp(START + 17, UTC)
        client.look_up("droplet", "7")
    assert waits.waited == [17.0]


def test_retry_after_may_be_a_date() -> None:
    waits = Waits()
    date = datetime.fromtimestamp(START + 30, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    with client_of(first(refused(503, retry_after=date), 1), waits) as (client, _):
        client.look_up("droplet", "7")
    assert waits.waited == [30.0]


def test_a_429_without_retry_after_waits_for_the_reset() -> None:
    waits = Waits()
    spent = refused(429, ratelimit_remaining="0", ratelimit_reset=str(int(START) + 40))
    with client_of(first(spent, 1), waits) as (client, _):
        client.look_up("droplet", "7")
    assert waits.waited == [40.0]


def test_a_wait_beyond_our_patience_is_an_error_that_says_until_when() -> None:
    waits = Waits()
    spent = refused(429, ratelimit_remaining="0", ratelimit_reset=str(int(START) + 1800))
    with client_of(lambda _: spent, waits) as (client, provider):
        for _ in range(3):
            with pytest.raises(ProviderRateLimited) as raised:
                client.look_up("droplet", "7")
            assert raised.value.reset_at == datetime.fromtimestamp(START + 1800, UTC)
        assert len(provider.asked) == 1, "the others are refused by our own count"
    assert waits.waited == []


def test_silence_ends_with_an_error() -> None:
    def times_out(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    access = Access(token=Secret("t", "the token"))
    client = DigitalOceanClient(access, Waits(), httpx.MockTransport(times_out))
    with client, pytest.raises(ProviderUnreachable) as raised:
        client.look_up("droplet", "7")
    assert raised.value.message == "ReadTimeout at https://api.digitalocean.com"


def test_every_step_of_an_exchange_has_a_time_limit() -> None:
    seen: list[dict[str, float]] = []

    def look(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(404)

    access = Access(token=Secret("t", "the token"), limits=Limits(connect=3.0, read=7.0, whole=11.0))
    with DigitalOceanClient(access, Waits(), httpx.MockTransport(look)) as client:
        client.look_up("droplet", "7")
    assert seen == [{"connect": 3.0, "read": 7.0, "write": 7.0, "pool": 11.0}]


def test_an_answer_that_trickles_is_given_up() -> None:
    waits = Waits()

    def trickle() -> Iterator[bytes]:
        for _ in range(100):
            waits.pass_(10.0)
            yield b" "

    access = Access(token=Secret("t", "the token"), limits=Limits(attempts=1, whole=60.0))
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=trickle()))
    client = DigitalOceanClient(access, waits, transport)
    with client, pytest.raises(ProviderUnreachable, match="not whole after 60 s"):
        client.look_up("droplet", "7")


def test_an_answer_without_end_is_given_up() -> None:
    endless = client_of(lambda _: Reply(200, b" " * 5000), largest_answer=4096, attempts=1)
    with endless as (client, _), pytest.raises(ProviderUnreachable, match="more than 4096 bytes"):
        client.look_up("droplet", "7")


@pytest.mark.parametrize("id_", ["", ".", ".."])
def test_an_empty_id_addresses_nothing(id_: str) -> None:
    with client_of(lambda _: Reply(204)) as (client, provider):
        with pytest.raises(NoIdentifier):
            client.delete_droplet(id_)
        assert provider.asked == []


def test_an_id_cannot_reach_another_object() -> None:
    with client_of(lambda _: Reply(204)) as (client, provider):
        client.delete_tag("../droplets?tag_name=all#x")
        assert [asked.path for asked in provider.asked] == ["/v2/tags/..%2Fdroplets%3Ftag_name%3Dall%23x"]
