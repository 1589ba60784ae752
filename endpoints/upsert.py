"""POST on an endpoint where known records are changed and only unknown ones made: all or nothing, in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from endpoints import once, records, scripting, writing_over
from endpoints.access import OUTSIDE
from endpoints.expected import Expected
from endpoints.incoming import (
    NotAllowed,
    RecordMissing,
    Stored,
    Who,
    duplicate,
    is_taken,
    read_new,
    taken,
    without_same_name,
)
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from endpoints.rollbacks import tried_again
from mappings.convert import external_id
from mappings.fieldtypes import WrongValue
from mappings.line_error import LineError
from mappings.payload import read_payload, sent_identifier
from mappings.spec import MappingSpec

TRIES = 20
Payload = Mapping[str, Any]


class _Moved(Exception):
    """A record came or went since it was looked for."""


def upsert(endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who, expected: Expected) -> list[Stored]:
    """In the order given; `is_new` tells which were made. Raises LineError, with `index` where several were sent;
    PreconditionFailed; once.Taken."""
    names = _as_shown(endpoint, payloads, list(_names(endpoint.mapping, payloads)))
    _check_once(endpoint.mapping, names)
    for _ in range(TRIES):
        try:
            return _upsert(endpoint, payloads, names, who, expected)
        except _Moved:
            continue
    # Somebody makes and deletes it all the time.
    raise duplicate(endpoint.mapping, next(filter(None, names), ""), "exists already")


def _names(spec: MappingSpec, payloads: Sequence[Payload]) -> Iterator[str | None]:
    for place, payload in enumerate(payloads):
        with _placed([place], len(payloads)):
            yield name_in(spec, payload)


def name_in(spec: MappingSpec, payload: Payload) -> str | None:
    """How the record is called that a payload is about; None where it does not say, or nothing that could be a name."""
    try:
        value = spec.identifier.parse(sent_identifier(spec, payload))
    except WrongValue:
        return None
    return external_id(spec, {spec.identifier.field.name: value})


def _as_shown(
    endpoint: EndpointSpec, payloads: Sequence[Payload], names: Sequence[str | None]
) -> list[str | None]:
    """A record of Odoo that is called as was sent is meant, though the line would tidy that."""
    sent = [sent_identifier(endpoint.mapping, payload) for payload in payloads]
    untidy = [
        one for one, name in zip(sent, names, strict=True) if name not in (None, one) and isinstance(one, str)
    ]
    there = set(_there(endpoint, untidy).values_list("external_id", flat=True)) if untidy else set()
    return [
        one if isinstance(one, str) and one in there else name for one, name in zip(sent, names, strict=True)
    ]


@tried_again
def _upsert(
    endpoint: EndpointSpec,
    payloads: Sequence[Payload],
    names: Sequence[str | None],
    who: Who,
    expected: Expected,
) -> list[Stored]:
    spec = endpoint.mapping
    known = set(_there(endpoint, names).values_list("external_id", flat=True))
    fresh = [place for place, name in enumerate(names) if name not in known]
    changed = {name: place for place, name in enumerate(names) if name is not None and name in known}
    if fresh:
        expected.check_missing()
    with _placed(fresh, len(payloads)):
        sent = [payloads[place] for place in fresh]
        new = read_new(spec, sent)
        scripting.add_to_new(endpoint, sent, new)
    writes = {}
    for name, place in changed.items():
        with _placed([place], len(payloads)):
            payload = writing_over.as_said(spec, _there(endpoint, [name]), payloads[place])
            written = read_payload(spec, payload, creating=False)
            writes[name] = without_same_name(spec, name, payload, written)
            if spec.scripted_in:
                scripting.add_to_change(endpoint, payload, writes[name], _as_it_is(endpoint, name))
    places = [*fresh, *changed.values()]
    with _placed(places, len(payloads)):
        values = [one.written.values for one in new] + [one.values for one in writes.values()]
        records.check_references(endpoint, values, several=len(values) != 1)
    rows = records.rows_of(endpoint, new)
    stored = dict(zip(fresh, (records.new_one(row) for row in rows), strict=True))
    try:
        with transaction.atomic():
            if who.once is not None:
                once.keep(who.once, [])
            locked = {one.external_id: one for one in _there(endpoint, list(known)).select_for_update()}
            if len(locked) < len(known):
                raise _Moved
            for there in locked.values():
                expected.check(writing_over.stored(there).tag)
            for name, written in writes.items():
                change = writing_over.write_over(endpoint, locked[name], written, who)
                stored[changed[name]] = writing_over.stored(locked[name], change)
            if rows:
                records.accept(endpoint, rows, who)
            else:
                who.accepted()
            result = [stored[place] for place in range(len(payloads))]
            if who.once is not None:
                once.complete(who.once, result)
    except IntegrityError as error:
        if not is_taken(error):
            raise
        # A default is for new records: whoever names none does not mean the one that has it.
        unnamed = [one.external_id for place, one in zip(fresh, new, strict=True) if names[place] is None]
        there = _there(endpoint, unnamed).first()
        if there is None:  # one that came meanwhile, and may be gone again
            raise _Moved from None
        with _placed(fresh, len(payloads)):
            raise taken(spec, new, there.external_id) from None
    return result


def _as_it_is(endpoint: EndpointSpec, name: str) -> dict[str, Any]:
    """For a script to look at. Raises NotAllowed where it is out of the access key's reach."""
    try:
        return records.as_it_is(endpoint, name)
    except RecordMissing:
        if _there(endpoint, [name]).exists():
            raise NotAllowed(OUTSIDE) from None
        raise _Moved from None


def _there(endpoint: EndpointSpec, names: Sequence[str | None]) -> Any:
    return Record.objects.filter(
        endpoint_id=endpoint.id, deleted_at=None, external_id__in=[name for name in names if name is not None]
    ).order_by("id")


def _check_once(spec: MappingSpec, names: Sequence[str | None]) -> None:
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if name is not None and places.setdefault(name, place) != place:
            error = duplicate(spec, name, "is sent twice")
            error.index = place
            raise error


@contextmanager
def _placed(places: Sequence[int], number: int) -> Iterator[None]:
    """An error about one of some payloads tells its place among all of them."""
    try:
        yield
    except LineError as error:
        error.index = places[error.index or 0] if number != 1 else None
        raise
