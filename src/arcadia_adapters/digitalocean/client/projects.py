"""Projects made, found, filled and removed."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_adapters.digitalocean.client.acting import Acting
from arcadia_adapters.digitalocean.client.bodies import body
from arcadia_adapters.digitalocean.client.calls import nothing
from arcadia_adapters.digitalocean.client.paths import path
from arcadia_adapters.digitalocean.client.urns import urn_of
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.orders import ProjectOrder

_ALL = "/v2/projects"
_ONE = "/v2/projects/{}"
_RESOURCES = "/v2/projects/{}/resources"


class Projects(Acting):
    """See CloudActions."""

    def create_project(self, order: ProjectOrder) -> SeenResource:
        return self._made(_ALL, order, "project").resource

    def find_projects(self, *, name: str) -> Sequence[SeenResource]:
        return self._found("project", None, lambda project: project.name == name)

    def put_in_project(self, project_id: str, resources: Sequence[tuple[str, str]]) -> None:
        urns = [urn_of(kind, provider_id) for kind, provider_id in resources]
        self._calls.post(path(_RESOURCES, project_id), body({"resources": urns}), nothing)

    def delete_project(self, project_id: str) -> None:
        self._calls.delete(path(_ONE, project_id))
