"""Many connections, workers on any number of machines: how far behind pushes and pulls are, simulated.

Nothing is measured, and the same seed gives the same course. docs/scaling.md says where the numbers of `Assumed` come from
and what the simulation leaves out.
"""

import random
from collections import deque
from collections.abc import Iterator

from synchub.bench.assumed import Assumed, Found, Lags
from synchub.bench.events import Clock, Places, Process, Queue

PATIENCE = 30.0  # seconds that a call waits for a place (`synchub.odoo.gate`)
DRAIN = 10.0  # seconds that a push may take before others have their turn (`synchub.sync.push`)
EXPIRES = 960.0  # seconds that the message for a pull lives (`endpoints.wakeup`)
OVERLAP = 120.0  # seconds of changes that a pull reads again
SEARCHED = 10_000  # ids in one call of the search for deletions
RETRY = 5.0


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
    """One simulated course of events; `run` it once."""

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
        # Only count once the backlog of the first pulls is gone.
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
        """Whether the call got a place and its turn in time."""
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
        """A count with this expected value: close to Poisson, and quick to draw."""
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
