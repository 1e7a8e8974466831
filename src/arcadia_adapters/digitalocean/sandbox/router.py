"""From a method and a path to the function that answers.

Owns the matching of paths. Routes stand with what they serve: in kinds/, billing/ and control.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Refused, Request, not_found

if TYPE_CHECKING:
    from arcadia_adapters.digitalocean.sandbox.account import Account

    Handler = Callable[[Account, Request], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A method, a path whose {placeholders} each stand for one segment, and who answers."""

    method: str
    path: str
    handler: Handler


class Router:
    """All routes. Where several match, the one with fewer placeholders wins: /default before /{id}."""

    def __init__(self, routes: Iterable[Route]) -> None:
        handlers: dict[tuple[str, ...], dict[str, Handler]] = defaultdict(dict)
        for route in routes:
            known = handlers[_segments(route.path)]
            if route.method in known:
                raise ValueError(f"two routes for {route.method} {route.path}")
            known[route.method] = route.handler
        self._by_length: dict[int, list[tuple[tuple[str, ...], dict[str, Handler]]]] = defaultdict(list)
        for pattern in sorted(handlers, key=lambda pattern: sum(map(_is_placeholder, pattern))):
            self._by_length[len(pattern)].append((pattern, handlers[pattern]))

    def find(self, request: Request) -> tuple[Handler, Request]:
        """Who answers the request, and the request with its `ids`; raises Refused (404, 405)."""
        segments = _segments(request.path)
        for pattern, methods in self._by_length.get(len(segments), ()):
            if all(
                _is_placeholder(own) or own == asked for own, asked in zip(pattern, segments, strict=True)
            ):
                if request.method not in methods:
                    raise Refused(405, "method_not_allowed", "This method is not allowed here.")
                ids = {
                    own[1:-1]: unquote(asked)
                    for own, asked in zip(pattern, segments, strict=True)
                    if _is_placeholder(own)
                }
                return methods[request.method], replace(request, ids=ids)
        raise not_found()


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _is_placeholder(segment: str) -> bool:
    return segment.startswith("{")
