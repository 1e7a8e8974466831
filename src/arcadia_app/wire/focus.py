"""FOCUS rows as CSV, by RFC 4180: a header, lines that end in CRLF, quotes where a cell needs them.

A null is an empty cell. Text stands as the provider wrote it, also where a spreadsheet would take it for a
formula: a cell that was changed would not be the provider's word any more, and FOCUS is read by programs.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import Final

from arcadia_domain.cloud.focus import COLUMNS

MEDIA_TYPE: Final = "text/csv"

_IN_MEMORY: Final = 1024 * 1024


def focus_file(rows: Iterable[tuple[str | None, ...]]) -> SpooledTemporaryFile[bytes]:
    """The whole file, in UTF-8, to be read from its beginning and closed.

    Written before anybody reads it: a slow reader keeps nothing open, and a fault leaves no half of a file.
    """
    file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - whoever reads it closes it
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([column.id for column in COLUMNS])
    writer.writerows(rows)
    text.flush()
    text.detach()
    file.seek(0)
    return file
