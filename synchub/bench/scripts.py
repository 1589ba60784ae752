"""How fast a page is converted where scripts make its values, beside lines that make the same without scripts.

Odoo answers at once, from memory: what is left is the hub's own work on a page of records, which is what a pull does
between Odoo's answer and the database, and what a request pays before its write is stored.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from time import perf_counter
from typing import Any, cast

import orjson

from endpoints import mirror
from mappings import scripted
from mappings.compile import build
from mappings.convert import document_text, from_row
from mappings.models import Direction, Kind, Line
from mappings.models import Mapping as MappingRow
from mappings.nested import Reader
from mappings.payload import read_payload
from mappings.spec import MappingSpec
from synchub import collector
from synchub.bench.table import Group
from synchub.odoo import OdooClient

NO_CONNECTION = 0  # nothing is known of its models: the client below tells their fields
TRIES = 12  # in each round; the best counts, for what the machine does besides only makes it slower
LINES = 3  # of each order
Row = dict[str, Any]
Say = Callable[[str], None]


def run(count: int, rounds: int, say: Say) -> list[Group]:
    """Pages of `count` records; in each round the ways take turns, and the best try of each counts."""
    collector.spare()  # as a worker does when it begins
    say(f"pages of {count} records, {rounds} rounds; Odoo's own time is left out")
    groups = []
    for case in _CASES:
        group = Group(f"{case.way}: {case.title}", "records/s")
        ways = {"with a script": _spec(case.scripted), "without": _spec(case.plain)}
        convert = _shown if case.way == "from Odoo" else _written
        client = _odoo(count)
        page = _orders(count) if case.way == "from Odoo" else _requests(count, case.plain)
        documents = [convert(spec, page, client) for spec in ways.values()]
        if case.way == "from Odoo" and list(map(orjson.loads, documents[0])) != list(
            map(orjson.loads, documents[1])
        ):
            raise RuntimeError(f"Script and lines do not make the same: {documents[0][0]} {documents[1][0]}")
        for _ in range(rounds):
            best = dict.fromkeys(ways, inf)
            for _ in range(TRIES):
                for name, spec in ways.items():
                    begun = perf_counter()
                    convert(spec, page, client)
                    best[name] = min(best[name], perf_counter() - begun)
            for name, seconds in best.items():
                group.add(name, count / seconds)
        groups.append(group)
    return groups


def _shown(spec: MappingSpec, rows: Sequence[Row], client: OdooClient) -> list[Any]:
    made = []
    for row, inner in zip(rows, Reader(NO_CONNECTION, client).inner(spec, rows), strict=True):
        if inner.problem:
            raise RuntimeError(inner.problem)
        read = mirror.Read(from_row(spec, row), inner.fragments, row["write_date"])
        mirror.digest(spec, read)
        made.append(document_text(spec, read.values, read.fragments))
    return made


def _written(spec: MappingSpec, requests: Sequence[Row], client: OdooClient) -> list[Any]:
    written = [read_payload(spec, request, creating=True) for request in requests]
    if spec.scripted_in:
        scripted.written(spec, NO_CONNECTION, [(request, None) for request in requests], client)
    return written


# What is converted ------------------------------------------------------------------------------------------------

_TEXT = {"type": "char", "store": True}
_FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "sale.order": {
        "id": {"type": "integer"},
        "name": _TEXT,
        "client_order_ref": _TEXT,
        "note": {"type": "text", "store": True},
        "amount_total": {"type": "monetary", "store": True},
        "amount_tax": {"type": "monetary", "store": True},
        "validity_date": {"type": "date", "store": True},
        "origin": _TEXT,
        "signed_by": _TEXT,
        "date_order": {"type": "datetime", "store": True},
        "state": {"type": "selection", "store": True, "selection": [["draft", "Quotation"], ["sale", "Order"]]},
        "partner_id": {"type": "many2one", "store": True, "relation": "res.partner"},
        "order_line": {
            "type": "one2many", "store": True, "relation": "sale.order.line", "relation_field": "order_id",
        },
    },
    "res.partner": {"id": {"type": "integer"}, "name": _TEXT, "email": _TEXT, "city": _TEXT},
    "sale.order.line": {
        "id": {"type": "integer"},
        "name": _TEXT,
        "product_uom_qty": {"type": "float", "store": True},
        "price_unit": {"type": "float", "store": True},
    },
}  # fmt: skip
# Nine keys that every case has besides the one or the few that it is about.
_PLAIN: dict[str, dict[str, Any]] = {
    "id": {"field": "id", "identifier": True, "direction": Direction.FROM_ODOO},
    "total": {"field": "amount_total", "direction": Direction.FROM_ODOO},
    "tax": {"field": "amount_tax", "direction": Direction.FROM_ODOO},
    "ordered": {"field": "date_order"},
    "due": {"field": "validity_date"},
    "state": {"field": "state"},
    "reference": {"field": "client_order_ref"},
    "origin": {"field": "origin"},
    "signed_by": {"field": "signed_by"},
}


def _orders(count: int) -> list[Row]:
    return [
        {
            "id": number, "name": f"S{number:05}", "client_order_ref": f"R-{number}", "note": f"<p>{number}</p>",
            "amount_total": number * 1.5, "amount_tax": number * 0.25, "validity_date": "2026-02-28",
            "origin": f"shop {number}", "signed_by": False, "date_order": "2026-01-31 08:00:00", "state": "sale",
            "partner_id": number % 200 + 1, "order_line": [number * LINES + place for place in range(LINES)],
            "write_date": "2026-01-31 08:00:00",
        }
        for number in range(1, count + 1)
    ]  # fmt: skip


def _requests(count: int, keys: Iterable[str]) -> list[Row]:
    more = {
        "note": " by hand ",
        "lines": [{"name": f"Item {place}", "price": 1.5, "quantity": 2.0} for place in range(LINES)],
    }
    sent = {key: more[key] for key in keys}
    return [
        {
            "reference": f"R-{number}", "ordered": "2026-01-31T08:00:00Z", "due": "2026-02-28", "state": "sale",
            "origin": f"shop {number}", "signed_by": None, **sent,
        }
        for number in range(count)
    ]  # fmt: skip


class _Odoo:
    def __init__(self, rows: Mapping[str, Iterable[Row]]) -> None:
        self._rows = {model: {row["id"]: row for row in some} for model, some in rows.items()}

    def fields_get(self, model: str, *_: Any) -> Mapping[str, Any]:
        return _FIELDS[model]

    def read(self, model: str, ids: Iterable[int], fields: Sequence[str], **_: Any) -> list[Row]:
        rows = self._rows[model]
        return [{name: rows[one][name] for name in ("id", *fields)} for one in ids]


def _odoo(count: int) -> OdooClient:
    stamp = {"write_date": "2026-01-31 08:00:00"}
    partners = [
        {
            "id": number,
            "name": f"Contact {number}",
            "email": f"c{number}@bench.example",
            "city": "Gent",
            **stamp,
        }
        for number in range(1, 201)
    ]
    lines = [
        {"id": number, "name": f"Item {number}", "product_uom_qty": 2.0, "price_unit": 1.5, **stamp}
        for number in range(LINES, LINES * (count + 2))
    ]
    return cast("OdooClient", _Odoo({"res.partner": partners, "sale.order.line": lines}))


@dataclass(frozen=True)
class Case:
    """Two ways to one document, as lines of a mapping over orders."""

    way: str
    title: str
    scripted: dict[str, dict[str, Any]]
    plain: dict[str, dict[str, Any]]


def _script(field: str, source: str, direction: Direction = Direction.FROM_ODOO) -> dict[str, Any]:
    return {"field": field, "kind": Kind.SCRIPT, "script": source, "direction": direction}


def _from(field: str) -> dict[str, Any]:
    return {"field": field, "direction": Direction.FROM_ODOO}


_ID = {"id": {"field": "id", "identifier": True}}
_PARTNER = {**_ID, "name": {"field": "name"}, "email": {"field": "email"}, "city": {"field": "city"}}
_ITEM = {
    **_ID,
    "name": {"field": "name"},
    "quantity": {"field": "product_uom_qty"},
    "price": {"field": "price_unit"},
}
_CASES = (
    Case(
        "from Odoo",
        "a text",
        {"number": _script("name", "record.name.strip()")},
        {"number": _from("name")},
    ),
    Case(
        "from Odoo",
        "an object of three fields",
        {"about": _script("name", '{"number": record.name, "note": record.note, "inner": {"total": record.amount_total}}')},
        {"about.number": _from("name"), "about.note": _from("note"), "about.inner.total": _from("amount_total")},
    ),
    Case(
        "from Odoo",
        "an object through a relation",
        {
            "partner": _script(
                "partner_id",
                '{"id": record.partner_id.id, "name": record.partner_id.name, "email": record.partner_id.email, '
                '"city": record.partner_id.city}',
            )
        },
        {"partner": {**_from("partner_id"), "nested": ("res.partner", _PARTNER)}},
    ),
    Case(
        "from Odoo",
        "a list of three lines",
        {
            "lines": _script(
                "order_line",
                '[{"id": line.id, "name": line.name, "quantity": line.product_uom_qty, "price": line.price_unit} '
                "for line in record.order_line]",
            )
        },
        {"lines": {**_from("order_line"), "nested": ("sale.order.line", _ITEM)}},
    ),
    Case(
        "to Odoo",
        "a text",
        {"note": _script("note", 'request_data["note"].strip()', Direction.TO_ODOO)},
        {"note": {"field": "note", "trim": True}},
    ),
    Case(
        "to Odoo",
        "commands of three lines",
        {
            "lines": _script(
                "order_line",
                '[Command.create({"name": line["name"], "price_unit": line["price"], "product_uom_qty": '
                'line["quantity"]}) for line in request_data["lines"]]',
                Direction.TO_ODOO,
            )
        },
        {"lines": {"field": "order_line", "nested": ("sale.order.line", _ITEM)}},
    ),
)  # fmt: skip


def _spec(lines: dict[str, dict[str, Any]], model: str = "sale.order") -> MappingSpec:
    rows: list[Line] = []
    nested: dict[int, MappingSpec] = {}
    known: dict[str, dict[str, Any]] = _PLAIN | lines if model == "sale.order" else lines
    for place, (key, options) in enumerate(known.items()):
        facts: dict[str, Any] = dict(options)
        inner = facts.pop("nested", None)
        row = Line(pk=place + 1, key=key, position=place, **facts)
        if inner is not None:
            row.kind = Kind.RELATION
            row.nested = MappingRow(name=inner[0], model=inner[0])
            nested[row.pk] = _spec(inner[1], inner[0])
        rows.append(row)
    return build(model, model, rows, _FIELDS[model], (), nested)
