"""Answers that made-up calls come by too seldom, or never: provoked for every operation that documents them.

Owns one way for each status, driven by the document. A new operation is provoked without a word here; one
that documents a refusal that no way leads to is named by the table.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from tests.integration.http.described import Operation
from tests.integration.http.fuzz.table import SUCCESSES, Table
from tests.integration.http.fuzz.world import Call, Judge, World

_PATIENCE: Final = 3
"""How often one who may call an operation is refused, until it is taken that they may not."""

NOBODYS: Final = "00000000-0000-0000-0000-00000000dead"

FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    "attach_addon": ("subscribe_deployment",),
    "change_plan": ("subscribe_deployment",),
}
"""What must have been done at the same place before."""

MADE_BY: Final[Mapping[str, str]] = {
    "attribute_cost_line": "list_cost_lines",
    "detach_addon": "attach_addon",
    "publish_version": "draft_version",
    "take_back_attribution": "list_cost_lines",
}
"""Which operation makes the places of another, or tells them, where links name several that do, or none."""


@dataclass
class Sent:
    """A request as it was sent, and its answer."""

    operation: Operation
    status: int
    headers: httpx.Headers
    text: str


@dataclass
class Caller:
    """Somebody with a token, and what they can name."""

    token: str
    world: World


class Provoker:
    """Sends calls, counts and judges each answer."""

    def __init__(self, url: str, callers: Mapping[str, Caller], table: Table, judge: Judge) -> None:
        self._url = url
        self._callers = callers
        self._table = table
        self._judge = judge
        self._client = httpx.Client(base_url=url, timeout=30)
        self.faults: list[str] = []
        self.prepared: dict[tuple[str, int], Call] = {}
        """Calls that come to a refusal only in a world made for it."""

    def close(self) -> None:
        self._client.close()

    def succeed(self, one: Operation) -> None:
        """Call until it was answered a 2xx often enough, as whoever may."""
        for caller in self._callers.values():
            refused = 0
            while self._table.successes(one) < SUCCESSES and refused < _PATIENCE:
                refused += not self._accepted(caller, one)

    def provoke(self, one: Operation) -> None:
        """Every documented refusal that has not come yet."""
        for status in one.statuses:
            ways = [way for way in (WAYS.get(status), *self._ways(one, status)) if way is not None]
            for way, caller in product(ways, self._callers.values()):
                if not self._table.counts[one.id, status]:
                    way(self, caller, one)

    def _ways(self, one: Operation, status: int) -> list[Way]:
        """Those that need what a test has prepared."""
        prepared = self.prepared.get((one.id, status))
        return [] if prepared is None else [lambda provoker, caller, _: provoker.send(caller, one, prepared)]

    def exhaust(self, caller: Caller, one: Operation) -> None:
        """429: until the tenant's rate is used up, at a door that has one."""
        if 429 in one.statuses:
            for _ in range(20):
                if self.send(caller, one, some_call(caller, one)).status == 429:
                    return

    def _accepted(self, caller: Caller, one: Operation) -> bool:
        call = self.ready(caller, one)
        return call is not None and self.send(caller, one, call).status < 300

    def ready(self, caller: Caller, one: Operation) -> Call | None:
        """A call that ought to be accepted, at a place made for it where one can be made."""
        maker = MADE_BY.get(one.id) or next(
            (
                name
                for name, other in caller.world.operations.items()
                if one.id in other.links()
                and other.method == "post"
                and other.path.count("{") < one.path.count("{")
            ),
            None,
        )
        if maker is not None:
            made = self.ready(caller, caller.world.operations[maker])
            if made is not None:
                self.send(caller, caller.world.operations[maker], made)
        newest = list(caller.world.places[one.id])[-1:] if maker is not None else []
        call = caller.world.call(one.id, *newest)
        for name in FIRST.get(one.id, ()):
            before = caller.world.operations[name]
            if call is not None:
                self.send(caller, before, Call(call.place, {}, caller.world.body(name)))
        return call

    def send(
        self,
        caller: Caller | None,
        one: Operation,
        call: Call,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Sent:
        """Send a call; `content` stands in for its body. What the answer is wrong in is kept."""
        path = one.path
        for name, value in call.place.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        sent_headers = dict(headers or {})
        if caller is not None:
            sent_headers.setdefault("Authorization", f"Bearer {caller.token}")
        if one.body is not None:
            sent_headers.setdefault("Content-Type", one.body[0])
            content = _encoded(call) if content is None else content
        answer = self._client.request(
            one.method, path, params=dict(call.query), headers=sent_headers, content=content
        )
        return self._taken(caller, one, call, Sent(one, answer.status_code, answer.headers, answer.text))

    def announce(self, caller: Caller, one: Operation, call: Call, length: int) -> Sent:
        """Say that a body of this length comes, and send none."""
        there = urlsplit(self._url)
        connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=30)
        path = one.path
        for name, value in call.place.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        query = "&".join(f"{name}={value}" for name, value in call.query.items())
        connection.putrequest(one.method.upper(), f"{path}?{query}" if query else path)
        content_type = "application/json" if one.body is None else one.body[0]
        for header, value in (
            ("Authorization", f"Bearer {caller.token}"),
            ("Content-Type", content_type),
            ("Content-Length", str(length)),
        ):
            connection.putheader(header, value)
        connection.endheaders()
        answer = connection.getresponse()
        headers = httpx.Headers(answer.getheaders())
        text = answer.read().decode()
        connection.close()
        return self._taken(caller, one, call, Sent(one, answer.status, headers, text))

    def _taken(self, caller: Caller | None, one: Operation, call: Call, sent: Sent) -> Sent:
        self._table.count(one.id, sent.status, sent.text)
        self.faults += self._judge.faults(one, sent.status, sent.headers, sent.text)
        told = "json" in sent.headers.get("Content-Type", "")
        if caller is not None and sent.status < 300 and told and sent.text:
            caller.world.learn(one.id, call.place, json.loads(sent.text))
        return sent


