"""How many go to Odoo at once, and what is remembered of it."""

import itertools

import pytest

from synchub.sync.pace import LARGEST, QUICK, SLOW, Pace

_endpoints = itertools.count(-1, -1)


@pytest.fixture
def endpoint_id() -> int:
    return next(_endpoints)


def test_where_odoo_is_quick_more_go_at_once_also_in_the_next_push(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    for _ in range(10):
        pace.took(pace.size, 0.5)
    assert pace.size == LARGEST
    assert Pace(endpoint_id, 200).size == LARGEST


def test_as_many_go_at_once_as_odoo_takes_in_a_second_or_two(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    for _ in range(10):
        pace.took(pace.size, pace.size / 500)
    assert QUICK <= pace.size / 500 <= SLOW


def test_where_odoo_is_slow_fewer_go_but_the_next_push_begins_as_usual(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    for _ in range(5):
        pace.took(pace.size, 5.0)
    assert pace.size == 50
    assert Pace(endpoint_id, 200).size == 200
