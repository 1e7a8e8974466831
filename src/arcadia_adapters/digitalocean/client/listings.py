"""What runs at DigitalOcean: every kind listed, one resource looked up (SPEC 6).

Owns the verdict on a kind that is listed in several parts. How one list is walked is pages'; which list a
kind has is kinds'.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Any, Protocol

from attrs import define, field

from arcadia_adapters.collector_at_rest import collector_at_rest
from arcadia_adapters.digitalocean.client import decoding
from arcadia_adapters.digitalocean.client.calls import Calls
from arcadia_adapters.digitalocean.client.kinds import LISTS, PLACES, Part
from arcadia_adapters.digitalocean.client.lists import find, page_reader
from arcadia_adapters.digitalocean.client.pages import Page, Walk, Walked
from arcadia_adapters.digitalocean.client.paths import path
from arcadia_adapters.digitalocean.client.payloads.action import ActionPayload
from arcadia_adapters.digitalocean.client.payloads.domain_record import DomainRecord
from arcadia_adapters.digitalocean.client.payloads.kubernetes import NodePool
from arcadia_adapters.digitalocean.client.payloads.project import Member
from arcadia_adapters.digitalocean.client.payloads.reserved_ip import ReservedIpv6
from arcadia_domain.cloud.actions import Action, ActionStatus
from arcadia_domain.cloud.inventory import inventory_kind
from arcadia_domain.cloud.listing import Listing, SeenResource, Shortfall
from arcadia_domain.cloud.orders import ProjectMember
from arcadia_domain.cloud.provider_errors import (
    ProviderListingIncomplete,
    ProviderRateLimited,
    ProviderUnreachable,
)
from arcadia_domain.ports.cloud_provider import Take

_RECORDS = "/v2/domains/{}/records"
_ACTION_PAGES = 50
"""Ten thousand actions: the list holds all that ever were."""


class Buckets(Protocol):
    """The kind that is not listed by the API."""

    def list_buckets(self, take: Take) -> Sequence[Listing]: ...

    def look_up(self, provider_id: str) -> SeenResource | None: ...


class Listings:
    """Implements CloudInventory."""

    def __init__(self, calls: Calls, spaces: Buckets) -> None:
        self._calls = calls
        self._spaces = spaces

    def list_resources(self, kind: str, take: Take) -> Sequence[Listing]:
        """See CloudInventory."""
        if inventory_kind(kind) == "space":
            return self._spaces.list_buckets(take)
        if kind == "domain_record":
            return [self._records(take)]
        so_far = _Verdict(kind)
        for part in LISTS[kind]:
            self._walk(part, take, so_far)
        return [so_far.listing()]

    def look_up(self, kind: str, provider_id: str) -> SeenResource | None:
        """See CloudInventory."""
        if inventory_kind(kind) == "space":
            return self._spaces.look_up(provider_id)
        if kind == "domain_record":
            return self._record(*_halves(provider_id))
        if kind == "kubernetes_node_pool":
            return self._pool(*_halves(provider_id))
        if kind == "reserved_ip" and ":" in provider_id:
            return self._show("/v2/reserved_ipv6/{}", "reserved_ipv6", ReservedIpv6, provider_id)
        if kind not in PLACES:
            return self._in_list(LISTS[kind][0], provider_id)
        place = PLACES[kind]
        return self._show(place.path, place.root, place.payload, provider_id)

    def list_members(self, project_id: str, take: Callable[[Sequence[ProjectMember]], object]) -> Listing:
        """See CloudInventory."""
        read = page_reader(self._calls, path("/v2/projects/{}/resources", project_id), "resources", Member)
        walk = Walk(read, lambda rows: take([row.value() for row in rows]), key=lambda row: row.urn)
        return _Verdict("project").add(walk.run()).listing()

    def recent_actions(self, since: datetime) -> Sequence[Action]:
        """See CloudInventory. DigitalOcean lists the newest first; the walk ends at the first page that
        holds only older ones that have ended. Raises ProviderError where a page could not be had.
        """
        found: dict[str, Action] = {}
        read = page_reader(self._calls, "/v2/actions", "actions", ActionPayload)

        def until_older(number: int) -> Page[Action]:
            page = read(number)
            rows = [row.value() for row in page.rows]
            found.update({action.id: action for action in rows if _concerns(action, since)})
            if not any(_concerns(action, since) for action in rows):
                return Page(())  # an empty page ends the walk
            return Page(rows, page.total, page.more, page.unread, page.reason)

        walked = Walk(until_older, _ignore, key=lambda action: action.id, cap=_ACTION_PAGES).run()
        if walked.error is not None:
            raise walked.error
        if walked.shortfall in {Shortfall.UNREADABLE, Shortfall.TOO_LONG}:
            raise ProviderListingIncomplete(call="GET /v2/actions", message=walked.detail or "")
        return list(found.values())

    def _walk(self, part: Part, take: Take, so_far: _Verdict) -> None:
        def hand_on(rows: Sequence[Any]) -> None:
            with collector_at_rest():
                seen = [resource for row in rows for resource in part.seen(row)]
            so_far.handed += len(seen)
            if seen:
                take(seen)

        read = page_reader(self._calls, part.path, part.root, part.payload, part.params, paged=part.paged)
        walk = Walk(read, hand_on, key=part.key, known=so_far.known, paged=part.paged)
        so_far.add(walk.run(), exact=part.exact)

    def _records(self, take: Take) -> Listing:
        """The records of all domains: whole when the domains were, and each domain's records."""
        domains: list[str] = []
        of_domains = _Verdict("domain")
        for part in LISTS["domain"]:
            self._walk(part, lambda seen: domains.extend(domain.name for domain in seen), of_domains)
        so_far = _Verdict("domain_record")
        if (short := of_domains.listing()).shortfall is not None:
            so_far.falls_short(short.shortfall, f"the domains: {short.detail}")
        for domain in domains:
            walked = self._records_of(domain, take)
            so_far.add(walked, of=domain)
            if isinstance(walked.error, ProviderUnreachable | ProviderRateLimited):
                break  # the next domain would fare no better, and take as long
        return so_far.listing()

    def _records_of(self, domain: str, take: Take) -> Walked:
        read = page_reader(self._calls, path(_RECORDS, domain), "domain_records", DomainRecord)
        return Walk(
            read, lambda rows: take([row.seen_in(domain) for row in rows]), key=lambda row: row.id
        ).run()

    def _record(self, domain: str, record_id: str) -> SeenResource | None:
        found = self._calls.look(
            path(f"{_RECORDS}/{{}}", domain, record_id),
            lambda body: decoding.one(body, "domain_record", DomainRecord),
        )
        return found.seen_in(domain) if found is not None else None

    def _pool(self, cluster_id: str, pool_id: str) -> SeenResource | None:
        cluster = self._show_payload("kubernetes_cluster", cluster_id)
        pools: Sequence[NodePool] = (cluster.node_pools or ()) if cluster is not None else ()
        return next((pool.seen_in(cluster_id, cluster.region) for pool in pools if pool.id == pool_id), None)

    def _in_list(self, part: Part, provider_id: str) -> SeenResource | None:
        read = page_reader(self._calls, part.path, part.root, part.payload, part.params, paged=part.paged)
        fitting = find(
            read,
            part.path,
            part.key,
            lambda row: row.seen(),
            lambda resource: resource.provider_id == provider_id,
            paged=part.paged,
        )
        return next(iter(fitting), None)

    def _show(self, template: str, root: str, payload: type, provider_id: str) -> SeenResource | None:
        found = self._calls.look(path(template, provider_id), lambda body: decoding.one(body, root, payload))
        return found.seen() if found is not None else None

    def _show_payload(self, kind: str, provider_id: str) -> Any:
        place = PLACES[kind]
        return self._calls.look(
            path(place.path, provider_id), lambda body: decoding.one(body, place.root, place.payload)
        )


