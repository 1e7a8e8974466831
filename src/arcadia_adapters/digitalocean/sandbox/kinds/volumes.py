"""Volumes: block storage, attached to a droplet of the same region or to none.

Owns the shape of a volume, its actions (attach, detach, resize) and its snapshots.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account, Key
from arcadia_adapters.digitalocean.sandbox.actions import ACTION, actions_of, refuse_if_busy, start
from arcadia_adapters.digitalocean.sandbox.exchange import (
    Answer,
    Obj,
    Request,
    conflict,
    needs,
    not_found,
    unprocessable,
)
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind
from arcadia_adapters.digitalocean.sandbox.kinds.snapshots import SNAPSHOT, volume_snapshot
from arcadia_adapters.digitalocean.sandbox.pages import page
from arcadia_adapters.digitalocean.sandbox.resources import delete
from arcadia_adapters.digitalocean.sandbox.router import Route

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_LARGEST_GIB = 16384
_CENTS_A_GIB = 10


def _make(account: Account, body: Obj) -> Obj:
    needs(body, "name", "size_gigabytes", "region")
    region = catalog.region(body["region"])
    if not _NAME.fullmatch(str(body["name"])):
        raise unprocessable(
            "Name can only contain lowercase letters, numbers and '-', and starts with a letter"
        )
    _refuse_bad_size(body["size_gigabytes"], 1)
    return {
        "id": account.uuid(),
        "name": body["name"],
        "description": body.get("description") or "",
        "region": region,
        "size_gigabytes": body["size_gigabytes"],
        "droplet_ids": [],
        "created_at": account.stamp(),
        "tags": list(body.get("tags") or []),
        "filesystem_type": body.get("filesystem_type") or "",
        "filesystem_label": body.get("filesystem_label") or "",
    }


def _refuse_bad_size(gibibytes: object, least: int) -> None:
    if not isinstance(gibibytes, int) or not least <= gibibytes <= _LARGEST_GIB:
        raise unprocessable(f"size_gigabytes must be a whole number from {least} to {_LARGEST_GIB}")


def _named(account: Account, name: str, region: str | None) -> list[Obj]:
    return [
        volume
        for volume in account.all("volume").values()
        if volume["name"] == name and _region(volume) == region
    ]


def _hinders(account: Account, volume: Obj) -> None:
    if volume["droplet_ids"] or _key(volume) in account.busy:
        raise conflict(
            "A volume that's attached to a Droplet cannot be deleted. Please detach it first before deleting."
        )


def _charged(volume: Obj) -> Charge:
    size = volume["size_gigabytes"]
    return Charge("Volumes", f"{volume['name']} ({_region(volume)}) {size}GB", size * _CENTS_A_GIB)


def _region(obj: Obj) -> str:
    return str(obj["region"]["slug"])


VOLUME = Kind(
    name="volume",
    path="/v2/volumes",
    one="volume",
    many="volumes",
    filters={"name": itemgetter("name"), "region": _region},
    urn="volume",
    tagged="volumes",
    make=_make,
    unique=lambda volume: (volume["name"], _region(volume)),
    taken=lambda: conflict("already exists"),
    hinders=_hinders,
    charged=_charged,
    example=lambda n: {
        "name": f"made-volume-{n:05}",
        "region": catalog.some_region(n),
        "size_gigabytes": 10 + n % 90,
        "filesystem_type": "ext4",
        "tags": ["made"],
    },
)


def _key(volume: Obj) -> Key:
    return VOLUME.name, VOLUME.id_of(volume)


def _delete_named(account: Account, request: Request) -> Answer:
    for volume in _named(account, request.query.get("name", ""), request.query.get("region")):
        delete(account, VOLUME, volume["id"])
        return Answer(204)
    raise not_found()


def attach_new(account: Account, droplet: Obj, ids: list[str]) -> tuple[Callable[[], None], tuple[Key, ...]]:
    """What attaches these volumes to a droplet that is being made, and their keys, which are busy meanwhile.

    Raises Refused (422) if they cannot be attached to it.
    """
    volumes = []
    for id in ids:
        volume = account.all("volume").get(str(id))
        if volume is None or _region(volume) != _region(droplet):
            raise unprocessable("One or more of the volumes cannot be found in the Droplet's region.")
        if volume["droplet_ids"]:
            raise unprocessable("This volume is already attached")
        refuse_if_busy(account, _key(volume))
        volumes.append(volume)

    def attach() -> None:
        for volume in volumes:
            _join(volume, droplet)

    return attach, tuple(map(_key, volumes))


# -- actions


def _act(account: Account, request: Request) -> Answer:
    return _begin(account, account.get(VOLUME, request.ids["id"]), request.json())


def _act_by_name(account: Account, request: Request) -> Answer:
    body = request.json()
    for volume in _named(account, body.get("volume_name", ""), body.get("region")):
        return _begin(account, volume, body)
    raise not_found()


def _begin(account: Account, volume: Obj, body: Obj) -> Answer:
    needs(body, "type")
    prepare = _ACTIONS.get(body["type"])
    if prepare is None:
        raise unprocessable("You specified an invalid action type.")
    effect, also_busy = prepare(account, volume, body)
    action = start(
        account,
        _key(volume),
        f"{body['type']}_volume",
        effect,
        resource_type="volume",
        resource_id=None,
        region=volume["region"],
        also_busy=also_busy,
    )
    return Answer(202, {ACTION.one: action})


_Prepared = tuple[Callable[[], None], tuple[Key, ...]]


def _attach(account: Account, volume: Obj, body: Obj) -> _Prepared:
    needs(body, "droplet_id")
    droplet = account.get("droplet", body["droplet_id"])
    if volume["droplet_ids"]:
        raise unprocessable("This volume is already attached")
    if _region(droplet) != _region(volume):
        raise unprocessable("The volume and the Droplet are not in the same region.")
    return lambda: _join(volume, droplet), (("droplet", str(droplet["id"])),)


def _detach(account: Account, volume: Obj, body: Obj) -> _Prepared:
    droplet = account.all("droplet").get(str(body.get("droplet_id")))
    if droplet is None or droplet["id"] not in volume["droplet_ids"]:
        raise unprocessable("Attachment not found")
    return lambda: _part(volume, droplet), (("droplet", str(droplet["id"])),)


def _resize(account: Account, volume: Obj, body: Obj) -> _Prepared:
    _refuse_bad_size(body.get("size_gigabytes"), volume["size_gigabytes"] + 1)

    def effect() -> None:
        with account.changing(VOLUME, volume):
            volume["size_gigabytes"] = body["size_gigabytes"]

    return effect, ()


_ACTIONS: dict[str, Callable[[Account, Obj, Obj], _Prepared]] = {
    "attach": _attach,
    "detach": _detach,
    "resize": _resize,
}


def _join(volume: Obj, droplet: Obj) -> None:
    volume["droplet_ids"].append(droplet["id"])
    droplet["volume_ids"].append(volume["id"])


def _part(volume: Obj, droplet: Obj) -> None:
    volume["droplet_ids"].remove(droplet["id"])
    droplet["volume_ids"].remove(volume["id"])


# -- snapshots


def _snapshot(account: Account, request: Request) -> Answer:
    volume, body = account.get(VOLUME, request.ids["id"]), request.json()
    needs(body, "name")
    snapshot = volume_snapshot(account, volume, body["name"], body.get("tags") or [])
    account.add(SNAPSHOT, snapshot)
    return Answer(201, {SNAPSHOT.one: snapshot})


def _snapshots(account: Account, request: Request) -> Answer:
    volume = account.get(VOLUME, request.ids["id"])
    own = [snapshot for snapshot in account.seen(SNAPSHOT) if snapshot["resource_id"] == volume["id"]]
    return Answer(200, page(request, SNAPSHOT.many, own))


KINDS = (VOLUME,)
ROUTES = (
    Route("DELETE", "/v2/volumes", _delete_named),
    Route("POST", "/v2/volumes/{id}/actions", _act),
    Route("POST", "/v2/volumes/actions", _act_by_name),
    Route("POST", "/v2/volumes/{id}/snapshots", _snapshot),
    Route("GET", "/v2/volumes/{id}/snapshots", _snapshots),
    *actions_of(VOLUME),
)
