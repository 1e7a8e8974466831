"""The addresses that are given out to droplets, load balancers, clusters, and as reserved IPs.

Owns the two ranges, which are set aside for private use and for tests: none of these addresses is anybody's.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from arcadia_adapters.digitalocean.sandbox.account import Account

_PUBLIC = int(IPv4Address("198.18.0.0"))
_PRIVATE = int(IPv4Address("10.0.0.0"))


def public_address(account: Account) -> str:
    """A new one of 198.18.0.0/15, which is set aside for tests of networks: they are nobody's."""
    return str(IPv4Address(_PUBLIC + next(account.addresses)))


def private_address(account: Account) -> str:
    """A new one of 10.0.0.0/8."""
    return str(IPv4Address(_PRIVATE + next(account.addresses)))
