"""The write use-case: what a consumer sends becomes a record and a change, in one transaction.

Odoo is asked for nothing but records that a write names and the hub has never seen, and never inside the transaction.
After the commit a worker is woken; if that message is lost the sweep finds the change all the same.
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import orjson
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from endpoints import access, heirs, inbox, once, outbox, queued, references, renamed, scripting, wakeup
from endpoints.expected import NOTHING, Expected
from endpoints.incoming import (
    New,
    RecordMissing,
    Stored,
    Who,
    check_can_delete,
    check_identifier,
    check_length,
    duplicate,
    handle_in,
    is_taken,
    read_new,
    taken,
    without_same_name,
)
from endpoints.models import Conflicts, OnDelete, Operation, Record, SyncState
from endpoints.registry import EndpointSpec
from endpoints.rollbacks import tried_again
from mappings import languages
from mappings.convert import Values, differing, document_text, external_id
from mappings.line_error import LineError
from mappings.payload import Written, read_payload, repeats
from mappings.relations import is_partial, plain_values, seen_lines
from mappings.sides import shown_lines
from mappings.spec import LineSpec, MappingSpec
from mappings.unsaid import has_null, without_unsaid
from synchub.odoo.wire import unsendable_text


def find(endpoint: EndpointSpec, name: str) -> Stored:
    """The record called `name`: its identifier's value, or `~` and its handle. Raises RecordMissing."""
    if endpoint.moving_rows or name.startswith("~") or name.endswith("/"):
        columns = ("handle", "external_id", "document", "state", "version")
        found = _called(endpoint, name).values_list(*columns).first()
    else:
        found = _named(endpoint, name)
    if found is None:
        raise RecordMissing(name)
    return Stored(*found)


@tried_again
def create(endpoint: EndpointSpec, payloads: Sequence[Mapping[str, Any]], who: Who) -> list[Stored]:
    """Accept new records, all or none. Raises LineError, with `index` where several were sent; once.Taken."""
    new = read_new(endpoint.mapping, payloads)
    scripting.add_to_new(endpoint, payloads, new)
    check_references(endpoint, [one.written.values for one in new], several=len(new) != 1)
    rows = rows_of(endpoint, new)
    made = [new_one(row) for row in rows]
    try:
        with _transaction(endpoint, who):
            if who.once is not None:
                once.keep(who.once, made)
            accept(endpoint, rows, who)
    except IntegrityError as error:
        if not is_taken(error):
            raise
        raise taken(endpoint.mapping, new, _first_taken(endpoint, new)) from None
    return made


def _transaction(endpoint: EndpointSpec, who: Who) -> AbstractContextManager[None]:
    """What accepts new records is one message to PostgreSQL. Where nothing goes with it, that is a transaction already."""
    alone = who.once is None and not endpoint.moving_rows and not connection.in_atomic_block
    return nullcontext() if alone else transaction.atomic()


def rows_of(endpoint: EndpointSpec, new: Sequence[New]) -> list[outbox.NewRecord]:
    return [
        outbox.NewRecord(
            handle=uuid.uuid4(),
            external_id=one.external_id,
            document=document_text(endpoint.mapping, one.values, one.written.fragments),
            values=one.values,
            written=one.written,
        )
        for one in new
    ]


def new_one(row: outbox.NewRecord) -> Stored:
    return Stored(row.handle, row.external_id, row.document, SyncState.PENDING, 1, is_new=True)


def accept(endpoint: EndpointSpec, rows: Sequence[outbox.NewRecord], who: Who) -> None:
    """In the caller's transaction, if there is one; noted in the audit log. Raises IntegrityError where an identifier is taken."""
    outbox.accept_new(endpoint.id, rows, request_id=who.request_id, access_key=who.access_key, note=who.note)
    access.check_inside(endpoint, Q(handle__in=[row.handle for row in rows]), len(rows))
    wake(endpoint)


def check_references(endpoint: EndpointSpec, writes: Sequence[Values], *, several: bool) -> None:
    try:
        references.check(endpoint, writes)
    except LineError as error:
        error.index = error.index if several else None
        raise


def _first_taken(endpoint: EndpointSpec, new: Sequence[New]) -> str:
    """Which of these identifiers names a record already."""
    names = [one.external_id for one in new if one.external_id is not None]
    found = (
        Record.objects.filter(endpoint_id=endpoint.id, deleted_at=None, external_id__in=names)
        .order_by("id")
        .values_list("external_id", flat=True)
        .first()
    )
    # It may be gone again by now: another request deleted it meanwhile.
    return found or names[0]


