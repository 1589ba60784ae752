"""The story of an audit: the mirror beside Odoo, field by field, and what differs kept for a person.

    page       rows of Odoo in order of id, read as a pull reads them: some calls for a page, however many rows
    beside     what the mirror has from this page's ids to the next one's
    checksum   of what is stored against what was read; only where they differ is anything compared line by line
    again      what seems to differ is read once more, from both sides, for both may be at work
    keep       what still differs; nothing is changed
    take over  what Odoo keeps with no record, and works out whenever it is asked: no change of a record tells of it, and who had to
               heal it by hand would have to each morning

Not a difference: what is on its way to Odoo, what was refused there or waits for a person, and what the next pull brings
in any case. What a pull never sees is what an audit is for: a record inside a relation that changed by itself, a value
that Odoo works out, a row that was mended by hand in either database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet

from endpoints import differences, merging, mirror, moving, outbox, pauses
from endpoints.incoming import EXTERNAL_ID_LENGTH
from endpoints.models import Difference, DifferenceKind, Mode, PullState, Record, Run, SyncState
from endpoints.registry import EndpointSpec
from mappings import domains, walking
from mappings.convert import external_id
from synchub.odoo import OdooClient
from synchub.sync import compare, reading
from synchub.sync.pull import pages
from synchub.sync.runs import RunLog

PORTION = 2000
"""Records of the mirror that are looked at in one go: twice the rows of a page, so that most pages are one."""


def audit(endpoint: EndpointSpec, client: OdooClient, log: RunLog, _run: Run) -> None:
    """Compare an endpoint's mirror with Odoo. Raises OdooError."""
    state = PullState.objects.filter(endpoint_id=endpoint.id, complete=True).first()
    if endpoint.mode == Mode.LIVE or state is None or state.mapping_version != endpoint.mapping.fingerprint:
        log.trouble("There is no mirror to compare yet: its records have not been pulled as a whole.")
        return
    _Audit(endpoint, client, state, log).walk()


@dataclass
class _Seen:
    """What a look at some ids found; `waiting` are records of which something is on its way, `passing` those in which Odoo has
    other values than the hub of what it works out whenever it is asked, and of nothing else."""

    found: list[Difference] = field(default_factory=list)
    passing: list[mirror.Row] = field(default_factory=list)
    waiting: set[int] = field(default_factory=set)

    @property
    def ids(self) -> list[int]:
        return sorted({one.odoo_id for one in self.found})


