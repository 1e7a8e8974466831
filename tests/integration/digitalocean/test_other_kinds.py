"""What only some kinds do: volumes, reserved IPs, projects, VPCs, firewalls, tags, databases and the rest."""

from __future__ import annotations

from typing import Any

import pytest

from arcadia_adapters.digitalocean.sandbox.kinds import KINDS
from tests.clouds.running import Cloud

PILOT = 412873001
NO_SUCH_UUID = "3f2f1b1e-0000-4000-8000-000000000000"


def volume(cloud: Cloud, name: str = "data", region: str = "syd1") -> Any:
    body = {"name": name, "region": region, "size_gigabytes": 10}
    return cloud.ask("POST", "/v2/volumes", body, expect=201)["volume"]


# -- volumes


def test_a_volume_is_attached_and_detached_by_actions_that_keep_both_busy(cloud: Cloud) -> None:
    id = volume(cloud)["id"]
    body = {"type": "attach", "droplet_id": PILOT, "region": "syd1"}
    action = cloud.ask("POST", f"/v2/volumes/{id}/actions", body, expect=202)["action"]
    assert (action["type"], action["status"], action["resource_id"]) == ("attach_volume", "in-progress", None)
    cloud.ask("POST", f"/v2/droplets/{PILOT}/actions", {"type": "reboot"}, expect=422)
    cloud.pass_by()
    assert cloud.get(f"/v2/volumes/{id}/actions/{action['id']}")["action"]["status"] == "completed"
    assert cloud.get(f"/v2/droplets/{PILOT}")["droplet"]["volume_ids"] == [id]
    assert cloud.get(f"/v2/volumes/{id}")["volume"]["droplet_ids"] == [PILOT]
    again = cloud.ask("POST", f"/v2/volumes/{id}/actions", body, expect=422)
    assert again["message"] == "This volume is already attached"
    refused = cloud.ask("DELETE", f"/v2/volumes/{id}", expect=409)
    assert refused["message"].startswith("A volume that's attached to a Droplet cannot be deleted.")
    body["type"] = "detach"
    cloud.ask("POST", f"/v2/volumes/{id}/actions", body, expect=202)
    cloud.pass_by()
    missing = cloud.ask("POST", f"/v2/volumes/{id}/actions", body, expect=422)
    assert missing["message"] == "Attachment not found"
    cloud.ask("DELETE", f"/v2/volumes/{id}", expect=204)


def test_a_volume_only_grows(cloud: Cloud) -> None:
    id = volume(cloud)["id"]
    body = {"type": "resize", "size_gigabytes": 10, "region": "syd1"}
    cloud.ask("POST", f"/v2/volumes/{id}/actions", body, expect=422)
    cloud.ask("POST", f"/v2/volumes/{id}/actions", {**body, "size_gigabytes": 30}, expect=202)
    cloud.pass_by()
    assert cloud.get(f"/v2/volumes/{id}")["volume"]["size_gigabytes"] == 30


def test_a_volume_of_another_region_cannot_be_attached(cloud: Cloud) -> None:
    id = volume(cloud, region="nyc3")["id"]
    body = {"type": "attach", "droplet_id": PILOT}
    cloud.ask("POST", f"/v2/volumes/{id}/actions", body, expect=422)


def test_a_volumes_name_is_its_own_in_a_region(cloud: Cloud) -> None:
    volume(cloud)
    volume(cloud, region="nyc3")
    body = {"name": "data", "region": "syd1", "size_gigabytes": 10}
    assert cloud.ask("POST", "/v2/volumes", body, expect=409)["message"] == "already exists"
    cloud.ask("DELETE", "/v2/volumes?name=data&region=syd1", expect=204)
    assert [one["region"]["slug"] for one in cloud.get("/v2/volumes")["volumes"]] == ["nyc3"]


