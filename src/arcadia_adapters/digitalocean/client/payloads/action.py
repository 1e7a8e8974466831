"""Actions: of droplets, volumes and addresses alike."""

from __future__ import annotations

from attrs import frozen

from arcadia_adapters.digitalocean.client.payloads.told import instant
from arcadia_domain.cloud.actions import Action, ActionStatus


@frozen(kw_only=True)
class ActionPayload:
    """GET /v2/actions and the answers of .../actions. Its region is not read: old bodies lack or bend it."""

    id: int
    status: str
    type: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    resource_id: int | str | None = None
    resource_type: str | None = None

    def value(self) -> Action:
        """The same in our words."""
        return Action(
            id=str(self.id),
            type=self.type or "",
            status=_STATUS.get(self.status, ActionStatus.ERRORED),
            resource_type=self.resource_type,
            resource_id=None if self.resource_id is None else str(self.resource_id),
            started_at=instant(self.started_at),
            completed_at=instant(self.completed_at),
        )


@frozen(kw_only=True)
class ActionLink:
    """An action that an answer points to."""

    id: int
    rel: str | None = None


@frozen(kw_only=True)
class ActionLinks:
    """What an answer to a create call points to."""

    actions: list[ActionLink] | None = None

    def ids(self) -> tuple[str, ...]:
        """The ids of the actions."""
        return tuple(str(link.id) for link in self.actions or ())


_STATUS = {status.value: status for status in ActionStatus}
