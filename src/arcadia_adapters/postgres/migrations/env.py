"""How alembic runs here: on the connection of `migrate`, else on one to the URL of `-x url=…`.

Owns no transaction of `migrate`'s: the caller commits migrations, guards and walls together.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import context
from alembic.operations.ops import CreateTableOp, MigrationScript
from alembic.runtime.migration import MigrationContext

from arcadia_adapters.postgres.migrate import comparison
from arcadia_adapters.postgres.pools import engine


def without_walls(
    _context: MigrationContext,
    _revision: str | Iterable[str | None] | Iterable[str],
    scripts: list[MigrationScript],
) -> None:
    """Keep a table's wall and rights out of the written migration, which is frozen."""
    for script in scripts:
        for operations in script.upgrade_ops_list:
            for operation in operations.ops:
                if isinstance(operation, CreateTableOp):
                    operation.info.clear()


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        process_revision_directives=without_walls,
        **comparison(connection),
    )
    with context.begin_transaction():
        context.run_migrations()


given: sa.Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as own:
        run(own)
