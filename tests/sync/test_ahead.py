"""Pages asked for one ahead, in another thread."""

import threading
from collections.abc import Iterator

import pytest

from synchub.sync.ahead import one_ahead

pytestmark = pytest.mark.django_db


class Pages:
    def __init__(self, number: int, *, broken: int | None = None) -> None:
        self.number, self.broken = number, broken
        self.made_in: list[threading.Thread] = []
        self.done: list[threading.Thread] = []

    def __iter__(self) -> Iterator[int]:
        for page in range(self.number):
            if page == self.broken:
                raise ValueError("Odoo is away")
            self.made_in.append(threading.current_thread())
            yield page

    def ahead(self, more: bool = True) -> Iterator[int]:
        return one_ahead(
            iter(self), more=lambda _: more, done=lambda: self.done.append(threading.current_thread())
        )


@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_every_page_comes_once_and_in_order(number: int):
    pages = Pages(number)
    assert list(pages.ahead()) == list(range(number))
    assert len(set(pages.made_in[1:])) <= 1
    assert len(pages.done) == min(number, 1)


def test_the_next_page_is_made_while_one_is_worked_on():
    pages = Pages(3)
    for page in pages.ahead():
        asked = threading.Event()
        for _ in range(500):
            if len(pages.made_in) > min(page + 1, 2):
                break
            asked.wait(0.01)
        assert len(pages.made_in) > min(page + 1, 2)


def test_where_no_other_page_follows_there_is_no_other_thread():
    pages = Pages(1)
    assert list(pages.ahead(more=False)) == [0]
    assert (pages.made_in, pages.done) == ([threading.current_thread()], [])


def test_trouble_with_a_page_comes_after_the_pages_before_it():
    pages = Pages(5, broken=2)
    seen: list[int] = []
    with pytest.raises(ValueError, match="away"):
        seen.extend(pages.ahead())
    assert seen == [0, 1]
    assert len(pages.done) == 1


def test_one_who_stops_early_leaves_nothing_running():
    pages = Pages(5)
    for page in (ahead := pages.ahead()):
        if page == 1:
            break
    ahead.close()  # type: ignore[attr-defined]
    assert len(pages.done) == 1
    assert not pages.done[0].is_alive()
