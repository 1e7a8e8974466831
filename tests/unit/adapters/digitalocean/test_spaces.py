"""The buckets of Spaces over S3: signed, listed region by region, never thought missing without a look."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx
import pytest

from arcadia_adapters.digitalocean.client import Secret
from arcadia_adapters.digitalocean.client.sigv4 import SigV4
from arcadia_domain.cloud.listing import SeenResource, Shortfall
from arcadia_domain.cloud.provider_errors import ProviderForbidden, ProviderNotAsked, SpacesKeyRefused
from tests.unit.adapters.digitalocean.served import TOKEN, Asked, Reply, client_of, refused

S3 = "http://s3.amazonaws.com/doc/2006-03-01/"


def buckets(*names: str, more: str = "") -> Reply:
    """The answer of ListBuckets."""
    rows = "".join(
        f"<Bucket><Name>{name}</Name><CreationDate>2026-04-01T10:00:00.000Z</CreationDate></Bucket>"
        for name in names
    )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><ListAllMyBucketsResult xmlns="{S3}">'
        f"<Owner><ID>1</ID><DisplayName>1</DisplayName></Owner><Buckets>{rows}</Buckets>{more}"
        "</ListAllMyBucketsResult>"
    )
    return Reply(200, text.encode(), {"content-type": "application/xml"})


def region_of(asked: Asked) -> str:
    found = re.search(r"Credential=SPACESKEY/\d{8}/(\w+)/s3/aws4_request", asked.headers["authorization"])
    assert found is not None
    return found[1]


def test_buckets_are_listed_region_by_region() -> None:
    def answer(asked: Asked) -> Reply:
        return buckets("media", "backups") if region_of(asked) == "nyc3" else buckets("media")

    seen: list[SeenResource] = []
    with client_of(answer, spaces=True) as (client, provider):
        listings = client.list_resources("space", seen.extend)
        assert all(TOKEN not in str(asked.headers) for asked in provider.asked)
    assert [(verdict.region, verdict.complete, verdict.seen) for verdict in listings] == [
        ("nyc3", True, 2),
        ("ams3", True, 1),
    ]
    assert [space.provider_id for space in seen] == ["nyc3/media", "nyc3/backups", "ams3/media"]
    assert seen[0] == SeenResource(
        kind="space",
        provider_id="nyc3/media",
        name="media",
        region="nyc3",
        created_at=datetime(2026, 4, 1, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("reply", "shortfall"),
    [
        pytest.param(refused(403), Shortfall.FAILED, id="403"),
        pytest.param(refused(503), Shortfall.FAILED, id="503"),
        pytest.param(Reply(200, b"<html/>"), Shortfall.FAILED, id="another document"),
        pytest.param(Reply(200, b"<ListAllMyBuckets"), Shortfall.FAILED, id="half a document"),
        pytest.param(Reply(200, b""), Shortfall.FAILED, id="nothing"),
        pytest.param(
            Reply(200, b"<ListAllMyBucketsResult><Bucket/></ListAllMyBucketsResult>"),
            Shortfall.FAILED,
            id="a bucket without a name",
        ),
        pytest.param(
            buckets("a", more="<ContinuationToken>x</ContinuationToken>"), Shortfall.TOO_LONG, id="more"
        ),
        pytest.param(buckets("a", "a"), Shortfall.REPEATED, id="twice"),
    ],
)
def test_a_region_that_is_not_seen_whole_says_so_and_the_others_stand(
    reply: Reply, shortfall: Shortfall
) -> None:
    def answer(asked: Asked) -> Reply:
        return buckets("media") if region_of(asked) == "ams3" else reply

    with client_of(answer, spaces=True) as (client, _):
        first, second = client.list_resources("space", lambda _: None)
    assert first.shortfall is shortfall
    assert second.complete


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidAccessKeyId", "the key of Spaces is not known"),
        ("SignatureDoesNotMatch", "the secret of Spaces is not that of the key of Spaces"),
        ("AccessDenied", "the key of Spaces may not list its buckets"),
        ("", "the key of Spaces may not list its buckets"),
    ],
)
def test_a_wrong_key_is_named_with_what_s3_calls_it(code: str, message: str) -> None:
    body = f"<Error><Code>{code}</Code><AWSAccessKeyId>SPACESKEY</AWSAccessKeyId></Error>".encode()
    with client_of(lambda _: Reply(403, body), spaces=True) as (client, _):
        with pytest.raises(SpacesKeyRefused) as raised:
            client.look_up("space", "nyc3/media")
        first, second = client.list_resources("space", lambda _: None)
    assert (raised.value.message, raised.value.error_id) == (message, code or None)
    assert "SPACESKEY" not in str(raised.value)
    assert first.detail == second.detail == str(raised.value)


def test_without_keys_nothing_is_asked_and_nothing_is_missing() -> None:
    with client_of(lambda _: buckets("media")) as (client, provider):
        (verdict,) = client.list_resources("space", lambda _: None)
        with pytest.raises(ProviderNotAsked):
            client.look_up("space", "nyc3/media")
        assert provider.asked == []
    assert (verdict.shortfall, verdict.complete) == (Shortfall.NOT_ASKED, False)


def test_a_bucket_is_looked_up_in_its_region() -> None:
    with client_of(lambda _: buckets("media"), spaces=True) as (client, provider):
        found = client.look_up("space", "nyc3/media")
        assert client.look_up("space", "nyc3/other") is None
        assert [region_of(asked) for asked in provider.asked] == ["nyc3", "nyc3"]
    assert found is not None
    assert found.name == "media"


def test_a_bucket_that_cannot_be_looked_up_is_not_gone() -> None:
    with client_of(lambda _: refused(403), spaces=True) as (client, _), pytest.raises(ProviderForbidden):
        client.look_up("space", "nyc3/media")


@pytest.mark.parametrize(
    ("query", "headers", "signature"),
    [
        (
            "/test.txt",
            {"range": "bytes=0-9"},
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        ("/?lifecycle", {}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/?max-keys=2&prefix=J", {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_a_request_is_signed_as_in_the_examples_of_s3(
    query: str, headers: dict[str, str], signature: str
) -> None:
    auth = SigV4(
        Secret("AKIAIOSFODNN7EXAMPLE", "key"),
        Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "secret"),
        "us-east-1",
        datetime(2013, 5, 24, tzinfo=UTC).timestamp,
    )
    request = httpx.Request("GET", f"https://examplebucket.s3.amazonaws.com{query}", headers=headers)
    signed = next(auth.auth_flow(request))
    assert signed.headers["authorization"].endswith(f"Signature={signature}")