def test_a_volumes_snapshot_has_a_uuid_and_stays_when_the_volume_goes(cloud: Cloud) -> None:
    id = volume(cloud)["id"]
    body = {"name": "before", "tags": ["kept"]}
    snapshot = cloud.ask("POST", f"/v2/volumes/{id}/snapshots", body, expect=201)["snapshot"]
    assert cloud.get(f"/v2/volumes/{id}/snapshots")["snapshots"] == [snapshot]
    assert cloud.get(f"/v2/volumes/snapshots/{snapshot['id']}")["snapshot"] == snapshot
    cloud.ask("DELETE", f"/v2/volumes/{id}", expect=204)
    assert cloud.get("/v2/snapshots", resource_type="volume")["snapshots"] == [snapshot]
    cloud.ask("DELETE", f"/v2/volumes/snapshots/{snapshot['id']}", expect=204)
    cloud.ask("DELETE", f"/v2/snapshots/{snapshot['id']}", expect=404)


# -- reserved IPs


def test_a_reserved_ip_goes_to_a_droplet_and_comes_back(cloud: Cloud) -> None:
    body = cloud.ask("POST", "/v2/reserved_ips", {"droplet_id": PILOT}, expect=202)
    reserved, links = body["reserved_ip"], body["links"]
    assert (reserved["droplet"], reserved["locked"]) == (None, True)
    assert links["droplets"][0]["id"] == PILOT
    assert links["actions"][0]["rel"] == "assign_ip"
    path = f"/v2/reserved_ips/{reserved['ip']}"
    cloud.ask("DELETE", path, expect=422)
    cloud.pass_by()
    assert cloud.get(path)["reserved_ip"]["droplet"]["id"] == PILOT
    cloud.ask("POST", "/v2/reserved_ips", {"droplet_id": PILOT}, expect=422)
    action = cloud.ask("POST", f"{path}/actions", {"type": "unassign"}, expect=201)["action"]
    cloud.pass_by()
    assert cloud.get(f"{path}/actions/{action['id']}")["action"]["status"] == "completed"
    assert cloud.get(path)["reserved_ip"]["droplet"] is None
    cloud.ask("POST", f"{path}/actions", {"type": "unassign"}, expect=422)
    cloud.ask("POST", f"{path}/actions", {"type": "assign", "droplet_id": PILOT}, expect=201)
    cloud.pass_by()
    cloud.ask("DELETE", f"/v2/droplets/{PILOT}", expect=204)
    assert cloud.get("/v2/reserved_ips")["reserved_ips"][0]["droplet"] is None
    cloud.ask("DELETE", path, expect=204)


def test_a_reserved_ip_of_a_region_has_no_action(empty_cloud: Cloud) -> None:
    body = empty_cloud.ask("POST", "/v2/reserved_ips", {"region": "syd1"}, expect=202)
    assert body["links"] == {}
    assert body["reserved_ip"]["locked"] is False


def test_a_reserved_ipv6_goes_to_a_droplet_and_is_let_go_with_it(cloud: Cloud) -> None:
    reserved = cloud.ask("POST", "/v2/reserved_ipv6", {"region_slug": "syd1"}, expect=201)["reserved_ipv6"]
    path = f"/v2/reserved_ipv6/{reserved['ip']}"
    cloud.ask("POST", f"{path}/actions", {"type": "unassign"}, expect=422)
    cloud.ask("POST", f"{path}/actions", {"type": "assign", "droplet_id": PILOT}, expect=201)
    cloud.ask("DELETE", path, expect=422)
    cloud.pass_by()
    assert cloud.get("/v2/reserved_ipv6")["reserved_ipv6s"][0]["droplet"]["id"] == PILOT
    cloud.ask("DELETE", f"/v2/droplets/{PILOT}", expect=204)
    assert cloud.get(path)["reserved_ipv6"]["droplet"] is None
    cloud.ask("DELETE", path, expect=204)


def test_an_address_is_on_no_droplet_that_went_before_it_came(cloud: Cloud) -> None:
    ip = cloud.ask("POST", "/v2/reserved_ips", {"droplet_id": PILOT}, expect=202)["reserved_ip"]["ip"]
    cloud.ask("DELETE", f"/v2/droplets/{PILOT}", expect=204)
    cloud.pass_by()
    assert cloud.get(f"/v2/reserved_ips/{ip}")["reserved_ip"]["droplet"] is None


# -- projects


