"""What we ask the provider to make: the bodies of its create calls, as values (SPEC 12).

Owns their fields, named as the provider names them. In which order things are made is provisioning's; how
they are sent is the client's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from arcadia_domain.cloud.listing import SeenResource


@dataclass(frozen=True, slots=True, kw_only=True)
class DropletOrder:
    """A droplet to be made. Two calls make two: `tags` must hold one by which the first is found again.

    `image` is a slug or an id, `user_data` at most 64 KiB (it may hold secrets, and is not shown).
    """

    name: str
    size: str
    image: str | int
    region: str | None = None
    tags: tuple[str, ...] = ()
    ssh_keys: tuple[str | int, ...] = ()
    volumes: tuple[str, ...] = ()
    vpc_uuid: str | None = None
    backups: bool | None = None
    ipv6: bool | None = None
    monitoring: bool | None = None
    user_data: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeOrder:
    """A volume to be made. Names: lower-case letters, digits and -, at most 64, a letter first."""

    name: str
    region: str
    size_gigabytes: int
    description: str | None = None
    tags: tuple[str, ...] = ()
    snapshot_id: str | None = None
    filesystem_type: str | None = None
    filesystem_label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """The other side of a firewall's rule."""

    addresses: tuple[str, ...] = ()
    droplet_ids: tuple[int, ...] = ()
    load_balancer_uids: tuple[str, ...] = ()
    kubernetes_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRule:
    """`ports` as in "22", "8000-9000" or "all"; `protocol` tcp, udp or icmp."""

    protocol: str
    ports: str
    sources: Peers


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRule:
    """`ports` as in "22", "8000-9000" or "all"; `protocol` tcp, udp or icmp."""

    protocol: str
    ports: str
    destinations: Peers


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallOrder:
    """A firewall to be made, or the whole of what one shall be. Its name is how the first is found again."""

    name: str
    inbound_rules: tuple[InboundRule, ...] = ()
    outbound_rules: tuple[OutboundRule, ...] = ()
    droplet_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrder:
    """A record of a domain; `name` is @ for the domain itself.

    (type, name, data) is how the first is found again.
    """

    type: str
    name: str
    data: str
    ttl: int | None = None
    priority: int | None = None
    port: int | None = None
    weight: int | None = None
    flags: int | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectOrder:
    """A project to be made. Its name is how the first is found again."""

    name: str
    purpose: str
    description: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What the provider took on: the resource as it is now, and the actions that are still at work on it."""

    resource: SeenResource
    action_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectMember:
    """A resource that is in a project. `kind` and `provider_id` are None for a URN of a type we do not keep.

    Of a Space the URN tells the name, not the region.
    """

    urn: str
    kind: str | None
    provider_id: str | None
    status: str | None = None
