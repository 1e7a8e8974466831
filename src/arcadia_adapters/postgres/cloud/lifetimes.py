"""When a stored resource began, as the domain reads it (`CloudResource.born_at`), for use in a query."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.cloud import cloud_resources
from arcadia_domain.cloud.inventory import BORN_WHEN_SEEN

_C: Final = cloud_resources.c
BORN_AT: Final[sa.ColumnElement[Any]] = sa.func.coalesce(
    _C.created_at, sa.case((_C.kind.in_(sorted(BORN_WHEN_SEEN)), _C.first_seen))
)
"""When a row of cloud_resources began; NULL where the provider should have told and did not."""
