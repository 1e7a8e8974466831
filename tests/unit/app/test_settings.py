"""What the environment says of the database: all of it, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from arcadia_app.settings import DatabaseUrls, SettingMissing, Settings, read_settings

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
