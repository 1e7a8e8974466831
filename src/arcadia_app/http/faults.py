"""What is wrong with the parts of a body: a rule refuses one part, the answer names every one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from arcadia_app.http.refusals import InvalidBody
from arcadia_app.wire.problem import FieldError
from arcadia_domain.errors import DomainError

P = TypeVar("P")
M = TypeVar("M")


def meant_by(parts: Sequence[P], field: str, meant: Callable[[P], M]) -> list[M]:
    """What each part of a body's list means. Raises InvalidBody, which names each part that is refused."""
    found: list[M] = []
    faults: list[FieldError] = []
    for place, part in enumerate(parts):
        try:
            found.append(meant(part))
        except DomainError as error:
            faults.append(FieldError(field=_within(f"{field}[{place}]", error), message=str(error)))
    if faults:
        raise InvalidBody(faults)
    return found


def _within(part: str, error: DomainError) -> str:
    return part if error.field is None else f"{part}.{error.field}"
