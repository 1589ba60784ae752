"""Into the queue: changes go in with the write that made them."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import IntegrityError

from endpoints.models import Operation
from endpoints.registry import UnknownEndpoint
from mappings.payload import Written
from synchub.audit.log import Note
from synchub.postgres.prepared import prepared

BULK = 20  # more in one request, and whatever else is written meanwhile goes first


@dataclass(frozen=True)
class NewRecord:
    """A record that a consumer creates, ready to be kept: see the columns of Record."""

    handle: uuid.UUID
    external_id: str | None
    document: str
    values: dict[str, Any]
    """Plain values by field: what can be filtered by at once."""
    written: Written
    """All that goes to Odoo: `values`, and relations as structures."""


# Nobody deletes it then until this is committed, and where somebody has, there is no id and PostgreSQL refuses the row.
_THERE = "SELECT id FROM endpoints_endpoint WHERE id = %s AND removed_at IS NULL FOR KEY SHARE"
_NO_ID = "23502"

_ACCEPT = f"""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(%s) AS t (place int, handle uuid, external_id text, document text,
            "values" jsonb, written jsonb, fragments jsonb, request jsonb)
    ), endpoint AS (
        {_THERE}
    ), record AS (
        INSERT INTO endpoints_record (endpoint_id, handle, external_id, document, "values", fragments,
            write_date, state, problem, digest, version, created_at, updated_at)
        SELECT (SELECT id FROM endpoint), handle, external_id, document, "values", fragments, '', 'pending', '', '', 1,
            now(), now()
        FROM given ORDER BY place
        RETURNING id, handle
    ), change AS (
        INSERT INTO endpoints_change (endpoint_id, record_id, operation, "values", fragments, request, bulk, state,
            attempts, not_before, sent, error, request_id, access_key, created_at)
        SELECT %s, record.id, 'create', written, fragments, request, %s, 'pending', 0, now(), false, '',
            %s, %s, now()
        FROM record JOIN given USING (handle) ORDER BY record.id
    )"""  # noqa: S608
_MADE = "SELECT handle, id FROM record"
_NOTED = "UNION ALL SELECT NULL, id FROM noted"


def accept_new(
    endpoint_id: int,
    records: Sequence[NewRecord],
    *,
    request_id: str,
    access_key: str,
    note: Note | None = None,
) -> dict[uuid.UUID, int]:
    """Keep new records, their changes and the audit log's note in one statement, which is a transaction where there is
    none: nobody waits for four answers in turn. Returns the records' ids by handle.

    Raises IntegrityError where an identifier is taken; UnknownEndpoint.
    """
    statement, parameters = f"{_ACCEPT} {_MADE}", list[Any]()
    if note is not None:
        also, parameters = note.statement()
        statement = f"{_ACCEPT}, noted AS ({also}) {_MADE} {_NOTED}"
    # One JSON text for all rows: psycopg writes arrays item by item, which takes longer than PostgreSQL's own part.
    rows = [
        {
            "place": place,
            "handle": record.handle,
            "external_id": record.external_id,
            "document": record.document,
            "values": record.values,
            "written": record.written.values,
            "fragments": record.written.fragments,
            "request": record.written.request,
        }
        for place, record in enumerate(records)
    ]
    with _endpoint_there(), prepared() as cursor:
        cursor.execute(
            statement,
            [
                orjson.dumps(rows).decode(),
                endpoint_id,
                endpoint_id,
                len(records) > BULK,
                request_id,
                access_key,
                *parameters,
            ],
        )
        made = dict(cursor.fetchall())
    if note is not None:
        note.noted([(made.pop(None),)])
    return made


def add(
    endpoint_id: int,
    record_id: int,
    operation: Operation,
    written: Written,
    *,
    base: Mapping[str, Any] | None = None,
    request_id: str,
    access_key: str,
    undoes: int | None = None,
    on_delete: str = "",
) -> int:
    """Queue a write to a record whose row the caller holds locked, behind those before it.

    Where Odoo refused to create the record, all that was refused comes back with it: the record has to exist
    before it can be changed, and what is sent now may be what mends it. Not its actions: who asked for one was told that it
    was not called, and asks again. Raises UnknownEndpoint.
    """
    with _endpoint_there(), prepared() as cursor:
        cursor.execute(
            """UPDATE endpoints_change SET state = 'pending', attempts = 0, not_before = now(), error = '',
                   line_id = NULL, settled_at = NULL
               WHERE record_id = %s AND state = 'failed' AND operation <> 'action' AND EXISTS (
                   SELECT 1 FROM endpoints_change c
                   WHERE c.record_id = %s AND c.state = 'failed' AND c.operation = 'create')""",
            [record_id, record_id],
        )
        cursor.execute(
            f"""INSERT INTO endpoints_change (endpoint_id, record_id, operation, "values", fragments, request, base, bulk,
                   state, attempts, not_before, sent, error, request_id, access_key, undoes, on_delete, created_at)
               VALUES (({_THERE}), %s, %s, %s, %s, %s, %s, false, 'pending', 0, now(), false, '', %s, %s, %s, %s, now())
               RETURNING id""",  # noqa: S608
            [
                endpoint_id,
                record_id,
                operation.value,
                orjson.dumps(written.values).decode(),
                orjson.dumps(written.fragments).decode(),
                _dumped(written.request),
                _dumped(base),
                request_id,
                access_key,
                undoes,
                on_delete,
            ],
        )
        return int(cursor.fetchone()[0])


@contextmanager
def _endpoint_there() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", None) != _NO_ID:
            raise
        raise UnknownEndpoint("This endpoint was deleted a moment ago.") from None


def _dumped(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
