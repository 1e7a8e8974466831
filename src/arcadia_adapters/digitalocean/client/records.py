"""Records of domains made, found, replaced and removed. A record is known as domain/id."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from arcadia_adapters.digitalocean.client import decoding
from arcadia_adapters.digitalocean.client.acting import Acting
from arcadia_adapters.digitalocean.client.bodies import body
from arcadia_adapters.digitalocean.client.lists import find, page_reader
from arcadia_adapters.digitalocean.client.paths import path
from arcadia_adapters.digitalocean.client.payloads.domain_record import DomainRecord
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.orders import RecordOrder

_ALL = "/v2/domains/{}/records"
_ONE = "/v2/domains/{}/records/{}"


class Records(Acting):
    """See CloudActions."""

    def create_record(self, domain: str, order: RecordOrder) -> SeenResource:
        return self._calls.post(path(_ALL, domain), body(order), lambda answer: _record(answer, domain))

    def find_records(self, domain: str, *, type: str, name: str, data: str) -> Sequence[SeenResource]:
        at = path(_ALL, domain)
        # DigitalOcean filters by type; its filter by name wants a full name, so that is ours
        read = page_reader(self._calls, at, "domain_records", DomainRecord, {"type": type})

        def fits(record: SeenResource) -> bool:
            told = record.attrs
            return (told.get("type"), record.name) == (type, name) and _same(type, told.get("data"), data)

        return find(read, at, attrgetter("id"), lambda row: row.seen_in(domain), fits)

    def replace_record(self, record_id: str, order: RecordOrder) -> SeenResource:
        domain, _, own_id = record_id.rpartition("/")
        return self._calls.put(
            path(_ONE, domain, own_id), body(order), lambda answer: _record(answer, domain)
        )

    def delete_record(self, record_id: str) -> None:
        domain, _, own_id = record_id.rpartition("/")
        self._calls.delete(path(_ONE, domain, own_id))


def _same(type_: str, told: object, asked: str) -> bool:
    """Whether two data are one: names of hosts are told without their last dot, in any case."""
    if type_ == "TXT":
        return told == asked
    return str(told or "").rstrip(".").lower() == asked.rstrip(".").lower()


def _record(answer: bytes, domain: str) -> SeenResource:
    return decoding.one(answer, "domain_record", DomainRecord).seen_in(domain)
