"""Tags made, put on, taken off and removed."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_adapters.digitalocean.client.acting import Acting
from arcadia_adapters.digitalocean.client.bodies import body
from arcadia_adapters.digitalocean.client.calls import nothing
from arcadia_adapters.digitalocean.client.paths import path
from arcadia_domain.errors import DomainError

_ALL = "/v2/tags"
_ONE = "/v2/tags/{}"
_RESOURCES = "/v2/tags/{}/resources"
_TYPES = {
    "database": "database",
    "droplet": "droplet",
    "image": "image",
    "snapshot": "volume_snapshot",
    "volume": "volume",
}


class NotTaggable(DomainError):
    code = "not_taggable"
    sentence = "A {kind} cannot be tagged at the cloud provider."
    field = "kind"


class Tags(Acting):
    """See CloudActions."""

    def create_tag(self, tag: str) -> None:
        self._calls.post(_ALL, body({"name": tag}), nothing)

    def tag_resources(self, tag: str, resources: Sequence[tuple[str, str]]) -> None:
        self._calls.post(path(_RESOURCES, tag), _resources(resources), nothing)

    def untag_resources(self, tag: str, resources: Sequence[tuple[str, str]]) -> None:
        self._calls.delete(path(_RESOURCES, tag), _resources(resources))

    def delete_tag(self, tag: str) -> None:
        self._calls.delete(path(_ONE, tag))


def _resources(resources: Sequence[tuple[str, str]]) -> bytes:
    named = []
    for kind, provider_id in resources:
        if kind not in _TYPES:
            raise NotTaggable(kind=kind)
        named.append({"resource_id": provider_id, "resource_type": _TYPES[kind]})
    return body({"resources": named})
