"""When a stored resource began, as the domain reads it (`CloudResource.born_at`), for use in a query.

Owns nothing of the rule: which kinds begin with their first look is asked of the domain.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from arcadia_adapters.postgres.tables.cloud import cloud_resources
from arcadia_domain.cloud.inventory import RESOURCE_KINDS, CloudResource

_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _is_born_when_seen(kind: str) -> bool:
    undated = CloudResource(
        id=UUID(int=0),
        account="",
        provider_id="",
        kind=kind,
        name="",
        first_seen=_ANY_TIME,
        last_seen=_ANY_TIME,
    )
    return undated.born_at is not None


BORN_WHEN_SEEN: Final = [kind for kind in RESOURCE_KINDS if _is_born_when_seen(kind)]
"""The kinds that the provider gives no date of."""

_C: Final = cloud_resources.c
BORN_AT: Final[sa.ColumnElement[Any]] = sa.func.coalesce(
    _C.created_at, sa.case((_C.kind.in_(BORN_WHEN_SEEN), _C.first_seen))
)
"""When a row of cloud_resources began; NULL where the provider should have told and did not."""
