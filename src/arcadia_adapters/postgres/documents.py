"""JSON columns: a Decimal goes over as a number with its digits, and what has a fraction comes back as one.

Owns how a document is written and read on every connection. A binary float would come back as another number
than was stored, and be a change where there is none.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec
import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.types.json import set_json_dumps, set_json_loads

encode: Final = msgspec.json.Encoder(decimal_format="number").encode
"""A value as JSON; whatever has a Decimal in it too."""
decode: Final = msgspec.json.Decoder(float_hook=Decimal).decode

ADAPTERS: Final = AdaptersMap(psycopg.adapters)
"""The context of a connection that writes and reads documents so."""
set_json_dumps(encode, ADAPTERS)
set_json_loads(decode, ADAPTERS)
