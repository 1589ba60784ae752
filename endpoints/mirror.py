"""Merging what Odoo sent into the mirror: in bulk, without touching what is unchanged or still on its way."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models.functions import Now

from endpoints.models import Change, Record, SyncState
from endpoints.models.record import RELATIONS
from endpoints.outbox import STATE
from endpoints.registry import EndpointSpec
from mappings import languages, nested
from mappings.convert import Fragments, Values, from_row
from mappings.spec import MappingSpec
from mappings.untold import problem
from synchub.odoo import OdooClient

NOT_COVERED = (
    "Odoo has this record, but the endpoint's domain does not cover it: later changes in Odoo do not come back, and the "
    "next look for deleted records takes it out of the hub. Widen the domain, or change the record so that it is covered."
)
NOT_SHOWN = (
    "Odoo has taken what was written and does not show this record to the hub's user since: a record rule hides it, or it was "
    "deleted there. The next look for deleted records takes it out of the hub; if it is sent again then, it is made once more. "
    "Give the hub's user the right to see it, or look in Odoo."
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
    spec, left_out = endpoint.mapping, dict[int, dict[str, str]]()
    whole = languages.added(spec, rows, client, left_out=left_out)
    inner = nested.Reader(endpoint.connection_id, client).inner(spec, whole)
    return [
        Row(row, one.fragments, one.problem or problem(spec, row["id"], left_out.get(row["id"], {})))
        for row, one in zip(whole, inner, strict=True)
    ]


@dataclass(frozen=True)
class Read:
    values: Values
    fragments: Fragments
    write_date: str
    problem: str = ""
    create_date: str = ""


def digest(spec: MappingSpec, read: "Read") -> str:
    """Equal digests mean that merging would change nothing."""
    text = orjson.dumps(
        [spec.fingerprint, read.values, read.fragments, read.problem], option=orjson.OPT_SORT_KEYS
    )
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def read(spec: MappingSpec, one: Row) -> "Read":
    """A row in canonical values."""
    written, made = (str(one.row.get(name) or "") for name in ("write_date", "create_date"))
    return Read(from_row(spec, one.row), one.fragments, written, one.problem, made)


def outdated(read: Read, write_date: str, updated_at: datetime, begun_at: datetime | None) -> bool:
    """Was it read before what the mirror has of it, by Odoo's stamps?

    Not where the reading began (`begun_at`) after the mirror had got that: then Odoo itself went back, restored from a
    backup, or with its clock set right.
    """
    return read.write_date < write_date and (begun_at is None or updated_at >= begun_at)


def identify(endpoint: EndpointSpec, odoo_ids: Mapping[int, int], settled: Collection[int] = ()) -> set[int]:
    """Odoo has given records (by hub id) their ids. Returns the records that were another one's copies, and are gone.

    A pull may have seen one of them first, where nothing but the id names it, and made a record of its own; what
    was written to that one meanwhile moves over.

    `settled`: of these records changes have reached Odoo. Whatever else is open or refused still decides their state. In one
    statement: each writes the whole row anew, and all its indexes.
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
    ids = {record_id: odoo_id for odoo_id, record_id in kept.items()}
    concerned = [*ids, *(set(settled) - set(ids) - gone)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE endpoints_record r SET
                   odoo_id = COALESCE(s.odoo_id, r.odoo_id), state = COALESCE(s.state, r.state),
                   problem = CASE WHEN s.state IN ('pending', 'synced') THEN '' ELSE r.problem END,
                   base = CASE WHEN s.state IS NULL OR s.state = 'pending' THEN r.base END
               FROM (SELECT i.id, i.odoo_id, CASE WHEN i.settled THEN {STATE} END AS state
                     FROM unnest(%s::bigint[], %s::int[], %s::bool[]) AS i (id, odoo_id, settled)) AS s
               WHERE r.id = s.id AND (s.state IS NOT NULL OR r.odoo_id IS DISTINCT FROM s.odoo_id)""",  # noqa: S608
            [concerned, [ids.get(one) for one in concerned], [one in settled for one in concerned]],
        )
    return gone


def retire(record: Record) -> None:
    """It is no record of its own any more, or never was one. Its row stays for a while, for those who have seen it."""
    Record.objects.filter(pk=record.pk).update(
        external_id=None, odoo_id=None, base=None, digest="", problem="", state=SyncState.SYNCED,
        deleted_at=Now(), updated_at=Now(),
    )  # fmt: skip


def unread(changed: Mapping[int, Sequence[str]], created: Collection[int] = ()) -> None:
    """Odoo has changed these fields of records (by hub id) for the hub, and could not be asked what it has now: whoever writes them
    next knows nothing of them. Of those `created` just now nothing was known before.

    Nor is it known of what a write says that was refused: until it is read again the record shows that.
    """
    rows = [{"id": pk, "fields": fields, "new": pk in created} for pk, fields in changed.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_record r SET base = CASE WHEN v.new THEN '{}' ELSE
                   COALESCE(r.base, r."values" - ARRAY(
                       SELECT jsonb_object_keys(c."values") FROM endpoints_change c
                       WHERE c.record_id = r.id AND c.state IN ('pending', 'claimed', 'failed')))
                   - v.fields - %s END
               FROM jsonb_to_recordset(%s) AS v (id bigint, fields text[], new bool)
               -- Of what was deleted there is nothing to know.
               WHERE r.id = v.id AND (r.base IS NOT NULL OR r.deleted_at IS NULL)""",
            [RELATIONS, orjson.dumps(rows).decode()],
        )


def refused(record: Record, problem: str, *, conflict: bool = False, deletion: bool = False) -> None:
    """Odoo refused a change, or a person has to decide: the record says so. If that was its `deletion`, it is there again;
    what was deleted here alone stays so."""
    record.state, record.problem = SyncState.CONFLICT if conflict else SyncState.FAILED, problem
    if deletion and record.deleted_at is not None:
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


def remark(endpoint: EndpointSpec, odoo_ids: Collection[int], problem: str) -> None:
    """These were written through the endpoint, and no pull brings them: they say what that means.

    Without a digest, whatever brings them back is merged and takes the remark away.
    """
    if odoo_ids:
        Record.objects.filter(
            endpoint_id=endpoint.id, odoo_id__in=odoo_ids, state=SyncState.SYNCED, external_id__isnull=False
        ).update(problem=problem, digest="")


def say(endpoint: EndpointSpec, texts: Mapping[int, str]) -> None:
    """These (by Odoo id) are as Odoo has them, and a person has to know this of them."""
    if not texts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_record r SET problem = v.problem FROM unnest(%s::int[], %s::text[]) AS v (odoo_id, problem)
               WHERE r.endpoint_id = %s AND r.odoo_id = v.odoo_id AND r.state = 'synced' AND r.problem = ''""",
            [list(texts), list(texts.values()), endpoint.id],
        )
