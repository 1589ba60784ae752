"""The write use-case: what a consumer sends becomes a record and a change, in one transaction.

Odoo is asked for nothing but records that a write names and the hub has never seen, and never inside the transaction.
After the commit a worker is woken; if that message is lost the sweep finds the change all the same.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from endpoints import outbox, references, wakeup
from endpoints.models import OnDelete, Operation, Record, SyncState
from endpoints.registry import EndpointSpec
from mappings.convert import Values, differing, document_text, external_id
from mappings.line_error import LineError
from mappings.payload import Written, read_payload, repeats, sent_identifier
from mappings.relations import plain_values
from mappings.spec import MappingSpec
from synchub.errors import HubError
from synchub.odoo.wire import unsendable_text

EXTERNAL_ID_LENGTH = 255


class RecordMissing(HubError):
    """No record of that identifier."""


class NotPossible(HubError):
    """The endpoint's configuration does not allow this; the text says what would have to change."""


@dataclass(frozen=True)
class Who:
    """On whose behalf something is written: for the audit log."""

    request_id: str
    access_key: str


@dataclass(frozen=True)
class Stored:
    """A record as an answer needs it. `document` is JSON text."""

    handle: uuid.UUID
    external_id: str | None
    document: str
    state: str
    version: int


def find(endpoint: EndpointSpec, name: str) -> Stored:
    """The record called `name`: its identifier's value, or `~` and its handle. Raises RecordMissing."""
    found = (
        _called(endpoint, name).values_list("handle", "external_id", "document", "state", "version").first()
    )
    if found is None:
        raise _missing(name)
    return Stored(*found)


def create(endpoint: EndpointSpec, payloads: Sequence[Mapping[str, Any]], who: Who) -> list[Stored]:
    """Accept new records, all or none. Raises LineError, with `index` where several were sent."""
    several = len(payloads) != 1
    records: list[outbox.NewRecord] = []
    places: dict[str, int] = {}
    for index, payload in enumerate(payloads):
        try:
            record = _new_record(endpoint.mapping, payload)
            if record.external_id is not None:
                if record.external_id in places:
                    raise _duplicate(endpoint.mapping, record.external_id, "is sent twice")
                places[record.external_id] = index
        except LineError as error:
            error.index = index if several else None
            raise
        records.append(record)
    _check_references(endpoint, [record.written for record in records], several=several)
    try:
        with transaction.atomic():
            outbox.accept_new(endpoint.id, records, request_id=who.request_id, access_key=who.access_key)
            _wake(endpoint)
    except IntegrityError:
        raise _taken(endpoint, places, several=several) from None
    return [
        Stored(record.handle, record.external_id, record.document, SyncState.PENDING, 1) for record in records
    ]


def _check_references(endpoint: EndpointSpec, writes: Sequence[Values], *, several: bool) -> None:
    try:
        references.check(endpoint, writes)
    except LineError as error:
        error.index = error.index if several else None
        raise


def _taken(endpoint: EndpointSpec, places: Mapping[str, int], *, several: bool) -> LineError:
    """Which of these identifiers names a record already."""
    name = (
        Record.objects.filter(endpoint_id=endpoint.id, deleted_at=None, external_id__in=list(places))
        .order_by("id")
        .values_list("external_id", flat=True)
        .first()
    )
    # It may be gone again by now: another request deleted it meanwhile.
    name = name or next(iter(places))
    error = _duplicate(endpoint.mapping, name, "exists already")
    error.index = places[name] if several else None
    return error


def _new_record(spec: MappingSpec, payload: Mapping[str, Any]) -> outbox.NewRecord:
    written = read_payload(spec, payload, creating=True)
    values = plain_values(written.values)
    name = external_id(spec, values)
    if name is None and spec.identifier.to_odoo:
        key = spec.identifier.key
        raise LineError(
            f"“{key}” is required: it names the record.", code="REQUIRED", key=key, line=spec.identifier
        )
    _check_length(spec, name)
    return outbox.NewRecord(
        handle=uuid.uuid4(),
        external_id=name,
        document=document_text(spec, values, written.fragments),
        values=values,
        written=written.values,
        fragments=written.fragments,
    )


def update(endpoint: EndpointSpec, name: str, payload: Mapping[str, Any], who: Who) -> Stored:
    """Accept a change of the keys that were sent. Raises RecordMissing, LineError."""
    spec = endpoint.mapping
    written = read_payload(spec, payload, creating=False)
    _check_references(endpoint, [written.values], several=False)
    try:
        with transaction.atomic():
            record = _locked(endpoint, name)
            _check_identifier(spec, record, payload)
            changed = _changed(spec, record, written)
            if changed.values or record.state == SyncState.FAILED:
                _change(endpoint, record, changed if changed.values else written, who)
    except IntegrityError:
        raise _duplicate(spec, str(external_id(spec, written.values)), "exists already") from None
    return Stored(record.handle, record.external_id, record.document, record.state, record.version)


