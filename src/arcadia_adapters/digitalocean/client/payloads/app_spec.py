"""What is kept of the spec of an app: the fields that are named here, and nothing that people write freely.

Owns the list. A secret may stand anywhere in a spec: in a command, an environment variable, an address, a
destination of logs or alerts. No list of bad names is ever whole; so what is not named is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from arcadia_adapters.digitalocean.client.payloads.told import Json, told

_ITSELF: Final = ("name", "region")
_COMPONENT: Final = ("name", "kind", "instance_size_slug", "instance_count", "http_port")
_AUTOSCALING: Final = ("min_instance_count", "max_instance_count")
_IMAGE: Final = ("registry_type", "registry", "repository", "tag")
_COMPONENTS: Final = ("services", "workers", "jobs", "static_sites", "functions")
_SOURCES: Final = ("git", "github", "gitlab", "bitbucket", "image")


def kept_of_spec(spec: Mapping[str, Json]) -> dict[str, object]:
    """The spec, of the named fields only, each of the type that it should have; any other is left out."""
    components: dict[str, object] = {
        name: [_component(one) for one in _objects(spec.get(name))] for name in _COMPONENTS if spec.get(name)
    }
    domains = [_plain(one, ("domain",)) for one in _objects(spec.get("domains"))]
    features = [one for one in _items(spec.get("features")) if isinstance(one, str)]
    return _plain(spec, _ITSELF) | told(domains=domains or None, features=features or None) | components


def _component(written: Mapping[str, Json]) -> dict[str, object]:
    autoscaling = written.get("autoscaling")
    image = written.get("image")
    routes = [_plain(one, ("path",)) for one in _objects(written.get("routes"))]
    return _plain(written, _COMPONENT) | told(
        autoscaling=_plain(autoscaling, _AUTOSCALING) if isinstance(autoscaling, Mapping) else None,
        routes=routes or None,
        image=_plain(image, _IMAGE) if isinstance(image, Mapping) else None,
        source=next((name for name in _SOURCES if written.get(name)), None),
    )


def _plain(written: Mapping[str, Json], names: tuple[str, ...]) -> dict[str, object]:
    """Members that are text or numbers: what has members of its own is not what the name promises."""
    found = {name: written[name] for name in names if isinstance(written.get(name), str | int | float)}
    return told(**found)


def _objects(value: object) -> Iterator[Mapping[str, Json]]:
    return (one for one in _items(value) if isinstance(one, Mapping))


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
