"""Live mode: each request becomes calls to Odoo and answers with what Odoo says. Nothing is stored.

The same mapping as in the mirror, and the same checks before Odoo is asked. A list costs a search and a count, one
record a search; each relation one call more, however many records there are.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

from endpoints import access, attempts, scripting
from endpoints.bearers import bearers, check_free, is_archived
from endpoints.expected import NOTHING, Expected
from endpoints.incoming import (
    New,
    Once,
    RecordMissing,
    Stored,
    check_can_delete,
    check_identifier,
    read_new,
    taken,
)
from endpoints.models import OnDelete, SyncState
from endpoints.refused import traced
from endpoints.registry import ActionSpec, EndpointSpec
from endpoints.terms import Condition, terms
from endpoints.turns import turn
from mappings import domains, languages, nested, scripted
from mappings.clients import client_for
from mappings.convert import Values, document_text, external_id, from_row
from mappings.creating import write_translations
from mappings.fieldtypes import WrongValue
from mappings.models import Connection
from mappings.payload import Written, read_payload
from mappings.resolve import Item, resolve, translated_children
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient

logger = logging.getLogger(__name__)


@contextmanager
def _client(endpoint: EndpointSpec) -> Iterator[OdooClient]:
    with client_for(Connection.objects.get(pk=endpoint.connection_id)) as client:
        yield client


def page(
    endpoint: EndpointSpec,
    conditions: Sequence[Condition],
    order: Sequence[str],
    limit: int,
    offset: int,
    language: str = "",
) -> tuple[int, list[str]]:
    """(how many match, the documents of one page). `order` holds Odoo's own terms: `name desc`, in this language."""
    model = endpoint.mapping.model
    with _client(endpoint) as client:
        domain = _domain(endpoint, conditions, client)
        shown, by = endpoint.odoo_fields, ", ".join([*order, "id"])
        if language:
            context = {"lang": language}
            ids = client.search(model, domain, limit=limit, offset=offset, order=by, context=context)
            rows = client.read(model, ids, shown)
        else:
            rows = client.search_read(model, domain, shown, limit=limit, offset=offset, order=by)
        full = len(rows) == limit or (offset and not rows)
        count = client.search_count(model, domain) if full else offset + len(rows)
        return count, _documents(endpoint, rows, client)


def walk(
    endpoint: EndpointSpec, conditions: Sequence[Condition], after: int | None, limit: int
) -> tuple[list[str], int | None]:
    """(the documents behind Odoo's id `after`, the id to go on behind or None at the end)."""
    with _client(endpoint) as client:
        domain = _domain(endpoint, conditions, client)
        if after is not None:
            domain = domains.both(domain, [("id", ">", after)])
        rows = client.search_read(
            endpoint.mapping.model, domain, endpoint.odoo_fields, limit=limit + 1, order="id"
        )
        shown = rows[:limit]
        return _documents(endpoint, shown, client), shown[-1]["id"] if len(rows) > limit else None


def _domain(endpoint: EndpointSpec, conditions: Sequence[Condition], client: OdooClient) -> domains.Domain:
    """A condition on another language than the connection's, or on what Odoo cannot compare, costs a call of its own."""
    domain = endpoint.domain
    for one in conditions:
        found = terms(one)
        if one.line is not None:
            found = [("id", "in", _shown_like(endpoint, one.line, one.value, client))]
        elif one.field.language:
            ids = client.search(
                endpoint.mapping.model, domains.both(endpoint.domain, found), order="id",
                context={"lang": one.field.language},
            )  # fmt: skip
            found = [("id", "in", ids)]
        domain = domains.both(domain, found)
    return domain


def _shown_like(endpoint: EndpointSpec, line: LineSpec, value: Any, client: OdooClient) -> list[int]:
    """The ids of the records whose value is shown like this one: those near it are read, and compared here."""
    near: domains.Domain = []
    for operator, other in line.near(value):
        near = domains.both(near, terms(Condition(line.field, operator, other)))
    rows = client.search_read(
        endpoint.mapping.model, domains.both(endpoint.domain, near), [line.field.odoo_name], order="id",
        context={"lang": line.field.language} if line.field.language else None,
    )  # fmt: skip
    shown, canonical = line.present(value), line.field.type.from_wire
    return [row["id"] for row in rows if line.present(canonical(row[line.field.odoo_name])) == shown]


def find(endpoint: EndpointSpec, name: str) -> Stored:
    """The record called `name`. Raises RecordMissing."""
    with _client(endpoint) as client:
        row = _row(endpoint, name, client)
        return _stored(endpoint, [row], client)[0]


