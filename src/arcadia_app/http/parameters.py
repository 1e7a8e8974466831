"""Parameters, checked strictly, and the one place that knows which of them an operation takes.

Litestar drops the bounds that stand in a parameter's type, reads `1e1` as a whole number and `null` as
nothing, and passes over a name that it does not know. So each parameter is made into one type with all its
bounds: a request is checked against it before its handler is called, and the document is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin
from uuid import UUID

import msgspec
from litestar import Request
from litestar.enums import ParamType
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg
from litestar.typing import FieldDefinition
from msgspec import Meta

from arcadia_app.http.refusals import InvalidParameter
from arcadia_app.http.strict import said
from arcadia_app.wire.problem import FieldError

_ASKED: Final = "asked"
"""Where a handler keeps what it takes, once that is found."""

_BOUNDS: Final = ("gt", "ge", "lt", "le", "min_length", "max_length", "pattern")

_WRITTEN: Final[Mapping[type, tuple[re.Pattern[str], str]]] = {
    int: (re.compile(r"-?[0-9]{1,18}"), "expected a whole number"),
    bool: (re.compile(r"true|false"), "expected true or false"),
    UUID: (re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"), "expected a UUID"),
}
"""How a value is written; what is not here is written as JSON's text is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A parameter that an operation takes. `shape` is its type, never optional, with every bound."""

    name: str
    place: ParamType
    shape: Any
    required: bool
    default: Any
    description: str | None

    def faults(self, given: Sequence[str]) -> Iterator[FieldError]:
        """What is wrong with the values given under its name."""
        if not given:
            if self.required:
                yield FieldError(field=self.name, message="is missing")
        elif get_origin(_bare(self.shape)) is list:
            yield from self._fault(list(given))
        elif len(given) > 1:
            yield FieldError(field=self.name, message="is given more than once")
        else:
            yield from self._fault(given[0])

    def _fault(self, value: str | list[str]) -> Iterator[FieldError]:
        pattern, expected = _WRITTEN.get(_bare(self.shape), (None, ""))
        if pattern is not None and not pattern.fullmatch(str(value)):
            yield FieldError(field=self.name, message=expected)
            return
        try:
            msgspec.convert(value, self.shape, strict=pattern is None)
        except msgspec.ValidationError as error:
            yield FieldError(field=self.name, message=said(error, self.shape))


async def check(request: Request[Any, Any, Any]) -> None:
    """Before a handler is called. Raises InvalidParameter with every parameter that is wrong."""
    handler = request.route_handler
    asked = asked_by(handler)
    faults = [fault for one in asked for fault in one.faults(_given(request, one))]
    known = {one.name for one in asked if one.place is ParamType.QUERY}
    faults += [
        FieldError(field=name, message="is not known") for name in request.query_params if name not in known
    ]
    if faults:
        raise InvalidParameter(faults)


def asked_by(handler: BaseRouteHandler) -> tuple[Asked, ...]:
    """What an operation takes, itself and by what it depends on, in the order in which it says so."""
    if _ASKED not in handler.opt:
        handler.opt[_ASKED] = tuple(_asked(handler, handler.parsed_fn_signature.parameters))
    found: tuple[Asked, ...] = handler.opt[_ASKED]
    return found


def _asked(handler: BaseRouteHandler, fields: Mapping[str, FieldDefinition]) -> Iterator[Asked]:
    providers = handler.resolve_dependencies()
    for name, field in fields.items():
        if name in providers:
            yield from _asked(handler, providers[name].parsed_fn_signature.parameters)
        elif isinstance(field.kwarg_definition, ParameterKwarg):
            kwarg = field.kwarg_definition
            yield Asked(
                name=kwarg.name or name,
                place=kwarg.param_type,
                shape=_shape(field, kwarg),
                required=field.is_required,
                default=field.default if field.has_default else None,
                description=kwarg.description,
            )


def _shape(field: FieldDefinition, kwarg: ParameterKwarg) -> Any:
    shape = _never_none(field.annotation)
    bounds = {name: bound for name in _BOUNDS if (bound := getattr(kwarg, name)) is not None}
    for meta in (*field.metadata, *([Meta(**bounds)] if bounds else ())):
        if isinstance(meta, Meta):
            shape = Annotated[shape, meta]
    return shape


def _never_none(annotation: Any) -> Any:
    """What is left of an optional type: a parameter that is not wanted is left out."""
    parts = get_args(annotation)
    if NoneType not in parts:
        return annotation
    (left,) = (part for part in parts if part is not NoneType)
    return left


def _bare(shape: Any) -> Any:
    """The type without its bounds."""
    return _bare(shape.__origin__) if hasattr(shape, "__metadata__") else shape


def _given(request: Request[Any, Any, Any], one: Asked) -> Sequence[str]:
    match one.place:
        case ParamType.QUERY:
            found: Sequence[str] = request.query_params.getall(one.name, [])
        case ParamType.HEADER:
            found = request.headers.getall(one.name, [])[:1]
        case _:
            found = [str(request.path_params[one.name])]
    return found
