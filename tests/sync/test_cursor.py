"""From when on a pull reads: never too late, and not for ever too early."""

import pytest

from synchub.sync.cursor import OVERLAP_SECONDS, Sighting, advance, sighted

T = 1_800_000_000.0
NINE, NINE_LESS_OVERLAP, NEXT_SECOND = "2026-01-31 09:00:00", "2026-01-31 08:57:30", "2026-01-31 09:00:01"


@pytest.mark.parametrize(
    ("cursor", "sightings", "walk", "moved", "left"),
    [
        pytest.param("", [], T, "", [], id="nothing seen, nothing moves"),
        pytest.param(NINE, [], T, NINE, [], id="nothing new, the cursor stays"),
        pytest.param("", [(T, NINE)], T, NINE_LESS_OVERLAP, [(T, NINE)], id="just seen: two minutes are kept back"),
        pytest.param("", [(T - OVERLAP_SECONDS, NINE)], T, NEXT_SECOND, [], id="seen long ago: its second is over"),
        pytest.param("", [(T - OVERLAP_SECONDS + 1, NINE)], T, NINE_LESS_OVERLAP, [(T - OVERLAP_SECONDS + 1, NINE)],
                     id="a second too early"),
        pytest.param("", [(T + 1, NINE)], T, "", [(T + 1, NINE)], id="seen after the walk began: says nothing about it"),
        pytest.param(NEXT_SECOND, [(T, "2026-01-31 08:00:00")], T, NEXT_SECOND, [], id="never backwards"),
        pytest.param("", [(T - 200, "2026-01-31 08:59:59"), (T, NINE)], T, NINE, [(T, NINE)], id="the best of several"),
        pytest.param("", [(T - 200, "2026-03-29 01:59:59")], T, "2026-03-29 02:00:00", [], id="no daylight saving time"),
        pytest.param("", [(T - 200, "2025-12-31 23:59:59")], T, "2026-01-01 00:00:00", [], id="over the new year"),
    ],
)  # fmt: skip
def test_how_far_the_cursor_moves(
    cursor: str, sightings: list[Sighting], walk: float, moved: str, left: list[Sighting]
):
    assert advance(cursor, sightings, walk) == (moved, left)


@pytest.mark.parametrize(
    ("known", "at", "newest", "kept"),
    [
        pytest.param([], T, NINE, [(T, NINE)], id="the first"),
        pytest.param([], T, "", [], id="an empty Odoo shows nothing"),
        pytest.param([(T, NINE)], T + 60, NINE, [(T, NINE)], id="the first sighting of a stamp counts"),
        pytest.param([(T, NINE)], T + 60, "2026-01-31 08:00:00", [(T, NINE)], id="a newest one that was deleted"),
        pytest.param([(T, NINE)], T + 1, NEXT_SECOND, [(T, NINE), (T + 1, NEXT_SECOND)], id="a newer one"),
        pytest.param([(T, NINE), (T + 1, NEXT_SECOND)], T + 2, "2026-01-31 09:00:02",
                     [(T, NINE), (T + 2, "2026-01-31 09:00:02")], id="few are kept, the newest among them"),
        pytest.param([(T, NINE), (T + 11, NEXT_SECOND)], T + 22, "2026-01-31 09:00:22",
                     [(T, NINE), (T + 11, NEXT_SECOND), (T + 22, "2026-01-31 09:00:22")], id="one in ten seconds"),
    ],
)  # fmt: skip
def test_what_is_remembered_of_what_was_seen(
    known: list[Sighting], at: float, newest: str, kept: list[Sighting]
):
    assert sighted(known, at, newest) == kept


def test_a_quiet_endpoint_ends_up_behind_its_newest_row_and_reads_nothing_twice():
    cursor, seen = "", sighted([], T, NINE)
    for pull in range(5):
        at = T + 60 * pull
        seen = sighted(seen, at, NINE)
        cursor, seen = advance(cursor, seen, at)
    assert cursor == NEXT_SECOND


def test_a_busy_endpoint_s_cursor_follows_within_minutes():
    from datetime import datetime, timedelta

    start, cursor = datetime(2026, 1, 31, 9), ""
    seen: list[Sighting] = []
    for second in range(0, 3600, 5):
        newest = f"{start + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}"
        seen = sighted(seen, T + second, newest)
        cursor, seen = advance(cursor, seen, T + second)
        assert len(seen) < 40
        assert cursor <= newest
    behind = datetime(2026, 1, 31, 9, 59, 55) - datetime.fromisoformat(cursor)
    assert behind <= timedelta(seconds=OVERLAP_SECONDS)


def test_no_row_of_a_transaction_that_ends_in_time_is_ever_passed_over():
    """Odoo stamps rows with the start of their transaction; whatever began and ended within two minutes is found."""
    from datetime import datetime, timedelta

    start = datetime(2026, 1, 31, 9)

    def stamp(second: float) -> str:
        return f"{start + timedelta(seconds=int(second)):%Y-%m-%d %H:%M:%S}"

    for lifetime in (0, 1, 60, 119, 120):
        for began in range(0, 200, 7):
            cursor, found = "", False
            seen: list[Sighting] = []
            for pull in range(0, 700, 30):
                visible = [s for s in range(0, pull + 1, 11) if s != began]
                if began + lifetime <= pull:
                    visible.append(began)
                if visible:
                    seen = sighted(seen, T + pull, stamp(max(visible)))
                found = found or (began in visible and stamp(began) >= cursor)
                cursor, seen = advance(cursor, seen, T + pull)
            assert found, (lifetime, began)
