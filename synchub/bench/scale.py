"""Many connections, workers on any number of machines: how far behind pushes and pulls are, simulated.

Nothing is measured here and nothing is random beyond a seed: `Assumed` is what goes in, docs/scaling.md says where its
numbers are from and what is left out.
"""

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from synchub.bench.events import Clock, Places, Process, Queue

PATIENCE = 30.0  # seconds that a call waits for a place (`synchub.odoo.gate`)
DRAIN = 10.0  # seconds that a push may take before others have their turn (`synchub.sync.push`)
EXPIRES = 960.0  # seconds that the message for a pull lives (`endpoints.wakeup`)
OVERLAP = 120.0  # seconds of changes that a pull reads again
SEARCHED = 10_000  # ids in one call of the search for deletions
RETRY = 5.0


@dataclass(frozen=True)
class Assumed:
    """Times in seconds; what is `_a_second` is what one call of that kind moves, after its `call` seconds."""

    connections: int = 100
    records: int = 1_000_000
    """of each connection"""
    endpoints: int = 5
    """of each connection, its records dealt out evenly"""
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
    """More calls than that wait in Odoo."""
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
    """The part of `merge`, `look` and `settle` that PostgreSQL has."""
    database_cores: int = 8
    push_workers: int = 4
    pull_workers: int = 4
    hours: float = 1.0
    """looked at, once all have come in"""
    longest: float = 14 * 86400.0
    seed: int = 1


