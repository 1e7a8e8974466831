"""A version that comes after this one: a copy of our code with one more migration, which only expands.

Owns what is different in it: a column, an index, and the version that it tells.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from arcadia_adapters.postgres.migrate import known_revisions
from arcadia_domain import __version__
from tests.integration.operations.processes import SRC

VERSION = f"{__version__}.next"
REVISION = "9999"

_SLUG = '    sa.UniqueConstraint("tenant_id", "slug"),\n'
_MIGRATION = f'''
import sqlalchemy as sa
from alembic import op

revision = "{REVISION}"
down_revision = "{{head}}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cloud_deployments", sa.Column("note", sa.Text(), nullable=True))
    op.create_index(op.f("ix_cloud_deployments_region"), "cloud_deployments", ["region"], unique=False)
'''


def next_version(folder: Path) -> Path:
    """The copy's `src`."""
    made = folder / "src"
    shutil.copytree(SRC, made, ignore=shutil.ignore_patterns("__pycache__"))
    _replace(made / "arcadia_domain/__init__.py", f'"{__version__}"', f'"{VERSION}"')
    _replace(
        made / "arcadia_adapters/postgres/tables/deployments.py",
        _SLUG,
        _SLUG + '    sa.Column("note", Text),\n    sa.Index(None, "region"),\n',
    )
    versions = made / "arcadia_adapters/postgres/migrations/versions"
    (versions / f"{REVISION}_next.py").write_text(_MIGRATION.format(head=known_revisions().head))
    return made


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, file
    file.write_text(text.replace(old, new), encoding="utf-8")
