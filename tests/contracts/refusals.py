"""How an adapter refuses what the role behind a principal has no right to: never silently."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError


def refused() -> pytest.RaisesExc[Exception]:
    """The database's refusal, or the fakes' one."""
    return pytest.RaisesExc((PermissionError, ProgrammingError), check=_is_refusal)


def _is_refusal(error: BaseException) -> bool:
    origin = error.orig if isinstance(error, ProgrammingError) else error
    return isinstance(origin, PermissionError | psycopg.errors.InsufficientPrivilege)
