"""The simulation behind docs/scaling.md: what has to come out where it can be told without simulating, and its table."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from synchub.bench.assumed import Assumed, Found
from synchub.bench.events import Clock, Places, Process
from synchub.bench.scale import Hub
from synchub.bench.sizing import enough_to_pull, enough_to_push, report

QUIET = Assumed(
    connections=1, records=10_000, endpoints=1, odoo_changes=0, writes=0, bursts=0, deletions_every=1e9
)


def simulated(**assumed: float) -> Found:
    return Hub(replace(QUIET, **assumed)).run()  # type: ignore[arg-type]  # each of its field's type


def test_the_same_seed_gives_the_same_course_and_another_one_another():
    busy = {"connections": 5, "odoo_changes": 500.0, "writes": 300.0, "bursts": 1.0}
    lags = [simulated(**busy, seed=seed).pulled.percentile(0.9) for seed in (1, 1, 2)]
    assert lags[0] == lags[1] != lags[2]


def test_a_single_write_to_an_idle_hub_takes_three_calls_and_its_settling():
    found = simulated(writes=20)
    calls = (
        2 * (QUIET.call + 1 / QUIET.rows_read_a_second) + QUIET.write_call + 1 / QUIET.rows_written_a_second
    )
    assert found.single.percentile(0.5) == pytest.approx(calls + QUIET.settle)
    assert not found.waiting


def test_a_change_in_odoo_waits_for_the_next_pull_and_no_longer():
    lags = simulated(odoo_changes=400, pull_every=40.0).pulled
    assert lags.percentile(0.5) == pytest.approx(20, abs=4)
    assert 36 < lags.percentile(0.99) < 41


def test_the_first_pull_takes_as_long_as_its_pages():
    # Each endpoint begins somewhere within its first interval.
    took = simulated(pull_every=1.0, records=100_000).backfill
    page = QUIET.call + QUIET.page / QUIET.rows_read_a_second + QUIET.page * QUIET.merge * QUIET.in_database
    assert took == pytest.approx(100 * page, abs=1.5)


def test_first_pulls_of_many_connections_share_the_workers():
    many = {"connections": 12, "records": 200_000, "pull_every": 10.0}
    two, four = (simulated(**many, pull_workers=number).backfill for number in (2, 4))
    assert two == pytest.approx(2 * four, rel=0.1)


def test_a_connection_that_allows_a_call_a_second_gets_a_page_a_second_however_many_workers_there_are():
    found = simulated(records=100_000, endpoints=5, rate_per_second=1.0, pull_workers=5, pull_every=1.0)
    assert found.backfill == pytest.approx(100, abs=8)


def test_no_more_workers_help_than_the_connection_allows_calls_at_once():
    slow = {"records": 25_000, "endpoints": 5, "rows_read_a_second": 1000.0, "pull_every": 1.0, "merge": 0.0}
    one, two, five = (
        simulated(**slow, concurrency=number, odoo_workers=8, pull_workers=5).backfill for number in (1, 2, 5)
    )
    assert one > 1.6 * two > 1.6 * 1.6 * five


def test_single_writes_do_not_wait_for_a_burst_to_the_same_endpoint():
    found = simulated(writes=100, bursts=2, hours=4.0)
    assert found.bulk.percentile(0.5) > 10
    assert found.single.percentile(0.99) < 3


def test_too_few_workers_are_told_from_enough():
    crowd = {"connections": 10, "records": 1000, "writes": 5000.0, "endpoints": 5, "hours": 0.1}
    few, plenty = (simulated(**crowd, push_workers=n, pull_workers=n) for n in (1, 16))
    assert not enough_to_push(few)
    assert few.push_busy > 0.95
    assert enough_to_push(plenty)
    assert enough_to_pull(plenty, replace(QUIET))


def test_a_slow_odoo_costs_its_callers_their_patience_and_nothing_is_lost():
    found = simulated(
        endpoints=5, writes=1000, write_call=20.0, odoo_workers=1, push_workers=5, records=100, hours=0.5
    )
    assert found.given_up
    assert found.waiting


def test_places_are_never_more_than_there_are():
    clock, inside, most = Clock(), 0, 0
    places = Places(clock, 3)

    def visitor() -> Process:
        nonlocal inside, most
        assert (yield places.take())
        inside += 1
        most = max(most, inside)
        yield 1.0
        inside -= 1
        places.give(1.0)

    for _ in range(10):
        clock.start(visitor())
    clock.run(100)
    assert (most, inside, places.used) == (3, 0, 10.0)


def test_the_table_tries_more_workers_until_they_are_enough():
    lines = list(report(replace(QUIET, connections=10, endpoints=5, writes=5000, hours=0.1), []))
    assert "  connections = 10" in lines
    assert any(line.startswith("Enough: ") and "for pushes" in line for line in lines), lines


def test_the_command_prints_what_it_assumes_and_a_line_for_each_number_of_workers():
    out = StringIO()
    given = ["--connections", "2", "--records", "2000", "--workers", "1", "3", "--assume", "hours=0.1"]
    call_command("hub_bench", "scale", *given, stdout=out)
    assert "hours = 0.1" in out.getvalue()
    rows = [line.split()[:2] for line in out.getvalue().splitlines() if line[:5].strip().isdigit()]
    assert rows == [["1", "1"], ["3", "3"]]


@pytest.mark.parametrize(("text", "said"), [("ours=1", "There are: .*hours"), ("hours=x", "needs a number")])
def test_a_wrong_assumption_is_refused_with_what_can_be_said(text: str, said: str):
    with pytest.raises(CommandError, match=said):
        call_command("hub_bench", "scale", "--assume", text)
