"""What a mapping does to one real record, and what one JSON would do in Odoo, for admin, the API's dry run and the command line. Nothing
is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from endpoints.bearers import bearers, is_archived, several
from endpoints.incoming import duplicate, without_same_name
from endpoints.live.said import as_said, without_untold
from endpoints.models import Mode
from mappings import languages, nested, scripted, untold
from mappings.calls import Call, additions, change, creation, parted, translations
from mappings.clients import client_for
from mappings.convert import Values, external_id, from_row, present
from mappings.domains import Domain
from mappings.external_ids import external_id as made_of
from mappings.line_error import LineError
from mappings.lookups import find_ids
from mappings.models import Connection
from mappings.payload import problems_of, read_payload
from mappings.rehearsal import Rehearsal
from mappings.relations import called, plain_values
from mappings.resolve import Item, resolve
from mappings.spec import MappingSpec
from mappings.unsaid import has_null
from synchub.odoo import OdooClient


class Subject(Protocol):
    """What is previewed: an endpoint's spec, or a mapping alone. `context` goes along with what would be written."""

    @property
    def mapping(self) -> MappingSpec: ...

    @property
    def connection_id(self) -> int: ...

    @property
    def mode(self) -> str: ...

    @property
    def domain(self) -> Domain: ...

    @property
    def odoo_fields(self) -> list[str]: ...

    @property
    def context(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Alone:
    """A mapping that no endpoint opens yet: it covers every record of its model."""

    mapping: MappingSpec
    connection_id: int
    domain: Domain = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)
    mode: str = Mode.MIRROR

    @property
    def odoo_fields(self) -> list[str]:
        return languages.fields_to_read(self.mapping)


@dataclass(frozen=True)
class FromOdoo:
    """One record on its way out: `raw` as Odoo gave it, `document` as a consumer sees it."""

    raw: dict[str, Any]
    document: dict[str, Any]
    name: str | None
    problem: str = ""


@dataclass(frozen=True)
class ToOdoo:
    """One JSON on its way in. `odoo_id` None: it would be created. `calls` are the writes, in their order; empty with
    problems, and where Odoo has all that already."""

    odoo_id: int | None = None
    values: Values = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    problems: list[LineError] = field(default_factory=list)


def from_odoo(
    endpoint: Subject, odoo_id: int | None = None, *, client: OdooClient | None = None
) -> FromOdoo | None:
    """The record with this id, or the endpoint's newest; None if there is none. Raises OdooError.

    `client`, which is closed in the end, stands in for the connection's own, with other time limits, say.
    """
    spec = endpoint.mapping
    domain = [("id", "=", odoo_id)] if odoo_id is not None else endpoint.domain
    with client or _client(endpoint) as client:
        found = client.search_read(
            spec.model, domain, endpoint.odoo_fields, limit=1, order="write_date desc, id desc"
        )
        if not found:
            return None
        rows = languages.added(spec, found, client)
        [inner] = nested.Reader(endpoint.connection_id, client).inner(spec, rows)
    values = from_row(spec, rows[0])
    return FromOdoo(rows[0], present(spec, values, inner.fragments), external_id(spec, values), inner.problem)


def to_odoo(
    endpoint: Subject,
    payload: Mapping[str, Any],
    name: str | None = None,
    *,
    client: OdooClient | None = None,
) -> ToOdoo:
    """What sending this would do: as a new record, or as a change of the one called `name`. Raises OdooError.

    A new record whose identifier Odoo has already is a change of that one, as a push would have it.
    """
    spec = endpoint.mapping
    problems = problems_of(spec, payload, creating=name is None)
    if problems:
        said = (
            _as_told(endpoint, payload, name) if endpoint.mode == Mode.LIVE and name is not None else payload
        )
        return ToOdoo(problems=problems) if said == payload else to_odoo(endpoint, said, name, client=client)
    written = without_same_name(spec, name, payload, read_payload(spec, payload, creating=name is None))
    with client or _client(endpoint) as client:
        rehearsal = Rehearsal(client)
        try:
            item, row = _item(endpoint, written.values, name, rehearsal)
        except LineError as error:
            return ToOdoo(problems=[error])
        if row is not None and endpoint.mode == Mode.LIVE:
            written = as_said(spec, endpoint.connection_id, row, payload, written, rehearsal)
        try:
            request = (payload, None if item.base is None else {**item.base, "id": item.odoo_id})
            [made] = scripted.written(spec, endpoint.connection_id, [request], rehearsal)
        except LineError as error:
            return ToOdoo(item.odoo_id, problems=[error])
        item.written = called(written.values | made, "preview")
        resolve(spec, [item], rehearsal)
        if item.problem is not None:
            return ToOdoo(item.odoo_id, item.values, [], [item.problem])
        calls = list(rehearsal.calls)
        if item.odoo_id is None:
            calls.append(creation(spec, [item], endpoint.context))
        else:
            rest, new = parted(spec, item)
            if rest.values or rest.commands:
                calls.append(change(spec, [rest], endpoint.context))
            if new is not None:
                calls.append(additions(spec, [new], endpoint.context))
        calls += translations(spec, item, endpoint.context)
        return ToOdoo(item.odoo_id, item.wire(spec), calls)


def _as_told(endpoint: Subject, payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Without the nulls that stand for what Odoo does not tell of this record."""
    if not has_null(payload):
        return payload
    with _client(endpoint) as client:
        _, row = _item(endpoint, {}, name, client)
    return payload if row is None else without_untold(endpoint.mapping, payload, row)


def _item(
    endpoint: Subject, written: Values, name: str | None, client: OdooClient
) -> tuple[Item, dict[str, Any] | None]:
    """With what Odoo has. Raises LineError where a new record could be several."""
    spec = endpoint.mapping
    field_ = spec.identifier.field
    names = [plain_values(written).get(field_.name)] if name is None else spec.names_of(name)
    known = find_ids(spec, [one for one in names if one is not None], client)
    called = next((one for one in names if known.get(one)), names[0])
    found = known.get(called, [])
    archived = False
    if name is None and found and not spec.named_by_odoo:
        there = bearers(spec, [called], client)
        if len(there) > 1:
            raise duplicate(
                spec, str(external_id(spec, there[0])), several(spec, [one["id"] for one in there])
            )
        archived = is_archived(spec, there)
    rows = untold.read(client, spec.model, found[:1], endpoint.odoo_fields).rows if found else []
    if not rows:
        return Item(None, written, external_id=made_of("preview")), None
    rows = languages.added(spec, rows, client)
    item = Item(rows[0]["id"], written, base=from_row(spec, rows[0]))
    if archived and spec.archive not in written:
        item.commands[spec.archive] = True  # who posts a record wants it to be seen
    return item, rows[0]


def _client(endpoint: Subject) -> OdooClient:
    return client_for(Connection.objects.get(pk=endpoint.connection_id))


def as_json(preview: ToOdoo) -> dict[str, Any]:
    """For the API's dry run and the command line."""
    return {
        "odoo_id": preview.odoo_id,
        "values": preview.values,
        "calls": [
            {"model": call.model, "method": call.method, "args": call.args, "context": call.context}
            for call in preview.calls
        ],
        "problems": [
            {"error": one.text, "line_id": one.line_id, "status_code": one.code, "key": one.key}
            for one in preview.problems
        ],
    }
