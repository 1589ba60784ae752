"""How fast records go to Odoo and come back, beside the raw calls that move the same data."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from time import perf_counter
from typing import Any

from django.conf import settings

from endpoints import records, registry
from endpoints.incoming import Who
from endpoints.models import Change, ChangeState, Endpoint, PullState, Record
from endpoints.registry import QUIET, EndpointSpec
from synchub.bench import hub
from synchub.bench.odoo import Address, Raw, odoo
from synchub.bench.table import Group
from synchub.bench.workers import Workers
from synchub.sync.deletions import IDS_AT_ONCE

WHO = Who(request_id="bench", access_key="")
AT_ONCE = 1000  # objects in one array POST
SAMPLE = 60  # records for one call each: more would only take longer
CLEAN = 200
Say = Callable[[str], None]


def run(count: int, rounds: int, connections: int, say: Say) -> list[Group]:
    with odoo() as address, hub.mapping(address) as mapping:
        say(
            f"{'practice Odoo' if address.is_practice else address.url}, {connections} connection(s), "
            f"{count} records, {rounds} rounds"
        )
        prefix = f"bench-{uuid.uuid4().hex[:8]}-"
        row = hub.endpoint(mapping, "sync", domain=f"[('ref', '=like', '{prefix}%')]")
        with Workers(connections, astuple(address)) as workers, _cleaned(address, prefix) as raw:
            return _Bench(row, raw, workers, prefix, count).run(rounds, say)


@contextmanager
def _cleaned(address: Address, prefix: str) -> Iterator[Raw]:
    raw = Raw(address)
    try:
        yield raw
    finally:
        left = raw("search", [["ref", "=like", f"{prefix}%"]], context={"active_test": False})
        for start in range(0, len(left), 500):
            raw("unlink", left[start : start + 500], context=QUIET)


class _Bench:
    def __init__(self, row: Endpoint, raw: Raw, workers: Workers, prefix: str, count: int) -> None:
        self.row, self.raw, self.workers, self.prefix, self.count = row, raw, workers, prefix, count
        self.country = raw("search_read", [["country_id", "!=", False]], fields=["country_id"], limit=1)[0][
            "country_id"
        ][0]
        self.made = 0
        self.creates = Group("create", "records/s")
        self.updates = Group("change, different values", "records/s")
        self.deletes = Group("delete", "records/s")
        self.first = Group("pull, all new", "rows/s")
        self.changed = Group("pull, all changed", "rows/s")
        self.unchanged = Group("pull, none changed", "rows/s")
        self.sweep = Group("look for deleted records", "ids/s")
        self.bad = Group(f"create {CLEAN}, one refused", "records/s")
        self.groups = [
            self.creates, self.updates, self.deletes, self.first, self.changed, self.unchanged, self.sweep,
            self.bad,
        ]  # fmt: skip

    @property
    def spec(self) -> EndpointSpec:
        return registry.get(self.row.name)

    def run(self, rounds: int, say: Say) -> list[Group]:
        self._warm()
        for number in range(rounds):
            say(f"round {number + 1}")
            # The order changes with each round, since one leaves caches warm or work behind for the other.
            self._creates(hub_first=number % 2 == 0)
            self._one_bad()
            self._updates()
            self._pulls()
            self._sweeps()
            self._deletes()
        return self.groups

    def _warm(self) -> None:
        """Warms up: importing and compiling is not to be measured."""
        self._accept([hub.payload(number, self.prefix, self.country) for number in self._numbers(8)])
        self._push()
        self.workers.run([{"do": "pull", "endpoint": self.row.name}])
        self.workers.share(
            self.raw("search", [["ref", "=like", f"{self.prefix}%"]]), do="unlink", context=QUIET
        )
        Record.objects.filter(endpoint=self.row).delete()

    # writes -------------------------------------------------------------------------------------------------------

    def _numbers(self, count: int) -> range:
        self.made += count
        return range(self.made - count, self.made)

    def _accept(self, payloads: Sequence[dict[str, Any]]) -> float:
        begun = perf_counter()
        for start in range(0, len(payloads), AT_ONCE):
            records.create(self.spec, payloads[start : start + AT_ONCE], WHO)
        return perf_counter() - begun

    def _push(self, failed: int = 0) -> float:
        seconds, _ = self.workers.run([{"do": "push", "endpoint": self.row.name}] * len(self.workers))
        states = Change.objects.filter(endpoint=self.row).exclude(state=ChangeState.APPLIED)
        if states.count() != failed:
            said = states.values_list("state", "error").first()
            raise RuntimeError(f"Not all changes reached Odoo, or too many did: {said}")
        Change.objects.filter(endpoint=self.row).delete()
        return seconds

    def _creates(self, *, hub_first: bool) -> None:
        ways = [self._create_by_hub, self._create_raw]
        for way in ways if hub_first else reversed(ways):
            way()

    def _create_by_hub(self) -> None:
        payloads = [hub.payload(number, self.prefix, self.country) for number in self._numbers(self.count)]
        accepting = self._accept(payloads)
        seconds = self._push()
        self.creates.add("hub: push", self.count / seconds)
        self.creates.add("hub: accept and push", self.count / (seconds + accepting))

    def _create_raw(self) -> None:
        def rows(count: int) -> list[dict[str, Any]]:
            return [
                hub.raw_values(number, f"{self.prefix}r", self.country) for number in self._numbers(count)
            ]

        seconds, made = self.workers.share(rows(self.count), do="create", context=QUIET)
        self.creates.add("create([500])", self.count / seconds)
        self.raw_ids = [one for ids in made for one in ids]
        fields = ["id", *("country_id/.id" if name == "country_id" else name for name in hub.FIELDS)]
        cells = [
            [f"{self.prefix.strip('-')}.{one['ref']}", *(_cell(one[name]) for name in hub.FIELDS)]
            for one in rows(self.count)
        ]
        seconds, made = self.workers.share(cells, do="load", fields=fields, context=QUIET)
        self.creates.add("load([500]) with external ids", self.count / seconds)
        self.named_ids = [one for ids in made for one in ids]
        seconds, _ = self.workers.run([{"do": "create", "work": rows(SAMPLE), "batch": 1, "context": {}}])
        self.creates.add("a script's loop, one create each", SAMPLE / seconds)

    def _one_bad(self) -> None:
        """Each as a push does it that has not met a refusal before; afterwards one that has, so that the next round begins as
        this one did."""

        def payloads() -> list[dict[str, Any]]:
            return [hub.payload(number, self.prefix, self.country) for number in self._numbers(CLEAN)]

        self._accept(payloads())
        clean = self._push()
        spoilt = payloads()
        spoilt[CLEAN // 3] |= {"name": None, "company": False}
        self._accept(spoilt)
        self.bad.add("hub: one of them refused", CLEAN / self._push(failed=1))
        self.bad.add("hub: none refused", CLEAN / clean)
        Record.objects.filter(endpoint=self.row, odoo_id=None).delete()
        self._accept(payloads())
        self._push()

    def _updates(self) -> None:
        there = list(
            Record.objects.filter(endpoint=self.row, deleted_at=None)
            .order_by("-id")
            .values_list("external_id")
        )[: self.count]
        for place, (name,) in enumerate(there):
            records.update(
                self.spec, name or "", {"phone": f"+2 {self.made} {place}", "note": f"<p>{place}</p>"}, WHO
            )
        self.updates.add("hub: push", len(there) / self._push())
        ids = self.raw_ids
        cells = [[str(one), f"+3 {self.made} {one}", f"<p>{one}</p>"] for one in ids]
        seconds, _ = self.workers.share(cells, do="load", fields=[".id", "phone", "comment"], context=QUIET)
        self.updates.add("load([500]) by .id", len(ids) / seconds)
        some = [(one, {"phone": f"+4 {one}", "comment": f"<p>!{one}</p>"}) for one in ids[: 2 * SAMPLE]]
        seconds, _ = self.workers.share(some, do="write", context=QUIET)
        self.updates.add("one write each, all connections", len(some) / seconds)
        seconds, _ = self.workers.run([{"do": "write", "work": some[:SAMPLE], "context": {}}])
        self.updates.add("a script's loop, one write each", len(some[:SAMPLE]) / seconds)

    def _deletes(self) -> None:
        names = list(
            Record.objects.filter(endpoint=self.row, deleted_at=None, odoo_id__isnull=False)
            .exclude(odoo_id__in=[*self.raw_ids, *self.named_ids])
            .order_by("id")
            .values_list("external_id", flat=True)
        )[: self.count]
        for name in names:
            records.delete(self.spec, name or "", WHO)
        self.deletes.add("hub: push", len(names) / self._push())
        # If a record has an external id, Odoo empties its caches at each call.
        for way, ids in (("with external ids", self.named_ids), ("without", self.raw_ids)):
            seconds, _ = self.workers.share(ids, do="unlink", context=QUIET)
            self.deletes.add(f"unlink([500]), {way}", len(ids) / seconds)
        Record.objects.filter(endpoint=self.row).delete()
        left = self.raw("search", [["ref", "=like", f"{self.prefix}%"]])
        self.workers.share(left, do="unlink", context=QUIET)

    # reads --------------------------------------------------------------------------------------------------------

    def _pulls(self) -> None:
        Record.objects.filter(endpoint=self.row).delete()
        for group in (self.first, self.changed, self.unchanged):
            # Each time all is walked; the difference is in what the mirror knows of the rows.
            PullState.objects.filter(endpoint=self.row).delete()
            if group is self.changed:
                Record.objects.filter(endpoint=self.row).update(digest="", document="")
            seconds, _ = self.workers.run([{"do": "pull", "endpoint": self.row.name}])
            raw_seconds, (rows,) = self.workers.run(
                [
                    {
                        "do": "read",
                        "domain": [["ref", "=like", f"{self.prefix}%"]],
                        "fields": [*hub.FIELDS, "write_date"],
                        "page": settings.PULL_PAGE,
                    }
                ]
            )
            found = Record.objects.filter(endpoint=self.row).exclude(document="").count()
            if found != rows:
                raise RuntimeError(f"The mirror has {found} records, Odoo {rows}.")
            group.add("hub: into the mirror", rows / seconds)
            group.add("xmlrpc.client, rows thrown away", rows / raw_seconds)

    def _sweeps(self) -> None:
        there = {"domain": [["ref", "=like", f"{self.prefix}%"]], "page": IDS_AT_ONCE}
        seconds, _ = self.workers.run([{"do": "sweep", "endpoint": self.row.name}])
        raw_seconds, (ids,) = self.workers.run([{"do": "ids", **there}])
        self.sweep.add("hub: compared with the mirror", ids / seconds)
        self.sweep.add("search, pages of 10,000 ids", ids / raw_seconds)


def _cell(value: Any) -> str:
    return ("1" if value else "0") if isinstance(value, bool) else str(value)
