"""Errors: one shape, a stable code each, the facts as data."""

from __future__ import annotations

import pickle
from importlib import import_module
from pkgutil import walk_packages

import pytest

import arcadia_domain
from arcadia_domain.errors import DomainError
from arcadia_domain.pricing.kinds import UnknownKind


def every_error() -> list[type[DomainError]]:
    for module in walk_packages(arcadia_domain.__path__, "arcadia_domain."):
        import_module(module.name)
    found: list[type[DomainError]] = []
    pending = [DomainError]
    while pending:
        for error in pending.pop().__subclasses__():
            if error not in found and error.__module__.startswith("arcadia_domain."):
                found.append(error)
                pending.append(error)
    return found


def test_every_error_has_a_code_and_a_sentence_of_its_own() -> None:
    errors = every_error()
    codes = [error.code for error in errors]

    assert len(errors) > 20
    assert len(set(codes)) == len(codes)
    for error in errors:
        assert error.code.replace("_", "").isalpha()
        assert error.code == error.code.lower()
        assert error.sentence != DomainError.sentence
        assert error.sentence[0] in "{ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_the_facts_stand_in_the_sentence_and_as_data() -> None:
    refused = UnknownKind(kind="gpu_hours", known="droplet_hours")

    assert str(refused) == "There is no resource kind 'gpu_hours'; the known kinds are droplet_hours."
    assert refused.facts == {"kind": "gpu_hours", "known": "droplet_hours"}
    assert refused.field == "resource_kind"


def test_an_error_survives_the_way_to_another_process() -> None:
    refused = UnknownKind(kind="gpu_hours", known="droplet_hours")
    back = pickle.loads(pickle.dumps(refused))

    assert type(back) is UnknownKind
    assert (str(back), back.facts) == (str(refused), refused.facts)


def test_an_error_without_its_facts_cannot_be_made() -> None:
    with pytest.raises(KeyError, match="kind"):
        UnknownKind()
