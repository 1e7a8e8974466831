"""Snapshots, of droplets and of volumes.

Owns the shape of a snapshot and taking it. A snapshot of a droplet is an image too: one thing in two lists,
with one id, taken together and gone together.
"""

from __future__ import annotations

from decimal import Decimal
from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Request, not_found
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind
from arcadia_adapters.digitalocean.sandbox.kinds.images import IMAGE, monthly_cents
from arcadia_adapters.digitalocean.sandbox.resources import delete
from arcadia_adapters.digitalocean.sandbox.router import Route


def _not_by_itself(account: Account, body: Obj) -> Obj:
    """A volume's snapshot, for content made from outside: over the API it is taken of a volume."""
    return volume_snapshot(account, body, body["name"], body.get("tags") or [])


def volume_snapshot(account: Account, volume: Obj, name: str, tags: list[str]) -> Obj:
    """The snapshot of a volume, not yet taken in."""
    region = volume["region"]
    tenths = volume["size_gigabytes"]  # a tenth of the volume is in use
    return {
        "id": account.uuid(),
        "name": name,
        "created_at": account.stamp(),
        "regions": [region["slug"] if isinstance(region, dict) else region],
        "min_disk_size": volume["size_gigabytes"],
        "size_gigabytes": Decimal(f"{tenths // 10}.{tenths % 10}"),
        "resource_id": volume.get("id") or account.uuid(),
        "resource_type": "volume",
        "tags": list(tags),
    }


def take_snapshot(account: Account, droplet: Obj, name: str) -> int:
    """Take a droplet's snapshot: an image and a snapshot of one id, which is returned."""
    id = account.number()
    image: Obj = {
        "id": id,
        "name": name,
        "type": "snapshot",
        "distribution": droplet["image"]["distribution"],
        "slug": None,
        "public": False,
        "regions": [droplet["region"]["slug"]],
        "created_at": account.stamp(),
        "min_disk_size": droplet["disk"],
        "size_gigabytes": Decimal("2.36"),
        "description": "",
        "tags": list(droplet["tags"]),
        "status": "available",
        "error_message": "",
    }
    same = ("name", "created_at", "regions", "min_disk_size", "size_gigabytes", "tags")
    own = {"id": str(id), "resource_id": str(droplet["id"]), "resource_type": "droplet"}
    account.add(IMAGE, image)
    account.add(SNAPSHOT, {**own, **{name: image[name] for name in same}})
    return id


def _snapshot_gone(account: Account, snapshot: Obj) -> None:
    if snapshot["id"] in account.all("image"):
        account.remove(IMAGE, snapshot["id"])


def _snapshot_charged(snapshot: Obj) -> Charge:
    size = snapshot["size_gigabytes"]
    return Charge("Snapshots", f"{snapshot['name']} ({size} GB)", monthly_cents(size))


SNAPSHOT = Kind(
    name="snapshot",
    path="/v2/snapshots",
    one="snapshot",
    many="snapshots",
    verbs=frozenset({"list", "get", "delete"}),
    filters={"resource_type": itemgetter("resource_type")},
    tagged="volume_snapshots",
    make=_not_by_itself,
    gone=_snapshot_gone,
    charged=_snapshot_charged,
    example=lambda n: {
        "name": f"made-snapshot-{n:05}",
        "region": catalog.some_region(n),
        "size_gigabytes": 10 + n % 90,
        "tags": ["made"],
    },
)


def _volume_snapshot(verb: str) -> Route:
    """/v2/volumes/snapshots/{id}: the same objects, of volumes only."""

    def answer(account: Account, request: Request) -> Answer:
        snapshot = account.get(SNAPSHOT, request.ids["id"])
        if snapshot["resource_type"] != "volume":
            raise not_found()
        if verb == "GET":
            return Answer(200, {"snapshot": snapshot})
        delete(account, SNAPSHOT, snapshot["id"])
        return Answer(204)

    return Route(verb, "/v2/volumes/snapshots/{id}", answer)


KINDS = (SNAPSHOT,)
ROUTES = (_volume_snapshot("GET"), _volume_snapshot("DELETE"))