class Lags:
    """How late things were, each with how many were so late."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def add(self, seconds: float, count: int = 1) -> None:
        self._seen.append((seconds, count))

    def percentile(self, part: float) -> float:
        """NaN where nothing was seen."""
        left = part * sum(count for _, count in self._seen)
        for seconds, count in sorted(self._seen):
            left -= count
            if left <= 0:
                return seconds
        return float("nan")


@dataclass(frozen=True)
class Found:
    backfill: float
    """seconds until the last endpoint had all of its records for the first time; infinite: not within `longest`"""
    early: Lags
    """of single writes until then"""
    single: Lags
    bulk: Lags
    pulled: Lags
    push_busy: float
    pull_busy: float
    database_busy: float
    waiting: int
    """writes that had not reached Odoo in the end"""
    given_up: int
    """calls that found no place in time, and were tried again later"""


class _Connection:
    def __init__(self, clock: Clock, assumed: Assumed) -> None:
        self.gate = Places(clock, min(assumed.concurrency, assumed.odoo_workers))
        self.next_turn = 0.0


class _Endpoint:
    def __init__(self, connection: _Connection, records: int) -> None:
        self.connection, self.records = connection, records
        self.after = 0
        self.complete = self.pulling = self.woken = False
        self.read_until = 0.0
        self.single: deque[float] = deque()
        self.bulk: deque[float] = deque()


class Hub:
    """One course of events. Make it, and `run` it once."""

    def __init__(self, assumed: Assumed) -> None:
        self.assumed, self.clock = assumed, Clock()
        self.random = random.Random(assumed.seed)  # noqa: S311  # the same course each time
        self.database = Places(self.clock, assumed.database_cores)
        self.pushes, self.pulls = Queue(self.clock), Queue(self.clock)
        self.busy = {"push": 0.0, "pull": 0.0}
        self.early, self.single, self.bulk, self.pulled = Lags(), Lags(), Lags(), Lags()
        self.given_up, self.incomplete, self.from_then = 0, 0, float("inf")
        connections = [_Connection(self.clock, assumed) for _ in range(assumed.connections)]
        each = assumed.records // assumed.endpoints
        self.endpoints = [_Endpoint(one, each) for one in connections for _ in range(assumed.endpoints)]

    def run(self) -> Found:
        a, clock = self.assumed, self.clock
        self.incomplete = len(self.endpoints)
        for endpoint in self.endpoints:
            clock.start(self._timetable(endpoint), self.random.uniform(0, a.pull_every))
            clock.start(self._written(endpoint))
            clock.start(self._bursts(endpoint))
        for _ in range(a.push_workers):
            clock.start(self._worker("push", self.pushes))
        for _ in range(a.pull_workers):
            clock.start(self._worker("pull", self.pulls))
        clock.run(a.longest, lambda: not self.incomplete)
        backfill = clock.now if not self.incomplete else float("inf")
        # What has piled up meanwhile is worked off before anything counts.
        clock.run(clock.now + 1800)
        self.from_then, before = clock.now, dict(self.busy)
        in_database, given_up = self.database.used, self.given_up
        clock.run(clock.now + a.hours * 3600)
        span = a.hours * 3600
        return Found(
            backfill,
            self.early,
            self.single,
            self.bulk,
            self.pulled,
            (self.busy["push"] - before["push"]) / span / a.push_workers,
            (self.busy["pull"] - before["pull"]) / span / a.pull_workers,
            (self.database.used - in_database) / span / a.database_cores,
            sum(len(one.single) + len(one.bulk) for one in self.endpoints),
            self.given_up - given_up,
        )

    # what comes in ------------------------------------------------------------------------------------------------

    def _timetable(self, endpoint: _Endpoint) -> Process:
        a, searched = self.assumed, self.clock.now + self.random.uniform(0, self.assumed.deletions_every)
        while True:
            self.pulls.put((self.clock.now + EXPIRES, self._pull(endpoint)))
            if self.clock.now >= searched:
                searched += a.deletions_every
                self.pulls.put((self.clock.now + EXPIRES, self._search(endpoint)))
            yield a.pull_every

    def _written(self, endpoint: _Endpoint) -> Process:
        if not self.assumed.writes:
            return
        while True:
            yield self.random.expovariate(self.assumed.writes / self.assumed.endpoints / 3600)
            endpoint.single.append(self.clock.now)
            self._wake(endpoint)

    def _bursts(self, endpoint: _Endpoint) -> Process:
        if not self.assumed.bursts:
            return
        while True:
            yield self.random.expovariate(self.assumed.bursts / self.assumed.endpoints / 3600)
            endpoint.bulk.extend([self.clock.now] * self.assumed.burst)
            self._wake(endpoint)

    def _wake(self, endpoint: _Endpoint) -> None:
        if not endpoint.woken:
            endpoint.woken = True
            self.pushes.put((float("inf"), self._push(endpoint)))

    # what the hub does with it ------------------------------------------------------------------------------------

    def _worker(self, kind: str, queue: Queue) -> Process:
        while True:
            expires, work = yield queue.get()
            begun = self.clock.now
            if begun <= expires:
                yield from work
            self.busy[kind] += self.clock.now - begun

    def _push(self, endpoint: _Endpoint) -> Process:
        a, endpoint.woken, begun = self.assumed, False, self.clock.now
        while claimed := list(_claimed(endpoint, a.batch)):
            count, read = len(claimed), a.call + len(claimed) / a.rows_read_a_second
            written = a.write_call + count / a.rows_written_a_second
            for seconds in (read, written, read):
                if not (yield from self._call(endpoint.connection, seconds)):
                    for queue, at in reversed(claimed):
                        queue.appendleft(at)
                    self.clock.call(self.clock.now + RETRY, lambda: self._wake(endpoint))
                    return
            yield from self._compute(count * a.settle, a.in_database)
            for queue, at in claimed:
                if at >= self.from_then:
                    lags = self.single if queue is endpoint.single else self.bulk
                    lags.add(self.clock.now - at)
                elif self.incomplete and queue is endpoint.single:
                    self.early.add(self.clock.now - at)
            if self.clock.now - begun > DRAIN:
                self._wake(endpoint)
                return

    def _pull(self, endpoint: _Endpoint) -> Process:
        if endpoint.pulling:
            return
        endpoint.pulling = True
        if (yield from self._call(endpoint.connection, self.assumed.call)):
            yield from self._news(endpoint) if endpoint.complete else self._walk(endpoint)
        endpoint.pulling = False

    def _walk(self, endpoint: _Endpoint) -> Process:
        """Each page is merged while the next one is on its way."""
        a, merging = self.assumed, 0.0
        endpoint.read_until = endpoint.read_until or self.clock.now
        while endpoint.after < endpoint.records:
            rows, asked = min(a.page, endpoint.records - endpoint.after), self.clock.now
            if not (yield from self._call(endpoint.connection, a.call + rows / a.rows_read_a_second)):
                return
            left = max(0.0, merging - (self.clock.now - asked))
            if left:
                yield left
            yield from self._compute(rows * a.merge * a.in_database, 1.0)
            merging = rows * a.merge * (1 - a.in_database)
            endpoint.after += rows
        yield merging
        endpoint.complete = True
        self.incomplete -= 1

    def _news(self, endpoint: _Endpoint) -> Process:
        a, since, asked = self.assumed, endpoint.read_until, self.clock.now
        rate = a.odoo_changes / a.endpoints / 3600
        changed, again = (self._count(rate * seconds) for seconds in (asked - since, OVERLAP))
        for page in range(0, max(1, changed + again), a.page):
            rows = min(a.page, changed + again - page)
            if not (yield from self._call(endpoint.connection, a.call + rows / a.rows_read_a_second)):
                return
        yield from self._compute(changed * a.merge + again * a.look, a.in_database)
        endpoint.read_until = asked
        if changed and since >= self.from_then:
            self.pulled.add(self.clock.now - self.random.uniform(since, asked), changed)

    def _search(self, endpoint: _Endpoint) -> Process:
        a = self.assumed
        if endpoint.pulling or not endpoint.complete:
            return
        endpoint.pulling = True
        for start in range(0, endpoint.records, SEARCHED):
            ids = min(SEARCHED, endpoint.records - start)
            if not (yield from self._call(endpoint.connection, a.call + ids / a.ids_a_second)):
                break
            yield from self._compute(ids * a.compare, a.in_database)
        endpoint.pulling = False

    def _call(self, connection: _Connection, seconds: float) -> Process:
        """Whether there was a place, and a turn, in time."""
        a, now = self.assumed, self.clock.now
        if not (yield connection.gate.take(PATIENCE)):
            self.given_up += 1
            return False
        if a.rate_per_second is not None:
            now = self.clock.now
            turn = max(now, connection.next_turn)
            if turn - now > PATIENCE:
                connection.gate.give()
                self.given_up += 1
                return False
            connection.next_turn = turn + 1 / a.rate_per_second
            yield turn - now
        yield seconds
        connection.gate.give(seconds)
        return True

    def _compute(self, seconds: float, in_database: float) -> Process:
        yield seconds * (1 - in_database)
        yield self.database.take()
        yield seconds * in_database
        self.database.give(seconds * in_database)

    def _count(self, expected: float) -> int:
        """How many come where so many are to be expected: near enough to Poisson, and quick."""
        if expected > 50:
            return max(0, round(self.random.gauss(expected, expected**0.5)))
        count, left = 0, self.random.expovariate(1.0)
        while left < expected:
            count, left = count + 1, left + self.random.expovariate(1.0)
        return count


def _claimed(endpoint: _Endpoint, batch: int) -> Iterator[tuple[deque[float], float]]:
    """Single writes before those that came in bulk."""
    for _ in range(batch):
        queue = endpoint.single or endpoint.bulk
        if not queue:
            return
        yield queue, queue.popleft()
