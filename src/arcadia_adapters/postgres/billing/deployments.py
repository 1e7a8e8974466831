"""Deployments and their history on Postgres (SPEC 5).

Owns the lock under which acts on one deployment happen one at a time, and the numbering of its events.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from arcadia_adapters.postgres.locks import Lock
from arcadia_adapters.postgres.tables.deployments import (
    cloud_deployment_events,
    cloud_deployments,
    llm_modes,
)
from arcadia_adapters.postgres.tables.foundation import Text, Uuid
from arcadia_domain.billing.deployments import (
    Deployment,
    DeploymentEvent,
    EventKind,
    LlmMode,
    State,
    mode_from,
)
from arcadia_domain.period import FIRST_DAY, midnight

_ADD: Final = (
    insert(cloud_deployments)
    .on_conflict_do_nothing(index_elements=[cloud_deployments.c.tenant_id, cloud_deployments.c.slug])
    .returning(cloud_deployments.c.id)
)
_BY_ID: Final = sa.select(cloud_deployments).where(
    cloud_deployments.c.id == sa.bindparam("deployment", type_=Uuid)
)
# Not FOR UPDATE: usage that is being recorded refers to the deployment, and need not wait for us.
_BY_ID_LOCKED: Final = _BY_ID.with_for_update(key_share=True)
_BY_SLUG: Final = sa.select(cloud_deployments).where(
    cloud_deployments.c.tenant_id == sa.bindparam("tenant", type_=Text),
    cloud_deployments.c.slug == sa.bindparam("slug", type_=Text),
)
# The tenant's row cannot be locked instead: the tenant's own role may not write it.
_LOCK_COUNT: Final = sa.text("SELECT pg_advisory_xact_lock(:lock, hashtext(:tenant))")
# A statement of its own, after the lock: its snapshot holds what whoever had the lock has written.
_COUNT: Final = (
    sa.select(sa.func.count())
    .select_from(cloud_deployments)
    .where(
        cloud_deployments.c.tenant_id == sa.bindparam("tenant", type_=Text),
        cloud_deployments.c.state != State.ARCHIVED.value,
    )
)
_SAVE: Final = (
    sa.update(cloud_deployments)
    .where(
        cloud_deployments.c.tenant_id == sa.bindparam("tenant", type_=Text),
        cloud_deployments.c.id == sa.bindparam("deployment", type_=Uuid),
    )
    .values(state=sa.bindparam("new_state"), revision=sa.bindparam("new_revision"))
)

# The tenant's role may write the state and nothing else: what only operators edit is a statement of its own.
_EDIT: Final = (
    sa.update(cloud_deployments)
    .where(
        cloud_deployments.c.tenant_id == sa.bindparam("tenant", type_=Text),
        cloud_deployments.c.id == sa.bindparam("deployment", type_=Uuid),
    )
    .values(
        display_name=sa.bindparam("new_name"),
        llm_mode=sa.bindparam("new_mode"),
        billing_action_suspended=sa.bindparam("new_suspended"),
        revision=sa.bindparam("new_revision"),
    )
)
_ADD_MODES: Final = insert(llm_modes)
_LAST_MODE: Final = sa.select(sa.func.max(llm_modes.c.from_at)).where(
    llm_modes.c.tenant_id == sa.bindparam("tenant", type_=Text),
    llm_modes.c.deployment_id == sa.bindparam("deployment", type_=Uuid),
)

TENANT_OF: Final = (
    sa.select(cloud_deployments.c.tenant_id)
    .where(cloud_deployments.c.id == sa.bindparam("deployment", type_=Uuid))
    .scalar_subquery()
)
"""The tenant of :deployment: the leading column of every key that a deployment's rows are found by."""

