"""The write use-case: what a consumer sends becomes a record and a change, in one transaction.

Odoo is asked for nothing but records that a write names and the hub has never seen, and never inside the transaction.
After the commit a worker is woken; if that message is lost the sweep finds the change all the same.
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from endpoints import access, heirs, matching, once, outbox, references, scripting
from endpoints.addressed import called, locked
from endpoints.expected import NOTHING, Expected
from endpoints.incoming import (
    New,
    RecordMissing,
    Stored,
    Who,
    check_can_delete,
    check_identifier,
    duplicate,
    is_taken,
    read_new,
    taken,
    without_same_name,
)
from endpoints.models import OnDelete, Operation, Record, SyncState
from endpoints.registry import EndpointSpec
from endpoints.rollbacks import tried_again
from endpoints.writing_over import as_said, called_so_far, keep_what_odoo_has, stored, wake, write_over
from mappings.convert import Values, document_text, external_id
from mappings.line_error import LineError
from mappings.payload import Written, read_payload


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
    payload = as_said(spec, called(endpoint, name), payload)
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


def as_it_is(endpoint: EndpointSpec, name: str) -> dict[str, Any]:
    """The record for a script to look at, empty where Odoo does not have it yet. Raises RecordMissing."""
    found = called(endpoint, name).values_list("values", "odoo_id").first()
    if found is None:
        raise RecordMissing(name)
    values, odoo_id = found
    return {**values, "id": odoo_id} if odoo_id is not None else {}


@tried_again
def delete(endpoint: EndpointSpec, name: str, who: Who, expected: Expected = NOTHING) -> Stored:
    """Hide the record at once and queue what the endpoint wants done in Odoo; returns what it was. Raises RecordMissing, NotPossible,
    PreconditionFailed."""
    check_can_delete(endpoint)
    change = None
    with transaction.atomic():
        record = locked(endpoint, name)
        expected.check(stored(record).tag)
        keep_what_odoo_has(record)
        record.deleted_at = record.updated_at = timezone.now()
        record.version += 1
        if endpoint.on_delete == OnDelete.IGNORE:
            # With a stamp it was deleted here, not missed in Odoo: a push still on its way does not bring it back.
            record.write_date = record.write_date or f"{record.deleted_at:%Y-%m-%d %H:%M:%S}"
        else:
            # Without its digest it is looked at again, should somebody bring it back in Odoo.
            record.state, record.digest = SyncState.PENDING, ""
        record.save()
        if record.odoo_id is None:
            matching.is_deleted(record)
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
        heirs.inherit(endpoint, called_so_far(endpoint.mapping, record))
        who.accepted()
    return stored(record, change)
