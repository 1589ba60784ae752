"""How many go to Odoo at once, and what is remembered of it."""

import itertools

import pytest

from synchub.sync.pace import LARGEST, Pace

_endpoints = itertools.count(-1, -1)


@pytest.fixture
def endpoint_id() -> int:
    return next(_endpoints)


def test_where_odoo_is_quick_more_go_at_once_also_in_the_next_push(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    pace.took(200, 0.3)
    pace.took(400, 0.6)
    assert pace.size == LARGEST
    assert Pace(endpoint_id, 200).size == LARGEST


def test_where_odoo_is_slow_fewer_go_but_the_next_push_begins_as_usual(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    for _ in range(5):
        pace.took(pace.size, 5.0)
    assert pace.size == 50
    assert Pace(endpoint_id, 200).size == 200
