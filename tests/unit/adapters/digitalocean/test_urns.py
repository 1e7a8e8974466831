"""URNs there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_adapters.digitalocean.client.paths import NoIdentifier, path
from arcadia_adapters.digitalocean.client.urns import NotInProjects, resource_of, urn_of

KINDS = [
    "app",
    "database",
    "domain",
    "droplet",
    "kubernetes_cluster",
    "load_balancer",
    "reserved_ip",
    "volume",
    "vpc",
]


@pytest.mark.parametrize("kind", KINDS)
@given(provider_id=st.text(min_size=1))
def test_a_urn_leads_back_to_its_resource(kind: str, provider_id: str) -> None:
    assert resource_of(urn_of(kind, provider_id)) == (kind, provider_id)


def test_of_a_space_the_urn_has_the_name_only() -> None:
    assert urn_of("space", "nyc3/media") == "do:space:media"
    assert resource_of("do:space:media") == ("space", "media")


@pytest.mark.parametrize("urn", ["", "do", "do:droplet", "do:droplet:", "aws:droplet:1", "do:teapot:1"])
def test_a_urn_that_names_nothing_of_ours_is_no_resource(urn: str) -> None:
    assert resource_of(urn) == (None, None)


def test_a_kind_without_a_urn_is_refused() -> None:
    with pytest.raises(NotInProjects):
        urn_of("certificate", "c1")


@given(st.text(min_size=1))
def test_a_name_in_a_path_stays_one_step_of_it(name: str) -> None:
    if not name.strip("."):
        with pytest.raises(NoIdentifier):
            path("/v2/tags/{}", name)
    else:
        whole = path("/v2/tags/{}", name)
        assert whole.count("/") == 3
        assert not set(whole) & set("?# ")
