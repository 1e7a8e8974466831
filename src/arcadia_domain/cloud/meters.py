"""What a resource of the inventory counts for while it is as it is: usage kinds and their rates (SPEC 6, 7).

Owns which kinds of the inventory are metered, as which usage kinds, and the reading of a rate from what the
provider tells. Not here: when a rate changed (the sync tells), and how rate and time become usage (metering).

A rate is hours per hour, GB, or zones: a whole count of millionths. None says that the provider does not tell
it: nobody is billed by a guess. What is in no listing (traffic, calls of functions) is pushed, not metered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from arcadia_domain.money import half_up
from arcadia_domain.pricing.kinds import of_size
from arcadia_domain.quantity import MICRO, from_micro

Rates = Mapping[str, Decimal | None]
"""By usage kind, with its size where that is told. Empty: nothing is charged for it as it is."""


@dataclass(frozen=True, slots=True)
class RateChange:
    """What a resource counts for from an instant on, until the next change; the first holds before it too."""

    from_at: datetime
    rates: Rates


METERED_AS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "droplet": ("droplet_hours", "backup_hours"),
        "space": ("spaces_gb_month",),
        "snapshot": ("snapshot_gb_month",),
        "domain": ("dns_zones",),
        "volume": ("volume_gb_month",),
        "image": ("image_gb_month",),
        "database": ("database_hours", "database_gb_month"),
        "kubernetes_node_pool": ("kubernetes_node_hours",),
        "kubernetes_cluster": ("kubernetes_ha_hours",),
        "load_balancer": ("load_balancer_hours",),
        "reserved_ip": ("reserved_ip_hours",),
        "app": ("app_hours",),
        "registry": ("registry_hours", "registry_gb_month"),
    }
)
"""The usage kinds, without sizes, that each kind of the inventory is metered as; no other kind is metered."""


def usage_kinds(kind: str) -> tuple[str, ...]:
    """The usage kinds, without sizes, that a kind of the inventory is metered as; none where it is not."""
    return METERED_AS.get(kind, ())


def rates(kind: str, size_slug: str | None, attrs: Mapping[str, object]) -> Rates:
    """What a resource of that kind, size and attrs counts for, by usage kind.

    Hours of a size that is not told are hours of the kind without a size. A kind that is not metered has no
    rates. Never raises: what is no number is a rate that is not told.
    """
    read = _RATES.get(kind)
    return read(size_slug, attrs) if read is not None else {}


_Rates = dict[str, Decimal | None]
_ONE = Decimal(1)
_IPV6 = 6  # of these there is no shortage: they cost nothing
_GIB = 1024**3
_MIB_IN_GIB = 1024
_NODES_OF_SIZE = {"lb-small": 1, "lb-medium": 3, "lb-large": 6}
_DEFAULT_INSTANCE = "apps-s-1vcpu-0.5gb"


def _droplet(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    if attrs.get("kubernetes_worker"):
        return {}  # its node pool is metered: the provider charges for one of the two
    found: _Rates = {of_size("droplet_hours", size): _ONE}
    if "backups" in _items(attrs.get("features")):
        found[of_size("backup_hours", size)] = _ONE
    return found


def _stored(usage_kind: str) -> Callable[[str | None, Mapping[str, object]], _Rates]:
    return lambda size, attrs: {usage_kind: size_gb(attrs)}


def _image(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    return {"image_gb_month": size_gb(attrs)} if attrs.get("type") == "custom" else {}


def _domain(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    return {"dns_zones": _ONE}


def _database(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    found: _Rates = {of_size("database_hours", size): _whole(attrs.get("num_nodes"))}
    if attrs.get("storage_size_mib") is not None:
        found["database_gb_month"] = _divided(attrs["storage_size_mib"], _MIB_IN_GIB)
    return found


def _node_pool(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    return {of_size("kubernetes_node_hours", size): _whole(attrs.get("count"))}


def _cluster(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    return {"kubernetes_ha_hours": _ONE} if attrs.get("ha") is True else {}


def _load_balancer(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    units = attrs.get("size_unit")
    if units is None:
        units = _NODES_OF_SIZE.get(size) if size is not None else 1
    return {"load_balancer_hours": _whole(units)}


def _reserved_ip(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    is_free = attrs.get("droplet_id") is not None or attrs.get("ip_version") == _IPV6
    return {} if is_free else {"reserved_ip_hours": _ONE}


def _app(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    instances: dict[str, list[Decimal | None]] = defaultdict(list)
    for component in _components(attrs.get("spec")):
        slug = component.get("instance_size_slug") or _DEFAULT_INSTANCE
        instances[of_size("app_hours", str(slug))].append(_instances(component))
    return {kind: _sum(counts) for kind, counts in instances.items()}


def _components(spec: object) -> Iterator[Mapping[str, object]]:
    """What runs all the time. Jobs run for moments, static sites are free or nearly, functions are called."""
    if isinstance(spec, Mapping):
        for name in ("services", "workers"):
            yield from (found for found in _items(spec.get(name)) if isinstance(found, Mapping))


def _instances(component: Mapping[str, object]) -> Decimal | None:
    """How many run; not told of what scales by itself."""
    count = component.get("instance_count")
    if count is None:
        return None if component.get("autoscaling") else _ONE
    return _whole(count)


def _sum(counts: Sequence[Decimal | None]) -> Decimal | None:
    told = [int(count) for count in counts if count is not None]
    return _whole(sum(told)) if len(told) == len(counts) else None


def _registry(size: str | None, attrs: Mapping[str, object]) -> _Rates:
    found: _Rates = {of_size("registry_hours", size): _ONE}
    if attrs.get("storage_usage_bytes") is not None:
        found["registry_gb_month"] = _divided(attrs["storage_usage_bytes"], _GIB)
    return found


_RATES: Mapping[str, Callable[[str | None, Mapping[str, object]], _Rates]] = {
    "droplet": _droplet,
    "space": _stored("spaces_gb_month"),
    "snapshot": _stored("snapshot_gb_month"),
    "domain": _domain,
    "volume": _stored("volume_gb_month"),
    "image": _image,
    "database": _database,
    "kubernetes_node_pool": _node_pool,
    "kubernetes_cluster": _cluster,
    "load_balancer": _load_balancer,
    "reserved_ip": _reserved_ip,
    "app": _app,
    "registry": _registry,
}


def size_gb(attrs: Mapping[str, object]) -> Decimal | None:
    """The size in gigabytes under `size_gigabytes`, to the nearest millionth; None when absent or no size."""
    return _divided(attrs.get("size_gigabytes"), 1)


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _whole(value: object) -> Decimal | None:
    """A count: a whole number from zero."""
    number = _number(value)
    return number if number is not None and number == number.to_integral_value() else None


def _divided(value: object, by: int) -> Decimal | None:
    """A number from zero ÷ `by`, to the nearest millionth."""
    number = _number(value)
    if number is None:
        return None
    numerator, denominator = number.as_integer_ratio()
    return from_micro(half_up(numerator * MICRO, denominator * by))


def _number(value: object) -> Decimal | None:
    """A number from zero. One that came through JSON as a binary float is read by its shortest digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 and number.adjusted() < _DIGITS else None


_DIGITS = 14
"""Whole digits of the largest quantity."""
