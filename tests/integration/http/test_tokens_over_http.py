"""Who may call what: a bad token is 401 with a problem, a good one opens no more than its roles (SPEC 16).

The verifier's own tests are beside the verifier; these speak HTTP.
"""

from __future__ import annotations

import base64
import json
import socket
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from arcadia_app.http.parser import LARGEST_HEAD
from tests.integration.http.conftest import SECRET, Api, minted
from tests.integration.http.operations import Operation, served

PATH = "/api/v1/deployments"
NOBODYS = "0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b"
NOW = int(time.time())


def unsigned(**claims: Any) -> str:
    """A good token's claims under `alg: none`."""
    _, payload, _ = minted(**claims).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{head}.{payload}."


def tampered() -> str:
    """A good token whose tenant was changed after it was signed."""
    head, payload, signature = minted("acme").split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    changed = json.dumps({**claims, "tenant_id": "bobs-burgers", "roles": ["platform_admin"]})
    return ".".join((head, base64.urlsafe_b64encode(changed.encode()).rstrip(b"=").decode(), signature))


BAD_TOKENS = {
    "garbage": "garbage",
    "three parts of garbage": "a.b.c",
    "not ASCII": "caf\xe9",
    "expired": minted(exp=NOW - 60),
    "not yet valid": minted(nbf=NOW + 10**6, exp=NOW + 10**7),  # made long before it is tried
    "issued in the future": minted(iat=NOW + 10**6, exp=NOW + 10**7),
    "of another issuer": minted(iss="somebody"),
    "for another audience": minted(aud="somebody"),
    "for several audiences, not us": minted(aud=["somebody", "else"]),
    "a refresh token": minted(typ="refresh"),
    "without a signature": unsigned(),
    "without a signature, an admin": unsigned(roles=["platform_admin"]),
    "HS256 with the same secret": minted(alg="HS256"),
    "HS384 with the same secret": minted(alg="HS384"),
    "of another secret": minted(
        secret="another secret, which is as long as the first one is: at least 64 bytes."
    ),
    "of an empty secret's look": minted(secret=SECRET[:-1] + "\0"),
    "tampered": tampered(),
    "cut": minted()[:-2],
    "signed, then more": minted() + "x",
    "empty tenant_id": minted(""),
    "integer tenant_id": minted(42),
    "list as tenant_id": minted(["acme"]),
    "the platform's own tenant_id": minted("_platform"),
    "integer sub": minted(sub=42),
    "empty sub": minted(sub=""),
    "sub that no store holds": minted(sub="a\0b"),
    "sub of half a character": minted(sub="\ud800"),
    "roles that are no list": minted(roles="platform_admin"),
    **{
        f"without {claim}": minted(**dict[str, Any]({claim: None}))
        for claim in ("aud", "exp", "iat", "iss", "jti", "nbf", "sub", "typ", "tenant_id")
    },
}

BAD_HEADERS = {
    "none": None,
    "empty": "",
    "only the scheme": "Bearer",
    "another scheme": f"Basic {minted()}",
    "no scheme": minted(),
    "the scheme twice": f"Bearer Bearer {minted()}",
    "two in one": f"Bearer {minted()}, Bearer {minted()}",
}


OPEN_TO_TENANTS_TOO = {
    "subscribe_deployment": "a trial is granted by platform admins only; the rest is a tenant's too",
}
"""Operations of which only a part is for platform admins, each with the reason."""


def for_operators(api: Api) -> list[Operation]:
    found = [one for one in served(api) if one.is_for_operators]
    assert {one.id for one in found} >= OPEN_TO_TENANTS_TOO.keys()
    return [one for one in found if one.id not in OPEN_TO_TENANTS_TOO]


def assert_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 401, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    problem = answer.json()
    assert (problem["code"], problem["status"]) == ("invalid_token", 401)
    assert problem["instance"].endswith(answer.headers["X-Request-Id"])


def test_every_bad_token_is_refused_on_every_operation_that_asks_for_one(api: Api) -> None:
    client = api.bare()
    routes = [one for one in served(api) if not one.is_public]
    headers = {name: f"Bearer {token}" for name, token in BAD_TOKENS.items()} | BAD_HEADERS
    for n, (name, header) in enumerate(headers.items()):
        # each bad token on three of the operations; over all tokens every operation is asked several times
        for route in (routes[(3 * n + i) % len(routes)] for i in range(3)):
            sent = {} if header is None else {b"Authorization": header.encode("latin-1")}
            answer = client.request(route.method, url_of(route), headers=sent)
            assert answer.status_code == 401, f"{name} on {route.id}: {answer.text}"
            assert_refused(answer)


def test_no_operation_but_the_public_ones_answers_without_a_token(api: Api) -> None:
    client = api.bare()
    for route in served(api):
        answer = client.request(route.method, url_of(route))
        if route.is_public:
            assert answer.status_code in (200, 503), route.id
        else:
            assert_refused(answer)


