"""A walk over pages: when a list was seen whole, and that every walk ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from arcadia_adapters.digitalocean.client.pages import Page, Walk, Walked
from arcadia_domain.cloud.listing import Shortfall
from arcadia_domain.cloud.provider_errors import ProviderFailed, ProviderUnauthorized

Read = Callable[[int], Page[int]]


def served(count: int, size: int = 200) -> dict[int, Page[int]]:
    """The pages of a list of 0, 1, 2 … as a good provider serves it."""
    last = max(1, -(-count // size))
    return {
        n: Page(list(range((n - 1) * size, min(n * size, count))), total=count, more=n < last)
        for n in range(1, last + 1)
    }


def reader(pages: dict[int, Page[int]], asked: list[int]) -> Read:
    def read(number: int) -> Page[int]:
        asked.append(number)
        total = pages[1].total if 1 in pages else None
        return pages.get(number, Page([], total=total))

    return read


def walked(
    pages: dict[int, Page[int]], *, paged: bool = True, must_total: bool = True
) -> tuple[Walked, list[int], list[int]]:
    """The verdict, what was taken, and the pages that were asked for."""
    asked: list[int] = []
    taken: list[int] = []
    verdict = Walk(
        reader(pages, asked), taken.extend, key=lambda row: row, paged=paged, must_total=must_total
    ).run()
    return verdict, taken, asked


@pytest.mark.parametrize("count", [0, 1, 20, 21, 200, 201, 401])
def test_a_good_list_is_whole_and_asked_for_page_by_page(count: int) -> None:
    verdict, taken, asked = walked(served(count))
    assert verdict == Walked(count, count, None)
    assert taken == list(range(count))
    assert asked == list(range(1, max(1, -(-count // 200)) + 1))


@pytest.mark.parametrize("size", [20, 100])
def test_a_provider_that_serves_fewer_a_page_than_asked_is_walked_to_the_end(size: int) -> None:
    verdict, taken, _ = walked(served(401, size))
    assert (verdict.shortfall, len(taken)) == (None, 401)


def test_missing_links_do_not_end_a_walk_that_the_total_says_is_not_over() -> None:
    pages = {number: evolve(page, more=False) for number, page in served(401).items()}
    verdict, taken, asked = walked(pages)
    assert (verdict.shortfall, len(taken), asked) == (None, 401, [1, 2, 3])


def test_a_next_page_beyond_the_total_is_looked_at() -> None:
    pages = {1: Page([1, 2], total=2, more=True), 2: Page([3], total=2)}
    verdict, taken, _ = walked(pages)
    assert (verdict.shortfall, taken) == (Shortfall.TOO_MANY, [1, 2, 3])


def test_a_next_page_that_is_empty_changes_nothing() -> None:
    verdict, _, asked = walked({1: Page([1, 2], total=2, more=True)})
    assert (verdict.shortfall, asked) == (None, [1, 2])


@pytest.mark.parametrize("on", [1, 2, 3])
def test_a_page_that_cannot_be_had_leaves_what_was_seen_before(on: int) -> None:
    error = ProviderFailed(call="GET /v2/droplets", message="no")
    pages = served(401)

    def read(number: int) -> Page[int]:
        if number == on:
            raise error
        return pages[number]

    taken: list[int] = []
    verdict = Walk(read, taken.extend, key=lambda row: row).run()
    assert (verdict.shortfall, verdict.error, verdict.detail) == (Shortfall.FAILED, error, str(error))
    assert len(taken) == verdict.seen == (on - 1) * 200


def test_a_token_that_is_not_accepted_is_no_matter_of_one_list() -> None:
    def read(_: int) -> Page[int]:
        raise ProviderUnauthorized(call="GET /v2/droplets", message="no")

    with pytest.raises(ProviderUnauthorized):
        Walk(read, lambda _: None, key=lambda row: row).run()


@pytest.mark.parametrize("total", [400, 402, None])
def test_a_total_that_changes_is_named(total: int | None) -> None:
    pages = served(401)
    pages[2] = evolve(pages[2], total=total)
    verdict, taken, _ = walked(pages)
    assert verdict.shortfall is Shortfall.TOTAL_CHANGED
    assert verdict.detail == f"page 1 says 401, page 2 says {total}"
    assert taken[:400] == list(range(400))


def test_a_page_that_comes_twice_is_named_and_nothing_is_taken_twice() -> None:
    pages = served(401)
    pages[2] = pages[1]
    verdict, taken, asked = walked(pages)
    assert verdict.shortfall is Shortfall.REPEATED
    assert (taken, asked) == ([*range(200), 400], [1, 2, 3])


def test_a_list_that_shrinks_to_nothing_half_way_is_too_few() -> None:
    pages = served(401)
    del pages[3]
    verdict, taken, asked = walked(pages)
    assert (verdict.shortfall, verdict.detail) == (Shortfall.TOO_FEW, "400 seen of 401")
    assert (len(taken), asked) == (400, [1, 2, 3])


def test_without_a_total_nothing_is_whole() -> None:
    verdict, _, _ = walked({1: Page([1, 2])})
    assert verdict.shortfall is Shortfall.NO_TOTAL


def test_a_list_that_need_not_say_a_total_ends_with_its_links() -> None:
    pages = {1: Page([1, 2], more=True), 2: Page([3])}
    verdict, taken, _ = walked(pages, must_total=False)
    assert (verdict.shortfall, taken) == (None, [1, 2, 3])


def test_a_next_page_without_total_that_is_empty_is_not_believed() -> None:
    pages = {1: Page([1, 2], more=True), 2: Page([], more=True)}
    verdict, _, _ = walked(pages, must_total=False)
    assert verdict.shortfall is Shortfall.NO_TOTAL


def test_an_object_that_cannot_be_read_hides_no_other() -> None:
    pages = {1: Page([1, 2], total=3, unread=1, reason="Expected int")}
    verdict, taken, _ = walked(pages)
    assert (verdict.shortfall, taken) == (Shortfall.UNREADABLE, [1, 2])
    assert verdict.detail == "1 on page 1 cannot be read: Expected int"


def test_a_list_on_one_page_is_asked_for_once() -> None:
    verdict, taken, asked = walked({1: Page([1, 2])}, paged=False)
    assert (verdict.shortfall, taken, asked) == (None, [1, 2], [1])


@pytest.mark.parametrize("page", [Page([1, 2], more=True), Page([1, 2], total=3), Page([], more=True)])
def test_a_list_on_one_page_that_names_more_is_not_whole(page: Page[int]) -> None:
    verdict, _, asked = walked({1: page}, paged=False)
    assert verdict.shortfall is not None
    assert asked == [1]


def test_the_same_page_for_ever_ends_soon() -> None:
    asked: list[int] = []

    def read(number: int) -> Page[int]:
        asked.append(number)
        return Page([1, 2], total=1000, more=True)

    verdict = Walk(read, lambda _: None, key=lambda row: row).run()
    assert (verdict.shortfall, asked) == (Shortfall.REPEATED, [1, 2, 3])


def test_a_list_without_end_is_read_to_the_cap() -> None:
    asked: list[int] = []

    def read(number: int) -> Page[int]:
        asked.append(number)
        return Page([number], total=10**9, more=True)

    verdict = Walk(read, lambda _: None, key=lambda row: row, cap=7).run()
    assert (verdict.shortfall, asked) == (Shortfall.TOO_LONG, [1, 2, 3, 4, 5, 6, 7])


def test_rows_without_an_id_may_be_equal() -> None:
    pages = {1: Page(["a", "a"], total=3, more=True), 2: Page(["a"], total=3)}
    taken: list[str] = []
    verdict = Walk(pages.__getitem__, taken.extend, key=None).run()
    assert (verdict.shortfall, taken) == (None, ["a", "a", "a"])


def test_a_page_of_rows_without_an_id_that_comes_twice_is_named() -> None:
    page = Page(["a", "b"], total=4, more=True)
    taken: list[str] = []
    verdict = Walk(lambda _: page, taken.extend, key=None).run()
    assert (verdict.shortfall, taken) == (Shortfall.REPEATED, ["a", "b"])


_ERROR = ProviderFailed(call="GET /v2/droplets", message="no")
_PAGES = st.builds(
    Page,
    rows=st.lists(st.integers(0, 30), max_size=6),
    total=st.one_of(st.none(), st.integers(0, 20)),
    more=st.booleans(),
    unread=st.sampled_from([0, 0, 0, 1]),
)


@given(st.lists(st.one_of(_PAGES, st.just(_ERROR)), min_size=1, max_size=12), st.integers(1, 8))
def test_whole_means_that_all_pages_were_whole_and_agree_and_every_walk_ends(
    script: Sequence[Page[int] | ProviderFailed], cap: int
) -> None:
    asked: list[int] = []
    taken: list[int] = []

    def read(number: int) -> Page[int]:
        asked.append(number)
        page = script[min(number, len(script)) - 1]  # the last for ever
        if isinstance(page, ProviderFailed):
            raise page
        return page

    verdict = Walk(read, taken.extend, key=lambda row: row, cap=cap).run()

    assert asked == list(range(1, len(asked) + 1))
    assert len(asked) <= cap
    assert len(taken) == len(set(taken)) == verdict.seen
    if verdict.shortfall is None:
        pages = [script[min(number, len(script)) - 1] for number in asked]
        served_rows = [row for page in pages if isinstance(page, Page) for row in page.rows]
        assert sorted(served_rows) == sorted(taken)
        assert all(isinstance(page, Page) and not page.unread for page in pages)
        assert {page.total for page in pages if isinstance(page, Page)} == {len(taken)}


@given(st.integers(0, 60), st.integers(1, 25), st.booleans())
def test_a_good_list_is_whole_whatever_its_pages_hold(count: int, size: int, links: bool) -> None:
    pages = {n: evolve(page, more=page.more and links) for n, page in served(count, size).items()}
    verdict, taken, asked = walked(pages)
    assert (verdict.shortfall, taken) == (None, list(range(count)))
    assert len(asked) == max(1, -(-count // size))


@given(st.integers(21, 90), st.data())
def test_an_object_that_is_missing_or_doubled_anywhere_is_noticed(count: int, data: st.DataObject) -> None:
    pages = served(count, 20)
    number = data.draw(st.integers(1, len(pages)))
    rows = list(pages[number].rows)
    place = data.draw(st.integers(0, len(rows) - 1))
    if data.draw(st.booleans()):
        del rows[place]
    else:
        other = data.draw(st.integers(0, count - 1).filter(lambda row: row != rows[place]))
        rows[place] = other
    pages[number] = evolve(pages[number], rows=rows)
    verdict, taken, _ = walked(pages)
    assert verdict.shortfall in {Shortfall.TOO_FEW, Shortfall.REPEATED}
    assert len(taken) < count
