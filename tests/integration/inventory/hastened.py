"""The `arcadia` command in a process whose waits for DigitalOcean take no time, and are counted all the same.

Run as `python -m tests.integration.inventory.hastened WORDS`. All else is the command as it is, its rate
budget too: 250 calls a minute, which a sync of many domains and projects waits for most of its time.
"""

from __future__ import annotations

import time
from unittest.mock import patch

from arcadia_adapters.digitalocean.client import client
from arcadia_app.__main__ import main


class Hastened:
    """The machine's clocks, put on by whatever somebody would have waited."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def elapsed(self) -> float:
        return time.monotonic() + self._ahead

    def wait(self, seconds: float) -> None:
        self._ahead += seconds


if __name__ == "__main__":
    with patch.object(client, "SystemWaiting", Hastened):
        main()
