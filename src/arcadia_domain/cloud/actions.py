"""An action: work that the provider does after it has answered, to be asked after until it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActionStatus(StrEnum):
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    ERRORED = "errored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of the provider. A status that we do not know counts as ERRORED: it is not success.

    `resource_id` is the provider's id of what is acted on, None where it does not tell (volumes).
    """

    id: str
    type: str
    status: ActionStatus
    resource_type: str | None = None
    resource_id: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
