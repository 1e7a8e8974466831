"""A backup on the wire."""

from __future__ import annotations

from arcadia_app import arcadia
from arcadia_app.wire.types import Shape


class Backup(Shape):
    """A file with a database in it, and the revision of its schema."""

    file: str
    size_bytes: int
    revision: str

    @classmethod
    def of(cls, made: arcadia.BackedUp) -> Backup:
        return cls(file=str(made.file), size_bytes=made.size_bytes, revision=made.revision)
