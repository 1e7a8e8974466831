"""Tags: names on things. They are made by being used, and know no case.

Owns what a tag holds and counts, and putting tags on and off from the tag's side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Refused, Request, needs
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.pages import page
from arcadia_adapters.digitalocean.sandbox.router import Route

_NAME = re.compile(r"[a-zA-Z0-9_\-:]{1,255}", re.ASCII)
_TYPES = {"droplet": "droplet", "image": "image", "volume": "volume", "volume_snapshot": "snapshot"}


def _make(account: Account, body: Obj) -> Obj:
    needs(body, "name")
    name = str(body["name"])
    if not _NAME.fullmatch(name):
        why = f"Error validating resource tag: {name!r} contains invalid characters"
        refusal = Refused(400, "bad_request", why)
        refusal.body = {"error": why, "messages": None, "root_causes": [why]}  # this route's own form
        raise refusal
    return {"name": name}


def _gone(account: Account, tag: Obj) -> None:
    for kind in _tagged_kinds(account):
        for obj in account.all(kind.name).values():
            _take_off(obj, tag["name"])


def _take_off(obj: Obj, name: str) -> None:
    obj["tags"][:] = [tag for tag in obj["tags"] if tag.casefold() != name.casefold()]


TAG = Kind(
    name="tag",
    path="/v2/tags",
    one="tag",
    many="tags",
    key="name",
    verbs=frozenset({"delete"}),
    make=_make,
    gone=_gone,
    example=lambda n: {"name": f"made-tag:{n:05}"},
)


def _tagged_kinds(account: Account) -> Iterator[Kind]:
    return (kind for kind in account.kinds.values() if kind.tagged)


class _Counts:
    """How many things of each kind have each tag, and the last of them: counted once for a whole page."""

    def __init__(self, account: Account, base: str) -> None:
        self._held: dict[str, dict[str, Obj]] = {}
        for kind in _tagged_kinds(account):
            for id, obj in account.all(kind.name).items():
                for tag in obj["tags"] or ():
                    by_kind = self._held.setdefault(tag.casefold(), {})
                    counted = by_kind.setdefault(str(kind.tagged), {"count": 0})
                    counted["count"] += 1
                    counted["last_tagged_uri"] = f"{base}{kind.path}/{id}"
        self._kinds = [str(kind.tagged) for kind in _tagged_kinds(account)]

    def of(self, tag: Obj) -> Obj:
        """The tag as answers show it."""
        held = self._held.get(tag["name"].casefold(), {})
        resources: Obj = {kind: held.get(kind, {"count": 0}) for kind in self._kinds}
        last = {name: held[kind]["last_tagged_uri"] for kind in held for name in ("last_tagged_uri",)}
        return {
            "name": tag["name"],
            "resources": {"count": sum(counted["count"] for counted in held.values()), **last, **resources},
        }


def _list(account: Account, request: Request) -> Answer:
    body, counts = page(request, TAG.many, account.seen(TAG)), _Counts(account, request.base)
    return Answer(200, {**body, TAG.many: [counts.of(tag) for tag in body[TAG.many]]})


def _get(account: Account, request: Request) -> Answer:
    return Answer(200, {TAG.one: _Counts(account, request.base).of(account.get(TAG, request.ids["id"]))})


def _create(account: Account, request: Request) -> Answer:
    tag = _make(account, request.json())
    account.note_tags([tag["name"]])
    return Answer(201, {TAG.one: _Counts(account, request.base).of(account.get(TAG, tag["name"]))})


def _tag(account: Account, request: Request) -> Answer:
    name = account.get(TAG, request.ids["id"])["name"]
    for obj in _named(account, request.json()):
        _take_off(obj, name)
        obj["tags"].append(name)
    return Answer(204)


def _untag(account: Account, request: Request) -> Answer:
    name = account.get(TAG, request.ids["id"])["name"]
    for obj in _named(account, request.json()):
        _take_off(obj, name)
    return Answer(204)


def _named(account: Account, body: Obj) -> list[Obj]:
    needs(body, "resources")
    return [account.get(_TYPES[one["resource_type"]], one["resource_id"]) for one in body["resources"]]


KINDS = (TAG,)
ROUTES = (
    Route("GET", TAG.path, _list),
    Route("POST", TAG.path, _create),
    Route("GET", TAG.path + "/{id}", _get),
    Route("POST", TAG.path + "/{id}/resources", _tag),
    Route("DELETE", TAG.path + "/{id}/resources", _untag),
)
