"""Which tokens are taken, and whom they speak for: every way in which one can be wrong (SPEC 16)."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from arcadia_adapters.jwt import JwtMinter, JwtVerifier
from arcadia_domain.identity import Principal, Role
from arcadia_domain.ports.tokens import InvalidToken

SECRET = "a secret of the tests, long enough for HS512: 64 bytes are asked for"
OTHER = "another secret of the tests, and it is just as long: 64 bytes or more"
ISSUER = "arcadia"
ANN = Principal("ann", "acme")


def claims(**changed: Any) -> dict[str, Any]:
    """What Guardian puts into a token; a claim changed to None is left out."""
    now = int(time.time())
    good = {
        "aud": ISSUER,
        "exp": now + 60,
        "iat": now,
        "iss": ISSUER,
        "jti": "6f9a4e4e-2a3b-4d51-9d5e-2f6f2d0b7a11",
        "nbf": now - 1,
        "sub": "ann",
        "typ": "access",
        "tenant_id": "acme",
        "roles": [],
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def signed(
    payload: dict[str, Any],
    *,
    secret: str = SECRET,
    alg: str = "HS512",
    headers: dict[str, Any] | None = None,
) -> str:
    """A token made as an issuer makes it, with nothing looked at."""
    return _joined({"alg": alg, "typ": "JWT", **(headers or {})}, payload, secret, alg)


def _joined(head: dict[str, Any], payload: dict[str, Any], secret: str, alg: str) -> str:
    first = ".".join(_part(json.dumps(part).encode()) for part in (head, payload))
    made = jwt.get_algorithm_by_name(alg)
    return f"{first}.{_part(made.sign(first.encode(), secret.encode()))}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def taken(token: str, *secrets: str, audience: str = ISSUER) -> Principal:
    return JwtVerifier(secrets or [SECRET], issuer=ISSUER, audience=audience).verify(token)


def refused(token: str, *secrets: str) -> str:
    """Why a token is refused."""
    with pytest.raises(InvalidToken) as refusal:
        taken(token, *secrets)
    assert refusal.value.code == "invalid_token"
    return str(refusal.value.facts["reason"])


def test_a_good_token_speaks_for_its_subject_and_tenant() -> None:
    assert taken(signed(claims())) == ANN


def test_a_tenant_is_any_text_and_need_not_be_a_uuid() -> None:
    for tenant_id in ("acme", "3f1c6e0e-8a55-4f2e-8b7e-0d8f2f8f3c11", "Bob's Burgers", "köln"):
        assert taken(signed(claims(tenant_id=tenant_id))).tenant_id == tenant_id


def test_known_roles_are_taken_and_unknown_ones_mean_nothing_here() -> None:
    roles = ["platform_admin", "editor", "llm_gateway"]
    assert taken(signed(claims(roles=roles))).roles == {Role.PLATFORM_ADMIN, Role.LLM_GATEWAY}


def test_a_token_without_roles_has_none() -> None:
    assert taken(signed(claims(roles=None))).roles == frozenset()


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        " ",
        "garbage",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "....",
        "null",
        "ä.ö.ü",
        "\ud800.a.b",
        f"{_part(b'{}')}.{_part(b'{}')}.",
        f"{_part(b'[]')}.{_part(b'{}')}.{_part(b'x')}",
        f"{_part(b'{' * 5000)}.{_part(b'{}')}.{_part(b'x')}",
        f"{_part(b'[' * 5000)}.{_part(b'{}')}.{_part(b'x')}",
        f"{_part(b'1' * 5000)}.{_part(b'{}')}.{_part(b'x')}",
    ],
)
def test_garbage_is_refused(garbage: str) -> None:
    refused(garbage)


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"7", b'"text"', b"{", b"\xff", b"[" * 3000])
def test_a_signed_token_whose_payload_is_no_object_is_refused(payload: bytes) -> None:
    first = f"{_part(json.dumps({'alg': 'HS512', 'typ': 'JWT'}).encode())}.{_part(payload)}"
    signature = jwt.get_algorithm_by_name("HS512").sign(first.encode(), SECRET.encode())
    assert refused(f"{first}.{_part(signature)}") == "it cannot be read"


def test_an_expired_token_is_refused() -> None:
    assert refused(signed(claims(exp=int(time.time()) - 30))) == "it has expired"


def test_a_token_that_is_not_yet_valid_is_refused() -> None:
    assert refused(signed(claims(nbf=int(time.time()) + 30))) == "it is not valid yet"
    assert refused(signed(claims(iat=int(time.time()) + 30))) == "it is not valid yet"


def test_clocks_may_differ_by_a_few_seconds() -> None:
    now = int(time.time())
    assert taken(signed(claims(exp=now - 5))) == ANN
    assert taken(signed(claims(iat=now + 5, nbf=now + 4))) == ANN


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["soon", [], {}, float("inf"), float("nan"), True, "", "1795000000"])
def test_a_time_that_is_none_is_refused(claim: str, value: Any) -> None:
    refused(signed(claims(**{claim: value})))


def test_a_time_may_have_a_fraction() -> None:
    assert taken(signed(claims(exp=time.time() + 60))) == ANN


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "somebody"}, "it is from another issuer"),
        ({"iss": ["arcadia"]}, "it is from another issuer"),
        ({"iss": ""}, "it is from another issuer"),
        ({"aud": "somebody"}, "it is for another audience"),
        ({"aud": []}, "it lacks the claim aud"),
        ({"aud": ["somebody", "else"]}, "it is for another audience"),
        ({"aud": 7}, "it is for another audience"),
        ({"typ": "refresh"}, "it is no access token"),
        ({"typ": "Access"}, "it is no access token"),
        ({"typ": 7}, "it is no access token"),
        ({"typ": ["access"]}, "it is no access token"),
        ({"sub": 42}, "its claim sub is no text"),
        ({"jti": 42}, "its claim jti is no text"),
    ],
)
def test_a_claim_that_is_another_is_refused(changed: dict[str, Any], reason: str) -> None:
    assert refused(signed(claims(**changed))) == reason


@pytest.mark.parametrize("sub", ["", "a" * 256, "a\0b", "a\nb", "\ud800"])
def test_a_subject_that_no_store_can_hold_is_refused(sub: str) -> None:
    assert refused(signed(claims(sub=sub))) == "its claim sub is no text of 1 to 255 characters"


@pytest.mark.parametrize(
    "tenant_id",
    [
        "",
        " ",
        7,
        0,
        True,
        [],
        ["acme"],
        {},
        "_platform",
        "_x",
        "a\0b",
        "\ud800",
        "a" * 201,
        " acme",
        "acme ",
        "a/b",
        "a\\b",
        ".",
        "..",
    ],
)
def test_a_tenant_id_that_names_no_tenant_is_refused(tenant_id: Any) -> None:
    assert refused(signed(claims(tenant_id=tenant_id))) == "its claim tenant_id names no tenant"


@pytest.mark.parametrize("claim", ["aud", "exp", "iat", "iss", "jti", "nbf", "sub", "typ", "tenant_id"])
def test_a_token_without_a_claim_is_refused_and_told_which(claim: str) -> None:
    assert refused(signed(claims(**{claim: None}))) == f"it lacks the claim {claim}"


@pytest.mark.parametrize("roles", ["platform_admin", {"platform_admin": True}, [7], [None], 7])
def test_roles_that_are_no_list_of_names_are_refused(roles: Any) -> None:
    assert refused(signed(claims(roles=roles))) == "its claim roles is no list of names"


def test_an_audience_may_be_one_of_several() -> None:
    assert taken(signed(claims(aud=["somebody", ISSUER]))) == ANN


def test_the_audience_need_not_be_the_issuer() -> None:
    assert taken(signed(claims(aud="cloud")), audience="cloud") == ANN
    assert refused(signed(claims(aud="cloud"))) == "it is for another audience"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_a_token_that_is_not_signed_is_refused(alg: str) -> None:
    head = _part(json.dumps({"alg": alg, "typ": "JWT"}).encode())
    body = _part(json.dumps(claims()).encode())
    for signature in ("", _part(b"none")):
        assert refused(f"{head}.{body}.{signature}") == "it is not signed with HS512"


@pytest.mark.parametrize("alg", ["HS256", "HS384"])
def test_another_algorithm_with_the_same_secret_is_refused(alg: str) -> None:
    assert refused(signed(claims(), alg=alg)) == "it is not signed with HS512"


def test_a_head_that_names_another_algorithm_than_the_one_used_is_refused() -> None:
    assert refused(_joined({"alg": "HS512"}, claims(), SECRET, "HS256")) == "its signature is not ours"
    assert refused(_joined({"alg": "HS256"}, claims(), SECRET, "HS512")) == "it is not signed with HS512"


def test_another_secret_is_refused() -> None:
    assert refused(signed(claims(), secret=OTHER)) == "its signature is not ours"


def test_the_secret_is_its_raw_bytes_and_nothing_decoded() -> None:
    secret = base64.b64encode(b"x" * 64).decode()
    token = signed(claims(), secret=secret)
    assert taken(token, secret) == ANN
    assert refused(signed(claims(), secret="x" * 64), secret) == "its signature is not ours"


def test_a_tampered_token_is_refused_at_every_place() -> None:
    head, body, signature = signed(claims()).split(".")
    stolen = _part(json.dumps(claims(tenant_id="bobs-burgers")).encode())
    for token in (
        f"{head}.{stolen}.{signature}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.",
        f"{head}.{body}.{signature}.{signature}",
        f"{body}.{head}.{signature}",
    ):
        refused(token)


def test_a_key_id_chooses_no_key() -> None:
    assert taken(signed(claims(), headers={"kid": OTHER})) == ANN
    assert refused(signed(claims(), secret=OTHER, headers={"kid": OTHER})) == "its signature is not ours"


def test_a_head_that_asks_for_what_we_do_not_know_is_refused() -> None:
    refused(signed(claims(), headers={"crit": ["x"], "x": 1}))
    refused(signed(claims(), headers={"b64": False, "crit": ["b64"]}))


def test_while_a_secret_is_replaced_both_are_taken_whichever_signed() -> None:
    old, new = signed(claims(), secret=OTHER), signed(claims(), secret=SECRET)
    for token in (old, new):
        assert taken(token, SECRET, OTHER) == ANN
        assert taken(token, OTHER, SECRET) == ANN
    assert refused(signed(claims(), secret=f"{OTHER}!"), SECRET, OTHER) == "its signature is not ours"


def test_the_secret_before_gives_no_right_that_a_token_does_not_have() -> None:
    expired = signed(claims(exp=int(time.time()) - 30), secret=OTHER)
    assert refused(expired, SECRET, OTHER) == "it has expired"


def test_a_token_that_is_too_long_is_refused_unread() -> None:
    assert refused(signed(claims(name="x" * 9000))) == "it is too long"


def test_an_empty_secret_is_none() -> None:
    assert taken(signed(claims()), SECRET, "") == ANN
    with pytest.raises(ValueError, match="needs a secret"):
        JwtVerifier(["", None], issuer=ISSUER, audience=ISSUER)


def test_a_minted_token_is_taken_and_shaped_as_guardians() -> None:
    minter = JwtMinter(SECRET, issuer=ISSUER, audience="cloud")
    olga = Principal("olga", "sky-ai", frozenset({Role.PLATFORM_ADMIN, Role.LLM_GATEWAY}))
    now = datetime.now(UTC)
    token = minter.mint(olga, now=now, ttl=timedelta(hours=1))
    assert taken(token, audience="cloud") == olga
    assert jwt.get_unverified_header(token) == {"alg": "HS512", "typ": "JWT"}
    held = jwt.decode(token, SECRET.encode(), algorithms=["HS512"], audience="cloud")
    at = int(now.timestamp())
    assert (held["iat"], held["nbf"], held["exp"]) == (at, at - 1, at + 3600)
    assert (held["iss"], held["aud"], held["typ"]) == (ISSUER, "cloud", "access")
    assert (held["sub"], held["tenant_id"]) == ("olga", "sky-ai")
    assert held["roles"] == ["llm_gateway", "platform_admin"]


def test_no_two_minted_tokens_have_one_id() -> None:
    minter = JwtMinter(SECRET, issuer=ISSUER, audience=ISSUER)
    now = datetime.now(UTC)
    ids = {
        jwt.decode(
            minter.mint(ANN, now=now, ttl=timedelta(hours=1)),
            SECRET.encode(),
            algorithms=["HS512"],
            audience=ISSUER,
        )["jti"]
        for _ in range(10)
    }
    assert len(ids) == 10
