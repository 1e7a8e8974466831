"""The `arcadia` command: reads the settings, wires the application, hands it to the command line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring


def main() -> None:
    """Run the command line and exit with its status."""
    from arcadia_app.cli.main import run

    sys.exit(run(_wiring, sys.argv[1:]))


def _wiring() -> Wiring:
    """Wired when a command needs it: `arcadia --help` loads no database library."""
    from arcadia_app.bootstrap import LocalWiring
    from arcadia_app.settings import read_settings

    return LocalWiring(read_settings(os.environ))


if __name__ == "__main__":
    main()
