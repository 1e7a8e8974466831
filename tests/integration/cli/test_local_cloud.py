"""The sandbox that `serve` brings along: found by the commands on its data directory, while it is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from arcadia_app.arcadia import CloudNotConnected
from arcadia_app.bootstrap.cloud import connected
from arcadia_app.bootstrap.local_cloud import sandbox_beside, sandbox_of
from arcadia_app.settings import CloudSettings


@pytest.fixture
def local(tmp_path: Path) -> Iterator[CloudSettings]:
    with sandbox_beside(tmp_path) as settings:
        yield settings


def test_commands_find_the_sandbox_of_a_serve_that_runs(local: CloudSettings, tmp_path: Path) -> None:
    assert sandbox_of(tmp_path) == local


def test_the_sandbox_is_gone_with_its_serve(tmp_path: Path) -> None:
    with sandbox_beside(tmp_path) as settings:
        told = (tmp_path / "sandbox.json").read_text()
    assert sandbox_of(tmp_path) is None
    (tmp_path / "sandbox.json").write_text(told)  # as a killed serve leaves it
    assert sandbox_of(tmp_path) is None
    assert str(settings.url) in told


@pytest.mark.parametrize("told", ["", "{}", "[]", json.dumps({"url": 7}), json.dumps({"url": "nonsense"})])
def test_a_file_that_tells_nothing_is_no_sandbox(tmp_path: Path, told: str) -> None:
    (tmp_path / "sandbox.json").write_text(told)
    assert sandbox_of(tmp_path) is None


def test_all_who_ask_in_a_process_share_one_client_and_its_budget(local: CloudSettings) -> None:
    with connected(lambda: local) as cloud:
        assert cloud.budget() is None
        with cloud() as first, cloud() as second:
            assert first is second
            first.balance()
        budget = cloud.budget()
        assert budget is not None
        assert budget.minute_left == budget.per_minute - 1


def test_without_an_account_the_refusal_says_what_to_set() -> None:
    with (
        connected(lambda: None) as cloud,
        pytest.raises(CloudNotConnected, match=r"ARCADIA_DO_TOKEN.*arcadia sandbox"),
        cloud(),
    ):
        pass
