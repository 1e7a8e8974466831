"""Faults on demand: armed from outside, so that whoever calls cannot know what will happen.

Owns what faults there are, on which requests they fall, and what they do to an answer. How an answer is cut
off or never sent is the app's.

    status           this status instead, with `id` and `message`, or with `body` as it stands
    rate_limited     429, with retry-after where `retry_after` is given
    close            the connection is closed without an answer
    silence          no answer ever comes
    truncate         half of the body, then the connection is closed
    repeat_page      a page shows what the page before it showed
    shrink           the list is as if `by` earlier objects had just been deleted: as many slip by unseen
    total            meta.total is `by` smaller than it is
    links            they are `absent`, `empty` (no page), `foreign` (another host) or `loop` (this page)

`status`, `rate_limited`, `close` and `silence` happen `when` "before" what was asked for is done, or "after".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Request
from arcadia_adapters.digitalocean.sandbox.limits import too_many
from arcadia_adapters.digitalocean.sandbox.pages import DEFAULT_PER_PAGE

Name = Literal[
    "status",
    "rate_limited",
    "close",
    "silence",
    "truncate",
    "repeat_page",
    "shrink",
    "total",
    "links",
]
BREAKS_THE_FORM = frozenset({"close", "silence", "truncate"})
"""What comes of these is no whole answer."""


class Fault(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A fault, and on which requests it falls.

    On those of this `method`, a `path` that fits (with * and ?) and this `page`, where they are given; not on
    the first `after` of them, and on `times` (None: on all that follow). `met` and `fired` count.
    """

    fault: Name
    method: str | None = None
    path: str = "/v2/*"
    page: int | None = None
    after: int = 0
    times: int | None = 1
    when: Literal["before", "after"] = "before"
    status: int = 500
    id: str = "server_error"
    message: str = "Unexpected server-side error"
    body: str | None = None
    retry_after: int | None = None
    by: int = 1
    links: Literal["absent", "empty", "foreign", "loop"] = "absent"
    met: int = 0
    fired: int = 0

    def falls_on(self, request: Request) -> bool:
        """Whether it happens to this request; counts it."""
        if (
            (self.method is not None and self.method != request.method)
            or not fnmatchcase(request.path, self.path)
            or (self.page is not None and request.query.get("page", "1") != str(self.page))
        ):
            return False
        self.met += 1
        if self.met <= self.after or (self.times is not None and self.fired >= self.times):
            return False
        self.fired += 1
        return True

    @property
    def breaks_the_form(self) -> bool:
        """Whether what is sent is not an answer in DigitalOcean's form."""
        return self.fault in BREAKS_THE_FORM or (self.fault == "status" and self.body is not None)


class Faults:
    """The armed faults. The first that falls on a request happens to it."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []

    def fall_on(self, request: Request) -> Fault | None:
        return next((fault for fault in self.armed if fault.falls_on(request)), None)


def spoiled(fault: Fault, request: Request, answered: Callable[[Request], Answer]) -> Answer:
    """The answer with the fault in it; `answered` does what was asked for."""
    if fault.fault in {"repeat_page", "shrink"}:
        return answered(replace(request, shift=_shift(fault, request)))
    if fault.fault in _INSTEAD and fault.when == "before":
        return _INSTEAD[fault.fault](fault)
    answer = answered(request)
    if fault.fault in _INSTEAD:
        return _INSTEAD[fault.fault](fault)
    if isinstance(answer.body, dict) and answer.status < 300:
        if fault.fault == "total" and "meta" in answer.body:
            answer.body["meta"]["total"] = max(answer.body["meta"]["total"] - fault.by, 0)
        if fault.fault == "links" and "links" in answer.body:
            _spoil_links(fault.links, answer.body, request)
    return answer


def _shift(fault: Fault, request: Request) -> int:
    per_page = request.query.get("per_page", "")
    back = int(per_page) if re.fullmatch(r"[0-9]{1,3}", per_page) else DEFAULT_PER_PAGE
    return -back if fault.fault == "repeat_page" else fault.by


def _status(fault: Fault) -> Answer:
    if fault.body is not None:
        return Answer(fault.status, fault.body.encode(), content_type="text/html; charset=utf-8")
    return Answer(fault.status, {"id": fault.id, "message": fault.message})


_INSTEAD: dict[str, Callable[[Fault], Answer]] = {
    "status": _status,
    "rate_limited": lambda fault: too_many(fault.retry_after),
    "close": lambda fault: Answer(0),
    "silence": lambda fault: Answer(0),
}


def _spoil_links(how: str, body: Obj, request: Request) -> None:
    if how == "absent":
        del body["links"]
        return
    pages = body["links"].get("pages", {})
    if how == "empty":
        body["links"] = {"pages": {}}
    elif how == "foreign":
        pages.update(
            {rel: to.replace(request.base, "https://elsewhere.example.com") for rel, to in pages.items()}
        )
    elif "next" in pages:
        number = int(request.query.get("page", "1"))
        pages["next"] = re.sub(r"([?&]page)=\d+", rf"\1={number}", pages["next"])
