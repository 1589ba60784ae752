"""Merging what Odoo sent into the mirror: in bulk, without touching what is unchanged or still on its way."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from endpoints import queued
from endpoints.heirs import inherit
from endpoints.models import Change, OnDelete, Record, SyncState
from endpoints.outbox import STATE
from endpoints.registry import EndpointSpec
from mappings import languages, nested
from mappings.convert import Fragments, Values, document_text, external_id, from_row
from mappings.payload import Written
from mappings.relations import plain_values
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient

NOT_COVERED = (
    "Odoo has this record, but the endpoint's domain does not cover it: later changes in Odoo do not come back, and the "
    "next look for deleted records takes it out of the hub. Widen the domain, or change the record so that it is covered."
)


@dataclass(frozen=True)
class Row:
    """One record as read from Odoo: `row` as `search_read` gave it, `fragments` what its relations and scripts make."""

    row: Mapping[str, Any]
    fragments: Fragments = field(default_factory=dict)
    problem: str = ""

    @property
    def odoo_id(self) -> int:
        return int(self.row["id"])


def with_fragments(
    endpoint: EndpointSpec, rows: Sequence[Mapping[str, Any]], client: OdooClient
) -> list[Row]:
    """Rows with what they have in other languages, and what their relations lead to: a call for each language and each
    relation, however many rows. Raises OdooError."""
    whole = languages.added(endpoint.mapping, rows, client)
    inner = nested.Reader(endpoint.connection_id, client).inner(endpoint.mapping, whole)
    return [Row(row, one.fragments, one.problem) for row, one in zip(whole, inner, strict=True)]


@dataclass(frozen=True)
class Merged:
    """How many rows were looked at, and how many of them changed the mirror."""

    seen: int
    changed: int


def digest(spec: MappingSpec, read: "Read") -> str:
    """Equal digests mean that merging would change nothing."""
    text = orjson.dumps(
        [spec.fingerprint, read.values, read.fragments, read.problem], option=orjson.OPT_SORT_KEYS
    )
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def read(spec: MappingSpec, one: Row) -> "Read":
    """A row in canonical values."""
    return Read(from_row(spec, one.row), one.fragments, str(one.row.get("write_date") or ""), one.problem)


def merge(endpoint: EndpointSpec, rows: Sequence[Row]) -> Merged:
    """Take rows with `id` and `write_date`, many2one as bare ids.

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
    if changed:
        with transaction.atomic():
            _merge_changed(endpoint, {i: incoming[i] for i in changed}, digests)
    return Merged(seen=len(rows), changed=len(changed))


