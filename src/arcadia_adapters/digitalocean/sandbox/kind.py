"""What the sandbox needs to know about a kind of thing: one value per kind, served by the same code.

Owns the form of that value. The kinds themselves are in kinds/, one file for what belongs together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arcadia_adapters.digitalocean.sandbox.exchange import Obj, Refused

if TYPE_CHECKING:
    from arcadia_adapters.digitalocean.sandbox.account import Account

PARENT = "parent"
"""The placeholder of a nested kind's path that names what it stands in: /v2/domains/{parent}/records."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What the provider charges for an object as it is now, and how the invoice's line says so."""

    product: str
    description: str
    monthly_cents: int
    group_description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """How one kind is reached, made and shown.

    `one` and `many` are the root keys of answers, `key` the field that identifies an object in a path.
    `verbs` says which of list, get, create, put, patch and delete the kind's path has. A filter is a query
    parameter and what it is compared with. `tagged` is the kind's name among what a tag holds, `urn` its
    name in projects. `newest_first` is the order of the list.

    `make` turns the body of a create into a whole object in its first state, or raises Refused; no two
    objects may have the same `unique`, else the refusal is `taken`; `added` puts beside the object what comes
    with it; `ready` does what happens when it has been set up; `change` applies the body of a put or patch;
    `hinders` raises Refused when the object cannot be deleted; `gone` tidies up after it. `shown` is the
    object as answers show it, where that is not how it is kept. `charged` is what it costs. `example` is the
    nth good body.
    """

    name: str
    path: str
    one: str
    many: str
    make: Callable[[Account, Obj], Obj]
    example: Callable[[int], Obj]
    key: str = "id"
    parent: str | None = None
    verbs: frozenset[str] = frozenset({"list", "get", "create", "delete"})
    paged: bool = True
    newest_first: bool = False
    created: int = 201
    changed: int = 200
    filters: Mapping[str, Callable[[Obj], object]] = field(default_factory=dict)
    urn: str | None = None
    tagged: str | None = None
    unique: Callable[[Obj], object] | None = None
    taken: Callable[[], Refused] | None = None
    added: Callable[[Account, Obj], None] | None = None
    ready: Callable[[Account, Obj], None] | None = None
    change: Callable[[Account, Obj, Obj], None] | None = None
    hinders: Callable[[Account, Obj], None] | None = None
    gone: Callable[[Account, Obj], None] | None = None
    shown: Callable[[Account, Obj], Obj] | None = None
    charged: Callable[[Obj], Charge | None] | None = None

    def id_of(self, obj: Obj) -> str:
        """What identifies the object, as a path writes it."""
        return self.id_in(str(obj[self.key]))

    def id_in(self, text: str) -> str:
        """An identity as it was written, in the form it is kept: tags know no case."""
        return text.casefold() if self.name == "tag" else text

    def urn_of(self, obj: Obj) -> str:
        """The object as projects name it."""
        return f"do:{self.urn}:{self.id_of(obj)}"
