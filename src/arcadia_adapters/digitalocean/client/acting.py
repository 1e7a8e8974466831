"""What all acts on DigitalOcean's objects share: sending a body, reading the object or the action back, and
finding what an earlier attempt made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from arcadia_adapters.digitalocean.client import decoding
from arcadia_adapters.digitalocean.client.bodies import body
from arcadia_adapters.digitalocean.client.calls import Calls
from arcadia_adapters.digitalocean.client.decoding import Unreadable
from arcadia_adapters.digitalocean.client.kinds import LISTS, PLACES
from arcadia_adapters.digitalocean.client.lists import find, page_reader
from arcadia_adapters.digitalocean.client.payloads.action import ActionLinks, ActionPayload
from arcadia_domain.cloud.actions import Action
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.orders import Accepted


class Acting:
    """Calls that change something, in the terms of one kind each. Its rooms say the paths."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def _made(self, path: str, order: object, kind: str) -> Accepted:
        """Make an object: what came of it, with the actions at work on it."""
        return self._calls.post(path, body(order), lambda answer: _accepted(answer, kind))

    def _started(self, path: str, command: Mapping[str, object]) -> Action:
        """Start an action."""
        return self._calls.post(path, body(command), read_action)

    def _found(
        self,
        kind: str,
        params: Mapping[str, str | int] | None,
        fits: Callable[[SeenResource], bool],
    ) -> Sequence[SeenResource]:
        """The objects of a kind that fit. Raises ProviderListingIncomplete: then none is no answer.

        `params` only make the list shorter: what is found may be adopted, so `fits` looks at each again.
        """
        part = LISTS[kind][0]
        read = page_reader(self._calls, part.path, part.root, part.payload, params, paged=part.paged)
        return find(read, part.path, part.key, lambda row: row.seen(), fits)


def read_action(answer: bytes) -> Action:
    """The action that an answer holds. Raises Unreadable."""
    return decoding.one(answer, "action", ActionPayload).value()


def read_resource(answer: bytes, kind: str) -> SeenResource:
    """The object of a kind that an answer holds. Raises Unreadable."""
    place = PLACES[kind]
    resource: SeenResource = decoding.one(answer, place.root, place.payload).seen()
    return resource


def _accepted(answer: bytes, kind: str) -> Accepted:
    """The object, which counts as made even where its links cannot be read."""
    resource = read_resource(answer, kind)
    try:
        links = decoding.one(answer, "links", ActionLinks)
    except Unreadable:
        return Accepted(resource=resource)
    return Accepted(resource=resource, action_ids=links.ids())