def identify(endpoint: EndpointSpec, odoo_ids: Mapping[int, int]) -> set[int]:
    """Odoo has given records (by hub id) their ids. Returns the records that were another one's copies, and are gone.

    A pull may have seen one of them first, where nothing but the id names it, and made a record of its own; what
    was written to that one meanwhile moves over.
    """
    kept: dict[int, int] = {}
    for record_id, odoo_id in sorted(odoo_ids.items()):
        kept.setdefault(odoo_id, record_id)
    copies = Record.objects.filter(endpoint_id=endpoint.id, odoo_id__any_of=list(kept)).exclude(
        pk__any_of=list(kept.values())
    )
    gone = set(odoo_ids) - set(kept.values())
    for copy in copies.select_for_update():
        Change.objects.filter(record=copy).update(record_id=kept[copy.odoo_id or 0])
        gone.add(copy.pk)
    # And where both were pushed before it was known that they are one.
    for record_id in gone & set(odoo_ids):
        Change.objects.filter(record_id=record_id).update(record_id=kept[odoo_ids[record_id]])
    for one in Record.objects.filter(pk__in=gone):
        retire(one)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_record r SET odoo_id = v.odoo_id
               FROM unnest(%s::bigint[], %s::int[]) AS v (id, odoo_id)
               WHERE r.id = v.id AND r.odoo_id IS DISTINCT FROM v.odoo_id""",
            [list(kept.values()), list(kept)],
        )
    return gone


def retire(record: Record) -> None:
    """It is no record of its own any more, or never was one. Its row stays for a while, for those who have seen it."""
    Record.objects.filter(pk=record.pk).update(
        external_id=None, odoo_id=None, base=None, digest="", problem="", state=SyncState.SYNCED,
        deleted_at=Now(), updated_at=Now(),
    )  # fmt: skip


def settled(record_ids: Sequence[int]) -> None:
    """Changes of these records have reached Odoo. Whatever else is open or refused still decides their state."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE endpoints_record r SET
                   state = s.state, problem = CASE WHEN s.state IN ('failed', 'conflict') THEN r.problem ELSE '' END,
                   base = CASE WHEN s.state = 'pending' THEN r.base END
               FROM (SELECT i.id, {STATE} AS state
                     FROM unnest(%s::bigint[]) AS i (id)) AS s
               WHERE r.id = s.id""",  # noqa: S608
            [list(record_ids)],
        )


def refused(record: Record, problem: str, *, conflict: bool = False) -> None:
    """Odoo refused a change, or a person has to decide: the record says so, and one that should be deleted is there
    again."""
    record.state, record.problem = SyncState.CONFLICT if conflict else SyncState.FAILED, problem
    if record.deleted_at is not None:
        record.deleted_at = None
        if (
            Record.objects.filter(
                endpoint_id=record.endpoint_id, external_id=record.external_id, deleted_at=None
            )
            .exclude(pk=record.pk)
            .exists()
        ):
            record.external_id = None
    record.save(update_fields=["state", "problem", "deleted_at", "external_id"])


def not_covered(endpoint: EndpointSpec, odoo_ids: Sequence[int]) -> None:
    """These were written through the endpoint and are outside of its domain: they say what that means.

    Without a digest, whatever brings them back is merged and takes the remark away.
    """
    Record.objects.filter(
        endpoint_id=endpoint.id, odoo_id__in=odoo_ids, state=SyncState.SYNCED, external_id__isnull=False
    ).update(problem=NOT_COVERED, digest="")


@dataclass(frozen=True)
class Read:
    values: Values
    fragments: Fragments
    write_date: str
    problem: str = ""


def _merge_changed(endpoint: EndpointSpec, incoming: dict[int, Read], digests: dict[int, str]) -> None:
    spec = endpoint.mapping
    wanted = {odoo_id: external_id(spec, read.values) for odoo_id, read in incoming.items()}
    records = _locked(endpoint, wanted)
    pending = queued.open_writes([record.pk for record in records.values()])
    before = {record.pk: _Name.of(spec, record) for record in records.values() if record.deleted_at is None}
    updates: list[Record] = []
    inserts: list[Record] = []
    for odoo_id, read in sorted(incoming.items()):
        record = records.get(odoo_id)
        if record is None:
            record = Record(
                endpoint_id=endpoint.id, odoo_id=odoo_id, values={}, document="", handle=uuid.uuid4()
            )
            inserts.append(record)
        elif read.write_date < record.write_date or (
            record.deleted_at is not None
            and not _brought_back(endpoint, record, read, pending=record.pk in pending)
        ):
            continue
        else:
            updates.append(record)
        shown = record.document if record.deleted_at is None else None
        _apply(spec, record, read, pending.get(record.pk))
        if record.pk is not None and record.document != shown:
            record.version += 1
        # While an edit is on its way, whatever Odoo makes of it has to be merged, even if it is what it was.
        record.write_date, record.digest = read.write_date, "" if record.pk in pending else digests[odoo_id]
        # Named by what it is called here: an edit on its way may have given it another name.
        record.external_id, record.deleted_at = external_id(spec, record.values), None
    _name(endpoint, updates, inserts)
    left = {
        record.pk: name
        for record in updates
        if (name := before.get(record.pk)) is not None and name.text not in (None, record.external_id)
    }
    # Names first set free, then given: two records may have swapped them.
    if left:
        Record.objects.filter(pk__in=list(left)).update(external_id=None)
    _write(endpoint, updates, inserts)
    inherit(endpoint, {name.text: name.value for name in left.values() if name.text is not None})


def _brought_back(endpoint: EndpointSpec, record: Record, read: Read, *, pending: bool) -> bool:
    """A record deleted here is there again once somebody touches it in Odoo after the deletion has got there.

    One that was read before the deletion and merged after it bears the stamp that is known already. One that was
    missed in Odoo, and not deleted here, has no stamp: that it is seen again is enough.
    """
    if not record.write_date:
        return not pending
    return endpoint.on_delete != OnDelete.IGNORE and not pending and read.write_date > record.write_date


@dataclass(frozen=True)
class _Name:
    """What a record was called, as text and as the identifier's value."""

    text: str | None
    value: Any

    @classmethod
    def of(cls, spec: MappingSpec, record: Record) -> "_Name":
        return cls(record.external_id, record.values.get(spec.identifier.field.name))


