"""A refusal on the wire: RFC 9457, with a code that never changes its meaning."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class FieldError(Struct, kw_only=True):
    """What is wrong with one field. `field` is its path in the body, or the parameter's name."""

    field: str
    message: str


class Problem(Struct, kw_only=True, omit_defaults=True):
    """Problem details. Decide by `code`; `detail` is for people."""

    type: Annotated[str, Meta(description="A URN made of the code.")]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Meta(description="A URN made of the request id: name it when you ask us.")]
    code: str
    errors: list[FieldError] | None = None
