"""The record that an address means."""

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Length

from endpoints import access
from endpoints.incoming import RecordMissing, Stored, handle_in
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from synchub.odoo.wire import unsendable_text
from synchub.postgres.prepared import prepared


def find(endpoint: EndpointSpec, name: str) -> Stored:
    """The record called `name`: its identifier's value, or `~` and its handle. Raises RecordMissing."""
    if endpoint.moving_rows or name.startswith("~") or name.endswith("/"):
        columns = ("handle", "external_id", "document", "state", "version")
        found = called(endpoint, name).values_list(*columns).first()
    else:
        found = _named(endpoint, name)
    if found is None:
        raise RecordMissing(name)
    return Stored(*found)


def _named(endpoint: EndpointSpec, name: str) -> tuple[Any, ...] | None:
    """The same for a plain name, as text: writing it anew each time would take Django longer than PostgreSQL the look-up."""
    if unsendable_text(name):
        return None
    with prepared() as cursor:
        cursor.execute(
            """SELECT handle, external_id, document, state, version FROM endpoints_record
               WHERE endpoint_id = %s AND external_id = %s AND deleted_at IS NULL""",
            [endpoint.id, name],
        )
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def called(endpoint: EndpointSpec, name: str) -> QuerySet[Record]:
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
    record = called(endpoint, name).select_for_update().first()
    if record is None:
        raise RecordMissing(name)
    return record