def test_a_project_with_something_in_it_stays(cloud: Cloud) -> None:
    body = {"name": "Other", "purpose": "Service or API"}
    project = cloud.ask("POST", "/v2/projects", body, expect=201)["project"]
    path = f"/v2/projects/{project['id']}"
    urns = [f"do:droplet:{PILOT}", f"do:volume:{NO_SUCH_UUID}"]
    assigned = cloud.ask("POST", f"{path}/resources", {"resources": urns})["resources"]
    assert [one["status"] for one in assigned] == ["assigned", "not_found"]
    again = cloud.ask("POST", f"{path}/resources", {"resources": urns[:1]})["resources"]
    assert [one["status"] for one in again] == ["already_assigned"]
    [own] = cloud.get(f"{path}/resources")["resources"]
    assert (own["urn"], own["status"]) == (urns[0], "ok")
    assert own["links"]["self"] == f"{cloud.url}/v2/droplets/{PILOT}"
    refused = cloud.ask("DELETE", path, expect=412)
    assert refused["id"] == "precondition_failed"
    assert len(cloud.get("/v2/projects/default/resources")["resources"]) == 4
    cloud.ask("POST", "/v2/projects/default/resources", {"resources": urns[:1]})
    cloud.ask("DELETE", path, expect=204)


def test_the_default_project_stays_and_new_things_go_into_it(empty_cloud: Cloud) -> None:
    default = empty_cloud.get("/v2/projects/default")["project"]
    assert default["is_default"] is True
    empty_cloud.ask("DELETE", f"/v2/projects/{default['id']}", expect=412)
    id = volume(empty_cloud)["id"]
    urns = [one["urn"] for one in empty_cloud.get("/v2/projects/default/resources")["resources"]]
    assert urns == [f"do:volume:{id}"]
    changed = empty_cloud.ask("PATCH", "/v2/projects/default", {"name": "renamed"})["project"]
    assert (changed["id"], changed["name"]) == (default["id"], "renamed")


def test_a_thing_can_be_made_in_a_project(empty_cloud: Cloud) -> None:
    body = {"name": "Other", "purpose": "Service or API"}
    id = empty_cloud.ask("POST", "/v2/projects", body, expect=201)["project"]["id"]
    made = {**KINDS["load_balancer"].example(1), "project_id": id}
    balancer = empty_cloud.ask("POST", "/v2/load_balancers", made, expect=202)["load_balancer"]
    [own] = empty_cloud.get(f"/v2/projects/{id}/resources")["resources"]
    assert own["urn"] == f"do:loadbalancer:{balancer['id']}"
    assert empty_cloud.get("/v2/projects/default/resources")["resources"] == []


# -- networks


