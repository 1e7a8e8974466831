"""Every fault that the sandbox can be given, and the lists on whose pages it may fall."""

from __future__ import annotations

from typing import Any, Final

Fault = dict[str, Any]

FAULTS: Final[tuple[Fault, ...]] = (
    {"fault": "status", "status": 500},
    {"fault": "status", "status": 503, "when": "after"},
    {"fault": "status", "status": 502, "body": "<html>"},
    {"fault": "status", "status": 403, "id": "forbidden"},
    {"fault": "status", "status": 404, "id": "not_found"},
    {"fault": "status", "status": 200, "body": "{}"},
    {"fault": "rate_limited"},
    {"fault": "rate_limited", "retry_after": 7},
    {"fault": "close"},
    {"fault": "close", "when": "after"},
    {"fault": "silence"},
    {"fault": "silence", "when": "after"},
    {"fault": "truncate"},
    {"fault": "repeat_page"},
    {"fault": "shrink"},
    {"fault": "shrink", "by": 150},
    {"fault": "total"},
    {"fault": "total", "by": 201},
    {"fault": "links", "links": "absent"},
    {"fault": "links", "links": "empty"},
    {"fault": "links", "links": "foreign"},
    {"fault": "links", "links": "loop"},
)

LISTS: Final[dict[str, str]] = {
    "droplet": "/v2/droplets",
    "volume": "/v2/volumes",
    "snapshot": "/v2/snapshots",
    "image": "/v2/images",
    "database": "/v2/databases",
    "load_balancer": "/v2/load_balancers",
    "domain": "/v2/domains",
    "domain_record": "/v2/domains/*/records",
    "reserved_ip": "/v2/reserved_ip*",
    "kubernetes_cluster": "/v2/kubernetes/clusters",
    "kubernetes_node_pool": "/v2/kubernetes/clusters",
    "app": "/v2/apps",
    "space": "/",
    "project": "/v2/projects",
    "vpc": "/v2/vpcs",
    "firewall": "/v2/firewalls",
    "certificate": "/v2/certificates",
    "cdn": "/v2/cdn/endpoints",
    "registry": "/v2/registries",
    "functions_namespace": "/v2/functions/namespaces",
}
"""Where each kind of the inventory is listed, as faults are aimed."""

PAGES: Final = (1, 2, 3)
SHORT: Final = 0.25
"""Seconds that a client waits for an answer where none may come."""
