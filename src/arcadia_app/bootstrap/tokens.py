"""Tokens: the secret that they are signed with, who verifies them, and minting some for development.

Owns where a machine keeps a secret of its own.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.jwt import JwtMinter, JwtVerifier
from arcadia_adapters.postgres.embedded.account import server_account
from arcadia_adapters.postgres.embedded.places import Places
from arcadia_adapters.secret_file import read_or_make_secret
from arcadia_app.arcadia import MintedToken
from arcadia_app.settings import TokenSettings
from arcadia_domain.identity import Principal
from arcadia_domain.ports.tokens import TokenVerifier

_FILE: Final = "jwt_secret"


def wire_verifier(secret: str, settings: TokenSettings) -> TokenVerifier:
    """Takes what was signed with the secret, or with the one before it."""
    return JwtVerifier([secret, settings.previous], issuer=settings.issuer, audience=settings.audience)


def mint(settings: TokenSettings, data_dir: Path, principal: Principal, ttl: timedelta) -> MintedToken:
    """A token of the secret that `serve` would use. Raises InvalidToken where it would not be taken."""
    secret = settings.secret or own_secret(data_dir)
    now = SystemClock().now().replace(microsecond=0)
    minter = JwtMinter(secret, issuer=settings.issuer, audience=settings.audience)
    token = minter.mint(principal, now=now, ttl=ttl)
    wire_verifier(secret, settings).verify(token)
    return MintedToken(token, now + ttl)


def prepare(data_dir: Path) -> None:
    """Make the data directory, where it is not there. Raises DataDirUnusable.

    As root, the embedded server's account must pass: it is let through while nothing is in there yet.
    """
    Places(data_dir / "postgres", server_account()).prepare()


def own_secret(data_dir: Path) -> str:
    """The secret of a data directory, made when there is none. Raises SecretUnusable, DataDirUnusable."""
    prepare(data_dir)
    path = data_dir / _FILE
    secret, made = read_or_make_secret(path)
    if made:
        structlog.get_logger("arcadia").warning("made a secret to sign tokens with", file=str(path))
    return secret
