"""Droplets: virtual machines. They are made and changed by actions, one at a time.

Owns the shape of a droplet, creating one or several, and deleting by id or by tag. The other actions are
droplet_actions'.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account, Key
from arcadia_adapters.digitalocean.sandbox.actions import link, refuse_if_busy, start
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Request, needs, unprocessable
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind
from arcadia_adapters.digitalocean.sandbox.kinds.addresses import private_address, public_address
from arcadia_adapters.digitalocean.sandbox.kinds.images import image_for
from arcadia_adapters.digitalocean.sandbox.kinds.volumes import attach_new
from arcadia_adapters.digitalocean.sandbox.kinds.vpcs import home_vpc
from arcadia_adapters.digitalocean.sandbox.resources import delete
from arcadia_adapters.digitalocean.sandbox.router import Route

_HOSTNAME = re.compile(r"[a-zA-Z0-9]?[a-z0-9A-Z.\-]*[a-z0-9A-Z]", re.ASCII)
_DEFAULT_REGION = "nyc3"
_MOST_AT_ONCE = 10


def _make(account: Account, body: Obj) -> Obj:
    needs(body, "name", "size", "image")
    if not _HOSTNAME.fullmatch(str(body["name"])):
        raise unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)")
    size, region = catalog.size(body["size"]), catalog.region(body.get("region") or _DEFAULT_REGION)
    wishes = {"backups": "backups", "ipv6": "ipv6", "monitoring": "monitoring"}
    return {
        "id": account.number(),
        "name": body["name"],
        "memory": size["memory"],
        "vcpus": size["vcpus"],
        "disk": size["disk"],
        "disk_info": size["disk_info"],
        "locked": True,
        "status": "new",
        "kernel": None,
        "created_at": account.stamp(),
        "features": [feature for wish, feature in wishes.items() if body.get(wish)]
        + ["droplet_agent", "private_networking"],
        "backup_ids": [],
        "next_backup_window": None,
        "snapshot_ids": [],
        "image": image_for(account, body["image"]),
        "volume_ids": [],
        "size": size,
        "size_slug": size["slug"],
        "networks": {"v4": [], "v6": []},
        "region": region,
        "tags": list(body.get("tags") or []),
        "vpc_uuid": body.get("vpc_uuid") or home_vpc(account, region["slug"]),
    }


def _ready(account: Account, droplet: Obj) -> None:
    droplet["networks"]["v4"] = [
        {
            "ip_address": private_address(account),
            "netmask": "255.0.0.0",
            "gateway": "10.0.0.1",
            "type": "private",
        },
        {
            "ip_address": public_address(account),
            "netmask": "255.254.0.0",
            "gateway": "198.18.0.1",
            "type": "public",
        },
    ]
    if "ipv6" in droplet["features"]:
        give_ipv6(account, droplet)
    droplet.update(status="active", locked=False)


def give_ipv6(account: Account, droplet: Obj) -> None:
    """Give the droplet its IPv6 address."""
    n = account.number()
    address = {
        "ip_address": f"2001:db8::{n >> 16:x}:{n & 0xFFFF:x}",
        "netmask": 64,
        "gateway": "2001:db8::1",
        "type": "public",
    }
    droplet["networks"]["v6"] = [address]


def _hinders(account: Account, droplet: Obj) -> None:
    refuse_if_busy(account, key_of(droplet))


def _gone(account: Account, droplet: Obj) -> None:
    """What the droplet had is let go: volumes only after a while, as at DigitalOcean."""
    id = droplet["id"]

    def let_go_of_volumes() -> None:
        for volume in account.all("volume").values():
            if id in volume["droplet_ids"]:
                volume["droplet_ids"].remove(id)

    account.later(let_go_of_volumes)
    for version in ("reserved_ip", "reserved_ipv6"):
        for reserved in account.all(version).values():
            if reserved["droplet"] == id:
                with account.changing(account.kinds[version], reserved):
                    reserved["droplet"] = None
    for kind in ("firewall", "load_balancer"):
        for holder in account.all(kind).values():
            if id in (holder["droplet_ids"] or ()):
                holder["droplet_ids"].remove(id)


def _charged(droplet: Obj) -> Charge:
    price = droplet["size"]["price_monthly"] * 100
    return Charge("Droplets", f"{droplet['name']} ({droplet['size_slug']})", int(price))


DROPLET = Kind(
    name="droplet",
    path="/v2/droplets",
    one="droplet",
    many="droplets",
    verbs=frozenset({"list", "get", "delete"}),
    filters={
        "tag_name": itemgetter("tags"),
        "name": itemgetter("name"),
        "type": lambda droplet: "gpus" if droplet["size_slug"].startswith("gpu") else "droplets",
    },
    urn="droplet",
    tagged="droplets",
    make=_make,
    ready=_ready,
    hinders=_hinders,
    gone=_gone,
    charged=_charged,
    example=lambda n: {
        "name": f"made-{n:05}",
        "region": catalog.some_region(n),
        "size": catalog.some_size(n),
        "image": "ubuntu-24-04-x64",
        "tags": ["made", f"made:{n % 7}"],
    },
)


def key_of(droplet: Obj) -> Key:
    """What the droplet is known by."""
    return DROPLET.name, DROPLET.id_of(droplet)


# -- create and delete


Effect = Callable[[], None]
"""What an action does when it completes."""


def begin(
    account: Account, droplet: Obj, type: str, effect: Effect, *, also_busy: tuple[Key, ...] = ()
) -> Obj:
    """Begin an action on a droplet, which is locked meanwhile. Raises Refused (422) when it is busy."""
    return start(
        account,
        key_of(droplet),
        type,
        effect,
        resource_type="droplet",
        resource_id=droplet["id"],
        region=droplet["region"],
        also_busy=also_busy,
        locks=droplet,
    )


def _create(account: Account, request: Request) -> Answer:
    body = request.json()
    if "names" not in body:
        droplet, action = _create_one(account, body)
        return Answer(202, {"droplet": droplet, "links": {"actions": [link(request, action, "create")]}})
    needs(body, "names")
    if len(body["names"]) > _MOST_AT_ONCE:
        raise unprocessable(f"Only {_MOST_AT_ONCE} Droplets can be created at a time.")
    if body.get("volumes"):
        raise unprocessable("Volumes can be attached to a single new Droplet only.")
    _refuse_above_limit(account, len(body["names"]))
    made = [_create_one(account, {**body, "name": name}) for name in body["names"]]
    links = [link(request, action, "create") for _, action in made]
    return Answer(202, {"droplets": [droplet for droplet, _ in made], "links": {"actions": links}})


def _create_one(account: Account, body: Obj) -> tuple[Obj, Obj]:
    _refuse_above_limit(account, 1)
    droplet = DROPLET.make(account, body)
    attach, volumes = attach_new(account, droplet, body.get("volumes") or [])
    account.add(DROPLET, droplet)

    def ready() -> None:
        _ready(account, droplet)
        attach()

    return droplet, begin(account, droplet, "create", ready, also_busy=volumes)


def _refuse_above_limit(account: Account, more: int) -> None:
    if len(account.all("droplet")) + more > account.record["droplet_limit"]:
        raise unprocessable("creating this/these droplet(s) will exceed your droplet limit")


def _delete_tagged(account: Account, request: Request) -> Answer:
    if not request.query.get("tag_name"):
        raise unprocessable("tag_name is required.")
    for droplet in tagged(account, request.query["tag_name"]):
        delete(account, DROPLET, DROPLET.id_of(droplet))
    return Answer(204)


def tagged(account: Account, tag: str) -> list[Obj]:
    """The droplets with this tag, in whatever case."""
    wanted = tag.casefold()
    return [
        droplet for droplet in account.seen(DROPLET) if wanted in (own.casefold() for own in droplet["tags"])
    ]


KINDS = (DROPLET,)
ROUTES = (Route("POST", "/v2/droplets", _create), Route("DELETE", "/v2/droplets", _delete_tagged))