@define
class _Verdict:
    """The verdict on a kind, from the walks over its parts. The first shortfall stands."""

    kind: str
    known: set[Hashable] = field(factory=set)
    handed: int = 0
    _seen: int = 0
    _total: int | None = 0
    _exact: bool = True
    _shortfall: Shortfall | None = None
    _detail: str | None = None

    def add(self, walked: Walked, *, exact: bool = True, of: str | None = None) -> _Verdict:
        self._seen += walked.seen
        self._total = None if self._total is None or walked.total is None else self._total + walked.total
        self._exact = self._exact and exact
        if walked.shortfall is not None:
            self.falls_short(walked.shortfall, f"{of}: {walked.detail}" if of else walked.detail)
        return self

    def falls_short(self, shortfall: Shortfall | None, detail: str | None) -> None:
        if self._shortfall is None:
            self._shortfall, self._detail = shortfall, detail

    def listing(self) -> Listing:
        return Listing(
            kind=self.kind,
            seen=self._seen if self._exact else self.handed,
            total=self._total if self._exact else None,
            shortfall=self._shortfall,
            detail=self._detail,
        )


def _halves(provider_id: str) -> tuple[str, str]:
    whole, _, own = provider_id.rpartition("/")
    return whole, own


def _concerns(action: Action, since: datetime) -> bool:
    started = action.started_at
    return started is None or started >= since or action.status is ActionStatus.IN_PROGRESS


def _ignore(_rows: Sequence[Action]) -> None:
    """What is kept is kept while the pages are read."""
