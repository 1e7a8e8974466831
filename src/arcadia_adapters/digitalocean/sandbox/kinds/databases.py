"""Database clusters: not in pages, and full of secrets.

Owns the shape of a cluster and its resize, which has no action: its status says when it is done.
"""

from __future__ import annotations

import re
from operator import itemgetter

from arcadia_adapters.digitalocean.sandbox import catalog
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.exchange import (
    Answer,
    Obj,
    Request,
    conflict,
    needs,
    unprocessable,
)
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind
from arcadia_adapters.digitalocean.sandbox.kinds.vpcs import home_vpc
from arcadia_adapters.digitalocean.sandbox.router import Route
from arcadia_adapters.digitalocean.sandbox.secrets import planted

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,62}", re.ASCII)
_PORTS = {"pg": 25060, "mysql": 25060, "redis": 25061, "valkey": 25061, "mongodb": 27017}
_SCHEMES = {
    "pg": "postgres",
    "mysql": "mysql",
    "redis": "rediss",
    "valkey": "rediss",
    "mongodb": "mongodb+srv",
}
# Cents a month for a node. Our own table: DigitalOcean's API gives no prices for databases.
_NODE_CENTS = {"db-s-1vcpu-1gb": 1500, "db-s-1vcpu-2gb": 3000, "db-s-2vcpu-4gb": 6000}
_OTHER_NODE_CENTS = 12000


def _make(account: Account, body: Obj) -> Obj:
    needs(body, "name", "engine", "size", "region", "num_nodes")
    if not _NAME.fullmatch(str(body["name"])):
        raise unprocessable("invalid cluster name")
    if body["engine"] not in _PORTS:
        raise unprocessable("invalid cluster engine")
    id, region = account.uuid(), catalog.region(body["region"])["slug"]
    version = body.get("version") or "16"
    return {
        "id": id,
        "name": body["name"],
        "engine": body["engine"],
        "version": version,
        "semantic_version": f"{version}.1",
        "num_nodes": body["num_nodes"],
        "size": body["size"],
        "region": region,
        "status": "creating",
        "created_at": account.stamp(),
        "private_network_uuid": body.get("private_network_uuid") or home_vpc(account, region),
        "tags": list(body.get("tags") or []),
        "db_names": ["defaultdb"],
        "ui_connection": _connection(body, id, "ui"),
        "connection": _connection(body, id, "connection"),
        "private_connection": _connection(body, id, "private-connection"),
        "standby_connection": _connection(body, id, "standby"),
        "standby_private_connection": _connection(body, id, "standby-private"),
        "users": [
            {
                "name": "doadmin",
                "role": "primary",
                "password": planted("database-user-password", id),
                "access_cert": planted("database-access-cert", id),
                "access_key": planted("database-access-key", id),
            }
        ],
        "maintenance_window": {"day": "saturday", "hour": "08:45:12", "pending": False, "description": []},
        "project_id": body.get("project_id") or account.default_project_id(),
        "rules": [],
        "version_end_of_life": "2028-11-09T00:00:00Z",
        "version_end_of_availability": "2028-05-09T00:00:00Z",
        "storage_size_mib": body.get("storage_size_mib") or 10240,
    }


def _connection(body: Obj, id: str, where: str) -> Obj:
    password, port = planted(f"database-{where}-password", id), _PORTS[body["engine"]]
    host = f"{where}-{body['name']}.db.example.com"
    connection: Obj = {
        "uri": f"{_SCHEMES[body['engine']]}://doadmin:{password}@{host}:{port}/defaultdb?sslmode=require",
        "host": host,
        "port": port,
        "user": "doadmin",
        "password": password,
        "ssl": True,
    }
    return connection if where == "ui" else {**connection, "database": "defaultdb"}


def _charged(database: Obj) -> Charge:
    cents = _NODE_CENTS.get(database["size"], _OTHER_NODE_CENTS) * database["num_nodes"]
    return Charge("Database Clusters", f"{database['name']} ({database['size']})", cents)


DATABASE = Kind(
    name="database",
    path="/v2/databases",
    one="database",
    many="databases",
    paged=False,
    filters={"tag_name": itemgetter("tags")},
    urn="dbaas",
    tagged="databases",
    make=_make,
    unique=itemgetter("name"),
    taken=lambda: conflict("cluster name is not available"),
    ready=lambda account, database: database.update(status="online"),
    charged=_charged,
    example=lambda n: {
        "name": f"made-database-{n:05}",
        "engine": "pg",
        "version": "16",
        "size": "db-s-1vcpu-1gb",
        "region": catalog.some_region(n),
        "num_nodes": 1 + n % 3,
        "tags": ["made"],
    },
)


def _resize(account: Account, request: Request) -> Answer:
    database, body = account.get(DATABASE, request.ids["id"]), request.json()
    needs(body, "size", "num_nodes")
    if database["status"] != "online":
        raise unprocessable("cluster is not online")
    database["status"] = "resizing"

    def effect() -> None:
        with account.changing(DATABASE, database):
            database.update(status="online", size=body["size"], num_nodes=body["num_nodes"])
            database["storage_size_mib"] = body.get("storage_size_mib") or database["storage_size_mib"]

    account.later(effect)
    return Answer(202)


def _users(account: Account, request: Request) -> Answer:
    return Answer(200, {"users": account.get(DATABASE, request.ids["id"])["users"]})


KINDS = (DATABASE,)
ROUTES = (
    Route("PUT", DATABASE.path + "/{id}/resize", _resize),
    Route("GET", DATABASE.path + "/{id}/users", _users),
)
