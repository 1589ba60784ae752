"""The cost of a record in a small mirror and in a large one, and the disk space of a million. Odoo's answers are made up.

Rates are by processor time, the hub's and its PostgreSQL session's, which other work on the machine hardly changes.
"""

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from django.db import connection

from endpoints import merging, mirror, outbox, records, registry
from endpoints.incoming import Who
from endpoints.models import ChangeState, Endpoint, Record
from endpoints.outbox import Verdict
from endpoints.registry import EndpointSpec
from synchub.bench import hub
from synchub.bench.odoo import odoo
from synchub.bench.table import Group
from synchub.sync.afterwards import ReadBack
from synchub.sync.outcome import Outcome
from synchub.sync.settle import settle

SMALL = 10_000
PAGE, BATCH = 1000, 200  # rows of one merge, records of one push
PREFIX = "size-"
COUNTRY = 1
WHO = Who(request_id="bench", access_key="")
Say = Callable[[str], None]
TABLES = ("endpoints_record", "endpoints_change", "audit_exchange")


def run(large: int, rounds: int, say: Say) -> list[Group]:
    """`large`: records in the end. The large mirror's rates come first, so that “hub is” compares them with the smaller ones'."""
    with odoo() as address, hub.mapping(address) as mapping:
        bench = _Bench(hub.endpoint(mapping, "size"))
        try:
            for count in steps(large):
                name, begun = f"{count:,} mirrored", perf_counter()
                bench.fill(count)
                say(f"{name}: filled in {perf_counter() - begun:.0f} s")
                for _ in range(rounds + 1):
                    bench.round(name)
                say(bench.told(name))
            say(sizes())
        finally:
            bench.empty()
        return bench.groups()


def steps(large: int) -> list[int]:
    """10,000, 100,000 and so on below `large`, then `large`."""
    found = [min(SMALL, large)]
    while found[-1] < large:
        found.append(min(found[-1] * 10, large))
    return found


def sizes() -> str:
    """Disk space of the tables per row. Only right if nothing else was in them."""
    lines = [f"{'':<44}{'rows':>12}{'bytes/row':>12}"]
    with connection.cursor() as cursor:
        for table in TABLES:
            if not connection.introspection.table_names(cursor).count(table):
                continue
            cursor.execute(f'SELECT count(*), pg_table_size(%s) FROM "{table}"', [table])  # noqa: S608
            rows, heap = cursor.fetchone()
            if not rows:
                continue
            lines.append(f"{table:<44}{rows:>12,}{heap / rows:>12,.0f}")
            cursor.execute(
                "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index "
                "WHERE indrelid = %s::regclass ORDER BY 2 DESC",
                [table],
            )
            lines += [f"  {index:<42}{'':>12}{size / rows:>12,.0f}" for index, size in cursor.fetchall()]
    return "\n".join(lines)


@dataclass(frozen=True)
class Cost:
    """Microseconds for one record."""

    hub: float
    postgres: float
    clock: float


