"""What Odoo has, as the endpoint shows it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from endpoints.incoming import NotAllowed, RecordMissing, Stored
from endpoints.live.documents import documents_of, noted, stored_as
from endpoints.live.fitting import fitting
from endpoints.registry import EndpointSpec
from endpoints.terms import Condition, terms
from mappings import domains, languages, untold, walking
from mappings.clients import client_for
from mappings.convert import from_row
from mappings.fieldtypes import WrongValue
from mappings.models import Connection
from mappings.sparing import Sparing
from mappings.spec import LineSpec
from synchub.errors import OdooPermanent, OdooRecordGone
from synchub.odoo import OdooClient
from synchub.odoo.faults import NO_RIGHT


@contextmanager
def client_of(endpoint: EndpointSpec) -> Iterator[OdooClient]:
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
    with client_of(endpoint) as client, fitting(endpoint, client):
        domain = _domain(endpoint, conditions, client)
        shown, by, sparing = endpoint.odoo_fields, ", ".join([*order, "id"]), Sparing()
        if language:
            context = {"lang": language}
            ids = client.search(model, domain, limit=limit, offset=offset, order=by, context=context)
            told = untold.read(client, model, ids, shown, sparing=sparing)
            found = len(ids)  # one that is deleted meanwhile is not the end
        else:
            told = untold.read_page(
                client, model, domain, shown, limit=limit, offset=offset, order=by, sparing=sparing
            )
            found = len(told.rows)
        rows = noted(endpoint, told)
        last = 0 < found < limit or not (found or offset)
        known = last and model not in walking.SIFTED
        count = offset + found if known else client.search_count(model, domain)
        return count, documents_of(endpoint, rows, client, sparing)


def walk(
    endpoint: EndpointSpec, conditions: Sequence[Condition], after: int | None, limit: int
) -> tuple[list[str], int | None]:
    """(the documents behind Odoo's id `after`, the id to go on behind or None at the end)."""
    with client_of(endpoint) as client, fitting(endpoint, client):
        domain = _domain(endpoint, conditions, client)
        model, after = endpoint.mapping.model, walking.FIRST if after is None else after
        sparing = Sparing()

        def read(domain: domains.Domain, most: int) -> list[dict[str, Any]]:
            told = untold.read_page(client, model, domain, endpoint.odoo_fields, limit=most, sparing=sparing)
            return noted(endpoint, told)

        found = next(
            walking.pages(client, model, domain, read, lambda row: int(row["id"]), limit + 1, after), None
        )
        if found is None:
            return [], None
        shown = found.rows[:limit]
        more = found.more or len(found.rows) > limit
        return documents_of(endpoint, shown, client, sparing), shown[-1]["id"] if more else None


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
    model, name, sparing = endpoint.mapping.model, line.field.odoo_name, Sparing()
    told = untold.read_page(
        client, model, domains.both(endpoint.domain, near), [name],
        context={"lang": line.field.language} if line.field.language else None, sparing=sparing,
    )  # fmt: skip
    if sparing.unsure:
        raise OdooPermanent(
            f"it does not tell what “{line.key}” is of too many records to compare them; ask without it."
        )
    shown, canonical = line.present(value), line.field.type.from_wire
    return [row["id"] for row in told.rows if name in row and line.present(canonical(row[name])) == shown]


def find(endpoint: EndpointSpec, name: str) -> Stored:
    """The record called `name`. Raises RecordMissing."""
    with client_of(endpoint) as client:
        row = row_of(endpoint, name, client)
        with fitting(endpoint, client):
            return stored_as(endpoint, [row], client)[0]


def row_of(endpoint: EndpointSpec, name: str, client: OdooClient) -> dict[str, Any]:
    # A slash at the end may be part of the name, or the one that every address may end in.
    row = first(endpoint, [name, name.removesuffix("/")], client)
    if row is None:
        raise RecordMissing(name)
    return row


def first(endpoint: EndpointSpec, names: Sequence[str], client: OdooClient) -> dict[str, Any] | None:
    """The endpoint's record that has one of these names, the first of them that is one."""
    spec, field = endpoint.mapping, endpoint.mapping.identifier.field
    values: list[Any] = []
    for name in names:
        try:
            values += [value for value in spec.names_of(name) if value not in values]
        except WrongValue:
            continue
    if not values:
        return None
    domain = domains.both(endpoint.domain, [(field.name, "in", values)])
    limit = 1 if len(values) == 1 else None
    with fitting(endpoint, client):
        rows = noted(
            endpoint, untold.read_page(client, spec.model, domain, endpoint.odoo_fields, limit=limit)
        )
        for row in rows:
            from_row(spec, row)  # whoever writes finds out before that
    if len(values) == 1:
        for row in rows:
            # Odoo has found it by that, also where it does not tell it.
            row.setdefault(field.odoo_name, field.type.to_wire(values[0]))
    elif any(field.odoo_name not in row for row in rows):
        raise NotAllowed(
            f"Odoo does not tell the hub's user what “{spec.identifier.key}” of this record is, so that it cannot be told which of several it is."
        )
    places = {value: place for place, value in enumerate(values)}
    rows.sort(key=lambda row: places.get(field.type.from_wire(row[field.odoo_name]), len(places)))
    return languages.added(spec, rows[:1], client)[0] if rows else None


def read_again(endpoint: EndpointSpec, ids: Sequence[int], client: OdooClient) -> list[dict[str, Any]]:
    """What was written. Raises OdooRecordGone where somebody has deleted it meanwhile."""
    spec = endpoint.mapping
    told = untold.read(client, spec.model, ids, endpoint.odoo_fields)
    if told.records:
        raise OdooPermanent(next(iter(told.records.values())), code=NO_RIGHT)
    rows = noted(endpoint, told)
    if len(rows) < len(ids):
        raise OdooRecordGone("The record does not exist or has been deleted.", code=2)
    return languages.added(spec, rows, client)


def what_is_left(endpoint: EndpointSpec, ids: Sequence[int], client: OdooClient) -> list[dict[str, Any]]:
    """Those of these records that Odoo still has, and shows the hub's user."""
    spec = endpoint.mapping
    rows = noted(endpoint, untold.read(client, spec.model, ids, endpoint.odoo_fields))
    return languages.added(spec, rows, client)
