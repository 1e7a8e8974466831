"""How a process that answers takes its address, and how it is stopped."""

from __future__ import annotations

import signal
import socket

import pytest

from arcadia_app.http.server import AddressTaken, listening, until_stopped, url_of


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_the_block_is_left_and_what_it_opened_is_closed(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    done = []
    with until_stopped():
        try:
            signal.raise_signal(number)
            done.append("went on")
        finally:
            signal.raise_signal(signal.SIGTERM)  # closing is not disturbed by whoever is impatient
            done.append("closed")
    assert done == ["closed"]
    assert signal.getsignal(number) is before


def test_what_goes_wrong_is_not_taken_for_a_stop() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ValueError, match="wrong"), until_stopped():
        raise ValueError("wrong")
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_listener_takes_connections_before_anybody_answers() -> None:
    with listening("127.0.0.1", 0) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
        socket.create_connection(listener.getsockname()).close()


def test_an_address_of_the_sixth_version_is_written_as_browsers_do() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        with listening("::1", 0) as listener:
            assert url_of(listener).startswith("http://[::1]:")
    except AddressTaken as reason:
        pytest.skip(f"this machine has no ::1: {reason}")


def test_a_taken_port_is_refused_by_name() -> None:
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with (
            pytest.raises(AddressTaken, match=f"127.0.0.1, port {port}: .*ARCADIA_PORT"),
            listening("127.0.0.1", port),
        ):
            pass


def test_a_host_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(AddressTaken, match=r"no-such-host\.invalid"), listening("no-such-host.invalid", 0):
        pass
