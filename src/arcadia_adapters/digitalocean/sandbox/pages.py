"""DigitalOcean's pagination: page and per_page, links.pages and meta.total.

Owns how a list is cut. 20 objects a page by default, 200 at most; links name only the pages that there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from arcadia_adapters.digitalocean.sandbox.exchange import Obj, Request, unprocessable

DEFAULT_PER_PAGE, MOST_PER_PAGE = 20, 200


def page(request: Request, many: str, objects: Sequence[object]) -> Obj:
    """The asked page of `objects` under the root key `many`.

    A positive `shift` of the request shows the list as if that many earlier objects had just been deleted, a
    negative one shows objects of earlier pages again.
    """
    number = _whole(request, "page", 1, most=None)
    per_page = _whole(request, "per_page", DEFAULT_PER_PAGE, most=MOST_PER_PAGE)
    first = max((number - 1) * per_page + request.shift, 0)
    total = max(len(objects) - max(request.shift, 0), 0)
    return {
        many: objects[first : first + per_page],
        "links": _links(request, number, per_page, total),
        "meta": {"total": total},
    }


def _whole(request: Request, name: str, default: int, most: int | None) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < 1 or (most and int(text) > most):
        raise unprocessable(f"{name} must be a whole number from 1" + (f" to {most}." if most else "."))
    return int(text)


def _links(request: Request, number: int, per_page: int, total: int) -> Obj:
    last = -(-total // per_page)
    to: dict[str, int] = {}
    if number > 1 and last:
        to |= {"first": 1, "prev": min(number - 1, last)}
    if number < last:
        to |= {"next": number + 1, "last": last}
    if not to:
        return {}
    address = f"{request.base}{request.path}?"
    others = {name: text for name, text in request.query.items() if name not in {"page", "per_page"}}
    return {
        "pages": {
            rel: address + urlencode({**others, "page": page, "per_page": per_page})
            for rel, page in to.items()
        }
    }
