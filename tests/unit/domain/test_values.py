"""Values: everything the domain hands out is frozen and slotted, so that nobody changes it on the way."""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import cached_property
from importlib import import_module
from pkgutil import walk_packages

import pytest

import arcadia_domain


def every_dataclass() -> list[type]:
    found = {}
    for module in walk_packages(arcadia_domain.__path__, "arcadia_domain."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.name:
                found[f"{value.__module__}.{value.__qualname__}"] = value
    return [found[name] for name in sorted(found)]


@pytest.mark.parametrize("value", every_dataclass(), ids=lambda value: value.__qualname__)
def test_a_value_has_its_fields_and_no_others(value: type) -> None:
    keeps = any(isinstance(one, cached_property) for one in vars(value).values())  # which needs room
    assert keeps or "__slots__" in vars(value)


@pytest.mark.parametrize(
    "value",
    [value for value in every_dataclass() if not value.__name__.startswith("_")],
    ids=lambda value: value.__qualname__,
)
def test_a_public_value_cannot_be_changed(value: type) -> None:
    assert vars(value)["__dataclass_params__"].frozen
