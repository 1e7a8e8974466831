"""A secret in a private file: made once, whoever comes first."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from arcadia_adapters.secret_file import SecretUnusable, read_or_make_secret


def test_it_is_made_once_and_then_read(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    secret, made = read_or_make_secret(path)
    assert (len(secret) >= 64, made) == (True, True)
    assert read_or_make_secret(path) == (secret, False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_of_many_who_make_it_at_once_all_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda _: read_or_make_secret(tmp_path / "secret"), range(64)))
    assert len({secret for secret, _ in got}) == 1
    assert [made for _, made in got].count(True) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"\xff" * 100])
def test_a_file_that_holds_no_secret_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(SecretUnusable, match="remove it"):
        read_or_make_secret(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretUnusable, match="No such file"):
        read_or_make_secret(tmp_path / "nowhere" / "secret")
