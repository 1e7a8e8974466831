"""A local, stateful DigitalOcean: its API as an ASGI app, for the demo, for tests, and for trying things out.

    sandbox()                       the sample account, at the machine's time, with DigitalOcean's rate limits
    sandbox(content.filled(201))    201 things of every kind, the clock standing

Read app first (the way of a request), then kind and resources (what is the same for all), then any file of
kinds/. What can be set from outside, faults among it, is listed in control. Nothing is kept on disk, nothing
sleeps: an action is over when its time is up by the account's clock, which can be set.

Owns the door. Serve it with serving.config, which can also close connections as faults ask.
"""

from __future__ import annotations

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.digitalocean.sandbox import content
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.app import Sandbox
from arcadia_adapters.digitalocean.sandbox.billing import month
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_adapters.digitalocean.sandbox.limits import Limits

__all__ = ["Limits", "Sandbox", "SandboxClock", "sandbox"]


def sandbox(
    account: Account | None = None,
    *,
    clock: SandboxClock | None = None,
    limits: Limits | None = None,
    extra_droplets: int = 0,
) -> Sandbox:
    """A sandbox on this account, as an ASGI app; by default on the sample one at the time of `clock`, whose
    months are billed as they end.

    `limits` are DigitalOcean's own by default; Limits.none() lets everything through. `extra_droplets` are
    added to what the account holds (`./arcadia sandbox --droplets N`, SPEC 18).
    """
    if account is None:
        account = content.sample(clock or SandboxClock(SystemClock()))
        month.bill_each(account)
    content.fill(account, "droplet", extra_droplets)
    return Sandbox(account, limits or Limits())
