"""List, get, create, change and delete: the same for every kind.

Owns the routes that a Kind's `verbs` ask for. What one kind does otherwise stands beside it in kinds/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Request
from arcadia_adapters.digitalocean.sandbox.kind import PARENT, Kind
from arcadia_adapters.digitalocean.sandbox.pages import page
from arcadia_adapters.digitalocean.sandbox.router import Route


def routes_of(kind: Kind) -> Iterator[Route]:
    """The routes of the kind's verbs."""
    one = kind.path + "/{id}"
    for verb, method, path, handler in (
        ("list", "GET", kind.path, _lister(kind)),
        ("create", "POST", kind.path, _creator(kind)),
        ("get", "GET", one, _getter(kind)),
        ("put", "PUT", one, _changer(kind)),
        ("patch", "PATCH", one, _changer(kind)),
        ("delete", "DELETE", one, _deleter(kind)),
    ):
        if verb in kind.verbs:
            yield Route(method, path, handler)


def shown(account: Account, kind: Kind, obj: Obj) -> Obj:
    """The object as answers show it."""
    return kind.shown(account, obj) if kind.shown else obj


def listed(account: Account, kind: Kind, request: Request, objects: list[Obj]) -> Obj:
    """The body of a list: those that pass the request's filters, cut into pages where the kind has pages."""
    for parameter, compared in kind.filters.items():
        if wanted := request.query.get(parameter, "").casefold():
            objects = [obj for obj in objects if _is(compared(obj), wanted)]
    if kind.newest_first:
        objects = objects[::-1]
    body = page(request, kind.many, objects) if kind.paged else {kind.many: objects}
    if kind.shown:
        body[kind.many] = [kind.shown(account, obj) for obj in body[kind.many]]
    return body


def create(account: Account, kind: Kind, body: Obj, parent: str = "") -> Obj:
    """Make an object as somebody asked, and take it in; it is ready when its time is up. Raises Refused."""
    obj = kind.make(account, body)
    if kind.unique and kind.taken:
        own = kind.unique(obj)
        if any(kind.unique(other) == own for other in account.all(kind.name, parent).values()):
            raise kind.taken()
    account.add(kind, obj, parent, project_id=obj.get("project_id"))
    if kind.ready:
        ready = kind.ready
        account.later(lambda: ready(account, obj))
    return obj


def delete(account: Account, kind: Kind, id: str, parent: str = "") -> Obj:
    """Take the object out, if nothing hinders it. Raises Refused."""
    obj = account.get(kind, id, parent)
    if kind.hinders:
        kind.hinders(account, obj)
    return account.remove(kind, id, parent)


def _parent(account: Account, kind: Kind, request: Request) -> str:
    if kind.parent is None:
        return ""
    holder = account.kinds[kind.parent]
    return holder.id_of(account.get(holder, request.ids[PARENT]))


def _lister(kind: Kind) -> Callable[[Account, Request], Answer]:
    def answer(account: Account, request: Request) -> Answer:
        objects = account.seen(kind, _parent(account, kind, request))
        return Answer(200, listed(account, kind, request, objects))

    return answer


def _getter(kind: Kind) -> Callable[[Account, Request], Answer]:
    def answer(account: Account, request: Request) -> Answer:
        obj = account.get(kind, request.ids["id"], _parent(account, kind, request))
        return Answer(200, {kind.one: shown(account, kind, obj)})

    return answer


def _creator(kind: Kind) -> Callable[[Account, Request], Answer]:
    def answer(account: Account, request: Request) -> Answer:
        parent = _parent(account, kind, request)
        obj = create(account, kind, request.json(), parent)
        return Answer(kind.created, {kind.one: shown(account, kind, obj)})

    return answer


def _changer(kind: Kind) -> Callable[[Account, Request], Answer]:
    change = kind.change
    if change is None:
        return _getter(kind)

    def answer(account: Account, request: Request) -> Answer:
        obj = account.get(kind, request.ids["id"], _parent(account, kind, request))
        with account.changing(kind, obj):
            change(account, obj, request.json())
        return Answer(kind.changed, {kind.one: shown(account, kind, obj)})

    return answer


def _deleter(kind: Kind) -> Callable[[Account, Request], Answer]:
    def answer(account: Account, request: Request) -> Answer:
        delete(account, kind, request.ids["id"], _parent(account, kind, request))
        return Answer(204)

    return answer


def _is(value: object, wanted: str) -> bool:
    """Whether the value is, or holds, what was asked for; case does not count."""
    if isinstance(value, list):
        return any(str(item).casefold() == wanted for item in value)
    return str(value).casefold() == wanted
