"""Texts that nobody can store: found wherever they are, and nothing else is taken for one."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arcadia_adapters.digitalocean.client import decoding
from arcadia_adapters.digitalocean.client.decoding import Unreadable
from arcadia_adapters.digitalocean.client.payloads.droplet import Droplet

ANY_TEXT = st.text(st.sampled_from('a\\u0d8\0\ud83d\ude00\U0001f600"') | st.characters(exclude_categories=()))


def storable(text: str) -> bool:
    """Whether Postgres takes a text as JSON tells it: two halves beside each other are one character."""
    told = json.loads(json.dumps(text))
    return "\0" not in told and not any(0xD800 <= ord(one) < 0xE000 for one in told)


def listed(*droplets: dict[str, object]) -> decoding.Rows[Droplet]:
    body = json.dumps({"droplets": droplets, "meta": {"total": len(droplets)}}).encode()
    return decoding.rows(decoding.envelope(body), "droplets", Droplet)


@given(ANY_TEXT)
@example("\0")
@example("\\u0000")
@example("\ud83d")
@example("\\\ud83d\ud83d\ude00")
def test_a_name_is_read_where_it_can_be_stored_and_spoils_no_other(name: str) -> None:
    good = {"id": 1, "name": "\U0001f600 \\u0000 \\ud83d"}
    rows = listed(good, {"id": 2, "name": name}, good)
    assert rows.unread == (not storable(name))
    names = [row.name for row in rows.read]
    assert names[0] == names[-1] == good["name"]
    if storable(name):
        assert names[1] == json.loads(json.dumps(name))


@pytest.mark.parametrize(
    "spoilt",
    [
        {"tags": ["a", "\0"]},
        {"networks": {"v4": [{"\0": 1}]}},
        {"image": {"name": "\udc00"}},
        {"status": "\0"},
    ],
    ids=ascii,
)
def test_it_is_found_however_deep(spoilt: dict[str, object]) -> None:
    droplet = {"id": 1, "name": "web", **spoilt}
    assert (listed(droplet).unread, len(listed(droplet, {"id": 2, "name": "db"}).read)) == (1, 1)
    with pytest.raises(Unreadable, match="holds NUL"):
        decoding.one(json.dumps({"droplet": droplet}).encode(), "droplet", Droplet)


def test_what_is_not_read_spoils_nothing() -> None:
    assert listed({"id": 1, "name": "web", "colour": "\0"}).unread == 0
