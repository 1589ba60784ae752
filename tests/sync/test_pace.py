"""How many go to Odoo at once, and what is remembered of it."""

import itertools
import uuid
from datetime import UTC, datetime

import pytest

from endpoints.models import Operation
from endpoints.outbox import Claim, ClaimedChange
from synchub.sync.pace import FEWEST, LARGEST, MOST_DELETED, QUICK, SLOW, Pace

_endpoints = itertools.count(-1, -1)


@pytest.fixture
def endpoint_id() -> int:
    return next(_endpoints)


def claims(count: int, operation: Operation) -> list[Claim]:
    change = ClaimedChange(1, operation.value, {}, None, None, datetime.now(UTC), 1, sent=False)
    return [Claim(number, uuid.uuid4(), None, None, None, [change]) for number in range(count)]


def carried(pace: Pace, operation: Operation, seconds_each: float, times: int = 10) -> int:
    """Whole batches of one operation. The size it came to."""
    for _ in range(times):
        size = pace.sizes[operation]
        pace.took(claims(size, operation), size * seconds_each)
    return pace.sizes[operation]


def test_where_odoo_is_quick_more_go_at_once_also_in_the_next_push(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    assert carried(pace, Operation.CREATE, 0.0001) == LARGEST
    assert carried(pace, Operation.DELETE, 0.0001) == MOST_DELETED
    assert Pace(endpoint_id, 200).sizes == pace.sizes


def test_as_many_go_at_once_as_odoo_takes_in_two_or_three_seconds(endpoint_id: int):
    assert QUICK <= carried(Pace(endpoint_id, 200), Operation.CREATE, 1 / 250) / 250 <= SLOW


def test_what_is_quick_to_delete_may_be_slow_to_create(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    carried(pace, Operation.DELETE, 0.0001)
    assert Pace(endpoint_id, 200).sizes[Operation.CREATE] == 200


def test_a_batch_of_several_operations_is_whole_when_their_shares_fill_it(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    carried(pace, Operation.DELETE, 0.0001)
    half = claims(100, Operation.CREATE)
    assert not pace.fills(half)
    assert pace.fills([*half, *claims(MOST_DELETED // 2, Operation.DELETE)])


def test_where_odoo_is_slow_fewer_go_but_the_next_push_begins_as_usual(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    assert carried(pace, Operation.UPDATE, 0.1) == 50
    assert Pace(endpoint_id, 200).sizes[Operation.UPDATE] == 200


def test_what_the_hub_fails_on_goes_in_smaller_batches(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    pace.broke(20)
    assert set(pace.sizes.values()) == {10}


def created(pace: Pace, count: int, *, refused: bool = False) -> int:
    """A batch of so many new records. How many of the next such batch go in a call."""
    pace.created(count, pace.at_once(count), refused=refused)
    return pace.at_once(count)


def test_a_push_begins_with_a_quarter_of_its_new_records_in_a_call(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    assert pace.at_once(400) == 100
    assert created(pace, 400) >= 400
    assert Pace(endpoint_id, 200).at_once(400) == 100


def test_a_few_new_records_are_one_call(endpoint_id: int):
    assert Pace(endpoint_id, 200).at_once(2 * FEWEST) == 2 * FEWEST


def test_where_some_are_refused_few_go_in_a_call_also_in_the_next_push(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    assert [created(pace, 800, refused=True) for _ in range(3)] == [50, FEWEST, FEWEST]
    assert Pace(endpoint_id, 200).at_once(400) == FEWEST


def test_where_none_is_refused_any_more_they_grow_again(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    created(pace, 800, refused=True)
    assert created(pace, 800) == Pace(endpoint_id, 200).at_once(800) == 200
    assert created(pace, 800) == 800
    # As at first.
    assert Pace(endpoint_id, 200).at_once(800) == 200
    assert Pace(endpoint_id, 200).at_once(400) == 100


def test_fewer_than_go_in_a_call_show_nothing(endpoint_id: int):
    pace = Pace(endpoint_id, 200)
    created(pace, 800, refused=True)
    assert [created(pace, 10) for _ in range(10)] == [50] * 10
