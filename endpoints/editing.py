"""A refused change, put right by a person: what it writes as JSON, and back.

Keys that cannot be shown as a consumer would send them (constants, scripts) stay as they were accepted.
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from endpoints import decisions, overtaken, queued, registry, renamed
from endpoints.incoming import check_identifier, check_length, duplicate, is_taken
from endpoints.layers import lay
from endpoints.models import Change, ChangeState, Operation, Record
from mappings.convert import external_id
from mappings.paths import put
from mappings.payload import Written, read_payload, sent_identifier
from mappings.relations import is_structure, lost_fields
from mappings.spec import LineSpec, MappingSpec


def sent(spec: MappingSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON that a consumer would send to write these values."""
    result: dict[str, Any] = {}
    for line in spec.incoming:
        if line.constant is not None or line.script is not None or line.field.name not in values:
            continue
        value = values[line.field.name]
        if is_structure(value) and ("$commands" in value or lost_fields(spec, {line.field.name: value})):
            continue
        put(result, line.path, _outside(line, value))
    return result


def _outside(line: LineSpec, value: Any) -> Any:
    if line.nested is None:
        return line.present(value)
    if not is_structure(value):
        return value
    if "$ref" in value:
        return _record(line.nested, value)
    for name in ("$set", "$children"):
        if name in value:
            return [_record(line.nested, one) for one in value[name]]
    return {name: [_record(line.nested, one) for one in value[f"${name}"]] for name in ("add", "remove")}


def _record(spec: MappingSpec, ref: Mapping[str, Any]) -> Any:
    name = None if ref["$ref"] is None else spec.identifier.present(ref["$ref"])
    inside = sent(spec, ref["$values"])
    return {spec.identifier.key: name, **inside} if inside or name is None else name


def may_edit(change: Change) -> bool:
    """Has Odoo refused values that it writes? An action has none, nor has a deletion."""
    return change.state == ChangeState.FAILED and change.operation not in (
        Operation.ACTION,
        Operation.DELETE,
    )


def shown(spec: MappingSpec, change: Change) -> dict[str, Any]:
    """What a person edits: as a consumer would send what is still to be written of a refused change."""
    return sent(spec, overtaken.left(change.values, overtaken.since([change.pk]).get(change.pk, {})))


def edit(change_id: int, payload: Mapping[str, Any], who: str) -> bool:
    """Give a refused change other values and queue it again. False: it is no longer refused. Raises LineError."""
    try:
        with transaction.atomic():
            return _edit(change_id, payload, who)
    except IntegrityError as error:
        if not is_taken(error):
            raise
        spec = registry.get(Change.objects.get(pk=change_id).endpoint.name).mapping
        raise duplicate(spec, str(sent_identifier(spec, payload)), "exists already") from None


def _edit(change_id: int, payload: Mapping[str, Any], who: str) -> bool:
    found = Change.objects.select_related("endpoint").get(pk=change_id)
    record = Record.objects.select_for_update(of=("self",)).select_related("endpoint").get(pk=found.record_id)
    change = Change.objects.select_for_update().filter(pk=change_id).first()
    if change is None or not may_edit(change):
        return False
    spec = registry.get(record.endpoint.name).mapping
    creating = change.operation == Operation.CREATE
    written = read_payload(spec, payload, creating=creating)
    if not creating:
        check_identifier(spec, record.external_id, payload)
    # What the person left as it was gives way to what has been written since; what he put there does not.
    before = _kept(spec, change) | {
        name: value
        for name, value in written.values.items()
        if name in change.values and change.values[name] == value
    }
    still = overtaken.left(before, overtaken.since([change.pk]).get(change.pk, {}))
    edited = {name: value for name, value in written.values.items() if name not in before}
    change.values = still | edited
    change.fragments = {
        key: one for key, one in written.fragments.items() if spec.by_key[key].field.name in change.values
    }
    if change.request is not None:
        change.request = {**change.request, **payload}
    change.save(update_fields=["values", "fragments", "request"])
    decisions.send([change.pk], who)
    record.refresh_from_db(fields=["state", "problem"])
    before = record.values
    waiting = queued.open_writes([record.pk]).get(record.pk, Written())
    there = {} if record.odoo_id is None else record.values if record.base is None else record.base
    lay(record, there, waiting)
    if record.odoo_id is None:
        record.base = None
        record.external_id = external_id(spec, record.values)
        check_length(spec, record.external_id)
    renamed.follow(registry.get(record.endpoint.name), record, before)
    record.version, record.updated_at = record.version + 1, timezone.now()
    record.save()
    return True


def _kept(spec: MappingSpec, change: Change) -> dict[str, Any]:
    """What of the change cannot be shown, and so cannot be edited. What nobody can write any more goes."""
    lost = lost_fields(spec, change.values)
    shown = {line.field.name for line in spec.incoming if line.constant is None and line.script is None}
    return {
        name: value
        for name, value in change.values.items()
        if name not in lost and (name not in shown or (is_structure(value) and "$commands" in value))
    }
