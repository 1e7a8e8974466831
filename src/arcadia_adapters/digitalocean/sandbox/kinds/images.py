"""Images: DigitalOcean's public ones, and the account's own: custom images and snapshots of droplets.

Owns the shape of an image, and finding the one that is meant.
"""

from __future__ import annotations

from decimal import Decimal
from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import (
    Answer,
    Obj,
    Request,
    forbidden,
    needs,
    unprocessable,
)
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind
from arcadia_adapters.digitalocean.sandbox.resources import delete, listed
from arcadia_adapters.digitalocean.sandbox.router import Route
from arcadia_domain.money import half_up
from arcadia_domain.quantity import MICRO, to_micro

_CENTS_A_GB = 6


def _make(account: Account, body: Obj) -> Obj:
    needs(body, "name", "url", "region")
    return {
        "id": account.number(),
        "name": body["name"],
        "type": "custom",
        "distribution": body.get("distribution") or "Unknown",
        "slug": None,
        "public": False,
        "regions": [catalog.region(body["region"])["slug"]],
        "created_at": account.stamp(),
        "min_disk_size": 10,
        "size_gigabytes": Decimal("2.36"),
        "description": body.get("description") or "",
        "tags": list(body.get("tags") or []),
        "status": "NEW",
        "error_message": "",
    }


def _change(account: Account, image: Obj, body: Obj) -> None:
    image.update({name: body[name] for name in ("name", "distribution", "description") if name in body})


def _gone(account: Account, image: Obj) -> None:
    for droplet in account.all("droplet").values():
        if image["id"] in droplet["snapshot_ids"]:
            droplet["snapshot_ids"].remove(image["id"])
    if str(image["id"]) in account.all("snapshot"):
        account.remove(account.kinds["snapshot"], str(image["id"]))


def monthly_cents(gigabytes: Decimal) -> int:
    """What so much of stored image costs a month."""
    return half_up(to_micro(gigabytes, "size_gigabytes") * _CENTS_A_GB, MICRO)


def _charged(image: Obj) -> Charge | None:
    if image["type"] == "snapshot":
        return None  # the snapshot of that id is charged for
    size = image["size_gigabytes"]
    return Charge("Images", f"{image['name']} ({size} GB)", monthly_cents(size))


def _kind_of_public(image: Obj) -> str:
    if not image["public"]:
        return "private"
    return "application" if image["slug"] in catalog.APPLICATION_SLUGS else "distribution"


IMAGE = Kind(
    name="image",
    path="/v2/images",
    one="image",
    many="images",
    verbs=frozenset({"create", "put"}),
    created=202,
    filters={"type": _kind_of_public, "tag_name": itemgetter("tags")},
    tagged="images",
    make=_make,
    ready=lambda account, image: image.update(status="available"),
    change=_change,
    gone=_gone,
    charged=_charged,
    example=lambda n: {
        "name": f"made-image-{n:05}",
        "url": "https://images.example.com/made.img.gz",
        "region": catalog.some_region(n),
        "distribution": "Debian",
        "tags": ["made"],
    },
)


def image_for(account: Account, wanted: object) -> Obj:
    """The image of this slug or id, public or own; raises Refused (422)."""
    own = account.all("image").get(str(wanted))
    public = catalog.IMAGES.get(str(wanted)) or _public(str(wanted))
    image = own or public
    if image is None:
        raise unprocessable("You specified an invalid image for Droplet creation.")
    return image


def _public(id: str) -> Obj | None:
    return next((image for image in catalog.IMAGES.values() if str(image["id"]) == id), None)


def _list(account: Account, request: Request) -> Answer:
    own = account.seen(IMAGE)
    private = request.query.get("private") == "true"
    return Answer(200, listed(account, IMAGE, request, own if private else [*catalog.IMAGES.values(), *own]))


def _get(account: Account, request: Request) -> Answer:
    id = request.ids["id"]
    public = catalog.IMAGES.get(id) or _public(id)
    return Answer(200, {"image": public or account.get(IMAGE, id)})


def _delete(account: Account, request: Request) -> Answer:
    if _public(request.ids["id"]):
        raise forbidden("You do not have access for the attempted action.")
    delete(account, IMAGE, request.ids["id"])
    return Answer(204)


KINDS = (IMAGE,)
ROUTES = (
    Route("GET", "/v2/images", _list),
    Route("GET", "/v2/images/{id}", _get),
    Route("DELETE", "/v2/images/{id}", _delete),
)