def create(
    endpoint: EndpointSpec, payloads: Sequence[Mapping[str, Any]], key: Once | None = None
) -> list[Stored]:
    """Create all or none, in one call. Raises LineError, OdooError; those of `once.begin`.

    Under an idempotency key the records get external ids of their own in Odoo, so that whoever repeats the request
    after a lost answer finds what the first one made.
    """
    new = _read_new(endpoint, payloads)
    with (
        _client(endpoint) as client,
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
    ids = attempt.made_before() or _created(endpoint, new, client, attempt)
    attempt.is_made = True
    if endpoint.mapping.is_translated:
        _complete(endpoint, new, _read(endpoint, ids, client), client)
    rows = _read(endpoint, ids, client)
    _execute(endpoint, list(zip(rows, payloads, strict=True)), client)
    stored = [replace(one, is_new=True) for one in _stored(endpoint, rows, client)]
    attempt.complete(stored)
    return stored


def _created(
    endpoint: EndpointSpec, new: Sequence[New], client: OdooClient, attempt: attempts.Attempt
) -> list[int]:
    spec = endpoint.mapping
    if not spec.named_by_odoo:
        there = bearers(spec, [one.values[spec.identifier.field.name] for one in new], client)
        if there:
            # The first attempt may have come through since it was looked for.
            made = attempt.made_before()
            if made is not None:
                return made
            name = str(external_id(spec, there[0]))
            # An endpoint may be one of archived records: there it is a record like any other.
            if len(new) == 1 and is_archived(there) and _first(endpoint, [name], client) is None:
                return [_brought_back(endpoint, there[0]["id"], new[0], client)]
            raise taken(spec, new, name)
    items = [Item(None, one.written.values) for one in new]
    attempt.name(items)
    _resolve(endpoint, items, client)
    access.check_would_be_inside(endpoint, items)
    with traced(spec, items):
        return attempt.create(spec, items)


def _brought_back(endpoint: EndpointSpec, odoo_id: int, new: New, client: OdooClient) -> int:
    """What is archived is written over and seen again, as a push has it: who posts a record wants it to be seen."""
    spec = endpoint.mapping
    [row] = _read(endpoint, [odoo_id], client)
    item = Item(odoo_id, new.written.values, base={**from_row(spec, row), "active": True})
    # Neither what an access key does not reach, nor what it would not reach then.
    access.check_would_be_inside(endpoint, [replace(item, written={})])
    _resolve(endpoint, [item], client)
    access.check_would_be_inside(endpoint, [item])
    with traced(spec, [item]):
        client.write(spec.model, [odoo_id], {"active": True} | item.wire(spec))
    return odoo_id


def update(
    endpoint: EndpointSpec, name: str, payload: Mapping[str, Any], expected: Expected = NOTHING
) -> Stored:
    """Write what differs. Raises RecordMissing, LineError, PreconditionFailed, OdooError."""
    spec = endpoint.mapping
    written = read_payload(spec, payload, creating=False)
    with _client(endpoint) as client, _in_turn(endpoint, name, expected):
        row = _expected_row(endpoint, name, expected, client)
        check_identifier(spec, external_id(spec, from_row(spec, row)), payload)
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
    written = read_payload(spec, payload, creating=False)
    with (
        _client(endpoint) as client,
        _in_turn(endpoint, name or "", expected),
        attempts.attempt(key, client, spec.model, 1) as attempt,
    ):
        known = None
        if name is not None and attempt.made_before() is None:
            known = _first(endpoint, [name], client)
        if known is None:
            expected.check_missing()
            return _create(endpoint, [payload], _read_new(endpoint, [payload]), client, attempt)[0]
        _check(endpoint, known, expected, client)
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
    scripting.add_to_change(endpoint, payload, written, row)
    item = Item(row["id"], written.values, base=from_row(spec, row))
    _resolve(endpoint, [item], client)
    access.check_would_be_inside(endpoint, [item])
    check_free(spec, item, client)
    wire = item.wire(spec)
    if wire:
        with traced(spec, [item]):
            client.write(spec.model, [row["id"]], wire)
    if _translate(endpoint, [item], client) or wire:
        [row] = _read(endpoint, [row["id"]], client)
    _execute(endpoint, [(row, payload)], client)
    return _stored(endpoint, [row], client)[0]


def delete(endpoint: EndpointSpec, name: str, expected: Expected = NOTHING) -> None:
    """Delete or archive in Odoo, as the endpoint says. Raises RecordMissing, NotPossible, PreconditionFailed,
    OdooError."""
    check_can_delete(endpoint)
    with _client(endpoint) as client, _in_turn(endpoint, name, expected):
        row = _expected_row(endpoint, name, expected, client)
        if endpoint.on_delete == OnDelete.ARCHIVE:
            client.write(endpoint.mapping.model, [row["id"]], {"active": False})
        elif endpoint.on_delete == OnDelete.UNLINK:
            client.unlink(endpoint.mapping.model, [row["id"]])


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
    with _client(endpoint) as client, _in_turn(endpoint, name, expected):
        row = _expected_row(endpoint, name, expected, client)
        with attempts.attempt(key, client, model, 1) as attempt:
            attempt.check_may_repeat(action.name, repeatable=action.repeatable)
            client.execute(model, action.method, [row["id"]], **parameters)
            attempt.is_made = True
            rows = client.read(model, [row["id"]], endpoint.odoo_fields)
            rows = languages.added(endpoint.mapping, rows, client)
            # One that the action has removed is shown as it was.
            stored = _stored(endpoint, rows or [row], client)
            attempt.complete(stored)
            return stored[0]


def _in_turn(endpoint: EndpointSpec, name: str, expected: Expected) -> AbstractContextManager[None]:
    """Odoo cannot compare and write in one step; consumers of the hub, at least, do not come in between."""
    return turn(endpoint.id, name) if expected else nullcontext()


def _expected_row(
    endpoint: EndpointSpec, name: str, expected: Expected, client: OdooClient
) -> dict[str, Any]:
    row = _row(endpoint, name, client)
    _check(endpoint, row, expected, client)
    return row


def _check(endpoint: EndpointSpec, row: dict[str, Any], expected: Expected, client: OdooClient) -> None:
    if expected:
        expected.check(_stored(endpoint, [row], client)[0].tag)


def _execute(
    endpoint: EndpointSpec,
    written: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    client: OdooClient,
) -> None:
    for problem in scripted.execute(endpoint.mapping, endpoint.connection_id, written, client):
        if problem is not None:
            raise problem


def _complete(
    endpoint: EndpointSpec, new: Sequence[New], rows: Sequence[dict[str, Any]], client: OdooClient
) -> None:
    """New records get their values in other languages; those of an earlier attempt, what that one did not get to."""
    spec = endpoint.mapping
    items = [
        Item(row["id"], one.written.values, base=from_row(spec, row))
        for one, row in zip(new, rows, strict=True)
    ]
    _resolve(endpoint, items, client)
    _translate(endpoint, items, client)


def _translate(endpoint: EndpointSpec, items: Sequence[Item], client: OdooClient) -> bool:
    """Write what is in other languages, a few calls for each. Was there anything?"""
    parts: dict[int, tuple[MappingSpec, list[tuple[int, Mapping[str, Values]]]]] = {}
    new = any(child.odoo_id is None for item in items for _, child in item.inside())
    children = translated_children(endpoint.mapping, items, client) if new else items
    for item, again in zip(items, children, strict=True):
        for spec, one in [(endpoint.mapping, item), *again.inside()]:
            if one.translations and one.odoo_id is not None:
                parts.setdefault(id(spec), (spec, []))[1].append((one.odoo_id, one.translations))
    with traced(endpoint.mapping, items):
        for spec, records in parts.values():
            write_translations(spec, records, client)
    return bool(parts)


def _resolve(endpoint: EndpointSpec, items: Sequence[Item], client: OdooClient) -> None:
    resolve(endpoint.mapping, items, client)
    for index, item in enumerate(items):
        if item.problem is not None:
            item.problem.index = index if len(items) != 1 else None
            raise item.problem


def _row(endpoint: EndpointSpec, name: str, client: OdooClient) -> dict[str, Any]:
    # A slash at the end may be part of the name, or the one that every address may end in.
    row = _first(endpoint, [name, name.removesuffix("/")], client)
    if row is None:
        raise RecordMissing(name)
    return row


def _first(endpoint: EndpointSpec, names: Sequence[str], client: OdooClient) -> dict[str, Any] | None:
    """The endpoint's record that has one of these names."""
    spec = endpoint.mapping
    values: list[Any] = []
    for name in dict.fromkeys(names):
        try:
            values.append(spec.named(name))
        except WrongValue:
            continue
    if not values:
        return None
    domain = domains.both(endpoint.domain, [(spec.identifier.field.name, "in", values)])
    rows = client.search_read(spec.model, domain, endpoint.odoo_fields, limit=1, order="id")
    return languages.added(spec, rows, client)[0] if rows else None


def _read(endpoint: EndpointSpec, ids: Sequence[int], client: OdooClient) -> list[dict[str, Any]]:
    spec = endpoint.mapping
    return languages.added(spec, client.read(spec.model, ids, endpoint.odoo_fields), client)


def _documents(endpoint: EndpointSpec, rows: Sequence[Mapping[str, Any]], client: OdooClient) -> list[str]:
    spec = endpoint.mapping
    rows = languages.added(spec, rows, client)
    inner = nested.Reader(endpoint.connection_id, client).inner(spec, rows)
    problems = dict.fromkeys(one.problem for one in inner if one.problem)
    if problems:  # there is no record here that could tell it in admin
        logger.warning("Of “%s” null is shown: %s", endpoint.name, "; ".join(list(problems)[:3]))
    return [
        document_text(spec, from_row(spec, row), one.fragments) for row, one in zip(rows, inner, strict=True)
    ]


def _stored(endpoint: EndpointSpec, rows: Sequence[Mapping[str, Any]], client: OdooClient) -> list[Stored]:
    names = [external_id(endpoint.mapping, from_row(endpoint.mapping, row)) for row in rows]
    documents = _documents(endpoint, rows, client)
    return [
        Stored(None, name, document, SyncState.SYNCED, 0)
        for name, document in zip(names, documents, strict=True)
    ]
