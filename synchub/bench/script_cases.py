"""What the benchmark of scripts converts: orders, requests, and the same document made by a script and by plain lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from mappings.compile import build
from mappings.models import Direction, Kind, Line
from mappings.models import Mapping as MappingRow
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient

Row = dict[str, Any]
LINES = 3  # of each order

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
# Nine keys that each case has beside its own.
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


def orders(count: int) -> list[Row]:
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


def requests(count: int, keys: Iterable[str]) -> list[Row]:
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


def odoo(count: int) -> OdooClient:
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
CASES = (
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


def spec_of(lines: dict[str, dict[str, Any]], model: str = "sale.order") -> MappingSpec:
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
            nested[row.pk] = spec_of(inner[1], inner[0])
        rows.append(row)
    return build(model, model, rows, _FIELDS[model], (), nested)
