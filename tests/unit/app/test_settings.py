"""What the environment says: of the database all of it or nothing, and no text that says nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from arcadia_app.settings import (
    CloudSettings,
    DatabaseUrls,
    DoorSettings,
    HalfASetting,
    SettingInvalid,
    SettingMissing,
    Settings,
    TokenSettings,
    read_settings,
)
from arcadia_domain.ports.doors import Rate
from arcadia_domain.ports.upkeep import Retention

ROLES = {
    "ARCADIA_DATABASE_URL": "postgresql://tenant",
    "ARCADIA_DATABASE_OPERATOR_URL": "postgresql://operator",
    "ARCADIA_DATABASE_GATEWAY_URL": "postgresql://gateway",
}
OWNER = {"ARCADIA_DATABASE_OWNER_URL": "postgresql://owner"}


def test_without_a_word_of_a_database_it_is_the_embedded_one() -> None:
    assert read_settings({"PATH": "/bin", "ARCADIA_DATABASE_URL": ""}) == Settings()


def test_the_roles_have_their_own_addresses_and_the_owner_only_to_migrate() -> None:
    urls = DatabaseUrls(
        tenant="postgresql://tenant", operator="postgresql://operator", gateway="postgresql://gateway"
    )
    assert read_settings(ROLES).database == urls
    with_owner = read_settings({**ROLES, **OWNER}).database
    assert with_owner is not None
    assert with_owner.owner == "postgresql://owner"


@pytest.mark.parametrize("missing", list(ROLES))
def test_a_database_that_is_named_in_part_is_refused(missing: str) -> None:
    named = {name: url for name, url in ROLES.items() if name != missing}
    with pytest.raises(SettingMissing, match=f"so {missing} must be set as well"):
        read_settings(named)


def test_an_owner_alone_is_a_database_named_in_part() -> None:
    with pytest.raises(SettingMissing, match="ARCADIA_DATABASE_OWNER_URL is set, so ARCADIA_DATABASE_URL"):
        read_settings(OWNER)


def test_the_data_directory_is_absolute() -> None:
    assert read_settings({"ARCADIA_DATA_DIR": "state"}).data_dir == Path("state").absolute()


def test_without_a_word_the_door_is_on_this_machine_at_4005_without_a_limit() -> None:
    assert read_settings({}).door == DoorSettings(host="127.0.0.1", port=4005, rate=None, origins=())


def test_the_address_of_the_door_is_as_it_is_named() -> None:
    door = read_settings({"ARCADIA_HOST": "0.0.0.0", "ARCADIA_PORT": "0"}).door
    assert (door.host, door.port) == ("0.0.0.0", 0)


@pytest.mark.parametrize("text", ["http", "-1", "65536", "4005.0", " 4005", "٤٠٠٥", "1_000"])
def test_a_port_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingInvalid, match="ARCADIA_PORT is "):
        read_settings({"ARCADIA_PORT": text})


def test_a_drain_is_so_many_seconds() -> None:
    assert read_settings({"ARCADIA_DRAIN_SECONDS": "15"}).door.drain == timedelta(seconds=15)
    for text in ("-1", "1.5", "soon", "1000"):
        with pytest.raises(SettingInvalid, match="ARCADIA_DRAIN_SECONDS is "):
            read_settings({"ARCADIA_DRAIN_SECONDS": text})


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("", None),
        ("600/minute", Rate(600, timedelta(minutes=1))),
        ("600", Rate(600, timedelta(minutes=1))),
        ("10/second", Rate(10, timedelta(seconds=1))),
        ("100/hour", Rate(100, timedelta(hours=1))),
    ],
)
def test_a_rate_is_a_number_per_second_minute_or_hour(text: str, rate: Rate | None) -> None:
    assert read_settings({"ARCADIA_RATE_LIMIT": text}).door.rate == rate


@pytest.mark.parametrize(
    "text", ["0", "0/second", "-1", "ten", "10/day", "10/", "/minute", "10 /minute", "1.5/second", "9999999"]
)
def test_a_rate_that_says_nothing_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingInvalid, match=r"ARCADIA_RATE_LIMIT is .* as in 600/minute"):
        read_settings({"ARCADIA_RATE_LIMIT": text})


def test_where_a_worker_is_watched_is_a_port_and_off_without_one() -> None:
    assert read_settings({"ARCADIA_METRICS_PORT": "9100"}).door.metrics_port == 9100
    assert read_settings({"ARCADIA_METRICS_PORT": ""}).door.metrics_port is None
    with pytest.raises(SettingInvalid, match="ARCADIA_METRICS_PORT is '65536': a port is a number"):
        read_settings({"ARCADIA_METRICS_PORT": "65536"})


def test_origins_are_a_list() -> None:
    text = " https://console.example.com,http://localhost:5173 ,, http://[::1]:80"
    assert read_settings({"ARCADIA_CORS_ORIGINS": text}).door.origins == (
        "https://console.example.com",
        "http://localhost:5173",
        "http://[::1]:80",
    )


@pytest.mark.parametrize(
    "text", ["*", "example.com", "https://example.com/", "https://*.example.com", "null", "ftp://example.com"]
)
def test_an_origin_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingInvalid, match="ARCADIA_CORS_ORIGINS is "):
        read_settings({"ARCADIA_CORS_ORIGINS": text})


def test_the_audience_is_the_issuer_unless_it_is_named() -> None:
    assert read_settings({}).tokens == TokenSettings(issuer="arcadia", audience="arcadia")
    issuer = {"ARCADIA_JWT_ISSUER": "app"}
    assert read_settings(issuer).tokens.audience == "app"
    assert read_settings({**issuer, "ARCADIA_JWT_AUDIENCE": "cloud"}).tokens.audience == "cloud"


def test_no_secret_and_no_address_of_a_database_is_ever_printed() -> None:
    urls = {name: f"{url}:hunter2@host/arcadia" for name, url in {**ROLES, **OWNER}.items()}
    secrets = {"ARCADIA_JWT_SECRET": "hunter2", "ARCADIA_JWT_SECRET_PREVIOUS": "hunter2"}
    settings = read_settings({**urls, **secrets})
    assert (settings.tokens.secret, settings.tokens.previous) == ("hunter2", "hunter2")
    assert "hunter2" not in repr(settings) + str(settings)


def test_without_a_word_about_digitalocean_there_is_no_cloud() -> None:
    assert read_settings({"ARCADIA_DO_TOKEN": "", "ARCADIA_DO_URL": ""}).cloud is None


def test_a_token_alone_means_digitalocean_itself() -> None:
    cloud = read_settings({"ARCADIA_DO_TOKEN": "dop_v1_a"}).cloud
    assert cloud == CloudSettings(token="dop_v1_a")
    assert "dop_v1_a" not in repr(cloud)


@pytest.mark.parametrize("host", ["127.0.0.1:4006", "localhost", "[::1]:4006"])
def test_a_digitalocean_on_this_machine_needs_no_token(host: str) -> None:
    cloud = read_settings({"ARCADIA_DO_URL": f"http://{host}"}).cloud
    assert cloud is not None
    assert cloud.url == f"http://{host}"
    assert cloud.token


def test_one_elsewhere_needs_a_token() -> None:
    with pytest.raises(HalfASetting, match="ARCADIA_DO_TOKEN must be set"):
        read_settings({"ARCADIA_DO_URL": "https://api.digitalocean.com"})


@pytest.mark.parametrize("url", ["api.digitalocean.com", "ftp://127.0.0.1", "http://127.0.0.1/v2", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingInvalid, match="ARCADIA_DO_URL"):
        read_settings({"ARCADIA_DO_URL": url, "ARCADIA_DO_TOKEN": "dop_v1_a"})


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://user:S3cret@api.digitalocean.com",
            "https://S3cret@h",
            "user:S3cret@h",
            "https://u:p@S3cret@h",
        ),
        *("https://u:a/S3cret@h/", "ftp://u:S3cret@h", "https://h/?token=S3cret", "https://u:\nS3cret@h"),
    ],
)
def test_an_address_with_a_secret_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(SettingInvalid, match="ARCADIA_DO_URL") as raised:
        read_settings({"ARCADIA_DO_URL": url, "ARCADIA_DO_TOKEN": "dop_v1_a"})
    assert "S3cret" not in str(raised.value) + repr(raised.value)


@pytest.mark.parametrize(("present", "missing"), [("KEY", "SECRET"), ("SECRET", "KEY")])
def test_half_of_the_keys_of_spaces_is_refused(present: str, missing: str) -> None:
    with pytest.raises(HalfASetting, match=f"ARCADIA_SPACES_{missing} must be set"):
        read_settings({f"ARCADIA_SPACES_{present}": "x", "ARCADIA_DO_TOKEN": "dop_v1_a"})


@pytest.mark.parametrize("text", ["2026-05-20T00:00:00Z", "2026-05-20T10:00:00+10:00"])
def test_a_time_of_ones_own_is_an_instant(text: str) -> None:
    assert read_settings({"ARCADIA_CLOCK": text}).clock == datetime(2026, 5, 20, tzinfo=UTC)
    assert read_settings({"ARCADIA_CLOCK": ""}).clock is None


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-05-20", "2026-05-20T00:00:00", "0001-01-01T00:00:00+10:00"]
)
def test_a_time_that_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(SettingInvalid, match=r"ARCADIA_CLOCK .*an instant has a date, a time and a zone"):
        read_settings({"ARCADIA_CLOCK": text})


@pytest.mark.parametrize("named", [{"ARCADIA_DO_TOKEN": "dop_v1_a"}, {"ARCADIA_DO_URL": "http://127.0.0.1"}])
def test_a_time_of_ones_own_never_meets_an_account_of_digitalocean(named: dict[str, str]) -> None:
    with pytest.raises(SettingInvalid, match=r"ARCADIA_CLOCK .*local DigitalOcean of serve only"):
        read_settings({"ARCADIA_CLOCK": "2026-05-20T00:00:00Z", **named})


def test_for_how_long_things_are_kept_is_a_number_each() -> None:
    assert read_settings({}).retention == Retention()
    named = {
        "ARCADIA_KEEP_EVENTS_MONTHS": "84",
        "ARCADIA_KEEP_HISTORY_MONTHS": "2",
        "ARCADIA_KEEP_JOBS_DAYS": "1",
        "ARCADIA_KEEP_SYNCS_DAYS": "",
    }
    assert read_settings(named).retention == Retention(events_months=84, history_months=2, jobs_days=1)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "a year", "10000", " 1"])
def test_a_time_to_keep_things_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingInvalid, match="ARCADIA_KEEP_JOBS_DAYS"):
        read_settings({"ARCADIA_KEEP_JOBS_DAYS": text})
