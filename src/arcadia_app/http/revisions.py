"""ETag and If-Match: who edits says what they have read, so that of two editors none overwrites the other."""

from __future__ import annotations

from typing import Annotated

from litestar.params import HeaderParameter

from arcadia_app.http.refusals import Stale

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        max_length=100,
        description="The ETag that you read: 412 where it has changed since. Left out, nothing is asked.",
    ),
]


def etag(revision: int) -> dict[str, str]:
    """The header that names a revision."""
    return {"ETag": f'"{revision}"'}


def must_match(if_match: str | None, revision: int) -> None:
    """Raise Stale unless the editor has read this revision, or does not say."""
    if if_match is None or if_match.strip() == "*":
        return
    if f'"{revision}"' not in {tag.strip() for tag in if_match.split(",")}:
        raise Stale()
