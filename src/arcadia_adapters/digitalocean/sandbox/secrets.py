"""The secrets that the sandbox plants: made-up ones, all with the same mark, so that a search finds a leak.

DigitalOcean's answers hold real ones in these places: connections and users of databases, environment
variables, commands, sources and log destinations of apps, keys of functions namespaces and of Spaces,
credentials of Kubernetes clusters; people put them into paths that load balancers ask, and into descriptions.
None of them may ever be stored or logged; a test looks for MARKS.
"""

from __future__ import annotations

import base64

_PLAIN = "planted-secret"
_BASE64 = base64.b64encode(_PLAIN.encode()).decode().rstrip("=")[:-1]

MARKS = (_PLAIN, _BASE64)
"""What every planted secret begins with, as it is and in base64."""


def planted(where: str, id: str) -> str:
    """The secret at this place of this object."""
    return f"{_PLAIN}-{where}-{id[:13]}"


def planted_base64(where: str, id: str) -> str:
    """The same, as Kubernetes writes it."""
    return base64.b64encode(planted(where, id).encode()).decode()
