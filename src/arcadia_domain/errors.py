"""The one shape of every error the domain raises.

Owns the base class only; each error stands beside the function that raises it. No status codes here:
the HTTP door translates `code` in one table.
"""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """A refusal in one sentence, with the facts as data.

    A subclass gives a stable `code` (part of the public contract) and a `sentence` that names its facts:

        class UnknownKind(DomainError):
            code = "unknown_kind"
            sentence = "There is no resource kind {kind!r}."

        raise UnknownKind(kind="gpu_hours")

    `field` names the input that was bad, where there is one.
    """

    code: ClassVar[str] = "domain_error"
    sentence: ClassVar[str] = "The request was refused."
    field: ClassVar[str | None] = None

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.sentence.format(**facts))

    def __reduce__(self) -> tuple[object, ...]:
        """Keyword facts survive pickling (between processes of workers and tests)."""
        return _rebuild, (type(self), self.facts)


def _rebuild(cls: type[DomainError], facts: dict[str, object]) -> DomainError:
    return cls(**facts)
