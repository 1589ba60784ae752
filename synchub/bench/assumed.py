"""What the simulation of many connections is given, and what it finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumed:
    """Times in seconds. Each call takes `call` seconds, and then moves so many rows or ids `_a_second`."""

    connections: int = 100
    records: int = 1_000_000
    """of each connection"""
    endpoints: int = 5
    """of each connection; its records are spread evenly over them"""
    pull_every: float = 60.0
    deletions_every: float = 600.0
    odoo_changes: float = 1000.0
    """an hour, made in each Odoo"""
    writes: float = 500.0
    """an hour, single ones, to each connection"""
    bursts: float = 0.2
    """an hour, to each connection"""
    burst: int = 5000
    """writes in one of them"""
    concurrency: int = 4
    rate_per_second: float | None = None
    odoo_workers: int = 2
    """How many calls Odoo works on at once; more of them wait there."""
    call: float = 0.01
    write_call: float = 0.07
    rows_read_a_second: float = 7000.0
    rows_written_a_second: float = 200.0
    ids_a_second: float = 200_000.0
    page: int = 1000
    batch: int = 200
    merge: float = 150e-6
    """a changed or new row, hub and PostgreSQL together"""
    look: float = 25e-6
    """an unchanged one"""
    settle: float = 450e-6
    compare: float = 1e-6
    """an id, in the search for deletions"""
    in_database: float = 0.4
    """The share of `merge`, `look` and `settle` that PostgreSQL does."""
    database_cores: int = 8
    push_workers: int = 4
    pull_workers: int = 4
    hours: float = 1.0
    """that count, after all first pulls are done"""
    longest: float = 14 * 86400.0
    seed: int = 1


class Lags:
    """How late things were."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def add(self, seconds: float, count: int = 1) -> None:
        self._seen.append((seconds, count))

    def percentile(self, part: float) -> float:
        """In seconds; NaN where nothing was seen."""
        left = part * sum(count for _, count in self._seen)
        for seconds, count in sorted(self._seen):
            left -= count
            if left <= 0:
                return seconds
        return float("nan")


@dataclass(frozen=True)
class Found:
    backfill: float
    """seconds until all endpoints had all of their records for the first time; infinite: not within `longest`"""
    early: Lags
    """of single writes until then"""
    single: Lags
    bulk: Lags
    pulled: Lags
    push_busy: float
    pull_busy: float
    database_busy: float
    waiting: int
    """writes that had not reached Odoo by the end"""
    given_up: int
    """calls that got no place in time and were tried again later"""
