"""Paths of the API with names and ids in them, so quoted that none can reach another object."""

from __future__ import annotations

from urllib.parse import quote

from arcadia_domain.errors import DomainError


class NoIdentifier(DomainError):
    code = "no_identifier"
    sentence = "{text!r} cannot be the name or the id of an object at the cloud provider."


def path(template: str, *names: str | int) -> str:
    """`template` with each {} filled. Raises NoIdentifier: what is empty would address the whole list."""
    return template.format(*(_quoted(str(name)) for name in names))


def _quoted(name: str) -> str:
    if not name.strip("."):
        raise NoIdentifier(text=name)
    return quote(name, safe="")
