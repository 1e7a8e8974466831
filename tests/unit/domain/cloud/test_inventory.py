"""A resource of the inventory."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from arcadia_domain.cloud.inventory import RESOURCE_KINDS, UnknownInventoryKind
from tests.unit.domain.cloud.resources import APRIL, SEEN, resource


def test_the_kinds_are_those_of_the_wire() -> None:
    wire = (
        "droplet volume snapshot image database load_balancer domain domain_record reserved_ip "
        "kubernetes_cluster kubernetes_node_pool app space project vpc firewall certificate cdn registry "
        "functions_namespace"
    )
    assert " ".join(RESOURCE_KINDS) == wire


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(UnknownInventoryKind, match="'gpu'") as refused:
        resource(kind="gpu")
    assert refused.value.facts["kind"] == "gpu"


def test_a_resource_cannot_be_changed_and_can_be_a_key() -> None:
    found = resource(attrs={"memory": 1024})
    with pytest.raises(FrozenInstanceError):
        found.name = "web-2"  # type: ignore[misc]
    assert {found: 1}[resource(attrs={"memory": 1024})] == 1


def test_a_resource_is_known_by_account_kind_and_provider_id() -> None:
    assert resource(number=7).key == ("acme", "droplet", "7")


def test_a_resource_begins_when_the_provider_says() -> None:
    assert resource(created_at=APRIL).born_at == APRIL


def test_a_domain_has_no_birth_date_and_begins_with_the_first_look() -> None:
    assert resource(kind="domain", created_at=None).born_at == SEEN


def test_a_droplet_without_a_birth_date_is_not_given_one() -> None:
    assert resource(kind="droplet", created_at=None).born_at is None