def _changed(spec: MappingSpec, record: Record, written: Written) -> Written:
    """What of a write is not so already."""
    same = {
        line.field.name
        for line in spec.relations
        if line.field.name in written.values
        and repeats(line, written.values[line.field.name], record.fragments.get(line.key))
    }
    values = {k: v for k, v in differing(written.values, record.values).items() if k not in same}
    fragments = {k: f for k, f in written.fragments.items() if spec.by_key[k].field.name in values}
    return Written(values, fragments)


def _change(endpoint: EndpointSpec, record: Record, written: Written, who: Who) -> None:
    spec = endpoint.mapping
    if record.base is None and record.odoo_id is not None:
        record.base = record.values
    record.values = record.values | plain_values(written.values)
    record.fragments, record.digest = record.fragments | written.fragments, ""
    record.document = document_text(spec, record.values, record.fragments)
    if spec.identifier.to_odoo and spec.identifier.field.name in written.values:
        record.external_id = external_id(spec, record.values)
        _check_length(spec, record.external_id)
    record.state, record.version, record.updated_at = SyncState.PENDING, record.version + 1, timezone.now()
    record.save()
    outbox.add(
        endpoint.id,
        record.pk,
        Operation.UPDATE,
        written,
        request_id=who.request_id,
        access_key=who.access_key,
    )
    _wake(endpoint)


def delete(endpoint: EndpointSpec, name: str, who: Who) -> None:
    """Hide the record at once and queue what the endpoint wants done in Odoo. Raises RecordMissing, NotPossible."""
    if endpoint.on_delete == OnDelete.ARCHIVE and not endpoint.mapping.can_archive:
        raise NotPossible(
            f"{endpoint.mapping.model} cannot be archived in Odoo. Set “on delete” of endpoint “{endpoint.name}” "
            "to delete or leave."
        )
    with transaction.atomic():
        record = _locked(endpoint, name)
        if record.base is None and record.odoo_id is not None:
            record.base = record.values
        record.deleted_at = record.updated_at = timezone.now()
        record.version += 1
        if endpoint.on_delete != OnDelete.IGNORE:
            # Without its digest it is looked at again, should somebody bring it back in Odoo.
            record.state, record.digest = SyncState.PENDING, ""
        record.save()
        if endpoint.on_delete != OnDelete.IGNORE:
            outbox.add(
                endpoint.id,
                record.pk,
                Operation.DELETE,
                Written(),
                request_id=who.request_id,
                access_key=who.access_key,
            )
            _wake(endpoint)


def _wake(endpoint: EndpointSpec) -> None:
    # Robust: what is committed is accepted, whatever becomes of the hint.
    transaction.on_commit(partial(wakeup.push, endpoint.id), robust=True)


def _called(endpoint: EndpointSpec, name: str) -> QuerySet[Record]:
    """The record of that name. A slash at its end may be part of it, or the one that every address may end in."""
    if unsendable_text(name):  # nothing that Odoo could hold, nor PostgreSQL look up
        raise RecordMissing("There is no such record.")
    bare = name.removesuffix("/")
    try:
        called = Q(handle=uuid.UUID(bare.removeprefix("~"))) if bare.startswith("~") else Q()
    except ValueError:  # an identifier may begin with ~ as well
        called = Q()
    called |= Q(external_id__in=[name, bare])
    # With the slash comes first what is called exactly so.
    return Record.objects.filter(called, endpoint_id=endpoint.id, deleted_at=None).order_by(
        Length("external_id").desc(nulls_last=True)
    )


def _locked(endpoint: EndpointSpec, name: str) -> Record:
    record = _called(endpoint, name).select_for_update().first()
    if record is None:
        raise _missing(name)
    return record


def _missing(name: str) -> RecordMissing:
    return RecordMissing(f"There is no record “{name if len(name) <= 80 else name[:80] + '…'}”.")


def _check_identifier(spec: MappingSpec, record: Record, payload: Mapping[str, Any]) -> None:
    """An identifier that Odoo gives may be repeated in a change, but not changed."""
    if spec.identifier.to_odoo:
        return
    sent = sent_identifier(spec, payload)
    if sent is not None and str(sent) != record.external_id:
        key = spec.identifier.key
        raise LineError(
            f"“{key}” names the record and cannot be changed.", code="READONLY", key=key, line=spec.identifier
        )


def _check_length(spec: MappingSpec, name: str | None) -> None:
    if name is not None and len(name) > EXTERNAL_ID_LENGTH:
        raise LineError(
            f"“{spec.identifier.key}” has {len(name)} characters; a name has {EXTERNAL_ID_LENGTH} at most.",
            code="TYPE",
            key=spec.identifier.key,
            line=spec.identifier,
        )


def _duplicate(spec: MappingSpec, name: str, what: str) -> LineError:
    key = spec.identifier.key
    return LineError(f"“{key}”: “{name}” {what}.", code="DUPLICATE", key=key, line=spec.identifier)
