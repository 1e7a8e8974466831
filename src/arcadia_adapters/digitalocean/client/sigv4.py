"""Signature Version 4, as S3 takes it, for requests without a body.

Owns the signing and nothing else. Written from the public description of the algorithm; checked against the
examples that come with it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from urllib.parse import quote

import httpx

from arcadia_adapters.digitalocean.client.secret import Secret

_ALGORITHM = "AWS4-HMAC-SHA256"
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class SigV4(httpx.Auth):
    """Signs each request as it is sent. `now` gives seconds since 1970."""

    def __init__(self, key: Secret, secret: Secret, region: str, now: Callable[[], float]) -> None:
        self._key = key
        self._secret = secret
        self._region = region
        self._now = now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """What httpx asks of one who signs."""
        stamp = datetime.fromtimestamp(self._now(), UTC).strftime("%Y%m%dT%H%M%SZ")
        request.headers["x-amz-date"] = stamp
        request.headers["x-amz-content-sha256"] = _EMPTY_SHA256
        request.headers["authorization"] = self._authorization(request, stamp)
        yield request

    def _authorization(self, request: httpx.Request, stamp: str) -> str:
        scope = f"{stamp[:8]}/{self._region}/s3/aws4_request"
        canonical, signed = _canonical(request)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = "\n".join((_ALGORITHM, stamp, scope, digest))
        signature = hmac.new(self._signing_key(stamp[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
        credential = f"{self._key.reveal()}/{scope}"
        return f"{_ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={signature}"

    def _signing_key(self, day: str) -> bytes:
        key = f"AWS4{self._secret.reveal()}".encode()
        for part in (day, self._region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key


def _canonical(request: httpx.Request) -> tuple[str, str]:
    """The request in the one form that is signed, and the names of the headers that are in it."""
    names = sorted(name for name in request.headers if name in ("host", "range") or name.startswith("x-amz-"))
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    params = request.url.params.multi_items()
    query = "&".join(sorted(f"{_quoted(name)}={_quoted(value)}" for name, value in params))
    path = quote(request.url.path, safe="/-_.~")
    signed = ";".join(names)
    canonical = "\n".join((request.method, path, query, headers, signed, _EMPTY_SHA256))
    return canonical, signed


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
