"""What holds whatever is done: pages lose nothing, and what belongs together stays together."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from arcadia_adapters.digitalocean.sandbox import Limits, Sandbox, content
from arcadia_adapters.digitalocean.sandbox.billing.month import preview
from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Request
from arcadia_adapters.digitalocean.sandbox.kinds import KINDS
from arcadia_adapters.digitalocean.sandbox.pages import page
from tests.clouds.judge import Exchange, judge
from tests.clouds.running import HEADERS, NOW

CREATED = (
    "volume",
    "firewall",
    "load_balancer",
    "database",
    "domain",
    "reserved_ip",
    "kubernetes_cluster",
    "app",
)
ACTIONS = ("power_on", "power_off", "shutdown", "reboot", "snapshot", "rename", "enable_backups")


@given(st.integers(0, 450), st.integers(1, 200))
def test_the_pages_of_a_list_are_the_list(count: int, per_page: int) -> None:
    things = list(range(count))
    walked: list[Any] = []
    number: int | None = 1
    while number is not None:
        query = {"page": str(number), "per_page": str(per_page), "tag_name": "a&b"}
        body = page(Request("GET", "/v2/x", query, base="http://h"), "xs", things)
        assert body["meta"] == {"total": count}
        walked += body["xs"]
        told = body["links"].get("pages", {}).get("next")
        assert told is None or told.startswith("http://h/v2/x?tag_name=a%26b&")
        number = number + 1 if told else None
    assert walked == things


def exchanged(request: Request, answer: Answer) -> Exchange:
    """The two as they would have crossed the wire."""
    return Exchange(
        method=request.method,
        path=request.path,
        query=request.query,
        headers={**HEADERS, "content-type": "application/json"},
        body=request.body,
        status=answer.status,
        answer_headers={**answer.headers, "content-type": answer.content_type},
        answer=answer.content(),
    )


class Acts(RuleBasedStateMachine):
    """Somebody creates, acts, deletes and waits at random; refusals are fine, contradictions are not."""

    @initialize()
    def start(self) -> None:
        account = content.empty(SandboxClock(at=NOW))
        self.sandbox = Sandbox(account, Limits.none())
        self.account = account

    def ask(self, method: str, path: str, body: object = None, **query: str) -> Answer:
        self.account.settle()
        text = b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, query, {}, text, "http://h")
        answer = self.sandbox.answer(request)
        assert answer.status in {200, 201, 202, 204, 403, 404, 409, 412, 422}, answer
        document = judge()
        assert document is None or list(document.violations(exchanged(request, answer))) == []
        return answer

    def any_id(self, kind: str, n: int) -> str:
        ids = list(self.account.all(kind)) or ["1"]
        return ids[n % len(ids)]

    @rule(n=st.integers(0, 5), volume=st.booleans())
    def create_droplet(self, n: int, volume: bool) -> None:
        volumes = [self.any_id("volume", n)] if volume else []
        body = {**KINDS["droplet"].example(n), "region": "syd1", "volumes": volumes}
        self.ask("POST", "/v2/droplets", body)

    @rule(kind=st.sampled_from(CREATED), n=st.integers(0, 5))
    def create(self, kind: str, n: int) -> None:
        body = KINDS[kind].example(n)
        self.ask("POST", KINDS[kind].path, {**body, "region": "syd1"} if "region" in body else body)

    @rule(kind=st.sampled_from(("droplet", "snapshot", "image", *CREATED)), n=st.integers(0, 9))
    def delete(self, kind: str, n: int) -> None:
        self.ask("DELETE", f"{KINDS[kind].path}/{self.any_id(kind, n)}")

    @rule(type=st.sampled_from(ACTIONS), n=st.integers(0, 9))
    def act(self, type: str, n: int) -> None:
        self.ask(
            "POST", f"/v2/droplets/{self.any_id('droplet', n)}/actions", {"type": type, "name": "renamed"}
        )

    @rule(size=st.sampled_from(("s-1vcpu-1gb", "s-4vcpu-8gb")), disk=st.booleans(), n=st.integers(0, 9))
    def resize(self, size: str, disk: bool, n: int) -> None:
        body = {"type": "resize", "size": size, "disk": disk}
        self.ask("POST", f"/v2/droplets/{self.any_id('droplet', n)}/actions", body)

    @rule(type=st.sampled_from(("attach", "detach")), n=st.integers(0, 9), m=st.integers(0, 9))
    def move_volume(self, type: str, n: int, m: int) -> None:
        body = {"type": type, "droplet_id": int(self.any_id("droplet", m))}
        self.ask("POST", f"/v2/volumes/{self.any_id('volume', n)}/actions", body)

    @rule(type=st.sampled_from(("assign", "unassign")), n=st.integers(0, 9), m=st.integers(0, 9))
    def move_reserved_ip(self, type: str, n: int, m: int) -> None:
        body = {"type": type, "droplet_id": int(self.any_id("droplet", m))}
        self.ask("POST", f"/v2/reserved_ips/{self.any_id('reserved_ip', n)}/actions", body)

    @rule(seconds=st.sampled_from((1, 10, 20, 7200)))
    def wait(self, seconds: int) -> None:
        self.account.clock.advance(timedelta(seconds=seconds))
        self.account.settle()

    @invariant()
    def everything_with_a_urn_is_in_one_project(self) -> None:
        urns = {
            kind.urn_of(obj)
            for kind in KINDS.values()
            if kind.urn
            for obj in self.account.all(kind.name).values()
        }
        assert urns == self.account.homes.keys()
        assert Counter(urn for own in self.account.residents.values() for urn in own) == Counter(urns)

    @invariant()
    def a_volume_knows_its_droplet_and_the_droplet_its_volume(self) -> None:
        for volume in self.account.all("volume").values():
            assert len(volume["droplet_ids"]) <= 1
            for id in volume["droplet_ids"]:
                droplet = self.account.all("droplet").get(str(id))
                assert droplet is None or volume["id"] in droplet["volume_ids"]
        for droplet in self.account.all("droplet").values():
            for id in droplet["volume_ids"]:
                assert self.account.all("volume")[id]["droplet_ids"] == [droplet["id"]]

    @invariant()
    def an_action_runs_exactly_while_its_thing_is_busy(self) -> None:
        running = {id for id, one in self.account.all("action").items() if one["status"] == "in-progress"}
        assert {str(id) for id in self.account.busy.values()} == running
        for id, droplet in self.account.all("droplet").items():
            assert not droplet["locked"] or ("droplet", id) in self.account.busy

    @invariant()
    def a_droplets_snapshot_is_an_image_and_a_snapshot(self) -> None:
        images = {id for id, one in self.account.all("image").items() if one["type"] == "snapshot"}
        snapshots = {
            id for id, one in self.account.all("snapshot").items() if one["resource_type"] == "droplet"
        }
        assert images == snapshots

    @invariant()
    def the_bill_of_the_month_adds_up(self) -> None:
        running = preview(self.account)
        taxes = [row.cents for row in running.rows if row.product == "Taxes"]
        rest = running.cents - sum(taxes)
        assert len(taxes) == bool(rest)
        assert all(row.cents >= 0 for row in running.rows)


TestActs = Acts.TestCase
TestActs.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
