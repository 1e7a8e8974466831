"""The commands that stay, one role or all of them, and the tokens with which to call what they answer."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from arcadia_app.settings import AT_ONCE
from arcadia_domain.identity import Principal, Role
from arcadia_domain.ports.jobs import QUEUES

if TYPE_CHECKING:
    from arcadia_app.arcadia import Wiring

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class _Duration(click.ParamType[timedelta]):
    name = "DURATION"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", str(value))
        if found is None:
            self.fail(f"{value!r} is no time, as in 30s, 15m, 1h or 7d.", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


class _Queues(click.ParamType[tuple[str, ...]]):
    name = "QUEUE,…"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        queues = tuple(str(value).split(","))
        for queue in queues:
            if queue not in QUEUES:
                self.fail(f"{queue!r} is no queue; the queues are {', '.join(QUEUES)}.", param, ctx)
        return queues


@click.command()
@click.pass_obj
def api(wiring: Callable[[], Wiring]) -> None:
    """Answer HTTP, until SIGTERM or Ctrl-C. One of many such processes, perhaps."""
    _log_to_stderr()
    wiring().api()


@click.command()
@click.option("--sample", is_flag=True, help="Add the sample's tenants and their April 2026.")
@click.pass_obj
def serve(wiring: Callable[[], Wiring], sample: bool) -> None:
    """Everything in one process, until SIGTERM or Ctrl-C: database, catalogue, HTTP, jobs."""
    _log_to_stderr()
    wiring().serve(sample=sample)


@click.command()
@click.option(
    "--queues",
    type=_Queues(),
    default=",".join(QUEUES),
    show_default=True,
    help="Only the jobs of these, with commas between them.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1, 64),
    default=AT_ONCE,
    show_default=True,
    help="Jobs of each at a time.",
)
@click.pass_obj
def worker(wiring: Callable[[], Wiring], queues: tuple[str, ...], at_once: int) -> None:
    """Run jobs, until SIGTERM or Ctrl-C. One of many such processes, perhaps."""
    _log_to_stderr()
    wiring().worker(queues=queues, at_once=at_once)


@click.command()
@click.pass_obj
def scheduler(wiring: Callable[[], Wiring]) -> None:
    """Fire the ticks of the schedule, until SIGTERM or Ctrl-C. Several at once fire each tick once."""
    _log_to_stderr()
    wiring().scheduler()


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=4006, show_default=True, help="0: a free one.")
@click.option("--droplets", type=click.IntRange(0, 100_000), default=0, help="So many more of them.")
@click.pass_obj
def sandbox(wiring: Callable[[], Wiring], port: int, droplets: int) -> None:
    """Answer as DigitalOcean would, with the sample account, until SIGTERM or Ctrl-C.

    Takes any bearer token. What can be set from outside, faults among it, is at /sandbox.
    """
    _log_to_stderr()
    wiring().sandbox(port=port, extra_droplets=droplets)


@click.command()
@click.option("--tenant", "tenant_id", required=True, metavar="T", help="The tenant to speak for.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="A role; may be repeated.",
)
@click.option("--subject", default="developer", show_default=True, help="Who acts, in the records.")
@click.option("--ttl", type=_Duration(), default="1h", show_default=True, help="How long it is good.")
@click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
@click.pass_obj
def token(
    wiring: Callable[[], Wiring],
    *,
    tenant_id: str,
    roles: tuple[str, ...],
    subject: str,
    ttl: timedelta,
    json_: bool,
) -> None:
    """Mint a bearer token for development, with the secret that `serve` takes tokens of."""
    _log_to_stderr()
    by = Principal(subject, tenant_id, frozenset(map(Role, roles)))
    minted = wiring().mint(by, ttl)
    if json_:
        expires_at = minted.expires_at.isoformat().replace("+00:00", "Z")
        click.echo(json.dumps({"token": minted.token, "expires_at": expires_at}))
    else:
        click.echo(minted.token)


def _log_to_stderr() -> None:
    from arcadia_app.logs import configure_logs

    configure_logs(sys.stderr)