def test_a_vpc_with_members_stays(cloud: Cloud) -> None:
    [vpc] = cloud.get("/v2/vpcs")["vpcs"]
    assert (
        cloud.ask("DELETE", f"/v2/vpcs/{vpc['id']}", expect=403)["message"] == "Can not delete default VPCs"
    )
    made = cloud.ask("POST", "/v2/vpcs", {"name": "own", "region": "syd1"}, expect=201)["vpc"]
    body = {"name": "in", "region": "syd1", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64"}
    droplet = cloud.ask("POST", "/v2/droplets", {**body, "vpc_uuid": made["id"]}, expect=202)["droplet"]
    cloud.pass_by()
    [member] = cloud.get(f"/v2/vpcs/{made['id']}/members")["members"]
    assert member["urn"] == f"do:droplet:{droplet['id']}"
    refused = cloud.ask("DELETE", f"/v2/vpcs/{made['id']}", expect=403)
    assert refused["message"] == "Can not delete VPC with members"
    cloud.ask("DELETE", f"/v2/droplets/{droplet['id']}", expect=204)
    cloud.ask("DELETE", f"/v2/vpcs/{made['id']}", expect=204)


def test_a_firewall_waits_and_takes_droplets_tags_and_rules(cloud: Cloud) -> None:
    body = {**KINDS["firewall"].example(1), "droplet_ids": [PILOT], "tags": ["arcadia"]}
    firewall = cloud.ask("POST", "/v2/firewalls", body, expect=202)["firewall"]
    assert firewall["status"] == "waiting"
    assert firewall["pending_changes"] == [{"droplet_id": PILOT, "removing": False, "status": "waiting"}]
    cloud.pass_by()
    path = f"/v2/firewalls/{firewall['id']}"
    assert cloud.get(path)["firewall"]["status"] == "succeeded"
    rule = {"protocol": "tcp", "ports": "443", "sources": {"addresses": ["0.0.0.0/0"]}}
    for part, more in (
        ("droplets", {"droplet_ids": [412873002]}),
        ("tags", {"tags": ["made"]}),
        ("rules", {"inbound_rules": [rule]}),
    ):
        cloud.ask("POST", f"{path}/{part}", more, expect=204)
    changed = cloud.get(path)["firewall"]
    assert changed["droplet_ids"] == [PILOT, 412873002]
    assert changed["tags"] == ["arcadia", "made"]
    assert rule in changed["inbound_rules"]
    cloud.ask("DELETE", f"{path}/rules", {"inbound_rules": [rule]}, expect=204)
    assert rule not in cloud.get(path)["firewall"]["inbound_rules"]
    cloud.ask("POST", f"{path}/tags", {"tags": []}, expect=400)
    cloud.ask("DELETE", f"/v2/droplets/{PILOT}", expect=204)
    assert cloud.get(path)["firewall"]["droplet_ids"] == [412873002]


def test_a_firewall_without_rules_is_refused(cloud: Cloud) -> None:
    cloud.ask("POST", "/v2/firewalls", {"name": "open"}, expect=422)


def test_a_load_balancer_has_its_address_when_it_is_active(empty_cloud: Cloud) -> None:
    body = KINDS["load_balancer"].example(1)
    balancer = empty_cloud.ask("POST", "/v2/load_balancers", body, expect=202)["load_balancer"]
    assert (balancer["status"], balancer["ip"]) == ("new", "")
    empty_cloud.pass_by()
    up = empty_cloud.get(f"/v2/load_balancers/{balancer['id']}")["load_balancer"]
    assert up["status"] == "active"
    assert up["ip"].startswith("198.1")


# -- tags


def test_tags_know_no_case_and_are_made_by_being_used(cloud: Cloud) -> None:
    assert [tag["name"] for tag in cloud.get("/v2/tags")["tags"]][:3] == ["arcadia", "env:prod", "role:web"]
    tag = cloud.get("/v2/tags/ARCADIA")["tag"]
    assert tag["resources"]["count"] == tag["resources"]["droplets"]["count"] == 5
    assert tag["resources"]["images"] == {"count": 0}
    cloud.ask("POST", "/v2/tags", {"name": "Arcadia"}, expect=201)
    assert cloud.counts()["tag"] == 6


def test_a_tag_is_put_on_and_taken_off(cloud: Cloud) -> None:
    cloud.ask("POST", "/v2/tags", {"name": "New:one"}, expect=201)
    id = volume(cloud)["id"]
    resources = {
        "resources": [
            {"resource_id": str(PILOT), "resource_type": "droplet"},
            {"resource_id": id, "resource_type": "volume"},
        ]
    }
    cloud.ask("POST", "/v2/tags/new:one/resources", resources, expect=204)
    assert "New:one" in cloud.get(f"/v2/droplets/{PILOT}")["droplet"]["tags"]
    held = cloud.get("/v2/tags/new:one")["tag"]["resources"]
    assert (held["count"], held["volumes"]["last_tagged_uri"]) == (2, f"{cloud.url}/v2/volumes/{id}")
    cloud.ask("DELETE", "/v2/tags/new:one/resources", {"resources": resources["resources"][:1]}, expect=204)
    assert "New:one" not in cloud.get(f"/v2/droplets/{PILOT}")["droplet"]["tags"]
    cloud.ask("DELETE", "/v2/tags/new:one", expect=204)
    assert cloud.get(f"/v2/volumes/{id}")["volume"]["tags"] == []


def test_a_tag_with_bad_letters_is_refused_in_the_other_form(cloud: Cloud) -> None:
    refused = cloud.ask("POST", "/v2/tags", {"name": "здоровo"}, expect=400)
    assert set(refused) >= {"error", "messages", "root_causes"}


# -- the rest


def test_a_database_is_online_after_a_while_and_so_after_a_resize(empty_cloud: Cloud) -> None:
    body = KINDS["database"].example(1)
    database = empty_cloud.ask("POST", "/v2/databases", body, expect=201)["database"]
    assert database["status"] == "creating"
    path = f"/v2/databases/{database['id']}"
    bigger = {"size": "db-s-2vcpu-4gb", "num_nodes": 2}
    empty_cloud.ask("PUT", f"{path}/resize", bigger, expect=422)
    empty_cloud.pass_by()
    assert empty_cloud.get(path)["database"]["status"] == "online"
    assert empty_cloud.ask("PUT", f"{path}/resize", bigger, expect=202) is None
    assert empty_cloud.get(path)["database"]["status"] == "resizing"
    empty_cloud.pass_by()
    resized = empty_cloud.get(path)["database"]
    assert (resized["status"], resized["size"], resized["num_nodes"]) == ("online", "db-s-2vcpu-4gb", 2)
    assert empty_cloud.get(f"{path}/users")["users"] == resized["users"]


def test_a_domain_comes_with_its_records_and_takes_them_along(empty_cloud: Cloud) -> None:
    body = {"name": "example.com", "ip_address": "192.0.2.1"}
    assert empty_cloud.ask("POST", "/v2/domains", body, expect=201)["domain"]["ttl"] == 1800
    path = "/v2/domains/example.com/records"
    records = empty_cloud.get(path)["domain_records"]
    assert [(one["type"], one["data"]) for one in records] == [
        ("NS", "ns1.digitalocean.com"),
        ("NS", "ns2.digitalocean.com"),
        ("NS", "ns3.digitalocean.com"),
        ("A", "192.0.2.1"),
    ]
    assert [one["type"] for one in empty_cloud.get(path, type="A", name="@")["domain_records"]] == ["A"]
    empty_cloud.ask("DELETE", "/v2/domains/example.com", expect=204)
    empty_cloud.ask("GET", path, expect=404)
    assert empty_cloud.counts()["domain_record"] == 0


def test_a_cluster_shows_its_pools_and_takes_them_along(empty_cloud: Cloud) -> None:
    body = KINDS["kubernetes_cluster"].example(2)
    cluster = empty_cloud.ask("POST", "/v2/kubernetes/clusters", body, expect=201)["kubernetes_cluster"]
    [pool] = cluster["node_pools"]
    assert (cluster["status"]["state"], pool["count"], len(pool["nodes"])) == ("provisioning", 3, 3)
    empty_cloud.pass_by()
    path = f"/v2/kubernetes/clusters/{cluster['id']}"
    assert empty_cloud.get(path)["kubernetes_cluster"]["status"]["state"] == "running"
    extra = {"name": "extra", "size": "s-1vcpu-2gb", "count": 1}
    empty_cloud.ask("POST", f"{path}/node_pools", extra, expect=201)
    assert [one["name"] for one in empty_cloud.get(path)["kubernetes_cluster"]["node_pools"]] == [
        pool["name"],
        "extra",
    ]
    assert len(empty_cloud.get(f"{path}/node_pools")["node_pools"]) == 2
    empty_cloud.ask("DELETE", path, expect=204)
    assert empty_cloud.counts()["kubernetes_node_pool"] == 0


def test_an_app_is_deployed_after_a_while(empty_cloud: Cloud) -> None:
    app = empty_cloud.ask("POST", "/v2/apps", KINDS["app"].example(1))["app"]
    assert app["in_progress_deployment"]["phase"] == "DEPLOYING"
    empty_cloud.pass_by()
    up = empty_cloud.get(f"/v2/apps/{app['id']}")["app"]
    assert up["active_deployment"]["phase"] == "ACTIVE"
    assert "in_progress_deployment" not in up
    assert "project_id" not in empty_cloud.get("/v2/apps")["apps"][0]
    assert empty_cloud.get("/v2/apps", with_projects="true")["apps"][0]["project_id"]
    changed = {"spec": {**KINDS["app"].example(1)["spec"], "region": "nyc"}}
    assert empty_cloud.ask("PUT", f"/v2/apps/{app['id']}", changed)["app"]["spec"]["region"] == "nyc"


def test_the_only_registry_has_a_path_of_its_own(empty_cloud: Cloud) -> None:
    empty_cloud.ask("GET", "/v2/registry", expect=404)
    body = {"name": "first", "subscription_tier_slug": "basic"}
    empty_cloud.ask("POST", "/v2/registry", body, expect=201)
    assert empty_cloud.get("/v2/registry")["registry"]["subscription"]["tier"]["slug"] == "basic"
    assert empty_cloud.get("/v2/registry/subscription")["subscription"]["tier"]["slug"] == "basic"
    empty_cloud.ask("POST", "/v2/registries", {"name": "second"}, expect=201)
    assert empty_cloud.ask("GET", "/v2/registry", expect=412)["id"] == "precondition_failed"
    empty_cloud.ask("DELETE", "/v2/registries/first", expect=204)
    empty_cloud.ask("DELETE", "/v2/registry", expect=204)


def test_a_public_image_can_be_read_by_slug_and_id_and_not_be_deleted(empty_cloud: Cloud) -> None:
    body = empty_cloud.get("/v2/images")
    assert (len(body["images"]), body["meta"]["total"]) == (20, 23)
    image = empty_cloud.get("/v2/images/ubuntu-24-04-x64")["image"]
    assert empty_cloud.get(f"/v2/images/{image['id']}")["image"] == image
    empty_cloud.ask("DELETE", f"/v2/images/{image['id']}", expect=403)
    applications = empty_cloud.get("/v2/images", type="application")["meta"]["total"]
    assert applications + empty_cloud.get("/v2/images", type="distribution")["meta"]["total"] == 23
    assert empty_cloud.get("/v2/images", private="true")["images"] == []


def test_sizes_regions_and_the_account_are_told(cloud: Cloud) -> None:
    sizes = {size["slug"]: size for size in cloud.get("/v2/sizes")["sizes"]}
    assert sizes["s-1vcpu-1gb"]["price_hourly"] == 0.00893
    assert "syd1" in {region["slug"] for region in cloud.get("/v2/regions")["regions"]}
    assert cloud.get("/v2/account")["account"]["droplet_limit"] == 25


def test_the_sample_droplets_are_listed_exactly_as_the_sample_has_them(cloud: Cloud) -> None:
    from arcadia_adapters.digitalocean.sample.account import sample_droplets

    assert cloud.get("/v2/droplets")["droplets"] == sample_droplets()


# -- Spaces


def credential(access_key: str, region: str = "syd1") -> dict[str, str]:
    signed = f"AWS4-HMAC-SHA256 Credential={access_key}/20260503/{region}/s3/aws4_request, SignedHeaders=host"
    return {"authorization": signed}


def test_buckets_are_listed_as_s3_does_by_region(empty_cloud: Cloud) -> None:
    body = {"name": "sync", "grants": [{"bucket": "", "permission": "fullaccess"}]}
    key = empty_cloud.ask("POST", "/v2/spaces/keys", body, expect=201)["key"]
    empty_cloud.ask("POST", "/sandbox/account/space", {"count": 20}, expect=201)
    text = empty_cloud.http.get("/", headers=credential(key["access_key"])).text
    spaces = empty_cloud.get("/sandbox/account/space")["spaces"]
    expected = [space["name"] for space in spaces if space["region"] == "syd1"]
    assert 0 < len(expected) < 20
    assert [part.partition("<")[0] for part in text.split("<Name>")[1:]] == expected
    assert empty_cloud.http.get("/", headers=credential("nobody")).status_code == 403


def test_faults_fall_on_the_list_of_buckets_too(empty_cloud: Cloud) -> None:
    empty_cloud.fault("status", path="/", status=503, body="<Error><Code>SlowDown</Code></Error>")
    assert empty_cloud.http.get("/", headers=credential("nobody")).status_code == 503
    assert empty_cloud.http.get("/", headers=credential("nobody")).status_code == 403


@pytest.mark.parametrize("body", [{"grants": [{"bucket": "b", "permission": "all"}], "name": "k"}, {}])
def test_a_bad_key_is_refused(empty_cloud: Cloud, body: dict[str, object]) -> None:
    empty_cloud.ask("POST", "/v2/spaces/keys", body, expect=422)
