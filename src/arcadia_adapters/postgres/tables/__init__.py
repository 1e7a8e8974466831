"""Every table, a file a room; importing this package fills `metadata`.

Owns nothing but the gathering. The definitions are the law: migrations bring a database to them,
`walls` and `guards` put up what stands around them.
"""

from __future__ import annotations

from arcadia_adapters.postgres.tables import (
    catalog,
    cloud,
    costs,
    deployments,
    doors,
    invoices,
    jobs,
    subscriptions,
    tenants,
    usage,
)
from arcadia_adapters.postgres.tables.foundation import metadata

__all__ = [
    "catalog",
    "cloud",
    "costs",
    "deployments",
    "doors",
    "invoices",
    "jobs",
    "metadata",
    "subscriptions",
    "tenants",
    "usage",
]
