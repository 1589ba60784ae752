"""Merging what Odoo sent into the mirror: in bulk, without touching what is unchanged or still on its way.

known     which rows differ from what was merged last? (by digest)
locked    the records that they belong to, in order of their ids
applied   Odoo's values below, edits on their way on top
named     an identifier names one record
written   all in one statement
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.fields.json import KeyTransform

from endpoints import queued, touched
from endpoints.heirs import inherit
from endpoints.incoming import EXTERNAL_ID_LENGTH
from endpoints.mirror import Read, Row, digest, outdated, read
from endpoints.models import OnDelete, Record, SyncState
from endpoints.registry import EndpointSpec
from mappings.convert import Fragments, Values, document_text, external_id
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


@dataclass(slots=True)
class _Kept:
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
    handle: uuid.UUID | None = None
    values: Values | None = None
    fragments: Fragments | None = None
    base: Values | None = None
    digest: str = ""


def merge(endpoint: EndpointSpec, rows: Sequence[Row], begun_at: datetime | None = None) -> Merged:
    """Take rows with `id` and `write_date`, many2one as bare ids; all read after `begun_at`, by the hub's database.

    A row that is older than what the mirror has is left out; edits on their way to Odoo stay on top.
    """
    spec = endpoint.mapping
    incoming = {one.odoo_id: read(spec, one) for one in rows}
    digests = {odoo_id: digest(spec, one) for odoo_id, one in incoming.items()}
    known = dict(
        Record.objects.filter(endpoint_id=endpoint.id, odoo_id__any_of=list(incoming)).values_list(
            "odoo_id", "digest"
        )
    )
    changed = [odoo_id for odoo_id in incoming if known.get(odoo_id) != digests[odoo_id]]
    if not changed:
        return Merged(seen=len(rows), changed=0)
    with transaction.atomic():
        odd = _merge_changed(endpoint, {i: incoming[i] for i in changed}, digests, begun_at)
    return Merged(len(rows), len(changed), odd)


def _merge_changed(
    endpoint: EndpointSpec, incoming: dict[int, Read], digests: dict[int, str], begun_at: datetime | None
) -> dict[int, str]:
    """Returns what a person has to see to, by Odoo id."""
    spec = endpoint.mapping
    wanted = {odoo_id: _called(spec, one.values) for odoo_id, one in incoming.items()}
    records = _locked(endpoint, list(wanted))
    pending = queued.open_writes([record.pk for record in records.values() if record.pk is not None])
    before = {
        record.pk: (record.external_id, record.name)
        for record in records.values()
        if record.deleted_at is None
    }
    updates: list[_Kept] = []
    inserts: list[_Kept] = []
    stamps: dict[int, str] = {}
    for odoo_id, one in sorted(incoming.items()):
        record = records.get(odoo_id)
        edit = None
        if record is None:
            record = _Kept(odoo_id, handle=uuid.uuid4())
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
        # Named by what it is called here: an edit on its way may have given it another name.
        record.external_id, record.deleted_at = _called(spec, record.values or {}), None
        if record.external_id is None:
            record.problem = _too_long(spec, record.values or {}) or record.problem
    _name(endpoint, updates, inserts)
    left = {}
    for record in updates:
        name, value = before.get(record.pk, (None, None))
        if name is not None and name != record.external_id:
            left[record.pk] = (name, value)
    # Names first set free, then given: two records may have swapped them.
    if left:
        Record.objects.filter(pk__in=list(left)).update(external_id=None)
    _write(endpoint, updates, inserts)
    if stamps:
        _stamp(stamps)
    inherit(endpoint, dict(left.values()))
    return {
        record.odoo_id: record.problem
        for record in (*updates, *inserts)
        if record.problem and record.odoo_id is not None and record.state == SyncState.SYNCED
    }


def _called(spec: MappingSpec, values: Values) -> str | None:
    """How a record with these values is called; None where that is longer than a name may be."""
    name = external_id(spec, values)
    return name if name is None or len(name) <= EXTERNAL_ID_LENGTH else None


def _too_long(spec: MappingSpec, values: Values) -> str:
    """Why a record has no name here, where it has one in Odoo."""
    name = external_id(spec, values)
    if name is None:
        return ""
    return (
        f"“{spec.identifier.key}” has {len(name)} characters in Odoo (“{name[:40]}…”), and a name has {EXTERNAL_ID_LENGTH} at "
        f"most: the record is read, but cannot be called by its name. Give it a shorter {spec.identifier.field.label} in Odoo."
    )


def _brought_back(endpoint: EndpointSpec, record: _Kept, read: Read, *, pending: bool) -> bool:
    """A record deleted here is there again once somebody touches it in Odoo after the deletion has got there.

    One that was read before the deletion and merged after it bears the stamp that is known already. One that was
    missed in Odoo, and not deleted here, has no stamp: that it is seen again is enough.
    """
    if not record.write_date:
        return not pending
    return endpoint.on_delete != OnDelete.IGNORE and not pending and read.write_date > record.write_date


def _stamp(stamps: Mapping[int, str]) -> None:
    """Up to which moment of Odoo's these records are known."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_record r SET write_date = v.stamp
               FROM unnest(%s::bigint[], %s::text[]) AS v (id, stamp) WHERE r.id = v.id""",
            [list(stamps), list(stamps.values())],
        )


def _apply(spec: MappingSpec, record: _Kept, read: Read, edit: Written | None) -> None:
    """Odoo's values below, edits on their way on top."""
    record.values, record.fragments, record.base = read.values, read.fragments, None
    if edit is not None:
        record.base = read.values
        record.values = read.values | plain_values(edit.values)
        record.fragments = read.fragments | edit.fragments
    elif record.state == SyncState.PENDING:
        record.state = SyncState.SYNCED
    if record.state == SyncState.SYNCED:
        record.problem = read.problem
    record.document = document_text(spec, record.values, record.fragments)


