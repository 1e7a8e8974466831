"""The sandbox's own door, under /sandbox, a path that DigitalOcean does not have. It asks for no token.

Owns how the account, its time, the limits and the faults are seen and set from outside.

    GET    /sandbox                              what there is
    GET    /sandbox/faults                       the armed faults, how often they met and fired
    POST   /sandbox/faults                       arm one (see faults.py), or {"faults": [...]}
    DELETE /sandbox/faults                       disarm all
    GET    /sandbox/limits · PUT                 {"per_minute": int|null, "per_hour": int|null, "paths": {}}
    GET    /sandbox/clock · PUT                  {"at"?: RFC 3339, "advance_seconds"?: int, "runs"?: bool}
    GET    /sandbox/pace · PUT                   {"action_seconds"?: int, "lag_seconds"?: int}
    POST   /sandbox/outcomes                     {"outcome", "type"?, "times"?: int}: how actions will end
    GET    /sandbox/requests · DELETE            the last ones: method, path, query, status, fault
    GET    /sandbox/account                      how many of each kind
    PUT    /sandbox/account                      {"content": "empty"|"sample", "of_each"?: int}: anew
    GET    /sandbox/account/{kind}               all of them, those in parents and unseen ones too
    POST   /sandbox/account/{kind}               {"count": int}: add so many
    PATCH  /sandbox/account/{kind}/{id}          set fields, as if done elsewhere
    DELETE /sandbox/account/{kind}[/{id}]        take away, whatever hinders
    POST   /sandbox/invoices                     {"period": "2026-05"}: bill a month that is over
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.actions import OUTCOMES
from arcadia_adapters.digitalocean.sandbox.billing import month
from arcadia_adapters.digitalocean.sandbox.clock import written
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Request, not_found, unprocessable
from arcadia_adapters.digitalocean.sandbox.faults import Fault
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_adapters.digitalocean.sandbox.router import Route
from arcadia_domain.errors import DomainError

if TYPE_CHECKING:
    from arcadia_adapters.digitalocean.sandbox.app import Sandbox

_CONTENTS = {"empty": content.empty, "sample": content.sample}


class Control:
    """The handlers of /sandbox, on one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        handlers: list[tuple[str, str, Callable[[Account, Request], Answer]]] = [
            ("GET", "", self._index),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._arm),
            ("DELETE", "/faults", self._disarm),
            ("GET", "/limits", self._limits),
            ("PUT", "/limits", self._set_limits),
            ("GET", "/clock", self._clock),
            ("PUT", "/clock", self._set_clock),
            ("GET", "/pace", self._pace),
            ("PUT", "/pace", self._set_pace),
            ("POST", "/outcomes", self._wish),
            ("GET", "/requests", self._requests),
            ("DELETE", "/requests", self._forget_requests),
            ("GET", "/account", self._counts),
            ("PUT", "/account", self._start_anew),
            ("GET", "/account/{kind}", self._content),
            ("POST", "/account/{kind}", self._add),
            ("DELETE", "/account/{kind}", self._remove_all),
            ("PATCH", "/account/{kind}/{id}", self._set_fields),
            ("DELETE", "/account/{kind}/{id}", self._remove),
            ("POST", "/invoices", self._bill),
        ]
        return [Route(method, f"/sandbox{path}", handler) for method, path, handler in handlers]

    def _index(self, account: Account, request: Request) -> Answer:
        return Answer(200, (__doc__ or "").encode(), content_type="text/plain; charset=utf-8")

    # -- faults, limits, time

    def _faults(self, account: Account, request: Request) -> Answer:
        return Answer(200, {"faults": [msgspec.to_builtins(fault) for fault in self._sandbox.faults.armed]})

    def _arm(self, account: Account, request: Request) -> Answer:
        body = request.json()
        try:
            armed = [msgspec.convert(one, Fault) for one in body.get("faults", [body])]
        except msgspec.ValidationError as problem:
            raise unprocessable(str(problem)) from None
        self._sandbox.faults.armed += armed
        return self._faults(account, request)

    def _disarm(self, account: Account, request: Request) -> Answer:
        self._sandbox.faults.armed.clear()
        return Answer(204)

    def _limits(self, account: Account, request: Request) -> Answer:
        limits = self._sandbox.limits
        body = {"per_minute": limits.per_minute, "per_hour": limits.per_hour, "paths": limits.paths}
        return Answer(200, body)

    def _set_limits(self, account: Account, request: Request) -> Answer:
        limits, body = self._sandbox.limits, request.json()
        limits.per_minute = body.get("per_minute", limits.per_minute)
        limits.per_hour = body.get("per_hour", limits.per_hour)
        limits.paths = {
            path: (most, seconds) for path, (most, seconds) in body.get("paths", limits.paths).items()
        }
        limits.forget()
        return self._limits(account, request)

    def _clock(self, account: Account, request: Request) -> Answer:
        return Answer(200, {"at": written(account.now()), "runs": account.clock.runs})

    def _set_clock(self, account: Account, request: Request) -> Answer:
        body, clock = request.json(), account.clock
        try:
            if "runs" in body:
                (clock.run if body["runs"] else clock.stand)()
            if "at" in body:
                clock.set(datetime.fromisoformat(body["at"]))
            clock.advance(timedelta(seconds=body.get("advance_seconds", 0)))
        except (ValueError, TypeError) as problem:
            raise unprocessable(str(problem)) from None
        account.settle()
        return self._clock(account, request)

    def _pace(self, account: Account, request: Request) -> Answer:
        return Answer(200, asdict(account.pace))

    def _set_pace(self, account: Account, request: Request) -> Answer:
        body = request.json()
        account.pace.action_seconds = body.get("action_seconds", account.pace.action_seconds)
        account.pace.lag_seconds = body.get("lag_seconds", account.pace.lag_seconds)
        return self._pace(account, request)

    def _wish(self, account: Account, request: Request) -> Answer:
        body = request.json()
        if body.get("outcome") not in OUTCOMES:
            raise unprocessable(f"outcome must be one of {', '.join(OUTCOMES)}")
        wish = {"outcome": body["outcome"], "type": body.get("type")}
        account.outcomes += [wish] * body.get("times", 1)
        return Answer(200, {"outcomes": account.outcomes})

    def _requests(self, account: Account, request: Request) -> Answer:
        return Answer(200, {"requests": list(self._sandbox.met)})

    def _forget_requests(self, account: Account, request: Request) -> Answer:
        self._sandbox.met.clear()
        return Answer(204)

    # -- the account

    def _counts(self, account: Account, request: Request) -> Answer:
        counts = {name: sum(1 for _ in account.every(name)) for name in account.kinds}
        return Answer(200, {**counts, "invoice": len(account.invoices)})

    def _start_anew(self, account: Account, request: Request) -> Answer:
        body = request.json()
        make = _CONTENTS.get(body.get("content", "empty"))
        if make is None:
            raise unprocessable(f"content must be one of {', '.join(_CONTENTS)}")
        anew = make(account.clock)
        anew.pace = account.pace
        for name in content.EVERY:
            content.fill(anew, name, body.get("of_each", 0))
        self._sandbox.account = anew
        return self._counts(anew, request)

    def _content(self, account: Account, request: Request) -> Answer:
        kind = self._kind(account, request)
        return Answer(200, {kind.many: list(account.every(kind.name))})

    def _add(self, account: Account, request: Request) -> Answer:
        kind, body = self._kind(account, request), request.json()
        if kind.name not in content.FILLABLE or not isinstance(body.get("count"), int):
            raise unprocessable("count must be a whole number, of a kind that things can be added of")
        return Answer(201, {"ids": content.fill(account, kind.name, body["count"])})

    def _set_fields(self, account: Account, request: Request) -> Answer:
        kind = self._kind(account, request)
        obj, _ = self._anywhere(account, kind, request.ids["id"])
        with account.changing(kind, obj):
            obj.update(request.json())
        return Answer(200, {kind.one: obj})

    def _remove(self, account: Account, request: Request) -> Answer:
        kind = self._kind(account, request)
        obj, parent = self._anywhere(account, kind, request.ids["id"])
        account.remove(kind, kind.id_of(obj), parent)
        return Answer(204)

    def _remove_all(self, account: Account, request: Request) -> Answer:
        kind = self._kind(account, request)
        for obj in list(account.every(kind.name)):
            _, parent = self._anywhere(account, kind, kind.id_of(obj))
            account.remove(kind, kind.id_of(obj), parent)
        return Answer(204)

    def _bill(self, account: Account, request: Request) -> Answer:
        try:
            return Answer(201, month.close(account, str(request.json().get("period"))).listed())
        except DomainError as problem:
            raise unprocessable(str(problem)) from None

    def _kind(self, account: Account, request: Request) -> Kind:
        if request.ids["kind"] not in account.kinds:
            raise not_found()
        return account.kinds[request.ids["kind"]]

    def _anywhere(self, account: Account, kind: Kind, id: str) -> tuple[Obj, str]:
        """The object and what it stands in."""
        parents = account.all(kind.parent) if kind.parent else [""]
        for parent in parents:
            obj = account.all(kind.name, parent).get(kind.id_in(id))
            if obj is not None:
                return obj, parent
        raise not_found()