@tried_again
def update(
    endpoint: EndpointSpec, name: str, payload: Mapping[str, Any], who: Who, expected: Expected = NOTHING
) -> Stored:
    """Accept a change of the keys that were sent. Raises RecordMissing, LineError, PreconditionFailed."""
    spec = endpoint.mapping
    payload = as_said(spec, _called(endpoint, name), payload)
    written = read_payload(spec, payload, creating=False)
    if spec.scripted_in:
        scripting.add_to_change(endpoint, payload, written, as_it_is(endpoint, name))
    check_references(endpoint, [written.values], several=False)
    try:
        with transaction.atomic():
            record = locked(endpoint, name)
            expected.check(stored(record).tag)
            check_identifier(spec, record.external_id, payload)
            written = without_same_name(spec, record.external_id, payload, written)
            change = write_over(endpoint, record, written, who)
            who.accepted()
    except IntegrityError as error:
        if not is_taken(error):
            raise
        raise duplicate(spec, str(external_id(spec, written.values)), "exists already") from None
    return stored(record, change)


def as_said(spec: MappingSpec, called: QuerySet[Record], payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a change says: null, sent back where Odoo has not told yet what is there, would empty it."""
    if not has_null(payload):
        return payload
    found = called.values_list("state", "document", "values").first()
    if found is None or found[0] == SyncState.SYNCED:
        return payload
    return without_unsaid(spec, payload, orjson.loads(found[1]), found[2])


def stored(record: Record, change: int | None = None) -> Stored:
    return Stored(
        record.handle, record.external_id, record.document, record.state, record.version, change=change
    )


def write_over(endpoint: EndpointSpec, record: Record, written: Written, who: Who) -> int | None:
    """The change that is queued, if there is anything to write."""
    changed = _changed(endpoint.mapping, record, written)
    access.check_inside(endpoint, Q(pk=record.pk))
    access.check_tells_rows(endpoint, changed.values)
    changed = _with_said_again(endpoint.mapping, record, written, changed)
    said_already = record.state == SyncState.CONFLICT and inbox.holds(record.pk, changed.values)
    if (changed.values and not said_already) or written.request is not None:
        return _change(endpoint, record, changed, who)
    return None


def _changed(spec: MappingSpec, record: Record, written: Written) -> Written:
    """What of a write is not so already, or not on its way, and may be written to a record that is there."""
    # What Odoo has: unsent values lie over it in the record.
    there = None if record.odoo_id is None else record.values if record.base is None else record.base
    hidden = set() if record.state == SyncState.SYNCED else queued.not_as_shown(record.pk, record.values)
    shown = {name: value for name, value in record.values.items() if name not in hidden}
    values = differing(written.values, shown)
    for name in list(values):
        line = spec.line_of(name)
        repeated = line is not None and name not in hidden and _repeats(spec, line, values[name], record)
        if repeated or (line and there is not None and not line.writes_over(there.get(name))):
            del values[name]
    for name, value in languages.together(spec, written.values, values).items():
        line = spec.line_of(name)
        if line is None or there is None or line.writes_over(there.get(name)):
            values[name] = value
    fragments = {k: f for k, f in written.fragments.items() if spec.by_key[k].field.name in values}
    return Written(values, fragments, written.request)


def _with_said_again(spec: MappingSpec, record: Record, written: Written, changed: Written) -> Written:
    """And what is so already, where Odoo would work it out anew from what else is written, or on its way: an order that gets
    another partner, and is sent with its payment terms, keeps them."""
    again = {
        name: value
        for name, value in written.values.items()
        if name not in changed.values
        and not is_partial(value)
        and (line := spec.line_of(name)) is not None
        and line.write_when == "always"
        and (one := spec.by_field.get(name)) is not None
        and one.computed
    }
    if not again:
        return changed
    on_its_way = queued.on_its_way(record.pk) if record.state == SyncState.PENDING else set()
    going = on_its_way | changed.values.keys()
    again = {
        name: value
        for name, value in again.items()
        if name not in on_its_way and spec.worked_out_anew(name, going, written.values)
    }
    return replace(changed, values=changed.values | again)


def as_it_is(endpoint: EndpointSpec, name: str) -> dict[str, Any]:
    """The record for a script to look at, empty where Odoo does not have it yet. Raises RecordMissing."""
    found = _called(endpoint, name).values_list("values", "odoo_id").first()
    if found is None:
        raise RecordMissing(name)
    values, odoo_id = found
    return {**values, "id": odoo_id} if odoo_id is not None else {}


def _repeats(spec: MappingSpec, line: LineSpec, value: Any, record: Record) -> bool:
    """Does a write only say what the record shows already?"""
    name = line.field.name
    if line.nested is not None:
        return line.from_odoo and repeats(line, value, record.fragments.get(line.key))
    return name in record.values and spec.shows_the_same(name, value, record.values[name])


def _change(endpoint: EndpointSpec, record: Record, written: Written, who: Who) -> int:
    spec = endpoint.mapping
    lines = _seen_of_lines(endpoint, record, written)
    if record.base is None and record.odoo_id is not None:
        record.base = record.values
    seen = (
        {name: record.base[name] for name in written.values if name in (record.base or {})} | lines
        if record.base
        else None
    )
    called, before = _called_so_far(spec, record), record.values
    record.values = before | plain_values(written.values)
    record.fragments, record.digest = record.fragments | written.fragments, ""
    record.document = document_text(spec, record.values, record.fragments)
    if spec.identifier.to_odoo and spec.identifier.field.name in written.values:
        record.external_id = external_id(spec, record.values)
        check_length(spec, record.external_id)
    record.state, record.version, record.updated_at = SyncState.PENDING, record.version + 1, timezone.now()
    record.save()
    access.check_inside(endpoint, Q(pk=record.pk))
    change = outbox.add(
        endpoint.id,
        record.pk,
        Operation.UPDATE,
        written,
        base=seen,
        request_id=who.request_id,
        access_key=who.access_key,
    )
    renamed.follow(endpoint, record, before)
    if record.external_id not in called:
        heirs.inherit(endpoint, called)
    wake(endpoint)
    return change


def _seen_of_lines(endpoint: EndpointSpec, record: Record, written: Written) -> Values:
    """What the consumer has seen of lines that it writes. What is unsent, or was refused, lies over them until Odoo's are read
    again: whoever wrote that has noted it. About what was refused a person may still have to decide."""
    spec = endpoint.mapping
    if record.state == SyncState.SYNCED:
        return shown_lines(spec, written.values, record.fragments)
    refused = queued.lines_refused(record.pk)
    if not record.digest:
        return refused
    asks = {
        seen_lines(line.field.name)
        for line in spec.written_relations
        if (line.conflicts or endpoint.conflicts) == Conflicts.ASK
    }
    shown = shown_lines(spec, written.values, record.fragments)
    return shown | {name: lines for name, lines in refused.items() if name in asks}


@tried_again
def delete(endpoint: EndpointSpec, name: str, who: Who, expected: Expected = NOTHING) -> Stored:
    """Hide the record at once and queue what the endpoint wants done in Odoo; returns what it was. Raises RecordMissing, NotPossible,
    PreconditionFailed."""
    check_can_delete(endpoint)
    change = None
    with transaction.atomic():
        record = locked(endpoint, name)
        expected.check(stored(record).tag)
        if record.base is None and record.odoo_id is not None:
            record.base = record.values
        record.deleted_at = record.updated_at = timezone.now()
        record.version += 1
        if endpoint.on_delete == OnDelete.IGNORE:
            # With a stamp it was deleted here, not missed in Odoo: a push still on its way does not bring it back.
            record.write_date = record.write_date or f"{record.deleted_at:%Y-%m-%d %H:%M:%S}"
        else:
            # Without its digest it is looked at again, should somebody bring it back in Odoo.
            record.state, record.digest = SyncState.PENDING, ""
        record.save()
        if endpoint.on_delete != OnDelete.IGNORE:
            change = outbox.add(
                endpoint.id,
                record.pk,
                Operation.DELETE,
                Written(),
                request_id=who.request_id,
                access_key=who.access_key,
            )
            wake(endpoint)
        heirs.inherit(endpoint, _called_so_far(endpoint.mapping, record))
        who.accepted()
    return stored(record, change)


def _called_so_far(spec: MappingSpec, record: Record) -> dict[str, Any]:
    """Its name, with the identifier's value."""
    if record.external_id is None:
        return {}
    return {record.external_id: record.values.get(spec.identifier.field.name)}


def wake(endpoint: EndpointSpec) -> None:
    wakeup.once_committed(wakeup.push, endpoint.id)


def _named(endpoint: EndpointSpec, name: str) -> tuple[Any, ...] | None:
    """The same for a plain name, as text: writing it anew each time would take Django longer than PostgreSQL the look-up."""
    if unsendable_text(name):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT handle, external_id, document, state, version FROM endpoints_record
               WHERE endpoint_id = %s AND external_id = %s AND deleted_at IS NULL""",
            [endpoint.id, name],
        )
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def _called(endpoint: EndpointSpec, name: str) -> QuerySet[Record]:
    """The record of that handle, or else of that name. A slash at its end may be part of it, or the one that every address
    may end in."""
    if unsendable_text(name):  # nothing that Odoo could hold, nor PostgreSQL look up
        raise RecordMissing(name)
    handle = handle_of(endpoint, name)
    called = Q(handle=handle) if handle else Q(external_id__in=[name, name.removesuffix("/")])
    # With the slash comes first what is called exactly so.
    return Record.objects.filter(
        called, access.rows(endpoint), endpoint_id=endpoint.id, deleted_at=None
    ).order_by(Length("external_id").desc(nulls_last=True))


def handle_of(endpoint: EndpointSpec, name: str) -> uuid.UUID | None:
    """The handle that an address means. Whoever was told it means that record, whatever others are called, also once it is
    deleted."""
    handle = handle_in(name.removesuffix("/"))
    known = handle is not None and Record.objects.filter(endpoint_id=endpoint.id, handle=handle).exists()
    return handle if known else None


def locked(endpoint: EndpointSpec, name: str) -> Record:
    record = _called(endpoint, name).select_for_update().first()
    if record is None:
        raise RecordMissing(name)
    return record
