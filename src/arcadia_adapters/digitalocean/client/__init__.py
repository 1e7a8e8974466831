"""The client of DigitalOcean's API v2 and of Spaces: the adapter of the port `CloudProvider`.

Read client (what it is made of), then calls (what one call goes through), pages (when a list is whole) and
kinds (what is listed where).
"""

from __future__ import annotations

from arcadia_adapters.digitalocean.client.access import Access, Limits, SpacesAccess
from arcadia_adapters.digitalocean.client.budget import BudgetState
from arcadia_adapters.digitalocean.client.client import DigitalOceanClient
from arcadia_adapters.digitalocean.client.secret import Secret

__all__ = ["Access", "BudgetState", "DigitalOceanClient", "Limits", "Secret", "SpacesAccess"]
