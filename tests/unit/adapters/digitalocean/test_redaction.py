"""What is removed from JSON that is kept: members by their names, the users and queries of addresses."""

from __future__ import annotations

import pytest

from arcadia_adapters.digitalocean.client.redaction import without_secrets


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://u:p@h/x", "https://h/x"),
        ("postgres://app:S3cr/t1@h/db", "postgres://h/db"),
        ("https://u:p@ss@host/", "https://host/"),
        ("https://u:p#w?d@host/", "https://host/"),
        ("redis://:pass word@h:6/0", "redis://h:6/0"),
        ("https://h/x?access_token=S&signature=S", "https://h/x"),
        ("https://h/x#access_token=S", "https://h/x"),
        ("/up?token=S", "/up"),
        ("https://shop.example.com/a/b", "https://shop.example.com/a/b"),
        ("/health", "/health"),
        ("10.0.0.0/16", "10.0.0.0/16"),
        ("why? because", "why? because"),
        ("dev@example.com", "dev@example.com"),
    ],
)
def test_an_address_keeps_neither_user_nor_query(text: str, kept: str) -> None:
    assert without_secrets([{"any": text}]) == [{"any": kept}]


@pytest.mark.parametrize(
    "name",
    [
        *("password", "db_password", "PGPASS", "passphrase", "secret", "client_secret_enc", "secret_value"),
        *("token", "tokens", "api_token", "api_key", "api-keys", "apiKey", "keys", "ssh_keys", "private_key"),
        *("authorization", "Authorization", "bearer", "headers", "auth", "basic_auth", "credentials"),
        *("connection", "private_connection", "connection_url", "connection_string", "dsn", "users"),
        *("env", "envs", "log_destinations", "slack_webhooks", "webhook_url", "kubeconfig", "description"),
    ],
)
def test_a_member_whose_name_tells_of_a_secret_is_left_out(name: str) -> None:
    assert without_secrets({"kept": [{name: "S", "other": 1}]}) == {"kept": [{"other": 1}]}


@pytest.mark.parametrize(
    "name",
    [
        *("key", "name", "cookie_name", "cookie_ttl_seconds", "certificate_id", "tls_passthrough", "region"),
        *("enable_proxy_protocol", "enable_backend_keepalive", "ip_address", "droplet_ids", "http_port"),
    ],
)
def test_a_member_with_a_harmless_name_is_kept(name: str) -> None:
    assert without_secrets({name: "x"}) == {name: "x"}