Way = Callable[[Provoker, Caller, Operation], Any]


def _encoded(call: Call) -> bytes:
    if call.body is None:
        return b""
    return (call.body if isinstance(call.body, str) else json.dumps(call.body)).encode()


def some_call(caller: Caller, one: Operation) -> Call:
    """At a place that is there, or at one that could be."""
    call = caller.world.call(one.id)
    return call or Call(_nowhere(one), {}, caller.world.body(one.id))


def _nowhere(one: Operation) -> dict[str, str]:
    """A place of the right form that is not there."""
    return {
        told["name"]: NOBODYS if told["schema"].get("format") == "uuid" else _absent(told)
        for told in one.parameters("path")
    }


def _absent(told: Mapping[str, Any]) -> str:
    return "2001-01-01" if told["schema"].get("format") == "date" else "nobodys"


def _with_a_parameter_that_is_not_known(provoker: Provoker, caller: Caller, one: Operation) -> None:
    call = some_call(caller, one)
    provoker.send(caller, one, replace(call, query={**call.query, "nonesuch": "1"}))


def _without_a_token(provoker: Provoker, caller: Caller, one: Operation) -> None:
    provoker.send(None, one, some_call(caller, one))


def _as_somebody(provoker: Provoker, caller: Caller, one: Operation) -> None:
    provoker.send(caller, one, some_call(caller, one))


def _where_nothing_is(provoker: Provoker, caller: Caller, one: Operation) -> None:
    """Under the path; and, where the body names it, in the body."""
    provoker.send(caller, one, Call(_nowhere(one), some_call(caller, one).query, caller.world.body(one.id)))
    body = caller.world.body(one.id)
    if isinstance(body, dict) and "deployment_id" in body:
        provoker.send(caller, one, Call(_nowhere(one), {}, {**body, "deployment_id": NOBODYS}))


def _with_a_key_that_was_used(provoker: Provoker, caller: Caller, one: Operation) -> None:
    call = provoker.ready(caller, one)
    if call is None or not one.takes("Idempotency-Key"):
        _twice(provoker, caller, one)
        return
    key = {"Idempotency-Key": caller.world.new("k")}
    if provoker.send(caller, one, call, headers=key).status < 300:
        again = provoker.send(caller, one, call, headers=key)
        if again.headers.get("Idempotency-Replayed") != "true":
            provoker.faults.append(f"{one.id} did not say that it answered again")
        provoker.send(caller, one, call, headers=key, content=_encoded(call) + b"\n")


def _twice(provoker: Provoker, caller: Caller, one: Operation) -> None:
    call = provoker.ready(caller, one)
    if call is not None:
        provoker.send(caller, one, call)
        provoker.send(caller, one, call)


def _having_read_another_revision(provoker: Provoker, caller: Caller, one: Operation) -> None:
    call = provoker.ready(caller, one)
    if call is not None:
        provoker.send(caller, one, call, headers={"If-Match": '"0"'})


def _with_too_much(provoker: Provoker, caller: Caller, one: Operation) -> None:
    provoker.announce(caller, one, some_call(caller, one), length=10**12)


def _as_something_else(provoker: Provoker, caller: Caller, one: Operation) -> None:
    provoker.send(
        caller, one, some_call(caller, one), headers={"Content-Type": "application/x-other"}, content=b"x"
    )


def _with_what_no_rule_allows(provoker: Provoker, caller: Caller, one: Operation) -> None:
    """A body that is not asked for; without one, a day of another millennium."""
    call = provoker.ready(caller, one) or some_call(caller, one)
    days = [told["name"] for told in one.parameters("query") if told["schema"].get("format") == "date"]
    if one.body is not None:
        provoker.send(caller, one, call, content=b'{"nonesuch": 1}')
    elif days:
        provoker.send(caller, one, replace(call, query=dict.fromkeys(days, "1999-12-31")))


def _with_a_token_too_long(provoker: Provoker, caller: Caller, one: Operation) -> None:
    headers = {"Authorization": f"Bearer {'a' * 30_000}"}
    provoker.send(caller, one, some_call(caller, one), headers=headers)


WAYS: Final[Mapping[int, Way]] = {
    400: _with_a_parameter_that_is_not_known,
    401: _without_a_token,
    403: _as_somebody,
    404: _where_nothing_is,
    409: _with_a_key_that_was_used,
    412: _having_read_another_revision,
    413: _with_too_much,
    415: _as_something_else,
    422: _with_what_no_rule_allows,
    431: _with_a_token_too_long,
}
"""By status. 429 is provoked at a door that has a limit."""
