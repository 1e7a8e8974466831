"""What may happen to an account between two syncs, chosen at random: as if done elsewhere, in the panel."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from arcadia_adapters.digitalocean.sandbox import catalog, content
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import Obj
from arcadia_adapters.digitalocean.sandbox.kind import Kind
from arcadia_domain.cloud.inventory import RESOURCE_KINDS

_ON_PAGES: Final = ("droplet", "volume", "snapshot", "image", "domain_record")
"""Kinds of which there may be two pages; with each domain and each project comes a list of its own."""
_MOST: Final = 30
_RETURNING: Final = ("domain", "space", "registry", "functions_namespace")
"""Kinds whose objects are known by names that may be given again."""


@dataclass
class Elsewhere:
    """Somebody else who works on the account. `gone` is what may come back as it was."""

    rng: random.Random
    account: Account
    gone: list[tuple[Kind, Obj]] = field(default_factory=list)

    def change(self) -> None:
        """One change, of which there may be nothing to see."""
        self.rng.choice(_CHANGES)(self)

    def add(self) -> None:
        kind = self.rng.choice((*RESOURCE_KINDS, "reserved_ipv6"))
        room_left = sum(1 for _ in self.account.every(kind)) < _MOST
        many = (1, 2, 200) if kind in _ON_PAGES else (1, 2, 10)
        content.fill(self.account, kind, self.rng.choice(many) if room_left else 1)

    def remove(self) -> None:
        for _ in range(self.rng.choice((1, 1, 5, 30))):
            if found := self._any():
                self._take_away(*found)

    def rename(self) -> None:
        found = self._any()
        if found and "name" in found[1] and found[0].key != "name":
            found[1]["name"] = f"renamed-{self.rng.randrange(10**6)}"

    def retag(self) -> None:
        for _ in range(9):
            found = self._any()
            if found and "tags" in found[1]:
                found[1]["tags"] = self.rng.sample(["made", "web", "a:b", "c"], self.rng.randint(0, 3))
                self.account.note_tags(found[1]["tags"])

    def resize(self) -> None:
        if droplets := list(self.account.all("droplet").values()):
            droplet, size = self.rng.choice(droplets), catalog.SIZES[self.rng.choice(list(catalog.SIZES))]
            with self.account.changing(self.account.kinds["droplet"], droplet):
                told = {name: size[name] for name in ("memory", "vcpus", "disk")}
                droplet.update(told, size=size, size_slug=size["slug"])

    def grow_volume(self) -> None:
        if volumes := list(self.account.all("volume").values()):
            volume = self.rng.choice(volumes)
            with self.account.changing(self.account.kinds["volume"], volume):
                volume["size_gigabytes"] += self.rng.randint(1, 9)

    def move(self) -> None:
        homes = list(self.account.all("project"))
        for urn in self.rng.sample(sorted(self.account.homes), min(5, len(self.account.homes))):
            self.account.move(urn, self.rng.choice(homes))

    def make_again(self) -> None:
        """Destroyed, and another one made with the same name."""
        found = self._any()
        if not found or "name" not in found[1] or found[0].key == "name" or not self._take_away(*found):
            return
        kind, obj, _ = found
        (id,) = content.fill(self.account, kind.name, 1)
        for parent in self.account.all(kind.parent) if kind.parent else [""]:
            if id in self.account.all(kind.name, parent):
                self.account.all(kind.name, parent)[id]["name"] = obj["name"]

    def come_and_go(self) -> None:
        """What is gone comes back under its old id, or something goes that may."""
        if self.gone and self.rng.random() < 0.6:
            kind, obj = self.gone.pop()
            obj = {**obj, "ip_address": None} if kind.name == "domain" else obj
            if kind.id_of(obj) not in self.account.all(kind.name):
                self.account.add(kind, obj)
            return
        kind = self.account.kinds[self.rng.choice(_RETURNING)]
        if found := list(self.account.all(kind.name).values()):
            self.gone.append((kind, self.account.remove(kind, kind.id_of(self.rng.choice(found)))))

    def wait(self) -> None:
        self.account.clock.advance(timedelta(seconds=self.rng.choice((1, 20, 3600))))
        self.account.settle()

    def _any(self) -> tuple[Kind, Obj, str] | None:
        """Any object of the inventory, with its kind and what it is in."""
        kind = self.account.kinds[self.rng.choice((*RESOURCE_KINDS, "reserved_ipv6"))]
        parents = list(self.account.all(kind.parent)) if kind.parent else [""]
        places = [(parent, one) for parent in parents for one in self.account.all(kind.name, parent).values()]
        if not places:
            return None
        parent, obj = self.rng.choice(places)
        return kind, obj, parent

    def _take_away(self, kind: Kind, obj: Obj, parent: str) -> bool:
        """Whether it could be: a default project stays, and one with things in it."""
        if kind.name == "project" and (obj["is_default"] or self.account.residents.get(obj["id"])):
            return False
        self.account.remove(kind, kind.id_of(obj), parent)
        return True


_CHANGES: Final[tuple[Callable[[Elsewhere], None], ...]] = (
    *(Elsewhere.add, Elsewhere.add, Elsewhere.remove, Elsewhere.remove),
    *(Elsewhere.rename, Elsewhere.retag, Elsewhere.resize, Elsewhere.grow_volume),
    *(Elsewhere.move, Elsewhere.make_again, Elsewhere.come_and_go, Elsewhere.come_and_go, Elsewhere.wait),
)
"""What happens more often stands more often."""
