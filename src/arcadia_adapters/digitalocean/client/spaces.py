"""Spaces: the buckets of each region, over S3, with keys of their own (SPEC 6).

Owns the ListBuckets call and the reading of its answer. Neither the budget nor the token of the API applies.
A region that cannot be asked is not whole; the others are. How much a bucket holds is not told here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from operator import attrgetter
from typing import Any
from xml.etree import ElementTree

import httpx
from attrs import frozen

from arcadia_adapters.digitalocean.client.access import Limits, SpacesAccess
from arcadia_adapters.digitalocean.client.budget import Budget
from arcadia_adapters.digitalocean.client.calls import Calls
from arcadia_adapters.digitalocean.client.decoding import Unreadable
from arcadia_adapters.digitalocean.client.exchange import Answer, Exchange
from arcadia_adapters.digitalocean.client.pages import Page, Walk, Walked
from arcadia_adapters.digitalocean.client.payloads.told import instant
from arcadia_adapters.digitalocean.client.refusals import refusal
from arcadia_adapters.digitalocean.client.secret import Secret
from arcadia_adapters.digitalocean.client.sigv4 import SigV4
from arcadia_adapters.digitalocean.client.waiting import Waiting
from arcadia_domain.cloud.listing import Listing, SeenResource, Shortfall
from arcadia_domain.cloud.provider_errors import (
    ProviderError,
    ProviderListingIncomplete,
    ProviderNotAsked,
    SpacesKeyRefused,
)
from arcadia_domain.ports.cloud_provider import Take

_NO_KEYS = "there are no keys of Spaces"
_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")
"""What S3 calls the error. The rest of its body may hold the key, and what was signed."""
_KEY_AND_SECRET = {
    "InvalidAccessKeyId": "{key} is not known",
    "SignatureDoesNotMatch": "{secret} is not that of {key}",
}


class NoSpaces:
    """Without keys nothing is seen, and nothing can be said to be missing."""

    def list_buckets(self, take: Take) -> Sequence[Listing]:
        """One verdict: not asked."""
        return [Listing(kind="space", shortfall=Shortfall.NOT_ASKED, detail=_NO_KEYS)]

    def look_up(self, provider_id: str) -> SeenResource | None:
        """Raises ProviderNotAsked."""
        raise ProviderNotAsked(call=f"the Space {provider_id}", message=_NO_KEYS)


@frozen
class Bucket:
    """A bucket as S3 lists it."""

    name: str
    created_at: str | None

    def seen_in(self, region: str) -> SeenResource:
        """Known by its region and its name."""
        return SeenResource(
            kind="space",
            provider_id=f"{region}/{self.name}",
            name=self.name,
            region=region,
            created_at=instant(self.created_at),
        )


class Spaces:
    """The buckets that the keys may see. Connections last for one listing: it is a daily one."""

    def __init__(
        self,
        access: SpacesAccess,
        limits: Limits,
        waiting: Waiting,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._access = access
        self._limits = limits
        self._waiting = waiting
        self._transport = transport
        self._budget = Budget(limits, waiting)

    def list_buckets(self, take: Take) -> Sequence[Listing]:
        """One verdict a region."""
        return [self._list(region, take) for region in self._access.regions]

    def look_up(self, provider_id: str) -> SeenResource | None:
        """The bucket of region/name, or None. Raises ProviderError."""
        region = provider_id.partition("/")[0]
        seen: list[SeenResource] = []
        walked = self._walk(region, seen.extend)
        if walked.error is not None:
            raise walked.error
        if walked.shortfall is not None:
            raise ProviderListingIncomplete(call=f"the Spaces of {region}", message=walked.detail or "")
        return next((bucket for bucket in seen if bucket.provider_id == provider_id), None)

    def _list(self, region: str, take: Take) -> Listing:
        walked = self._walk(region, take)
        return Listing(
            kind="space",
            region=region,
            seen=walked.seen,
            shortfall=walked.shortfall,
            detail=walked.detail,
        )

    def _walk(self, region: str, take: Take) -> Walked:
        with closing(self._calls(region)) as calls:
            return Walk(
                lambda _: calls.get("/", buckets),
                lambda found: take([bucket.seen_in(region) for bucket in found]),
                key=attrgetter("name"),
                paged=False,
            ).run()

    def _calls(self, region: str) -> Calls:
        access = self._access
        exchange = Exchange(
            access.url.format(region=region),
            SigV4(access.key, access.secret, region, self._waiting.now),
            self._limits,
            self._waiting,
            self._transport,
        )
        refuse = partial(_refusal, key=access.key)
        return Calls(exchange, access.secret, self._budget, self._limits, self._waiting, refuse=refuse)


def _refusal(call: str, answer: Answer, secret: Secret, *, reads: bool, key: Secret) -> ProviderError:
    """The error for an answer of S3: of the key and its secret, where they are what it complains of."""
    if answer.status not in (401, 403):
        return refusal(call, answer, secret, reads=reads)
    found = _CODE.search(answer.body)
    code = None if found is None else found[1].decode()
    words = _KEY_AND_SECRET.get(code or "", "{key} may not list its buckets")
    return SpacesKeyRefused(
        call=call,
        message=words.format(key=key.what, secret=secret.what),
        status=answer.status,
        error_id=code,
    )


def buckets(body: bytes) -> Page[Bucket]:
    """The answer of ListBuckets as a page, which says whether there is more. Raises Unreadable."""
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError):
        root = None
    if root is None or _local(root) != "ListAllMyBucketsResult":
        raise Unreadable("it is no list of buckets")
    found = [_bucket(element) for element in root.iter() if _local(element) == "Bucket"]
    more = any(_local(element) == "ContinuationToken" and element.text for element in root.iter())
    return Page(found, more=more)


def _bucket(element: Any) -> Bucket:
    told = {_local(member): member.text for member in element}
    if not told.get("Name"):
        raise Unreadable("a bucket has no name")
    return Bucket(told["Name"], told.get("CreationDate"))


def _local(element: Any) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
