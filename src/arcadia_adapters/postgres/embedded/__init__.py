"""A PostgreSQL server that needs no installing: found, started, shared and stopped by us.

Owns the server's processes and files. Owns no schema, role or connection of the application.
Read `server` first; `keeper` is the small process that outlives a killed owner (docs/adr/0001).
"""

from __future__ import annotations

from arcadia_adapters.postgres.embedded.binaries import find_binaries
from arcadia_adapters.postgres.embedded.errors import EmbeddedPostgresError
from arcadia_adapters.postgres.embedded.places import default_data_dir
from arcadia_adapters.postgres.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "default_data_dir", "find_binaries"]
