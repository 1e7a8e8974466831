"""A secret of this machine's own, in a private file: made once, whole or not at all.

Owns the file. What the secret is for is said by whoever asks for it.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from arcadia_domain.errors import DomainError

_BYTES: Final = 64
"""As many as HMAC-SHA512 gives out, and as HS512 asks of its key at least."""


class SecretUnusable(DomainError):
    code = "secret_unusable"
    sentence = "{path} holds no secret ({reason}): put it right, or remove it, and a new one is made."


def read_or_make_secret(path: Path) -> tuple[str, bool]:
    """The secret in the file, and whether it was made just now (mode 0600, in a folder that is there).

    Of several who make it at once, all get the first one's. Raises SecretUnusable.
    """
    try:
        made = not path.exists() and _made(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnusable(path=path, reason=getattr(error, "strerror", None) or "it is no text") from None
    if len(secret) < _BYTES:
        raise SecretUnusable(path=path, reason=f"it has fewer than {_BYTES} characters")
    return secret, made


def _made(path: Path) -> bool:
    """Write it aside, then give it its name: who comes second finds the name taken."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True
