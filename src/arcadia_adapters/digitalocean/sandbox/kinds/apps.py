"""Apps of the App Platform. Their specs hold secrets, several times over: in each deployment again.

Owns the shape of an app and of its deployments.
"""

from __future__ import annotations

import re
from copy import deepcopy

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import (
    Answer,
    Obj,
    Refused,
    Request,
    conflict,
    needs,
    unprocessable,
)
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind
from arcadia_adapters.digitalocean.sandbox.resources import delete, listed
from arcadia_adapters.digitalocean.sandbox.router import Route
from arcadia_adapters.digitalocean.sandbox.secrets import planted

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]", re.ASCII)
_COMPONENTS = ("services", "workers", "jobs", "static_sites", "functions")
# Cents a month for an instance. Our own table: DigitalOcean's API gives no prices for apps' instances.
_INSTANCE_CENTS = {"apps-s-1vcpu-0.5gb": 500, "apps-s-1vcpu-1gb-fixed": 1000, "apps-s-1vcpu-1gb": 1200}
_OTHER_INSTANCE_CENTS = 2500


def _make(account: Account, body: Obj) -> Obj:
    if not isinstance(body.get("spec"), dict):
        raise Refused(400, "bad_request", "spec is required")
    spec = body["spec"]
    needs(spec, "name")
    if not _NAME.fullmatch(str(spec["name"])):
        raise unprocessable("invalid app name")
    id = account.uuid()
    app: Obj = {
        "id": id,
        "owner_uuid": account.record["team"]["uuid"],
        "project_id": body.get("project_id") or account.default_project_id(),
        "spec": _with_secrets(spec, id),
        "default_ingress": "",
        "created_at": account.stamp(),
        "updated_at": account.stamp(),
        "tier_slug": "basic",
        "region": {
            "slug": spec.get("region") or "syd",
            "label": "Sydney",
            "flag": "australia",
            "continent": "Australia",
            "data_centers": ["syd1"],
            "default": True,
            "disabled": False,
            "reason": "",
        },
        "domains": [],
        "dedicated_ips": [],
    }
    app["in_progress_deployment"] = _deployment(account, app, "DEPLOYING")
    return app


def _with_secrets(spec: Obj, id: str) -> Obj:
    """The spec, with secrets in each component where people have them: some DigitalOcean knows to be secret,
    of the others it cannot know.
    """
    spec = deepcopy(spec)
    for name in _COMPONENTS:
        for component in spec.get(name) or ():
            component.setdefault("envs", []).append(
                {"key": "DATABASE_PASSWORD", "value": planted("app-env", id), "type": "SECRET"}
            )
            component.setdefault("log_destinations", []).append(
                {
                    "name": "logs",
                    "datadog": {
                        "endpoint": "https://logs.example.com",
                        "api_key": planted("app-log-key", id),
                    },
                }
            )
            _plant_source(component, id)
            if name != "functions":
                _plant_commands(component, id)
    spec.setdefault("maintenance", {})["offline_page_url"] = (
        f"https://pages.example.com/offline?signature={planted('app-page', id)}"
    )
    return spec


def _plant_commands(component: Obj, id: str) -> None:
    """A password with a slash and an at sign that nobody escaped, a key in front, a token in a URL."""
    component["run_command"] = (
        f"DATABASE_URL=postgres://app:p@s/{planted('app-run-url', id)}@db.example.com/shop "
        f"STRIPE_KEY={planted('app-run-key', id)} ./run"
    )
    component["build_command"] = (
        f"curl https://packages.example.com/x?access_token={planted('app-build-token', id)} | sh"
    )


def _plant_source(component: Obj, id: str) -> None:
    if "image" in component:
        component["image"]["registry_credentials"] = f"robot:{planted('app-registry', id)}"
    else:
        user = f"oauth2:{planted('app-git', id)}"
        component["git"] = {"repo_clone_url": f"https://{user}@git.example.com/shop.git", "branch": "main"}


def _deployment(account: Account, app: Obj, phase: str) -> Obj:
    return {
        "id": account.uuid(),
        "cause": "manual",
        "phase": phase,
        "spec": app["spec"],
        "created_at": account.stamp(),
        "updated_at": account.stamp(),
        "phase_last_updated_at": account.stamp(),
    }


def _ready(account: Account, app: Obj) -> None:
    deployment = app.pop("in_progress_deployment", None)
    if deployment:
        app["active_deployment"] = {**deployment, "phase": "ACTIVE"}
    address = f"https://{app['spec']['name']}.ondigitalocean.example.com"
    app.update(default_ingress=address, live_url=address, live_url_base=address, live_domain=address[8:])
    app["last_deployment_created_at"] = account.stamp()


def _change(account: Account, app: Obj, body: Obj) -> None:
    needs(body, "spec")
    app.update(spec=_with_secrets(body["spec"], app["id"]), updated_at=account.stamp())
    app["in_progress_deployment"] = _deployment(account, app, "DEPLOYING")
    account.later(lambda: _ready(account, app))


def _charged(app: Obj) -> Charge | None:
    cents = sum(
        _INSTANCE_CENTS.get(component.get("instance_size_slug", ""), _OTHER_INSTANCE_CENTS)
        * component.get("instance_count", 1)
        for name in ("services", "workers")
        for component in app["spec"].get(name) or ()
    )
    return Charge("App Platform", app["spec"]["name"], cents) if cents else None


APP = Kind(
    name="app",
    path="/v2/apps",
    one="app",
    many="apps",
    verbs=frozenset({"get", "create", "put"}),
    created=200,
    make=_make,
    unique=lambda app: app["spec"]["name"],
    taken=lambda: conflict("app name already exists"),
    ready=_ready,
    change=_change,
    charged=_charged,
    example=lambda n: {
        "spec": {
            "name": f"made-app-{n:05}",
            "region": "syd",
            "services": [
                {
                    "name": "web",
                    "image": {"registry_type": "DOCKER_HUB", "registry": "library", "repository": "nginx"},
                    "instance_size_slug": "apps-s-1vcpu-0.5gb",
                    "instance_count": 1,
                    "http_port": 8080,
                }
            ],
        }
    },
)


def _list(account: Account, request: Request) -> Answer:
    body = listed(account, APP, request, account.seen(APP))
    if request.query.get("with_projects") != "true":
        body["apps"] = [
            {name: value for name, value in app.items() if name != "project_id"} for app in body["apps"]
        ]
    return Answer(200, body)


def _delete(account: Account, request: Request) -> Answer:
    return Answer(200, {"id": delete(account, APP, request.ids["id"])["id"]})


KINDS = (APP,)
ROUTES = (Route("GET", APP.path, _list), Route("DELETE", APP.path + "/{id}", _delete))
