"""`arcadia demo`: April 2026 end to end, golden numbers checked (SPEC 13).

`april` plays the month through the use cases, `goldens` says what must come of it, `stage` shows it.
"""

from __future__ import annotations

from arcadia_app.cli.demo.stage import play_demo

__all__ = ["play_demo"]
