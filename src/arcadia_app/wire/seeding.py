"""The seeding of the catalogue on the wire (SPEC 3)."""

from __future__ import annotations

from arcadia_app.use_cases.catalog import seed_catalog
from arcadia_app.wire.types import Shape


class Seeded(Shape):
    """How many of each were new."""

    plans: int
    addons: int
    prices: int

    @classmethod
    def of(cls, seeded: seed_catalog.Seeded) -> Seeded:
        return cls(plans=seeded.plans, addons=seeded.addons, prices=seeded.prices)
