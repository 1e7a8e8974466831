"""`arcadia sync` as a process, set by its environment on a room's sandbox and database (SPEC 18).

Owns the process and what it said. Hastened, it is the same command with other clocks: see hastened.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.digitalocean.client.access import SPACES_REGIONS
from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from tests.clouds.running import TOKEN
from tests.integration.inventory.room import Room

ROOT = Path(__file__).resolve().parents[3]


def account_of(count: int) -> Account:
    """So many of every kind, at the machine's time; the buckets where DigitalOcean offers any."""
    account = content.filled(count, SandboxClock(SystemClock()))
    for n, space in enumerate(account.every("space")):
        space["region"] = SPACES_REGIONS[n % len(SPACES_REGIONS)]
    return account


def synced(room: Room, *words: str, hastened: bool = False) -> subprocess.CompletedProcess[str]:
    """What became of `arcadia sync --json`, with these words after it."""
    module = "tests.integration.inventory.hastened" if hastened else "arcadia_app"
    others = {name: value for name, value in os.environ.items() if not name.startswith("ARCADIA_")}
    return subprocess.run(
        [sys.executable, "-m", module, "sync", "--json", *words],
        cwd=ROOT,
        env={**others, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **_settings(room)},
        capture_output=True,
        text=True,
        check=False,
    )


def _settings(room: Room) -> dict[str, str]:
    access, database = room.cloud.access, room.database
    assert access.spaces is not None
    return {
        "ARCADIA_DATABASE_URL": database.tenant_url,
        "ARCADIA_DATABASE_OPERATOR_URL": database.operator_url,
        "ARCADIA_DATABASE_GATEWAY_URL": database.gateway_url,
        "ARCADIA_DO_URL": access.url,
        "ARCADIA_DO_TOKEN": TOKEN,
        "ARCADIA_SPACES_KEY": access.spaces.key.reveal(),
        "ARCADIA_SPACES_SECRET": access.spaces.secret.reveal(),
    }
