"""Health and readiness on the wire."""

from __future__ import annotations

from typing import Literal

from arcadia_app.wire.types import Shape
from arcadia_domain.ports import health


class Alive(Shape):
    """The process answers."""

    service: Literal["arcadia-cloud"]
    status: Literal["ok"]
    version: str


class ReadinessCheck(Shape):
    """One thing that is needed to serve."""

    name: str
    ok: bool
    detail: str


class Ready(Shape):
    """Whether requests can be answered, and what was looked at."""

    status: Literal["ready", "not_ready"]
    checks: list[ReadinessCheck]

    @classmethod
    def of(cls, look: health.Look) -> Ready:
        checks = [ReadinessCheck(name=one.name, ok=one.ok, detail=one.detail) for one in look.checks]
        return cls(status="ready" if all(one.ok for one in checks) else "not_ready", checks=checks)
