"""What DigitalOcean tells everybody: regions and sizes; and about the account itself.

Owns these three routes. The tables are catalog's.
"""

from __future__ import annotations

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Request
from arcadia_adapters.digitalocean.sandbox.pages import page
from arcadia_adapters.digitalocean.sandbox.router import Route


def _regions(account: Account, request: Request) -> Answer:
    return Answer(200, page(request, "regions", list(catalog.REGIONS.values())))


def _sizes(account: Account, request: Request) -> Answer:
    return Answer(200, page(request, "sizes", list(catalog.SIZES.values())))


def _account(account: Account, request: Request) -> Answer:
    return Answer(200, {"account": account.record})


ROUTES = (
    Route("GET", "/v2/regions", _regions),
    Route("GET", "/v2/sizes", _sizes),
    Route("GET", "/v2/account", _account),
)