_earlier = cloud_deployment_events.alias("earlier")
_NEXT_SEQ: Final = (
    sa.select(sa.func.coalesce(sa.func.max(_earlier.c.seq), 0) + 1)
    .where(
        _earlier.c.tenant_id == sa.bindparam("tenant", type_=Text),
        _earlier.c.deployment_id == sa.bindparam("deployment", type_=Uuid),
    )
    .scalar_subquery()
)
_RECORD: Final = insert(cloud_deployment_events).values(seq=_NEXT_SEQ)
_EVENTS: Final = (
    sa.select(cloud_deployment_events)
    .where(
        cloud_deployment_events.c.tenant_id == TENANT_OF,
        cloud_deployment_events.c.deployment_id == sa.bindparam("deployment", type_=Uuid),
    )
    .order_by(cloud_deployment_events.c.seq)
)


# From the end of each history, which its key is in the order of: LIMIT NULL is no limit.
_last_events = (
    sa.select(cloud_deployment_events)
    .where(
        cloud_deployment_events.c.tenant_id == cloud_deployments.c.tenant_id,
        cloud_deployment_events.c.deployment_id == cloud_deployments.c.id,
    )
    .order_by(cloud_deployment_events.c.seq.desc())
    .limit(sa.bindparam("last", type_=sa.Integer))
    .correlate(cloud_deployments)
    .lateral("event")
)
_EVENTS_OF: Final = (
    sa.select(_last_events)
    .select_from(cloud_deployments.join(_last_events, sa.true()))
    .where(cloud_deployments.c.id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(Uuid))))
    .order_by(_last_events.c.deployment_id, _last_events.c.seq)
)


