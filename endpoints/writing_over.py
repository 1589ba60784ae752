"""A write to a record that is there: what of it is not so already, and the change that brings it to Odoo."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.utils import timezone

from endpoints import access, heirs, inbox, matching, outbox, queued, renamed, wakeup
from endpoints.incoming import Stored, Who, check_length
from endpoints.layers import as_odoo_has
from endpoints.models import Conflicts, Operation, Record, SyncState
from endpoints.registry import EndpointSpec
from mappings import languages
from mappings.convert import Values, differing, document_text, external_id
from mappings.fieldtypes import BooleanType, X2manyType
from mappings.filled import filled
from mappings.payload import Written, repeats
from mappings.relations import is_partial, is_structure, plain_values, seen_lines
from mappings.seen import shown_lines
from mappings.spec import LineSpec, MappingSpec
from mappings.unsaid import has_null, without_unsaid


def as_said(spec: MappingSpec, called: QuerySet[Record], payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a change says: null, sent back where Odoo has not told what is there, would empty it."""
    if not has_null(payload):
        return payload
    found = called.values_list("state", "document", "values").first()
    if found is None:
        return payload
    state, document, values = found
    # An empty list is a list, and no is no null. Of everything else, what Odoo did not tell is as good as empty.
    fields = (line.field for line in spec.lines if line.nested is None)
    untold = {
        one.name
        for one in fields
        if isinstance(one.type, (X2manyType, BooleanType)) and values.get(one.name) is None
    }
    if state == SyncState.SYNCED and not untold:
        return payload
    return without_unsaid(spec, payload, orjson.loads(document), values.keys() - untold)


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
    hidden, waiting = set[str](), set[str]()
    if record.state != SyncState.SYNCED:
        hidden, waiting = queued.not_as_shown(record.pk, record.values)
    shown = {name: value for name, value in record.values.items() if name not in hidden | waiting}
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


def _repeats(spec: MappingSpec, line: LineSpec, value: Any, record: Record) -> bool:
    """Does a write only say what the record shows already?"""
    name = line.field.name
    if line.nested is not None:
        return line.from_odoo and repeats(line, value, record.fragments.get(line.key))
    return name in record.values and spec.shows_the_same(name, value, record.values[name])


def keep_what_odoo_has(record: Record) -> None:
    """Before something is laid over it."""
    if (
        record.base is None
        and record.odoo_id is not None
        and (record.state == SyncState.SYNCED or not queued.is_being_made(record.pk))
    ):
        record.base = as_odoo_has(record.values, record.fragments)


def _change(endpoint: EndpointSpec, record: Record, written: Written, who: Who) -> int:
    spec = endpoint.mapping
    lines = _seen_of_lines(endpoint, record, written)
    keep_what_odoo_has(record)
    seen = (
        {name: record.base[name] for name in written.values if name in (record.base or {})} | lines
        if record.base
        else None
    )
    fragments = filled(spec, written.values, written.fragments, record.fragments)
    written = replace(written, fragments=fragments)
    called, before = called_so_far(spec, record), record.values
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
    if record.odoo_id is None:
        matching.has_changed(endpoint.id, spec, record, before)
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
        if not any(is_structure(value) and "$children" in value for value in written.values.values()):
            return refused
        laid_over = queued.not_odoo_s(record.pk)
        as_in_odoo = {name: value for name, value in written.values.items() if name not in laid_over}
        return shown_lines(spec, as_in_odoo, record.fragments) | refused
    asks = {
        seen_lines(line.field.name)
        for line in spec.written_relations
        if (line.conflicts or endpoint.conflicts) == Conflicts.ASK
    }
    shown = shown_lines(spec, written.values, record.fragments)
    return shown | {name: lines for name, lines in refused.items() if name in asks}


def called_so_far(spec: MappingSpec, record: Record) -> dict[str, Any]:
    """Its name, with the identifier's value."""
    if record.external_id is None:
        return {}
    return {record.external_id: record.values.get(spec.identifier.field.name)}


def wake(endpoint: EndpointSpec) -> None:
    wakeup.once_committed(wakeup.push, endpoint.id)
