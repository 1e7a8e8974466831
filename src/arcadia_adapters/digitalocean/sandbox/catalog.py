"""What DigitalOcean offers everybody: regions, sizes with their prices, and public images.

Owns the tables. The sizes and prices are those that could be verified (price_hourly is a 672nd of the month);
DigitalOcean has many more, at prices that we do not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from arcadia_adapters.digitalocean.sandbox.exchange import Obj, unprocessable

_NAMES = {
    "ams3": "Amsterdam 3",
    "blr1": "Bangalore 1",
    "fra1": "Frankfurt 1",
    "lon1": "London 1",
    "nyc1": "New York 1",
    "nyc3": "New York 3",
    "sfo3": "San Francisco 3",
    "sgp1": "Singapore 1",
    "syd1": "Sydney 1",
    "tor1": "Toronto 1",
}
# slug, memory in MiB, vcpus, disk in GiB, transfer in TB, dollars a month, dollars an hour
_SIZES = (
    ("s-1vcpu-512mb-10gb", 512, 1, 10, "0.5", 4, "0.00595"),
    ("s-1vcpu-1gb", 1024, 1, 25, "1.0", 6, "0.00893"),
    ("s-1vcpu-2gb", 2048, 1, 50, "2.0", 12, "0.01786"),
    ("s-2vcpu-2gb", 2048, 2, 60, "3.0", 18, "0.02679"),
    ("s-2vcpu-4gb", 4096, 2, 80, "4.0", 24, "0.03571"),
    ("s-4vcpu-8gb", 8192, 4, 160, "5.0", 48, "0.07143"),
)
# distribution, name, slug
_IMAGES = (
    ("Ubuntu", "24.04 (LTS) x64", "ubuntu-24-04-x64"),
    ("Ubuntu", "22.04 (LTS) x64", "ubuntu-22-04-x64"),
    ("Ubuntu", "25.10 x64", "ubuntu-25-10-x64"),
    ("Debian", "13 x64", "debian-13-x64"),
    ("Debian", "12 x64", "debian-12-x64"),
    ("Debian", "11 x64", "debian-11-x64"),
    ("Fedora", "43 x64", "fedora-43-x64"),
    ("Fedora", "42 x64", "fedora-42-x64"),
    ("CentOS", "10 Stream x64", "centos-stream-10-x64"),
    ("CentOS", "9 Stream x64", "centos-stream-9-x64"),
    ("Rocky Linux", "10 x64", "rockylinux-10-x64"),
    ("Rocky Linux", "9 x64", "rockylinux-9-x64"),
    ("Rocky Linux", "8 x64", "rockylinux-8-x64"),
)
# Images that bring an application along: type=application finds these.
_APPLICATIONS = tuple(
    ("Ubuntu", f"{name} on 24.04", slug)
    for name, slug in (
        ("Docker", "docker-20-04"),
        ("WordPress", "wordpress-24-04"),
        ("LAMP", "lamp-24-04"),
        ("LEMP", "lemp-24-04"),
        ("MongoDB", "mongodb-24-04"),
        ("NodeJS", "nodejs-24-04"),
        ("OpenLiteSpeed", "openlitespeed-24-04"),
        ("Discourse", "discourse-24-04"),
        ("GitLab", "gitlab-24-04"),
        ("Dokku", "dokku-24-04"),
    )
)
_FIRST_IMAGE_ID = 195932981

REGIONS: Mapping[str, Obj] = {
    slug: {
        "name": name,
        "slug": slug,
        "features": ["backups", "ipv6", "metadata", "install_agent", "storage", "image_transfer"],
        "available": True,
        "sizes": [size[0] for size in _SIZES],
    }
    for slug, name in _NAMES.items()
}

SIZES: Mapping[str, Obj] = {
    slug: {
        "slug": slug,
        "memory": memory,
        "vcpus": vcpus,
        "disk": disk,
        "transfer": Decimal(transfer),
        "price_monthly": monthly,
        "price_hourly": Decimal(hourly),
        "regions": list(_NAMES),
        "available": True,
        "description": "Basic",
        "disk_info": [{"type": "local", "size": {"amount": disk, "unit": "gib"}}],
    }
    for slug, memory, vcpus, disk, transfer, monthly, hourly in _SIZES
}

IMAGES: Mapping[str, Obj] = {
    slug: {
        "id": _FIRST_IMAGE_ID + n,
        "name": name,
        "distribution": distribution,
        "slug": slug,
        "public": True,
        "regions": list(_NAMES),
        "created_at": "2025-09-22T14:11:05Z",
        "type": "base" if n < len(_IMAGES) else "snapshot",
        "min_disk_size": 10,
        "size_gigabytes": Decimal("2.4"),
        "description": f"{distribution} {name}",
        "tags": [],
        "status": "available",
        "error_message": "",
    }
    for n, (distribution, name, slug) in enumerate((*_IMAGES, *_APPLICATIONS))
}
APPLICATION_SLUGS = frozenset(slug for _, _, slug in _APPLICATIONS)


def region(slug: object) -> Obj:
    """The region; raises Refused (422)."""
    found = REGIONS.get(str(slug))
    if found is None:
        raise unprocessable("You specified an invalid region.")
    return found


def size(slug: object) -> Obj:
    """The droplet size; raises Refused (422)."""
    found = SIZES.get(str(slug))
    if found is None:
        raise unprocessable("You specified an invalid size for Droplet creation.")
    return found


def some_region(n: int) -> str:
    """The nth region, for examples: they go round."""
    return list(REGIONS)[n % len(REGIONS)]


def some_size(n: int) -> str:
    """The nth size, for examples: they go round."""
    return list(SIZES)[n % len(SIZES)]
