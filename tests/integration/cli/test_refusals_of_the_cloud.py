"""What a command says when DigitalOcean is not there, or says no: what happened, and what to do next."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from tests.clouds.running import NOW, running
from tests.integration.http.serve import environment, own_data_dir
from tests.unit.adapters.digitalocean.served import Provider, refused

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def command() -> Iterator[Run]:
    """Runs a command with these variables, on this module's own embedded database."""
    with own_data_dir() as data_dir:

        def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
            named = {f"ARCADIA_{name}": value for name, value in variables.items()}
            return subprocess.run(
                [sys.executable, "-m", "arcadia_app", *words],
                env=environment(data_dir, **named),
                capture_output=True,
                text=True,
                check=False,
            )

        yield run


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine that nobody listens at, and nobody else gets."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("status", "id_", "code", "next_"),
    [
        (401, "unauthorized", "provider_unauthorized", "ARCADIA_DO_TOKEN"),
        (403, "forbidden", "provider_forbidden", "droplet, firewall"),
    ],
)
def test_a_token_that_is_refused_is_named(command: Run, status: int, id_: str, code: str, next_: str) -> None:
    with Provider(lambda _: refused(status, id_)) as provider:
        done = command("costs", "balance", DO_URL=provider.url, DO_TOKEN="dop_v1_S3cret")
    assert (done.returncode, done.stdout) == (1, "")
    why, what_next = done.stderr.splitlines()
    assert why.endswith(f"({code})")
    assert "ARCADIA_DO_TOKEN" in what_next
    assert next_ in what_next
    assert "S3cret" not in done.stderr


def test_of_too_many_calls_it_says_until_when(command: Run) -> None:
    with Provider(lambda _: refused(429, "too_many_requests", retry_after="9000")) as provider:
        done = command("costs", "balance", DO_URL=provider.url)
    assert done.returncode == 1
    why, what_next = done.stderr.splitlines()
    assert "until 20" in why
    assert why.endswith("(provider_rate_limited)")
    assert "again then" in what_next


@pytest.mark.parametrize("words", [("costs", "balance"), ("sync",), ("costs", "discover")], ids=" ".join)
def test_where_nobody_listens_it_says_so_soon_and_names_the_address(
    command: Run, closed_port: int, words: tuple[str, ...]
) -> None:
    command("seed")  # the database is there
    began = time.monotonic()
    done = command(*words, DO_URL=f"http://127.0.0.1:{closed_port}")
    assert time.monotonic() - began < 15, "retries would take longer"
    assert (done.returncode, done.stdout) == (1, "")
    *_, why, what_next = done.stderr.splitlines()
    assert f"nothing listens at http://127.0.0.1:{closed_port} (provider_unreachable)" in why
    assert "ARCADIA_DO_URL" in what_next


def test_without_an_account_it_says_how_one_is_named(command: Run) -> None:
    done = command("costs", "balance")
    why, what_next = done.stderr.splitlines()
    assert why.endswith("(cloud_not_connected)")
    assert "ARCADIA_DO_TOKEN" in what_next


def test_an_empty_token_names_its_variable(command: Run) -> None:
    done = command("costs", "balance", DO_TOKEN=" ")
    assert "the token of DigitalOcean (ARCADIA_DO_TOKEN) is empty" in done.stderr


def test_a_password_in_the_address_is_not_repeated(command: Run) -> None:
    done = command("costs", "balance", DO_URL="https://user:S3cret@api.example.com", DO_TOKEN="t")
    assert "(setting_invalid)" in done.stderr
    assert "S3cret" not in done.stdout + done.stderr


def test_a_wrong_key_of_spaces_is_said_once_with_what_s3_calls_it(command: Run) -> None:
    with running(content.empty(SandboxClock(at=NOW))) as cloud:
        keys = {"SPACES_KEY": "WRONG", "SPACES_SECRET": "S3cret"}
        done = command("sync", "--speed", "slow", DO_URL=cloud.url, **keys)
    assert done.returncode == 1
    [said] = [line for line in done.stdout.splitlines() if "not seen whole" in line]
    assert "space ams3, space" in said
    assert "the key of Spaces (ARCADIA_SPACES_KEY) is not known (status 403, InvalidAccessKeyId)" in said


def test_without_keys_of_spaces_it_says_which_variables_to_set(command: Run) -> None:
    with own_data_dir() as empty, running(content.empty(SandboxClock(at=NOW))) as cloud:
        done = command("sync", "--speed", "slow", DO_URL=cloud.url, DATA_DIR=str(empty))
    assert "set ARCADIA_SPACES_KEY and ARCADIA_SPACES_SECRET" in done.stdout