class _Bench:
    def __init__(self, row: Endpoint) -> None:
        self.row, self.spec = row, registry.get(row.name)
        self.filled, self.made, self.day = 0, 0, 0
        self.random = random.Random(1)  # noqa: S311  # the same rows each time
        self.costs: dict[str, dict[str, list[Cost]]] = {}
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.session = int(cursor.fetchone()[0])

    def fill(self, count: int) -> None:
        """Adds records like those of a first pull, as far as sizes and indexes go."""
        with connection.cursor() as cursor:
            cursor.execute(_FILL, [self.row.pk, PREFIX, PREFIX, PREFIX, self.filled + 1, count])
            cursor.execute("VACUUM ANALYZE endpoints_record")
        self.filled = count

    def empty(self) -> None:
        """With SQL, since Django would fetch each record before deleting it."""
        with connection.cursor() as cursor:
            for table in ("endpoints_change", "endpoints_record"):
                cursor.execute(f"DELETE FROM {table} WHERE endpoint_id = %s", [self.row.pk])  # noqa: S608

    def round(self, name: str) -> None:
        """Measures once, with rows from all over the mirror, as changes come."""
        self.day += 1
        chosen = self.random.sample(range(1, self.filled + 1), min(PAGE, self.filled))
        changed = [self._read(number, self.day) for number in chosen]
        new = [self._read(number, self.day) for number in self._numbers(PAGE)]
        self._time("merge, new", name, PAGE, lambda: merging.merge(self.spec, new))
        self._time("merge, changed", name, len(chosen), lambda: merging.merge(self.spec, changed))
        self._time("merge, unchanged", name, len(chosen), lambda: merging.merge(self.spec, changed))
        self._time("push of changes: claim and settle", name, BATCH, self._changed(chosen[:BATCH]))
        self._time("push of creations: claim and settle", name, BATCH, self._created())

    def _time(self, what: str, name: str, rows: int, work: Callable[[], Any]) -> None:
        begun, hub_begun, there = perf_counter(), process_time(), _seconds_of(self.session)
        work()
        spent = (process_time() - hub_begun, _seconds_of(self.session) - there, perf_counter() - begun)
        cost = Cost(*(seconds * 1e6 / rows for seconds in spent))
        self.costs.setdefault(what, {}).setdefault(name, []).append(cost)

    def told(self, name: str) -> str:
        """The medians for one size, as text."""
        lines = [f"{'µs for each record':<44}{'hub':>10}{'PostgreSQL':>12}{'by the clock':>14}"]
        for what, ways in self.costs.items():
            costs = ways[name][1:]
            shown = [median(getattr(cost, part) for cost in costs) for part in ("hub", "postgres", "clock")]
            lines.append(f"  {what:<42}{shown[0]:>10,.0f}{shown[1]:>12,.0f}{shown[2]:>14,.0f}")
        return "\n".join(lines)

    def _numbers(self, count: int) -> range:
        """Numbers of new records."""
        self.made += count
        return range(10_000_000 + self.made - count, 10_000_000 + self.made)

    def _changed(self, numbers: Sequence[int]) -> Callable[[], None]:
        for number in numbers:
            records.update(self.spec, f"{PREFIX}{number}", {"phone": f"+2 {self.day} {number}"}, WHO)
        rows = [self._read(number, self.day + 1) for number in numbers]
        self.day += 1
        return lambda: _pushed(self.spec, rows)

    def _created(self) -> Callable[[], None]:
        numbers = self._numbers(BATCH)
        records.create(self.spec, [hub.payload(number, PREFIX, COUNTRY) for number in numbers], WHO)
        rows = [self._read(number, self.day) for number in numbers]
        return lambda: _pushed(self.spec, rows)

    @staticmethod
    def _read(number: int, day: int) -> mirror.Row:
        """The record as Odoo has it on that day."""
        values = hub.raw_values(number, PREFIX, COUNTRY) | {"phone": f"+1 {day} {number}"}
        stamp = f"2026-02-01 {day // 60:02}:{day % 60:02}:00"
        return mirror.Row({"id": number, "write_date": stamp, **values})

    def groups(self) -> list[Group]:
        """Without the first round of each size, which finds cold caches."""
        groups = []
        for what, ways in self.costs.items():
            group = Group(what, "records/CPU s")
            for way, costs in reversed(ways.items()):
                for cost in costs[1:]:
                    group.add(way, 1e6 / (cost.hub + cost.postgres))
            groups.append(group)
        return groups


def _seconds_of(process: int) -> float:
    """Processor time that a process on this machine has used so far."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        raise RuntimeError("PostgreSQL has to run on this machine: its processor time is measured.") from None


def _pushed(spec: EndpointSpec, rows: Sequence[mirror.Row]) -> None:
    """Does what a push does in the hub's database around Odoo's part. `rows` are in the order of the changes."""
    token = uuid.uuid4()
    claims = outbox.claim(spec.id, token, BATCH)
    ids = dict(zip(sorted(claim.record_id for claim in claims), [row.odoo_id for row in rows], strict=True))
    if any(claim.odoo_id for claim in claims):
        ids = {claim.record_id: claim.odoo_id or 0 for claim in claims}
    outbox.begin_send(token, list(ids))
    verdicts = [Verdict(record_id, ChangeState.APPLIED, odoo_id) for record_id, odoo_id in ids.items()]
    settle(spec, token, claims, verdicts, {i: Outcome(ids[i]) for i in ids}, ReadBack(rows))
    left = Record.objects.filter(pk__in=list(ids)).exclude(state="synced").count()
    if left:
        raise RuntimeError(f"{left} records of a push are not settled.")


_FILL = """
    INSERT INTO endpoints_record (endpoint_id, handle, odoo_id, external_id, document, "values", fragments, base,
        write_date, state, problem, digest, version, created_at, updated_at)
    SELECT %s, gen_random_uuid(), n, %s || n,
        '{"customer_id":"' || %s || n || '","name":"Benchmark ' || n || '","email":"b' || n
            || '@bench.example","phone":"+1 555 ' || lpad(n::text, 7, '0') || '","address":{"street":"' || n
            || ' Main St","city":"Springfield","zip":"' || lpad(n::text, 5, '0')
            || '","country":1},"company":true,"note":"<p>made by a benchmark</p>"}',
        jsonb_build_object('ref', %s || n, 'name', 'Benchmark ' || n, 'email', 'b' || n || '@bench.example',
            'phone', '+1 555 ' || lpad(n::text, 7, '0'), 'street', n || ' Main St', 'city', 'Springfield',
            'zip', lpad(n::text, 5, '0'), 'country_id', 1, 'is_company', true,
            'comment', '<p>made by a benchmark</p>'),
        '{}', NULL, '2026-01-01 00:00:00', 'synced', '', md5(n::text), 1, now(), now()
    FROM generate_series(%s::int, %s::int) AS n
"""
