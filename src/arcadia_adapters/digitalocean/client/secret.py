"""A secret in our hands: usable, never shown.

Owns what keeps a token out of reprs, messages and the locals of a traceback. Which secrets the provider tells
us, and their removal, is redaction's.
"""

from __future__ import annotations

from typing import NoReturn

from arcadia_domain.errors import DomainError


class UnusableSecret(DomainError):
    code = "unusable_secret"
    sentence = "{what} is empty, or holds a character that no such secret has."


class Secret:
    """A token or key. Its text is had by reveal() only, at the moment of use. Raises UnusableSecret.

    White space around it, as a file or an environment leaves it, is dropped.
    """

    __slots__ = ("_text", "_what")

    def __init__(self, text: str, what: str) -> None:
        self._text = text.strip()
        self._what = what
        usable = self._text.isascii() and self._text.isprintable() and " " not in self._text
        del text  # a traceback shows the locals of its frames
        if not self._text or not usable:
            raise UnusableSecret(what=what)

    @property
    def what(self) -> str:
        """What it is, in words that say where it comes from."""
        return self._what

    def reveal(self) -> str:
        """The text itself: for the one call that needs it, not for a variable."""
        return self._text

    def without(self, text: str) -> str:
        """`text` with the secret blotted out, should a stranger have echoed it."""
        return text.replace(self._text, "[secret]")

    def __repr__(self) -> str:
        return f"Secret({self._what})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied to where it can be read")
