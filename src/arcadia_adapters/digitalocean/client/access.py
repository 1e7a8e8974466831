"""How the client reaches a provider: addresses, secrets, and the limits it keeps to."""

from __future__ import annotations

from attrs import field, frozen

from arcadia_adapters.digitalocean.client.secret import Secret

DIGITALOCEAN = "https://api.digitalocean.com"
SPACES = "https://{region}.digitaloceanspaces.com"
SPACES_REGIONS = (
    "ams3",
    "atl1",
    "blr1",
    "fra1",
    "lon1",
    "nyc3",
    "sfo2",
    "sfo3",
    "sgp1",
    "syd1",
    "tor1",
)
"""Where DigitalOcean offers Spaces. There is no call that tells."""


def _without_last_slash(url: str) -> str:
    return url.rstrip("/")


@frozen(kw_only=True)
class Limits:
    """What we allow ourselves. Seconds, calls, bytes."""

    calls_per_minute: int = 250
    calls_per_hour: int = 5000
    patience: float = 120.0
    """The longest wait for a place, or before a call is repeated; what would take longer is refused."""
    attempts: int = 5
    """How often a call is sent in all, where it may be repeated."""
    connect: float = 5.0
    read: float = 30.0
    """The longest silence while an answer is awaited."""
    whole: float = 120.0
    """The longest time for one answer from its first byte to its last."""
    connections: int = 8
    largest_answer: int = 64 * 2**20


@frozen(kw_only=True)
class SpacesAccess:
    """The keys of Spaces, which are not the token. `url` names the region as {region}."""

    key: Secret
    secret: Secret
    url: str = SPACES
    regions: tuple[str, ...] = SPACES_REGIONS


@frozen(kw_only=True)
class Access:
    """One account of the provider. Without `spaces` its buckets are not seen."""

    token: Secret
    url: str = field(default=DIGITALOCEAN, converter=_without_last_slash)
    spaces: SpacesAccess | None = None
    limits: Limits = Limits()