@cache
def _page(after: bool, tenant: bool, state: bool) -> sa.Select[Any]:
    c = cloud_deployments.c
    conditions = {
        c.id < sa.bindparam("after", type_=Uuid): after,
        c.tenant_id == sa.bindparam("tenant", type_=Text): tenant,
        c.state == sa.bindparam("state", type_=Text): state,
    }
    asked = [condition for condition, is_asked in conditions.items() if is_asked]
    return (
        sa.select(cloud_deployments)
        .where(*asked)
        .order_by(c.id.desc())
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


class PostgresDeployments:
    """Deployments, as the role of this connection sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, deployment: Deployment) -> bool:
        return self._connection.scalar(_ADD, _row(deployment)) is not None

    def get(self, deployment_id: UUID) -> Deployment | None:
        return self._one(_BY_ID, {"deployment": deployment_id})

    def get_locked(self, deployment_id: UUID) -> Deployment | None:
        return self._one(_BY_ID_LOCKED, {"deployment": deployment_id})

    def by_slug(self, tenant_id: str, slug: str) -> Deployment | None:
        return self._one(_BY_SLUG, {"tenant": tenant_id, "slug": slug})

    def count_locked(self, tenant_id: str) -> int:
        self._connection.execute(_LOCK_COUNT, {"lock": Lock.DEPLOYMENT_COUNT.value, "tenant": tenant_id})
        return self._connection.execute(_COUNT, {"tenant": tenant_id}).scalar_one()

    def save(self, deployment: Deployment) -> None:
        self._connection.execute(
            _SAVE,
            {
                "tenant": deployment.tenant_id,
                "deployment": deployment.id,
                "new_state": deployment.state.value,
                "new_revision": deployment.revision,
            },
        )

    def edit(self, deployment: Deployment) -> None:
        self._connection.execute(
            _EDIT,
            {
                "tenant": deployment.tenant_id,
                "deployment": deployment.id,
                "new_name": deployment.display_name,
                "new_mode": deployment.llm_mode.value,
                "new_suspended": deployment.billing_action_suspended,
                "new_revision": deployment.revision,
            },
        )

    def change_llm_mode(self, before: Deployment, mode: LlmMode, from_at: datetime) -> None:
        key = {"tenant_id": before.tenant_id, "deployment_id": before.id}
        points = []
        last = self._connection.scalar(_LAST_MODE, {"tenant": before.tenant_id, "deployment": before.id})
        if last is None:
            # Usage may be dated before the deployment was made: its first mode held from the first day on.
            last = midnight(FIRST_DAY)
            points.append({**key, "from_at": last, "llm_mode": before.llm_mode.value})
        points.append({**key, "from_at": mode_from(from_at, last), "llm_mode": mode.value})
        self._connection.execute(_ADD_MODES, points)

    def record(self, event: DeploymentEvent) -> None:
        self._connection.execute(_RECORD, _event_row(event))

    def events(self, deployment_id: UUID) -> Sequence[DeploymentEvent]:
        return [_event(row) for row in self._connection.execute(_EVENTS, {"deployment": deployment_id})]

    def page(
        self, *, after: UUID | None, limit: int, tenant_id: str | None = None, state: State | None = None
    ) -> Sequence[Deployment]:
        statement = _page(after is not None, tenant_id is not None, state is not None)
        asked = {"after": after, "tenant": tenant_id, "state": state and state.value, "limit": limit}
        named = {name: value for name, value in asked.items() if value is not None}
        return [_deployment(row) for row in self._connection.execute(statement, named)]

    def events_of(
        self, deployment_ids: Collection[UUID], *, last: int | None = None
    ) -> Mapping[UUID, Sequence[DeploymentEvent]]:
        found: dict[UUID, list[DeploymentEvent]] = {}
        for row in self._connection.execute(_EVENTS_OF, {"ids": list(deployment_ids), "last": last}):
            found.setdefault(row.deployment_id, []).append(_event(row))
        return found

    def _one(self, statement: sa.Select[Any], parameters: Mapping[str, object]) -> Deployment | None:
        row = self._connection.execute(statement, parameters).one_or_none()
        return None if row is None else _deployment(row)


def _row(deployment: Deployment) -> dict[str, object]:
    return {
        "tenant_id": deployment.tenant_id,
        "id": deployment.id,
        "slug": deployment.slug,
        "display_name": deployment.display_name,
        "region": deployment.region,
        "state": deployment.state.value,
        "llm_mode": deployment.llm_mode.value,
        "billing_action_suspended": deployment.billing_action_suspended,
        "provisioning_state": deployment.provisioning_state,
        "template_code": deployment.template_code,
        "template_version": deployment.template_version,
        "created_at": deployment.created_at,
        "revision": deployment.revision,
    }


def _deployment(row: sa.Row[Any]) -> Deployment:
    return Deployment(
        id=row.id,
        tenant_id=row.tenant_id,
        slug=row.slug,
        display_name=row.display_name,
        region=row.region,
        created_at=row.created_at,
        state=State(row.state),
        llm_mode=LlmMode(row.llm_mode),
        billing_action_suspended=row.billing_action_suspended,
        provisioning_state=row.provisioning_state,
        template_code=row.template_code,
        template_version=row.template_version,
        revision=row.revision,
    )


def _event_row(event: DeploymentEvent) -> dict[str, object]:
    row: dict[str, object] = {
        "tenant": event.tenant_id,
        "deployment": event.deployment_id,
        "tenant_id": event.tenant_id,
        "deployment_id": event.deployment_id,
        "id": event.id,
        "kind": event.kind.value,
        "from_state": None if event.from_state is None else event.from_state.value,
        "to_state": None if event.to_state is None else event.to_state.value,
        "actor": event.actor,
        "reason": event.reason,
        "at": event.at,
    }
    if event.details is not None:  # left out: given as None it would be stored as the JSON null
        row["details"] = dict(event.details)
    return row


def _event(row: sa.Row[Any]) -> DeploymentEvent:
    return DeploymentEvent(
        id=row.id,
        deployment_id=row.deployment_id,
        tenant_id=row.tenant_id,
        kind=EventKind(row.kind),
        from_state=None if row.from_state is None else State(row.from_state),
        to_state=None if row.to_state is None else State(row.to_state),
        actor=row.actor,
        reason=row.reason,
        at=row.at,
        details=row.details,
    )
