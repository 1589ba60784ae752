"""Records of the mirror, as far as merging reads and writes them: all in one statement."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models.fields.json import KeyTransform

from endpoints.models import Record, SyncState
from endpoints.registry import EndpointSpec
from mappings.convert import Fragments, Values


@dataclass(slots=True)
class Kept:
    """A record of the mirror, as far as merging reads or writes it: a third of the time that the model's instance takes.

    `name` is the identifier's value as it was.
    """

    odoo_id: int | None
    pk: int | None = None
    external_id: str | None = None
    name: Any = None
    document: str = ""
    write_date: str = ""
    state: str = SyncState.SYNCED
    problem: str = ""
    version: int = 1
    deleted_at: datetime | None = None
    updated_at: datetime = datetime.min
    create_date: str = ""
    handle: uuid.UUID | None = None
    values: Values | None = None
    fragments: Fragments | None = None
    base: Values | None = None
    digest: str = ""


def stamp(stamps: Mapping[int, str]) -> None:
    """Up to which moment of Odoo's these records are known."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_record r SET write_date = v.stamp
               FROM unnest(%s::bigint[], %s::text[]) AS v (id, stamp) WHERE r.id = v.id""",
            [list(stamps), list(stamps.values())],
        )


def stamp_unchanged(endpoint_id: int, stamps: Mapping[int, str]) -> None:
    """Of records, by Odoo id, that were read and merged: of what was as it was known, the stamp alone was not."""
    _note("write_date", "r.deleted_at IS NULL AND r.write_date < v.stamp", endpoint_id, stamps)


def note_made(endpoint_id: int, stamps: Mapping[int, str]) -> None:
    """When these of Odoo's records were made, of which nothing else is new."""
    _note("create_date", "r.create_date = ''", endpoint_id, stamps)


def _note(column: str, where: str, endpoint_id: int, stamps: Mapping[int, str]) -> None:
    """Those that somebody else has locked are left to the next reading: who has merged holds others, and waits for none."""
    if not stamps:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH here AS (
                   SELECT r.id, v.stamp FROM endpoints_record r JOIN unnest(%s::int[], %s::text[]) AS v (odoo_id, stamp)
                       ON r.odoo_id = v.odoo_id
                   WHERE r.endpoint_id = %s AND {where} ORDER BY r.id FOR UPDATE OF r SKIP LOCKED)
               UPDATE endpoints_record r SET {column} = here.stamp FROM here WHERE r.id = here.id""",  # noqa: S608  # its own text
            [list(stamps), list(stamps.values()), endpoint_id],
        )


def locked(endpoint: EndpointSpec, odoo_ids: Sequence[int]) -> dict[int | None, Kept]:
    """The records that these rows of Odoo belong to, by Odoo id; in order of their ids, as everybody locks them."""
    rows = (
        Record.objects.select_for_update()
        .filter(odoo_id__any_of=odoo_ids, endpoint_id=endpoint.id)
        .order_by("id")
        .values_list(
            "odoo_id",
            "pk",
            "external_id",
            KeyTransform(endpoint.mapping.identifier.field.name, "values"),
            "document",
            "write_date",
            "state",
            "problem",
            "version",
            "deleted_at",
            "updated_at",
            "create_date",
        )
    )
    return {row[0]: Kept(*row) for row in rows}


_AS_SENT = """external_id text, document text, "values" jsonb, fragments jsonb, base jsonb, write_date text, create_date text, state text,
    problem text, digest text, version int"""


def write(endpoint: EndpointSpec, updates: list[Kept], inserts: list[Kept]) -> None:
    # One JSON text for all rows: psycopg writes arrays item by item, which takes longer than PostgreSQL's own part. As
    # jsonb: PostgreSQL reads a text once for that, and once more for each jsonb column of `json`.
    if updates:
        rows = [{"id": record.pk, **_columns(record)} for record in updates]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE endpoints_record r SET external_id = v.external_id, document = v.document,
                        "values" = v."values", fragments = v.fragments, base = v.base, write_date = v.write_date,
                        create_date = v.create_date, state = v.state, problem = v.problem, digest = v.digest, version = v.version,
                        deleted_at = NULL, updated_at = now()
                    FROM jsonb_to_recordset(%s) AS v (id bigint, {_AS_SENT}) WHERE r.id = v.id""",  # noqa: S608
                [orjson.dumps(rows).decode()],
            )
    if inserts:
        rows = [
            {"handle": record.handle, "odoo_id": record.odoo_id, **_columns(record)} for record in inserts
        ]
        with connection.cursor() as cursor:
            # A walk and a read-back may bring the same new record at once; the second finds it there, and
            # its next reading, if anything differs, is an update.
            cursor.execute(
                f"""INSERT INTO endpoints_record (endpoint_id, handle, odoo_id, external_id, document, "values",
                        fragments, base, write_date, create_date, state, problem, digest, version, created_at, updated_at)
                    SELECT %s, handle, odoo_id, external_id, document, "values", fragments, base, write_date,
                        create_date, state, problem, digest, version, now(), now()
                    FROM jsonb_to_recordset(%s) AS v (handle uuid, odoo_id int, {_AS_SENT})
                    ORDER BY odoo_id
                    ON CONFLICT DO NOTHING""",  # noqa: S608
                [endpoint.id, orjson.dumps(rows).decode()],
            )


def _columns(record: Kept) -> dict[str, Any]:
    return {
        "external_id": record.external_id,
        "document": record.document,
        "values": record.values,
        "fragments": record.fragments,
        "base": record.base,
        "write_date": record.write_date,
        "create_date": record.create_date,
        "state": record.state,
        "problem": record.problem,
        "digest": record.digest,
        "version": record.version,
    }
