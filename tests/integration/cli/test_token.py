"""`arcadia token`: for whom it mints, for how long, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from arcadia_app.bootstrap import LocalWiring
from arcadia_app.cli.main import run
from arcadia_app.settings import Settings, TokenSettings

SECRET = "a secret of the tests, long enough for HS512: 64 bytes are asked for"

Token = Callable[..., int]


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Token:
    """Runs the command; its exit status."""
    monkeypatch.setattr("arcadia_app.logs.configure_logs", lambda stream: None)
    settings = Settings(
        data_dir=tmp_path, tokens=TokenSettings(secret=SECRET, issuer="app", audience="cloud")
    )
    return lambda *words: run(lambda: LocalWiring(settings), ["token", *words])


def claims_of(token: str) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(token, SECRET.encode(), algorithms=["HS512"], audience="cloud")
    return claims


def test_it_prints_the_token_and_nothing_else(token: Token, capsys: pytest.CaptureFixture[str]) -> None:
    assert token("--tenant", "acme", "--role", "platform_admin", "--role", "llm_gateway") == 0
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    assert printed.err == ""
    claims = claims_of(printed.out.strip())
    assert (claims["tenant_id"], claims["sub"]) == ("acme", "developer")
    assert (claims["iss"], claims["aud"]) == ("app", "cloud")
    assert claims["roles"] == ["llm_gateway", "platform_admin"]


@pytest.mark.parametrize(
    ("ttl", "time"),
    [
        ("45s", timedelta(seconds=45)),
        ("15m", timedelta(minutes=15)),
        ("1h", timedelta(hours=1)),
        ("28d", timedelta(days=28)),
    ],
)
def test_it_is_good_for_as_long_as_is_asked(
    token: Token, capsys: pytest.CaptureFixture[str], ttl: str, time: timedelta
) -> None:
    assert token("--tenant", "acme", "--subject", "ann", "--ttl", ttl, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    claims = claims_of(printed["token"])
    issued_at, expires_at = claims["iat"], claims["exp"]
    assert isinstance(issued_at, int)
    assert expires_at == issued_at + time.total_seconds()
    assert datetime.fromisoformat(printed["expires_at"]) == datetime.fromtimestamp(issued_at, UTC) + time
    assert claims["sub"] == "ann"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ([], 2, "--tenant"),
        (["--tenant", "acme", "--role", "owner"], 2, "owner"),
        (["--tenant", "acme", "--ttl", "soon"], 2, "'soon' is no time, as in 30s, 15m, 1h or 7d."),
        (["--tenant", "acme", "--ttl", "0h"], 2, "'0h' is no time"),
        (["--tenant", "_platform"], 1, "its claim tenant_id names no tenant. (invalid_token)"),
        (["--tenant", ""], 1, "its claim tenant_id names no tenant. (invalid_token)"),
        (["--tenant", "acme", "--subject", ""], 1, "its claim sub is no text"),
    ],
)
def test_what_would_not_be_taken_is_not_minted(
    token: Token, capsys: pytest.CaptureFixture[str], words: list[str], status: int, told: str
) -> None:
    assert token(*words) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert told in printed.err
