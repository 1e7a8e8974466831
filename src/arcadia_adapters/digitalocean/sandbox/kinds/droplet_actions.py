"""What can be done to a droplet: one action at a time, each with what must hold before and what it does.

Owns the table of action types, the actions asked for by id or by tag, and the lists of a droplet's actions
and images.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.actions import ACTION, actions_of, refuse_if_busy
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Request, needs, unprocessable
from arcadia_adapters.digitalocean.sandbox.kinds.droplets import (
    DROPLET,
    Effect,
    begin,
    give_ipv6,
    key_of,
    tagged,
)
from arcadia_adapters.digitalocean.sandbox.kinds.images import image_for
from arcadia_adapters.digitalocean.sandbox.kinds.snapshots import take_snapshot
from arcadia_adapters.digitalocean.sandbox.pages import page
from arcadia_adapters.digitalocean.sandbox.router import Route


def _act(account: Account, request: Request) -> Answer:
    droplet, body = account.get(DROPLET, request.ids["id"]), request.json()
    refuse_if_busy(account, key_of(droplet))
    return Answer(201, {ACTION.one: _begin_asked(account, droplet, body)})


def _act_on_tagged(account: Account, request: Request) -> Answer:
    droplets, body = tagged(account, request.query.get("tag_name", "")), request.json()
    refuse_if_busy(account, *map(key_of, droplets))
    return Answer(201, {ACTION.many: [_begin_asked(account, droplet, body) for droplet in droplets]})


def _begin_asked(account: Account, droplet: Obj, body: Obj) -> Obj:
    needs(body, "type")
    prepare = _ACTIONS.get(body["type"])
    if prepare is None:
        raise unprocessable("You specified an invalid action type.")
    return begin(account, droplet, body["type"], prepare(account, droplet, body))


def _power_off(account: Account, droplet: Obj, body: Obj) -> Effect:
    if droplet["status"] == "off":
        raise unprocessable("Droplet is already powered off.")
    return lambda: droplet.update(status="off")


def _power_on(account: Account, droplet: Obj, body: Obj) -> Effect:
    if droplet["status"] == "active":
        raise unprocessable("Droplet is already powered on.")
    return lambda: droplet.update(status="active")


def _resize(account: Account, droplet: Obj, body: Obj) -> Effect:
    needs(body, "size")
    size = catalog.size(body["size"])
    if droplet["status"] != "off":
        raise unprocessable("Droplet must be powered off before it can be resized.")
    if size["disk"] < droplet["disk"]:
        raise unprocessable("Size can not decrease size of Droplet's disk image")
    if size["slug"] == droplet["size_slug"] and not (body.get("disk") and size["disk"] > droplet["disk"]):
        raise unprocessable("Droplet already has this size.")

    def effect() -> None:
        with account.changing(DROPLET, droplet):
            names: dict[str, Any] = {"memory": size["memory"], "vcpus": size["vcpus"]}
            droplet.update(names, size=size, size_slug=size["slug"])
            if body.get("disk"):
                droplet.update(disk=size["disk"], disk_info=size["disk_info"])

    return effect


def _rename(account: Account, droplet: Obj, body: Obj) -> Effect:
    needs(body, "name")

    def effect() -> None:
        with account.changing(DROPLET, droplet):
            droplet["name"] = body["name"]

    return effect


def _snapshot(account: Account, droplet: Obj, body: Obj) -> Effect:
    name = body.get("name") or f"{droplet['name']}-{account.number()}"
    return lambda: droplet["snapshot_ids"].append(take_snapshot(account, droplet, name))


def _enable_backups(account: Account, droplet: Obj, body: Obj) -> Effect:
    window = {"start": account.stamp(), "end": account.stamp()}

    def effect() -> None:
        droplet["features"] = sorted({*droplet["features"], "backups"})
        droplet["next_backup_window"] = window

    return effect


def _disable_backups(account: Account, droplet: Obj, body: Obj) -> Effect:
    kept = [feature for feature in droplet["features"] if feature != "backups"]
    return lambda: droplet.update(features=kept, next_backup_window=None)


def _enable_ipv6(account: Account, droplet: Obj, body: Obj) -> Effect:
    def effect() -> None:
        droplet["features"] = sorted({*droplet["features"], "ipv6"})
        give_ipv6(account, droplet)

    return effect


def _rebuild(account: Account, droplet: Obj, body: Obj) -> Effect:
    image = image_for(account, body.get("image"))
    return lambda: droplet.update(image=image)


def _restart(account: Account, droplet: Obj, body: Obj) -> Effect:
    return lambda: droplet.update(status="active")


def _nothing_seen(account: Account, droplet: Obj, body: Obj) -> Effect:
    return lambda: None


_ACTIONS: dict[str, Callable[[Account, Obj, Obj], Effect]] = {
    "power_on": _power_on,
    "power_off": _power_off,
    "shutdown": _power_off,
    "reboot": _restart,
    "power_cycle": _restart,
    "resize": _resize,
    "rename": _rename,
    "snapshot": _snapshot,
    "rebuild": _rebuild,
    "restore": _rebuild,
    "enable_backups": _enable_backups,
    "disable_backups": _disable_backups,
    "change_backup_policy": _nothing_seen,
    "enable_ipv6": _enable_ipv6,
    "password_reset": _nothing_seen,
    "change_kernel": _nothing_seen,
}


def _images_of(field: str, many: str) -> Callable[[Account, Request], Answer]:
    def answer(account: Account, request: Request) -> Answer:
        droplet = account.get(DROPLET, request.ids["id"])
        images = [account.all("image")[str(id)] for id in droplet[field] if str(id) in account.all("image")]
        names = ("id", "name", "created_at", "regions", "min_disk_size", "size_gigabytes", "type")
        return Answer(200, page(request, many, [{name: image[name] for name in names} for image in images]))

    return answer


KINDS = ()
ROUTES = (
    Route("POST", "/v2/droplets/{id}/actions", _act),
    Route("POST", "/v2/droplets/actions", _act_on_tagged),
    Route("GET", "/v2/droplets/{id}/snapshots", _images_of("snapshot_ids", "snapshots")),
    Route("GET", "/v2/droplets/{id}/backups", _images_of("backup_ids", "backups")),
    *actions_of(DROPLET),
)
