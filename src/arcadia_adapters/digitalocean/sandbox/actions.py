"""Actions: what was asked of a thing takes time, and while it does the thing is busy.

Owns the life of an action: in-progress, then completed or errored, with the effect in between. What an action
does to its thing is in kinds/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from arcadia_adapters.digitalocean.sandbox.account import Account, Key
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Request, not_found, unprocessable
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.pages import page
from arcadia_adapters.digitalocean.sandbox.router import Route

COMPLETED, ERRORED, NEVER, WITHOUT_EFFECT = "completed", "errored", "never", "without_effect"
OUTCOMES = (COMPLETED, ERRORED, NEVER, WITHOUT_EFFECT)
"""How an action can end: well, with an error, not at all, or well while nothing has happened."""


def _not_made(account: Account, body: Obj) -> Obj:
    raise not_found()


ACTION = Kind(
    name="action",
    path="/v2/actions",
    one="action",
    many="actions",
    verbs=frozenset({"list", "get"}),
    newest_first=True,
    make=_not_made,
    example=lambda n: {},
)


def refuse_if_busy(account: Account, *keys: Key) -> None:
    """Only one action at a time: raises Refused (422)."""
    if any(key in account.busy for key in keys):
        raise unprocessable("Droplet already has a pending event.")


def start(
    account: Account,
    target: Key,
    type: str,
    effect: Callable[[], None],
    *,
    resource_type: str,
    resource_id: int | None,
    region: Obj | None,
    also_busy: tuple[Key, ...] = (),
    locks: Obj | None = None,
) -> Obj:
    """Begin an action on `target`; raises Refused (422) when that, or what is `also_busy`, is busy already.

    `locks` is the object that is `locked` while the action runs.
    """
    keys = target, *also_busy
    refuse_if_busy(account, *keys)
    outcome = _outcome(account, type)
    action: Obj = {
        "id": account.number(),
        "status": "in-progress",
        "type": type,
        "started_at": account.stamp(),
        "completed_at": None,
        "resource_id": resource_id,
        "resource_type": resource_type,
        "region": region,
        "region_slug": region["slug"] if region else None,
    }
    if region is None:
        del action["region"]
    account.add(ACTION, action)
    account.targets[str(action["id"])] = target
    for key in keys:
        account.busy[key] = action["id"]
    if locks:
        locks["locked"] = True

    def end() -> None:
        if outcome == COMPLETED:
            effect()
        action.update(status=ERRORED if outcome == ERRORED else COMPLETED, completed_at=account.stamp())
        for key in keys:
            account.busy.pop(key, None)
        if locks:
            locks["locked"] = False

    if outcome != NEVER:
        account.later(end)
    return action


def actions_of(kind: Kind) -> Iterator[Route]:
    """The list of an object's actions, and one of them."""

    def own(account: Account, request: Request) -> list[Obj]:
        key = kind.name, kind.id_of(account.get(kind, request.ids["id"]))
        return [
            action for action in account.all("action").values() if account.targets[str(action["id"])] == key
        ]

    def list_own(account: Account, request: Request) -> Answer:
        return Answer(200, page(request, ACTION.many, own(account, request)[::-1]))

    def get_own(account: Account, request: Request) -> Answer:
        for action in own(account, request):
            if str(action["id"]) == request.ids["action_id"]:
                return Answer(200, {ACTION.one: action})
        raise not_found()

    yield Route("GET", f"{kind.path}/{{id}}/actions", list_own)
    yield Route("GET", f"{kind.path}/{{id}}/actions/{{action_id}}", get_own)


def link(request: Request, action: Obj, rel: str) -> Obj:
    """How the answer to a create names its action."""
    return {"id": action["id"], "rel": rel, "href": f"{request.base}{ACTION.path}/{action['id']}"}


def _outcome(account: Account, type: str) -> str:
    """The end that was asked for from outside for the next action of this type; each counts once."""
    for wish in account.outcomes:
        if wish.get("type") in (None, type):
            account.outcomes.remove(wish)
            return str(wish["outcome"])
    return COMPLETED
