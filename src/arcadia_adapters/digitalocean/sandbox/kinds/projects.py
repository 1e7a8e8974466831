"""Projects: every thing with a urn is in one of them.

Owns the shape of a project, the default one, and moving things between projects.
"""

from __future__ import annotations

from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Refused, Request, conflict, needs
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.pages import page
from arcadia_adapters.digitalocean.sandbox.router import Route

_CHANGEABLE = ("name", "description", "purpose", "environment", "is_default")


def _make(account: Account, body: Obj) -> Obj:
    needs(body, "name", "purpose")
    return {
        "id": account.uuid(),
        "owner_uuid": account.record["uuid"],
        "owner_id": 258992,
        "name": body["name"],
        "description": body.get("description") or "",
        "purpose": body["purpose"],
        "environment": body.get("environment") or "Development",
        "created_at": account.stamp(),
        "updated_at": account.stamp(),
        "is_default": False,
    }


def _change(account: Account, project: Obj, body: Obj) -> None:
    if body.get("is_default"):
        for other in account.all("project").values():
            other["is_default"] = False
    project.update({name: body[name] for name in _CHANGEABLE if name in body}, updated_at=account.stamp())


def _hinders(account: Account, project: Obj) -> None:
    if account.residents.get(project["id"]):
        why = "cannot delete a project with resources. move or remove the resources first"
        raise Refused(412, "precondition_failed", why)
    if project["is_default"]:
        raise Refused(412, "precondition_failed", "cannot delete the default project")


PROJECT = Kind(
    name="project",
    path="/v2/projects",
    one="project",
    many="projects",
    verbs=frozenset({"list", "get", "create", "put", "patch", "delete"}),
    make=_make,
    unique=itemgetter("name"),
    taken=lambda: conflict("name is already in use"),
    change=_change,
    hinders=_hinders,
    example=lambda n: {
        "name": f"made-project-{n:05}",
        "purpose": "Service or API",
        "description": "made",
        "environment": "Production",
    },
)


def found(account: Account, request: Request) -> Obj:
    """The project that the path names, or the default one."""
    return account.get(PROJECT, request.ids.get("id") or account.default_project_id())


def _get_default(account: Account, request: Request) -> Answer:
    return Answer(200, {PROJECT.one: found(account, request)})


def _change_default(account: Account, request: Request) -> Answer:
    project = found(account, request)
    _change(account, project, request.json())
    return Answer(200, {PROJECT.one: project})


def _list_resources(account: Account, request: Request) -> Answer:
    residents = account.residents.get(found(account, request)["id"], {})
    body = page(request, "resources", list(residents))
    body["resources"] = [_resource(account, request, urn, residents[urn], "ok") for urn in body["resources"]]
    return Answer(200, body)


def _assign(account: Account, request: Request) -> Answer:
    project, body = found(account, request), request.json()
    needs(body, "resources")
    return Answer(
        200, {"resources": [_assigned(account, request, project, urn) for urn in body["resources"]]}
    )


def _assigned(account: Account, request: Request, project: Obj, urn: str) -> Obj:
    obj = _target(account, urn)
    if obj is None:
        return _resource(account, request, urn, account.stamp(), "not_found")
    if account.homes.get(urn) == project["id"]:
        return _resource(account, request, urn, account.stamp(), "already_assigned")
    account.move(urn, project["id"])
    if "project_id" in obj:
        obj["project_id"] = project["id"]
    return _resource(account, request, urn, account.stamp(), "assigned")


def _target(account: Account, urn: str) -> Obj | None:
    kind, id = _parts(account, urn)
    return account.all(kind.name).get(kind.id_in(id)) if kind else None


def _parts(account: Account, urn: str) -> tuple[Kind | None, str]:
    scheme, _, rest = urn.partition(":")
    name, _, id = rest.partition(":")
    kinds = (kind for kind in account.kinds.values() if scheme == "do" and kind.urn == name)
    return next(kinds, None), id


def _resource(account: Account, request: Request, urn: str, at: str, status: str) -> Obj:
    kind, id = _parts(account, urn)
    path = kind.path if kind else ""
    return {
        "urn": urn,
        "assigned_at": at,
        "links": {"self": f"{request.base}{path}/{id}"},
        "status": status,
    }


KINDS = (PROJECT,)
ROUTES = (
    Route("GET", "/v2/projects/default", _get_default),
    Route("PUT", "/v2/projects/default", _change_default),
    Route("PATCH", "/v2/projects/default", _change_default),
    Route("GET", "/v2/projects/default/resources", _list_resources),
    Route("POST", "/v2/projects/default/resources", _assign),
    Route("GET", "/v2/projects/{id}/resources", _list_resources),
    Route("POST", "/v2/projects/{id}/resources", _assign),
)
