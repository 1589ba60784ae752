"""What a request writes, straight to Odoo."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from endpoints import access, attempts, dialogs, scripting
from endpoints.bearers import bearers, check_free, check_not_on_its_way, is_archived
from endpoints.expected import NOTHING, Expected
from endpoints.incoming import (
    New,
    Once,
    Stored,
    check_can_delete,
    check_identifier,
    read_new,
    taken,
    without_same_name,
)
from endpoints.live.documents import stored_as
from endpoints.live.done import are_reached, check_still_reached, done_already, rest_is_done
from endpoints.live.reading import client_of, first, read_again, row_of, what_is_left
from endpoints.live.said import as_said, check_said, without_untold
from endpoints.live.steps import complete, execute, resolve_all, translate
from endpoints.live.telling import tell_mirrors
from endpoints.models import OnDelete
from endpoints.refused import traced
from endpoints.registry import ActionSpec, EndpointSpec
from endpoints.turns import naming, turn
from mappings.convert import external_id, from_row
from mappings.normal import surely
from mappings.payload import Written, read_payload, sent_identifier
from mappings.resolve import Item
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient


def create(
    endpoint: EndpointSpec, payloads: Sequence[Mapping[str, Any]], key: Once | None = None
) -> list[Stored]:
    """Create all or none, in one call. Raises LineError, OdooError; those of `once.begin`.

    Under an idempotency key the records get external ids of their own in Odoo, so that whoever repeats the request
    after a lost answer finds what the first one made.
    """
    new = _read_new(endpoint, payloads)
    with (
        client_of(endpoint) as client,
        attempts.attempt(key, client, endpoint.mapping.model, len(new)) as attempt,
    ):
        return _create(endpoint, payloads, new, client, attempt)


def _read_new(endpoint: EndpointSpec, payloads: Sequence[Mapping[str, Any]]) -> list[New]:
    new = read_new(endpoint.mapping, payloads)
    scripting.add_to_new(endpoint, payloads, new)
    return new


def _create(
    endpoint: EndpointSpec,
    payloads: Sequence[Mapping[str, Any]],
    new: Sequence[New],
    client: OdooClient,
    attempt: attempts.Attempt,
) -> list[Stored]:
    # Odoo would take the same name twice from two who look for it at once.
    with naming(endpoint.connection_id, endpoint.mapping.model, [one.external_id for one in new]):
        ids = attempt.made_before() or _created(endpoint, new, client, attempt)
    attempt.is_made = True
    tell_mirrors(endpoint, ids)
    if endpoint.mapping.is_translated:
        with done_already(endpoint, client):
            rows = read_again(endpoint, ids, client)
        with rest_is_done():
            complete(endpoint, new, rows, client)
    stored = [replace(one, is_new=True) for one in _finished(endpoint, ids, payloads, client)]
    attempt.complete(stored)
    return stored


def _finished(
    endpoint: EndpointSpec, ids: Sequence[int], payloads: Sequence[Mapping[str, Any]], client: OdooClient
) -> list[Stored]:
    """Records that Odoo has taken, once scripts have done with them what they do."""
    with done_already(endpoint, client):
        rows = read_again(endpoint, ids, client)
    with rest_is_done():
        execute(endpoint, list(zip(rows, payloads, strict=True)), client)
    with done_already(endpoint, client):
        check_still_reached(endpoint, ids, client)
        return stored_as(endpoint, rows, client)


def _created(
    endpoint: EndpointSpec, new: Sequence[New], client: OdooClient, attempt: attempts.Attempt
) -> list[int]:
    spec = endpoint.mapping
    if not spec.named_by_odoo:
        field = spec.identifier.field.name
        sent = {one.values[field]: one.external_id for one in new}
        # Sent so before, it has become this: nothing is kept here that would tell.
        become = {
            other: one for one in sent if isinstance(one, str) for other in surely(spec.identifier, one)
        }
        check_not_on_its_way(endpoint, sent)
        there = bearers(spec, [*sent, *become], client)
        if there:
            # The first attempt may have come through since it was looked for.
            made = attempt.made_before()
            if made is not None:
                return made
            name = str(external_id(spec, there[0]))
            # An endpoint may be one of archived records: there it is a record like any other.
            if len(new) == 1 and is_archived(spec, there) and first(endpoint, [name], client) is None:
                return [_brought_back(endpoint, there[0]["id"], new[0], client)]
            if there[0][field] in sent:
                raise taken(spec, new, name)
            raise taken(spec, new, str(sent[become[there[0][field]]]), f"exists already, as “{name}”")
    items = [Item(None, one.written.values) for one in new]
    attempt.name(items)
    resolve_all(endpoint, items, client)
    access.check_would_be_inside(endpoint, items)
    with traced(spec, items):
        return attempt.create(spec, items)


def _brought_back(endpoint: EndpointSpec, odoo_id: int, new: New, client: OdooClient) -> int:
    """What is archived is written over and seen again, as a push has it: who posts a record wants it to be seen."""
    spec = endpoint.mapping
    [row] = read_again(endpoint, [odoo_id], client)
    item = Item(odoo_id, new.written.values, base={**from_row(spec, row), spec.archive: True})
    # Neither what an access key does not reach, nor what it would not reach then.
    access.check_would_be_inside(endpoint, [replace(item, written={})])
    resolve_all(endpoint, [item], client)
    access.check_would_be_inside(endpoint, [item])
    with traced(spec, [item]):
        client.write(spec.model, [odoo_id], {spec.archive: True} | item.wire(spec))
    return odoo_id


def update(
    endpoint: EndpointSpec, name: str, payload: Mapping[str, Any], expected: Expected = NOTHING
) -> Stored:
    """Write what differs. Raises RecordMissing, LineError, PreconditionFailed, OdooError."""
    spec = endpoint.mapping
    check_said(spec, payload)
    with client_of(endpoint) as client, _in_turn(endpoint, name, expected):
        row = _expected_row(endpoint, name, expected, client)
        payload = without_untold(spec, payload, row)
        written = read_payload(spec, payload, creating=False)
        called = external_id(spec, from_row(spec, row))
        check_identifier(spec, called, payload)
        written = without_same_name(spec, called, payload, written)
        return _change(endpoint, row, payload, written, client)


def upsert(
    endpoint: EndpointSpec,
    name: str | None,
    payload: Mapping[str, Any],
    key: Once | None = None,
    expected: Expected = NOTHING,
) -> Stored:
    """Change the record that is called exactly so, or make it. Under one attempt, as it is one request.

    Raises LineError, PreconditionFailed, OdooError; those of `once.begin`.
    """
    spec = endpoint.mapping
    check_said(spec, payload)
    with (
        client_of(endpoint) as client,
        _in_turn(endpoint, name or "", expected),
        naming(endpoint.connection_id, spec.model, [name]),
        attempts.attempt(key, client, spec.model, 1) as attempt,
    ):
        known = None
        if name is not None and attempt.made_before() is None:
            sent = sent_identifier(spec, payload)
            known = first(endpoint, [sent if isinstance(sent, str) else name], client)
        if known is None:
            expected.check_missing()
            return _create(endpoint, [payload], _read_new(endpoint, [payload]), client, attempt)[0]
        _check(endpoint, known, expected, client)
        payload = without_untold(spec, payload, known)
        written = read_payload(spec, payload, creating=False)
        written = without_same_name(spec, external_id(spec, from_row(spec, known)), payload, written)
        # Done twice it does what it does once, so where the answer got lost it is simply done again.
        stored = _change(endpoint, known, payload, written, client)
        attempt.is_made = True
        attempt.complete([stored])
        return stored


def _change(
    endpoint: EndpointSpec,
    row: dict[str, Any],
    payload: Mapping[str, Any],
    written: Written,
    client: OdooClient,
) -> Stored:
    spec = endpoint.mapping
    written = as_said(spec, endpoint.connection_id, row, payload, written, client)
    scripting.add_to_change(endpoint, payload, written, row)
    item = Item(row["id"], written.values, base=from_row(spec, row))
    resolve_all(endpoint, [item], client)
    access.check_would_be_inside(endpoint, [item])
    wire = item.wire(spec)
    with naming(endpoint.connection_id, spec.model, [_new_name(spec, item)]):
        check_free(spec, item, client)
        if wire:
            with traced(spec, [item]):
                client.write(spec.model, [row["id"]], wire)
    with rest_is_done() if wire else nullcontext():
        is_changed = translate(endpoint, [item], client) or bool(wire)
    if is_changed:
        tell_mirrors(endpoint, [row["id"]], wire)
        return _finished(endpoint, [row["id"]], [payload], client)[0]
    execute(endpoint, [(row, payload)], client)
    return stored_as(endpoint, [row], client)[0]


def _new_name(spec: MappingSpec, item: Item) -> str | None:
    named = not spec.named_by_odoo and spec.identifier.field.name in item.values
    return external_id(spec, item.values) if named else None


def delete(endpoint: EndpointSpec, name: str, expected: Expected = NOTHING) -> None:
    """Delete or archive in Odoo, as the endpoint says. Raises RecordMissing, NotPossible, PreconditionFailed,
    OdooError."""
    check_can_delete(endpoint)
    with client_of(endpoint) as client, _in_turn(endpoint, name, expected):
        row = _expected_row(endpoint, name, expected, client)
        if endpoint.on_delete == OnDelete.ARCHIVE:
            client.write(endpoint.mapping.model, [row["id"]], {endpoint.mapping.archive: False})
        elif endpoint.on_delete == OnDelete.UNLINK:
            client.unlink(endpoint.mapping.model, [row["id"]])
        tell_mirrors(endpoint, [row["id"]])


def act(
    endpoint: EndpointSpec,
    name: str,
    action: ActionSpec,
    parameters: Mapping[str, Any],
    key: Once | None = None,
    expected: Expected = NOTHING,
) -> Stored:
    """Call a method of Odoo on the record. Raises RecordMissing, PreconditionFailed, NotPossible, OdooError; those of
    `once.begin`."""
    model = endpoint.mapping.model
    with client_of(endpoint) as client, _in_turn(endpoint, name, expected):
        row = _expected_row(endpoint, name, expected, client)
        with attempts.attempt(key, client, model, 1) as attempt:
            attempt.check_may_repeat(action.name, repeatable=action.repeatable)
            answer = client.execute(model, action.method, [row["id"]], **parameters)
            if undone := dialogs.left_open(action.name, answer):
                raise OdooPermanent(undone)
            attempt.is_made = True
            tell_mirrors(endpoint, [row["id"]])
            with done_already(endpoint, client):
                rows = what_is_left(endpoint, [row["id"]], client)
                # One that the action has removed, or put out of the access key's or the hub's user's reach, is shown as it was.
                there = rows if are_reached(endpoint, [row["id"]], client) else []
                stored = stored_as(endpoint, there or [row], client)
            attempt.complete(stored)
            return stored[0]


def _in_turn(endpoint: EndpointSpec, name: str, expected: Expected) -> AbstractContextManager[None]:
    """Odoo cannot compare and write in one step; consumers of the hub, at least, do not come in between."""
    return turn(endpoint.id, name) if expected else nullcontext()


def _expected_row(
    endpoint: EndpointSpec, name: str, expected: Expected, client: OdooClient
) -> dict[str, Any]:
    row = row_of(endpoint, name, client)
    _check(endpoint, row, expected, client)
    return row


def _check(endpoint: EndpointSpec, row: dict[str, Any], expected: Expected, client: OdooClient) -> None:
    if expected:
        expected.check(stored_as(endpoint, [row], client)[0].tag)