def _locked(endpoint: EndpointSpec, odoo_ids: Sequence[int]) -> dict[int | None, _Kept]:
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
        )
    )
    return {row[0]: _Kept(*row) for row in rows}


def _name(endpoint: EndpointSpec, updates: list[_Kept], inserts: list[_Kept]) -> None:
    """Two records of Odoo may have the same identifier; only the first is named by it, the other says why not.

    Unless Odoo has the first no more, since somebody deleted it and made it anew: that is looked at, or the old one
    would be shown until the next search for deleted records.
    """
    merged = [record.odoo_id for record in (*updates, *inserts)]
    names = [record.external_id for record in (*updates, *inserts) if record.external_id is not None]
    others = Record.objects.filter(
        endpoint_id=endpoint.id, deleted_at=None, external_id__any_of=names
    ).exclude(Q(odoo_id__any_of=merged) & Q(odoo_id__isnull=False))
    held = dict(others.values_list("external_id", "odoo_id"))
    if holders := [odoo_id for odoo_id in held.values() if odoo_id is not None]:
        touched.look_at(endpoint.id, holders)
    for record in (*updates, *inserts):
        if record.external_id is None:
            continue
        if record.external_id in held:
            other = held[record.external_id]
            record.problem = (
                f"“{record.external_id}” already names another record"
                f"{f' (Odoo id {other})' if other else ''}; give one of them another identifier in Odoo."
            )
            record.external_id = None
        else:
            held[record.external_id] = record.odoo_id


_AS_SENT = """external_id text, document text, "values" jsonb, fragments jsonb, base jsonb, write_date text, state text,
    problem text, digest text, version int"""


def _write(endpoint: EndpointSpec, updates: list[_Kept], inserts: list[_Kept]) -> None:
    # One JSON text for all rows: psycopg writes arrays item by item, which takes longer than PostgreSQL's own part. As
    # jsonb: PostgreSQL reads a text once for that, and once more for each jsonb column of `json`.
    if updates:
        rows = [{"id": record.pk, **_columns(record)} for record in updates]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE endpoints_record r SET external_id = v.external_id, document = v.document,
                        "values" = v."values", fragments = v.fragments, base = v.base, write_date = v.write_date,
                        state = v.state, problem = v.problem, digest = v.digest, version = v.version,
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
                        fragments, base, write_date, state, problem, digest, version, created_at, updated_at)
                    SELECT %s, handle, odoo_id, external_id, document, "values", fragments, base, write_date, state,
                        problem, digest, version, now(), now()
                    FROM jsonb_to_recordset(%s) AS v (handle uuid, odoo_id int, {_AS_SENT})
                    ORDER BY odoo_id
                    ON CONFLICT DO NOTHING""",  # noqa: S608
                [endpoint.id, orjson.dumps(rows).decode()],
            )


def _columns(record: _Kept) -> dict[str, Any]:
    return {
        "external_id": record.external_id,
        "document": record.document,
        "values": record.values,
        "fragments": record.fragments,
        "base": record.base,
        "write_date": record.write_date,
        "state": record.state,
        "problem": record.problem,
        "digest": record.digest,
        "version": record.version,
    }