class _Audit:
    def __init__(self, endpoint: EndpointSpec, client: OdooClient, state: PullState, log: RunLog) -> None:
        self._endpoint, self._client, self._log = endpoint, client, log
        self._cursor = state.cursor
        self._begun_at = outbox.database_time()
        # As the last pull understood it: what has entered it since by the passing of time alone, the next one brings.
        self._domain = endpoint.domain_at(state.domain_at or self._begun_at)
        self._kept = self._records = self._waiting = self._taken_over = 0

    def walk(self) -> None:
        model = self._endpoint.mapping.model
        self._log.expects(self._client.search_count(model, self._domain))
        after = walking.FIRST
        for page in pages(self._endpoint, self._client, self._domain):
            last = page.rows[-1].odoo_id
            if self._span(page.rows, after, last):
                return
            after = last
        if self._span([], after, None):
            return
        differences.forget_older(self._endpoint.id, self._begun_at)
        self._log.says(self._in_words())

    def _span(self, rows: Sequence[mirror.Row], after: int, last: int | None) -> bool:
        """The ids up to `last`, in portions of the mirror's: where Odoo shows few, all of them may be between two of its
        rows. True: somebody wants it to stand still."""
        while True:
            until = self._portion_ends(after, last)
            some = [row for row in rows if after < row.odoo_id and (until is None or row.odoo_id <= until)]
            self._page(some, after, until)
            if until is None:
                return False
            if pause := pauses.why(self._endpoint.id):
                self._log.stopped(pause)
                return True
            if until == last:
                return False
            after = until

    def _portion_ends(self, after: int, last: int | None) -> int | None:
        here = Record.objects.filter(endpoint_id=self._endpoint.id, odoo_id__gt=after)
        if last is not None:
            here = here.filter(odoo_id__lt=last)
        ids = here.order_by("odoo_id").values_list("odoo_id", flat=True)
        return ids[PORTION : PORTION + 1].first() or last

    def _page(self, rows: Sequence[mirror.Row], after: int, last: int | None) -> None:
        here = Record.objects.filter(odoo_id__gt=after)
        seen = self._look(
            rows, _kept(self._endpoint, here if last is None else here.filter(odoo_id__lte=last))
        )
        self._waiting += len(seen.waiting)
        self._take_over(seen.passing)
        again = self._again(seen.ids) if seen.found else seen
        room = max(0, differences.MOST - self._kept)
        differences.keep(again.found[:room])
        self._kept += len(again.found[:room])
        self._records += len(again.ids)
        self._log.progress(seen=len(rows), changed=len(again.ids))

    def _again(self, ids: Sequence[int]) -> _Seen:
        domain = domains.both(self._domain, [("id", "in", list(ids))])
        read = reading.of_domain(self._endpoint, self._client, domain)
        return self._look(read, _kept(self._endpoint, Record.objects.filter(odoo_id__in=ids)))

    def _look(self, rows: Sequence[mirror.Row], records: Iterable[Record]) -> _Seen:
        seen = _Seen()
        here = {record.odoo_id: record for record in records}
        for row in rows:
            record = here.pop(row.odoo_id, None)
            if record is not None and record.state != SyncState.SYNCED:
                seen.waiting.add(row.odoo_id)
            else:
                self._compare(row, record, seen)
        for record in here.values():
            if record.deleted_at is None and record.created_at < self._begun_at:
                if record.state == SyncState.SYNCED:
                    seen.found.append(self._row(record, record.odoo_id or 0, DifferenceKind.EXTRA))
                else:
                    seen.waiting.add(record.odoo_id or 0)
        return seen

    def _compare(self, row: mirror.Row, record: Record | None, seen: _Seen) -> None:
        read = mirror.read(self._endpoint.mapping, row)
        pulled_anyway = read.write_date >= self._cursor
        if record is None or record.deleted_at is not None:
            # One that was deleted here has a stamp, and it is no accident that it is not shown.
            if not (pulled_anyway or (record is not None and record.write_date)):
                missing = self._row(record, row.odoo_id, DifferenceKind.MISSING)
                missing.name = (external_id(self._endpoint.mapping, read.values) or "")[:EXTERNAL_ID_LENGTH]
                seen.found.append(missing)
            return
        differing = self._differing(read, record)
        as_read = record.digest == mirror.digest(self._endpoint.mapping, read)
        lasting = [one for one in differing if as_read or not one.passing]
        if differing and not lasting:
            seen.passing.append(row)
        elif as_read or not pulled_anyway:
            seen.found += [
                self._row(
                    record, row.odoo_id, DifferenceKind.VALUE,
                    key=one.key, label=one.label, field=one.field, hub=one.hub, odoo=one.odoo,
                )
                for one in lasting
            ]  # fmt: skip

    def _differing(self, read: mirror.Read, record: Record) -> list[compare.Differing]:
        kept = compare.Kept(record.document, record.values, record.fragments)
        older = mirror.outdated(read, record.write_date, record.updated_at, self._begun_at)
        if older or compare.the_same(self._endpoint.mapping, kept, read):
            return []
        return compare.differing(self._endpoint.mapping, kept, read)

    def _take_over(self, rows: Sequence[mirror.Row]) -> None:
        if rows:
            with transaction.atomic():
                moving.hold(self._endpoint, self._client.access.database)
                self._taken_over += merging.merge(self._endpoint, rows, self._begun_at).changed

    def _row(self, record: Record | None, odoo_id: int, kind: DifferenceKind, **more: object) -> Difference:
        return Difference(
            endpoint_id=self._endpoint.id,
            run_id=self._log.id,
            record=record,
            odoo_id=odoo_id,
            kind=kind,
            name=(record.external_id or "") if record else "",
            found_at=self._begun_at,
            **more,
        )

    def _in_words(self) -> str:
        if not self._records:
            text = "The mirror is as Odoo has it."
        elif self._records == 1:
            text = "1 record is not as Odoo has it."
        else:
            text = f"{self._records:,} records are not as Odoo has them."
        if self._kept >= differences.MOST:
            text += f" The first {self._kept:,} differences are listed; heal them, and compare again."
        if self._taken_over:
            text += (
                f" {self._taken_over:,} {'has' if self._taken_over == 1 else 'have'} got what Odoo works out anew whenever it is "
                "asked."
            )
        if self._waiting:
            text += (
                f" {self._waiting:,} {'was' if self._waiting == 1 else 'were'} not compared: something of "
                f"{'it' if self._waiting == 1 else 'them'} waits to reach Odoo, was refused, or waits for a decision."
            )
        return text


def _kept(endpoint: EndpointSpec, records: QuerySet[Record]) -> list[Record]:
    return list(
        records.filter(endpoint_id=endpoint.id).only(
            "odoo_id", "external_id", "document", "values", "fragments", "digest", "write_date", "state",
            "deleted_at", "created_at", "updated_at", "endpoint_id",
        )
    )  # fmt: skip
