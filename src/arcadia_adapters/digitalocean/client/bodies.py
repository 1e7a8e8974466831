"""The bodies that we send: an order as JSON, its fields named as DigitalOcean names them.

What an order leaves open is left out, so that DigitalOcean's default holds; so is an empty collection.
"""

from __future__ import annotations

from dataclasses import is_dataclass

from cattrs.preconf.msgspec import make_converter

_CONVERTER = make_converter(omit_if_default=True)
# Left to itself the preset hands dataclasses to msgspec, which leaves nothing out.
_CONVERTER.register_unstructure_hook_factory(is_dataclass, _CONVERTER.gen_unstructure_attrs_fromdict)


class Body(bytes):
    """A body that does not show itself: what a droplet is told at its first start may hold secrets."""

    def __repr__(self) -> str:
        return f"Body({len(self)} bytes)"


def body(order: object) -> Body:
    """An order, or a mapping, as JSON."""
    return Body(_CONVERTER.dumps(order))
