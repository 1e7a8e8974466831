"""When actions ended: the resizes and destructions that were completed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arcadia_domain.cloud.actions import Action, ActionStatus
from arcadia_domain.cloud.endings import Endings, endings

AT = datetime(2026, 4, 21, 5, tzinfo=UTC)


def action(**facts: Any) -> Action:
    told = {"id": "1", "type": "resize", "status": ActionStatus.COMPLETED, "resource_type": "droplet"}
    return Action(**{**told, "resource_id": "7", "completed_at": AT, **facts})


def test_the_latest_resize_of_a_droplet_counts() -> None:
    later = action(completed_at=AT + timedelta(hours=1))
    for order in ([action(), later], [later, action()]):
        assert endings(order) == Endings(resized={"7": AT + timedelta(hours=1)})


@pytest.mark.parametrize(
    ("type_", "kinds"),
    [("droplet", ["droplet"]), ("volume", ["volume"]), ("image", ["image", "snapshot"]), ("backend", [])],
)
def test_a_destruction_ends_what_the_type_stands_for(type_: str, kinds: list[str]) -> None:
    found = endings([action(type="destroy", resource_type=type_)])
    assert found == Endings(destroyed={(kind, "7"): AT for kind in kinds})


@pytest.mark.parametrize(
    "facts",
    [
        {"status": ActionStatus.IN_PROGRESS},
        {"status": ActionStatus.ERRORED},
        {"completed_at": None},
        {"resource_id": None},
        {"type": "reboot"},
        {"resource_type": "volume"},
        {"type": "destroy", "resource_type": None},
    ],
)
def test_what_did_not_end_or_is_of_nothing_that_we_know_tells_nothing(facts: dict[str, Any]) -> None:
    assert endings([action(**facts)]) == Endings()
