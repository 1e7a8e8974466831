"""URNs, as DigitalOcean's projects name resources, and our kind and id of the same.

The names of the types are older than the products: dbaas is a database, floatingip a reserved address.
"""

from __future__ import annotations

from arcadia_domain.errors import DomainError

_TYPE_OF_KIND = {
    "app": "app",
    "database": "dbaas",
    "domain": "domain",
    "droplet": "droplet",
    "kubernetes_cluster": "kubernetes",
    "load_balancer": "loadbalancer",
    "reserved_ip": "floatingip",
    "space": "space",
    "volume": "volume",
    "vpc": "vpc",
}
_KIND_OF_TYPE = {
    **{type_: kind for kind, type_ in _TYPE_OF_KIND.items()},
    "reservedip": "reserved_ip",
    "reservedipv6": "reserved_ip",
}


class NotInProjects(DomainError):
    code = "not_in_projects"
    sentence = "A {kind} has no place in a project of the cloud provider."
    field = "kind"


def urn_of(kind: str, provider_id: str) -> str:
    """The URN of a resource. Of a Space it has the name without the region. Raises NotInProjects."""
    if kind not in _TYPE_OF_KIND:
        raise NotInProjects(kind=kind)
    own_id = provider_id.rpartition("/")[2] if kind == "space" else provider_id
    return f"do:{_TYPE_OF_KIND[kind]}:{own_id}"


def resource_of(urn: str) -> tuple[str | None, str | None]:
    """Kind and id of what a URN names; (None, None) for a type that the inventory does not keep."""
    scheme, _, rest = urn.partition(":")
    type_, _, provider_id = rest.partition(":")
    kind = _KIND_OF_TYPE.get(type_.lower()) if scheme == "do" else None
    return (kind, provider_id) if kind is not None and provider_id else (None, None)
