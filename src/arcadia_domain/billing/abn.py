"""The ABN, the number of an Australian business: eleven digits that check themselves.

The first two are check digits, from 11 to 99: with one taken from the first digit, the digits times their
weights add up to a multiple of 89 (as the Australian Business Register publishes it).
"""

from __future__ import annotations

import re

from arcadia_domain.errors import DomainError

_DIGITS = re.compile(r"[0-9]{11}", re.ASCII)
_WEIGHTS = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
_LEAST_CHECK_DIGITS = 11
_MODULUS = 89


class InvalidAbn(DomainError):
    code = "invalid_abn"
    sentence = "{abn!r} is not an ABN: eleven digits are expected, of which the first two check the others."
    field = "abn"


def check_abn(abn: str) -> str:
    """Return `abn`, or raise InvalidAbn."""
    if not (isinstance(abn, str) and _DIGITS.fullmatch(abn) and int(abn[:2]) >= _LEAST_CHECK_DIGITS):
        raise InvalidAbn(abn=abn)
    weighed = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, abn, strict=True))
    if (weighed - _WEIGHTS[0]) % _MODULUS:
        raise InvalidAbn(abn=abn)
    return abn