def _apply(spec: MappingSpec, record: Record, read: Read, pending: Written | None) -> None:
    """Odoo's values below, edits on their way on top."""
    record.values, record.fragments, record.base = read.values, read.fragments, None
    if pending is not None:
        record.base = read.values
        record.values = read.values | plain_values(pending.values)
        record.fragments = read.fragments | pending.fragments
    elif record.state == SyncState.PENDING:
        record.state = SyncState.SYNCED
    if record.state == SyncState.SYNCED:
        record.problem = read.problem
    record.document = document_text(spec, record.values, record.fragments)
    record.updated_at = timezone.now()


def _locked(endpoint: EndpointSpec, wanted: Mapping[int, str | None]) -> dict[int, Record]:
    """The records that these rows of Odoo belong to, by Odoo id; in order of their ids, as everybody locks them.

    A record posted here may be in Odoo already: made by hand, or by a push not yet settled. Same name, same record,
    unless several bear that name: which of them is meant, a person has to say (see `push`).
    """
    named = Counter(wanted.values())
    names = {name: odoo_id for odoo_id, name in wanted.items() if name is not None and named[name] == 1}
    unsent = Q(odoo_id=None, deleted_at=None, external_id__any_of=list(names))
    found = list(
        Record.objects.select_for_update()
        .filter(Q(odoo_id__any_of=list(wanted)) | unsent, endpoint_id=endpoint.id)
        .order_by("id")
    )
    records = {record.odoo_id: record for record in found if record.odoo_id is not None}
    for record in found:
        odoo_id = names.get(record.external_id or "")
        if record.odoo_id is None and odoo_id is not None and odoo_id not in records:
            record.odoo_id = odoo_id
            record.save(update_fields=["odoo_id"])
            records[odoo_id] = record
    return records


def _name(endpoint: EndpointSpec, updates: list[Record], inserts: list[Record]) -> None:
    """Two records of Odoo may have the same identifier; only the first is named by it, the other says why not."""
    merged = {record.odoo_id for record in (*updates, *inserts)}
    names = [record.external_id for record in (*updates, *inserts) if record.external_id is not None]
    others = Record.objects.filter(
        endpoint_id=endpoint.id, deleted_at=None, external_id__any_of=names
    ).exclude(Q(odoo_id__any_of=list(merged)) & Q(odoo_id__isnull=False))
    held = {record.external_id: record.odoo_id for record in others.only("external_id", "odoo_id")}
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


def _write(endpoint: EndpointSpec, updates: list[Record], inserts: list[Record]) -> None:
    # One JSON text for all rows: psycopg writes arrays item by item, which takes longer than PostgreSQL's own part.
    if updates:
        rows = [{"id": record.pk, **_columns(record)} for record in updates]
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE endpoints_record r SET external_id = v.external_id, document = v.document,
                        "values" = v."values", fragments = v.fragments, base = v.base, write_date = v.write_date,
                        state = v.state, problem = v.problem, digest = v.digest, version = v.version,
                        deleted_at = NULL, updated_at = now()
                    FROM json_to_recordset(%s) AS v (id bigint, {_AS_SENT}) WHERE r.id = v.id""",  # noqa: S608
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
                    FROM json_to_recordset(%s) AS v (handle uuid, odoo_id int, {_AS_SENT})
                    ORDER BY odoo_id
                    ON CONFLICT DO NOTHING""",  # noqa: S608
                [endpoint.id, orjson.dumps(rows).decode()],
            )


def _columns(record: Record) -> dict[str, Any]:
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
