"""Merging what Odoo sent into the mirror: in bulk, without touching what is unchanged or still on its way.

known     which rows differ from what was merged last? (by digest)
locked    the records that they belong to, in order of their ids
applied   Odoo's values below, edits on their way on top
named     an identifier names one record
written   all in one statement
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from endpoints import queued, remade, touched
from endpoints.heirs import inherit
from endpoints.layers import as_odoo_has
from endpoints.merging.kept import Kept, locked, note_made, stamp, write
from endpoints.merging.naming import called, give_names, too_long
from endpoints.mirror import Read, Row, digest, outdated, read
from endpoints.models import OnDelete, Record, SyncState
from endpoints.registry import EndpointSpec
from mappings.convert import document_text
from mappings.payload import Written
from mappings.relations import plain_values
from mappings.spec import MappingSpec


@dataclass(frozen=True)
class Merged:
    """How many rows were looked at, and how many of them changed the mirror; by Odoo id, what of those a person has to
    see to."""

    seen: int
    changed: int
    odd: Mapping[int, str] = field(default_factory=dict)


def merge(endpoint: EndpointSpec, rows: Sequence[Row], begun_at: datetime | None = None) -> Merged:
    """Take rows with `id` and `write_date`, many2one as bare ids; all read after `begun_at`, by the hub's database.

    A row that is older than what the mirror has is left out; edits on their way to Odoo stay on top.
    """
    spec = endpoint.mapping
    incoming = {one.odoo_id: read(spec, one) for one in rows}
    digests = {odoo_id: digest(spec, one) for odoo_id, one in incoming.items()}
    rows_known = Record.objects.filter(endpoint_id=endpoint.id, odoo_id__any_of=list(incoming))
    known = {one: rest for one, *rest in rows_known.values_list("odoo_id", "digest", "create_date")}
    changed = [
        odoo_id
        for odoo_id, one in incoming.items()
        if (there := known.get(odoo_id)) is None
        or there[0] != digests[odoo_id]
        or remade.differ(there[1], one.create_date)
    ]
    odd: dict[int, str] = {}
    if changed:
        with transaction.atomic():
            odd = _merge_changed(endpoint, {i: incoming[i] for i in changed}, digests, begun_at)
    note_made(
        endpoint.id,
        {
            odoo_id: one.create_date
            for odoo_id, one in incoming.items()
            if one.create_date and known.get(odoo_id) == [digests[odoo_id], ""]
        },
    )
    return Merged(len(rows), len(changed), odd)


def _merge_changed(
    endpoint: EndpointSpec, incoming: dict[int, Read], digests: dict[int, str], begun_at: datetime | None
) -> dict[int, str]:
    """Returns what a person has to see to, by Odoo id."""
    spec = endpoint.mapping
    wanted = {odoo_id: called(spec, one.values) for odoo_id, one in incoming.items()}
    records = locked(endpoint, list(wanted))
    pending = queued.open_writes([record.pk for record in records.values() if record.pk is not None])
    before = {
        record.pk: (record.external_id, record.name)
        for record in records.values()
        if record.deleted_at is None
    }
    updates: list[Kept] = []
    inserts: list[Kept] = []
    stamps: dict[int, str] = {}
    lost: list[Kept] = []
    held: list[int] = []
    unlike = _unlike(spec, records.values(), incoming)
    for odoo_id, one in sorted(incoming.items()):
        record = records.get(odoo_id)
        edit = None
        if record is not None and remade.is_another(
            spec,
            record.create_date,
            record.name,
            one.create_date,
            one.values,
            written=record.write_date,
            unlike=record.pk in unlike,
        ):
            if record.pk in pending:
                held.append(odoo_id)  # its push finds out as well, and refuses it
                continue
            lost.append(record)
            record = None
        if record is None:
            record = Kept(odoo_id, handle=uuid.uuid4())
            inserts.append(record)
        elif outdated(one, record.write_date, record.updated_at, begun_at):
            continue
        elif record.deleted_at is not None and not _brought_back(
            endpoint, record, one, pending=record.pk in pending
        ):
            # It may have been written, or made at all, after it was deleted here: once that has got there, this is no news.
            if record.pk in pending and one.write_date > record.write_date:
                stamps[record.pk] = one.write_date
            continue
        else:
            edit = pending.get(record.pk or 0)
            updates.append(record)
        shown = record.document if record.deleted_at is None else None
        _apply(spec, record, one, edit)
        if record.pk is not None and record.document != shown:
            record.version += 1
        # While an edit is on its way, whatever Odoo makes of it has to be merged, even if it is what it was.
        record.write_date, record.digest = one.write_date, "" if edit is not None else digests[odoo_id]
        record.create_date = one.create_date or record.create_date
        # Named by what it is called here: an edit on its way may have given it another name.
        record.external_id, record.deleted_at = called(spec, record.values or {}), None
        if record.external_id is None:
            record.problem = too_long(spec, record.values or {}) or record.problem
    touched.look_at_later(endpoint.id, held)
    remade.let_go(endpoint.id, {record.pk or 0: record.odoo_id or 0 for record in lost})
    give_names(endpoint, updates, inserts)
    left: dict[int | None, tuple[str | None, Any]] = {}
    for record in updates:
        name, value = before.get(record.pk, (None, None))
        if name is not None and name != record.external_id:
            left[record.pk] = (name, value)
    # Names first set free, then given: two records may have swapped them.
    if left:
        Record.objects.filter(pk__in=list(left)).update(external_id=None)
    write(endpoint, updates, inserts)
    if stamps:
        stamp(stamps)
    given_up = [*left.values(), *(before[record.pk] for record in lost if record.pk in before)]
    inherit(endpoint, {name: value for name, value in given_up if name is not None})
    return {
        record.odoo_id: record.problem
        for record in (*updates, *inserts)
        if record.problem and record.odoo_id is not None and record.state == SyncState.SYNCED
    }


def _unlike(spec: MappingSpec, records: Iterable[Kept], incoming: Mapping[int, Read]) -> set[int]:
    """Those made at another moment, of which nothing is as the hub had read it either. Few, so that the others' values are not read."""
    made = {
        record.pk: there.values
        for record in records
        if record.pk is not None
        and (there := incoming.get(record.odoo_id or 0)) is not None
        and remade.differ(record.create_date, there.create_date)
    }
    if not made:
        return set()
    known = Record.objects.filter(pk__in=list(made)).values_list("pk", "values")
    return {pk for pk, values in known if remade.unlike(spec, values or {}, made[pk])}


def _brought_back(endpoint: EndpointSpec, record: Kept, read: Read, *, pending: bool) -> bool:
    """A record deleted here is there again once somebody touches it in Odoo after the deletion has got there.

    One that was read before the deletion and merged after it bears the stamp that is known already. One that was
    missed in Odoo, and not deleted here, has no stamp: that it is seen again is enough.
    """
    if not record.write_date:
        return not pending
    return endpoint.on_delete != OnDelete.IGNORE and not pending and read.write_date > record.write_date


def _apply(spec: MappingSpec, record: Kept, read: Read, edit: Written | None) -> None:
    """Odoo's values below, edits on their way on top."""
    record.values, record.fragments, record.base = read.values, read.fragments, None
    if edit is not None:
        record.base = as_odoo_has(read.values, read.fragments)
        record.values = read.values | plain_values(edit.values)
        record.fragments = read.fragments | edit.fragments
    elif record.state == SyncState.PENDING:
        record.state = SyncState.SYNCED
    if record.state == SyncState.SYNCED:
        record.problem = read.problem
    record.document = document_text(spec, record.values, record.fragments)