def test_public_operations_are_these_and_no_other(api: Api) -> None:
    assert {one.path for one in served(api) if one.is_public} <= {"/api/health", "/api/ready"}


def url_of(route: Operation) -> str:
    return route.url(dict.fromkeys(route.parameters("path"), NOBODYS))


def test_a_token_is_taken_whatever_the_case_of_its_scheme(api: Api) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert api.bare(Authorization=f"{scheme} {minted()}").get(PATH).status_code == 200


def test_two_tokens_are_none_whichever_comes_first(api: Api) -> None:
    good, bad = f"Bearer {minted()}", "Bearer x"
    for pair in ((good, bad), (bad, good), (good, good)):
        assert_refused(api.bare().get(PATH, headers=[("Authorization", one) for one in pair]))


def test_a_refusal_repeats_nothing_of_the_token(api: Api) -> None:
    for token in BAD_TOKENS.values():
        answer = api.bare().get(PATH, headers={b"Authorization": f"Bearer {token}".encode("latin-1")})
        shown = answer.text + str(answer.headers)
        assert len(token) < 10 or token[:20] not in shown
        signature = token.rpartition(".")[2]
        assert len(signature) < 10 or signature[:20] not in shown


@pytest.mark.parametrize("size", [9_000, 30_000, 40_000, 2_000_000])
def test_an_oversized_header_is_refused_with_a_problem(api: Api, size: int) -> None:
    where = urlsplit(api.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as wire:
        head = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {minted()}{'x' * size}\r\n\r\n"
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before all of it was sent
            wire.sendall(head.encode())
        try:
            status = wire.makefile("rb").readline()
        except ConnectionResetError:  # hung up on, with much of it unread: the answer is lost on the way
            assert size > LARGEST_HEAD
            return
    assert status.split()[1] in (b"400", b"431"), status


def test_a_tenant_is_refused_on_every_operation_of_platform_admins_before_its_body_is_read(api: Api) -> None:
    ann = api.client()
    for route in for_operators(api):
        bodies: list[dict[str, Any]] = [{}]
        if route.has_body:
            bodies += [
                {"content": b"{", "headers": {"Content-Type": "application/json"}},
                {"content": b"a,b", "headers": {"Content-Type": "text/csv", "Idempotency-Key": "not good"}},
                {"content": b" " * (20 * 1024 * 1024)},
            ]
        for body in bodies:
            try:
                answer = ann.request(route.method, url_of(route), **body)
            except httpx.WriteError:
                continue  # hung up on, while the body was still coming
            assert (answer.status_code, answer.json()["code"]) == (403, "operators_only"), route.id


def test_every_operation_of_platform_admins_lets_them_in(api: Api) -> None:
    olga = api.admin()
    for route in for_operators(api):
        answer = olga.request(route.method, url_of(route))
        assert answer.status_code not in (401, 403), f"{route.id}: {answer.text}"
        assert answer.status_code < 500, f"{route.id}: {answer.text}"


def test_the_gateways_token_opens_its_own_operations_and_no_other(api: Api) -> None:
    gateway = api.gateway()
    for route in served(api):
        answer = gateway.request(route.method, url_of(route))
        if "gateway_only" in route.codes:
            assert answer.status_code in (400, 415, 422), f"{route.id}: {answer.text}"
        elif not route.is_public:
            assert (answer.status_code, answer.json()["code"]) == (403, "gateway_forbidden"), route.id


def test_a_tenants_token_does_not_open_the_gateways_operations(api: Api) -> None:
    ann = api.client()
    for route in served(api):
        if "gateway_only" in route.codes:
            answer = ann.request(route.method, url_of(route))
            assert (answer.status_code, answer.json()["code"]) == (403, "gateway_only"), route.id


def test_an_unknown_role_opens_nothing_and_an_admin_of_the_gateway_is_an_admin(api: Api) -> None:
    route = for_operators(api)[0]
    for roles in (("owner",), ("Platform_Admin",), ("platform_admin ",), ("admin", "root")):
        answer = api.client("acme", *roles).request(route.method, url_of(route))
        assert answer.json()["code"] == "operators_only"
    both = api.client("sky-ai", "llm_gateway", "platform_admin")
    assert both.get(PATH).status_code == 200


def test_a_move_that_only_operators_make_is_403_for_a_tenant(api: Api) -> None:
    ann = api.client()
    made = ann.post(PATH, json={"slug": "pilot", "display_name": "Pilot", "region": "syd1"}).json()["id"]
    refused = ann.post(f"{PATH}/{made}/transition", json={"to": "suspended"})
    assert (refused.status_code, refused.json()["code"]) == (403, "transition_forbidden")
    outside = ann.post(f"{PATH}/{made}/transition", json={"to": "trial"})
    assert (outside.status_code, outside.json()["code"]) == (422, "invalid_transition")
