"""The rate budget: ahead of the refusal, for all threads, and visible."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_adapters.digitalocean.client import Limits
from arcadia_adapters.digitalocean.client.budget import Budget, NoPlace
from tests.unit.adapters.digitalocean.served import client_of, said
from tests.unit.adapters.digitalocean.waits import START, Waits


def call(budget: Budget, waits: Waits, path: str = "/v2/droplets", **headers: int) -> float:
    """One call; when it began, in seconds from the start."""
    with budget.place(path):
        began = waits.now() - START
        budget.learn({f"ratelimit-{name}": str(number) for name, number in headers.items()})
    return began


def test_calls_within_the_minute_do_not_wait() -> None:
    waits = Waits()
    budget = Budget(Limits(), waits)
    assert [call(budget, waits) for _ in range(250)] == [0.0] * 250
    assert waits.waited == []


def test_the_call_after_the_last_of_a_minute_waits_for_the_first_to_expire() -> None:
    waits = Waits()
    budget = Budget(Limits(), waits)
    for _ in range(250):
        call(budget, waits)
    assert call(budget, waits) == 60.5
    assert budget.state().waited == 60.5


def test_a_wait_beyond_our_patience_takes_no_place() -> None:
    waits = Waits()
    budget = Budget(Limits(calls_per_minute=1, patience=60.0), waits)
    call(budget, waits)
    for _ in range(3):
        with pytest.raises(NoPlace) as full:
            call(budget, waits)
        assert full.value.at == START + 60.5
    waits.pass_(60.5)
    assert call(budget, waits) == 60.5


@given(
    st.lists(
        st.tuples(st.floats(0, 30), st.sampled_from(["/v2/droplets", "/v2/cdn/endpoints"])), max_size=60
    ),
    st.integers(1, 6),
)
def test_no_window_ever_holds_more_calls_than_its_limit(
    calls: list[tuple[float, str]], per_minute: int
) -> None:
    waits = Waits()
    budget = Budget(Limits(calls_per_minute=per_minute, patience=1e9), waits)
    began: dict[str, list[float]] = {"/v2/droplets": [], "/v2/cdn/endpoints": []}
    for pause, path in calls:
        waits.pass_(pause)
        began[path].append(call(budget, waits, path))
    together = sorted(began["/v2/droplets"] + began["/v2/cdn/endpoints"])
    assert all(
        later - earlier > 60.0 for earlier, later in zip(together, together[per_minute:], strict=False)
    )
    cdn = began["/v2/cdn/endpoints"]
    assert all(later - earlier > 10.0 for earlier, later in zip(cdn, cdn[5:], strict=False))


def test_the_endpoints_of_the_cdn_have_a_narrow_window_of_their_own() -> None:
    waits = Waits()
    budget = Budget(Limits(), waits)
    assert [call(budget, waits, "/v2/cdn/endpoints") for _ in range(6)] == [0.0] * 5 + [10.5]


def test_the_hour_is_counted_before_the_provider_has_said_anything() -> None:
    waits = Waits()
    budget = Budget(Limits(calls_per_minute=9999, calls_per_hour=3, patience=60.0), waits)
    for _ in range(3):
        call(budget, waits)
    with pytest.raises(NoPlace):
        call(budget, waits)


def test_what_the_provider_says_is_left_counts_for_more_than_our_own_count() -> None:
    waits = Waits()
    budget = Budget(Limits(), waits)
    call(budget, waits, limit=5000, remaining=2, reset=int(START) + 50)
    assert [call(budget, waits) for _ in range(2)] == [0.0, 0.0]
    assert call(budget, waits) == 50.0, "the third waits until a place comes back"


def test_when_the_hour_is_used_up_calls_come_back_one_by_one() -> None:
    waits = Waits()
    budget = Budget(Limits(), waits)
    call(budget, waits, limit=5000, remaining=0, reset=int(START) + 50)
    assert [call(budget, waits) for _ in range(3)] == [50.0, 51.0, 52.0]
    call(budget, waits, limit=5000, remaining=100, reset=int(START) + 90)
    assert [call(budget, waits) for _ in range(2)] == [53.0, 53.0]


def test_calls_under_way_are_not_yet_in_what_the_provider_says_is_left() -> None:
    waits = Waits()
    budget = Budget(Limits(), waits)
    with budget.place("/v2/droplets"), budget.place("/v2/droplets"):
        budget.learn({"ratelimit-remaining": "1", "ratelimit-reset": str(int(START) + 50)})
    assert budget.state().hour_left == 0


def test_a_hold_holds_everybody() -> None:
    waits = Waits()
    budget = Budget(Limits(), waits)
    budget.hold(9.0)
    assert [call(budget, waits) for _ in range(2)] == [9.0, 9.0]


@pytest.mark.parametrize("text", ["", "-1", "many", "1e3", "٣", "9" * 40])
def test_a_header_that_is_no_number_is_ignored(text: str) -> None:
    waits = Waits()
    budget = Budget(Limits(), waits)
    with budget.place("/v2/droplets"):
        budget.learn({"ratelimit-limit": text, "ratelimit-remaining": text, "ratelimit-reset": text})
    assert (budget.state().per_hour, budget.state().hour_left) == (5000, 4999)


def test_the_budget_is_visible_as_numbers() -> None:
    reply = said(
        {"droplet": {"id": 7, "name": "web-1"}},
        ratelimit_limit="4000",
        ratelimit_remaining="0",
        ratelimit_reset=str(int(START) + 9),
    )
    with client_of(lambda _: reply) as (client, _):
        before = client.budget
        client.look_up("droplet", "7")
        after = client.budget
    assert (before.per_minute, before.minute_left, before.per_hour, before.hour_left) == (
        250,
        250,
        5000,
        5000,
    )
    assert (after.minute_left, after.per_hour, after.hour_left) == (249, 4000, 0)
    assert after.reset_at == START + 9
    assert before.reset_at is None


def test_threads_share_one_budget() -> None:
    waits = Waits()
    budget = Budget(Limits(calls_per_minute=100, patience=1e9), waits)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: call(budget, waits), range(100)))
    assert waits.waited == []
    assert budget.state().minute_left == 0
    assert call(budget, waits) == 60.5


class Elsewhere(Waits):
    """Waits as other threads have them: they go on while the next call is made."""

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


def test_a_place_that_is_taken_for_later_counts_when_it_comes() -> None:
    waits = Elsewhere()
    budget = Budget(Limits(calls_per_minute=7), waits)
    for _ in range(6):
        call(budget, waits, "/v2/cdn/endpoints")
    for _ in range(8):
        call(budget, waits)
    assert waits.waited == [10.5, *[60.5] * 6, 71.0]


class Interrupted(Waits):
    """Every wait is broken off."""

    def wait(self, seconds: float) -> None:
        raise KeyboardInterrupt


def test_a_wait_that_is_interrupted_leaves_no_call_under_way() -> None:
    waits = Interrupted()
    budget = Budget(Limits(calls_per_minute=1), waits)
    call(budget, waits)
    with pytest.raises(KeyboardInterrupt):
        call(budget, waits)
    waits.pass_(500.0)
    call(budget, waits, remaining=7)
    assert budget.state().hour_left == 7


def test_a_call_that_fails_gives_its_place_under_way_back() -> None:
    waits = Waits()
    budget = Budget(Limits(), waits)
    with pytest.raises(KeyError), budget.place("/v2/droplets"):
        raise KeyError
    with budget.place("/v2/droplets"):
        budget.learn({"ratelimit-remaining": "7"})
    assert budget.state().hour_left == 7
