"""Search and read: one SELECT for the columns, one more for each relation."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

import re
from collections.abc import Sequence
from typing import Any

from demo.odoo.conditions import Condition
from demo.odoo.domains import expression, where
from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.errors import UserError, not_a
from demo.odoo.models import MODELS, X2MANY, Field, Model
from demo.odoo.values import to_wire

_ORDER_TERM = re.compile(r"^\s*([a-z0-9_.:]+)(\s+(asc|desc))?(\s+nulls\s+(first|last))?\s*$", re.IGNORECASE)
_NEVER_NULL = frozenset({"id", "create_date", "write_date", "complete_name"})
_CLASSIC = "_classic_read"


def order_by(model: Model, order: str | None, alias: str = "t", *, reverse: bool = False) -> str:
    """An order of Odoo as SQL. PostgreSQL puts NULL after everything, SQLite before."""
    parts = []
    for term in (order or model.order).split(","):
        match = _ORDER_TERM.match(term)
        if not match:
            raise UserError(
                f'Invalid "order" specified ({order}). A valid "order" specification is a comma-separated list of'
                " valid field names (optionally followed by asc/desc for the direction)"
            )
        descending = (match[3] or "asc").lower() == "desc"
        field = model.field(match[1].partition(".")[0].partition(":")[0])
        parts.append(_order_term(model, field, alias, descending=descending != reverse))
    return ", ".join(part for part in parts if part)


def _order_term(model: Model, field: Field, alias: str, *, descending: bool) -> str:
    if field.type in X2MANY or field.type == "binary":
        return ""
    value = expression(model, field, alias)
    if field.name == "display_name":
        return order_by(model, None, alias, reverse=descending)
    if field.type == "many2one":
        target = MODELS[field.relation]
        if target.name == model.name:
            return f"{value} {'DESC' if descending else 'ASC'}"
        first = target.order.split(",")[0].split()[0]
        inner = f"{alias}_"
        name = expression(target, target.fields[first], inner)
        value = f"(SELECT {name} FROM {target.table} {inner} WHERE {inner}.id = {value})"
    elif field.type == "boolean":
        value = f"COALESCE({value}, 0)"
    elif field.name in _NEVER_NULL or field.required:
        return f"{value} {'DESC' if descending else 'ASC'}"
    return f"{value} {'DESC NULLS FIRST' if descending else 'ASC NULLS LAST'}"


def _page(limit: int | None, offset: int) -> str:
    return f" LIMIT {int(limit) if limit else -1} OFFSET {int(offset or 0)}" if limit or offset else ""


def search(
    env: Env,
    model: Model,
    domain: Sequence[Any] = (),
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
) -> list[int]:
    matching = where(env, model, domain)
    statement = f"SELECT t.id FROM {model.table} t WHERE {matching.sql} ORDER BY {order_by(model, order)}"
    found = [row[0] for row in env.rows(statement + _page(limit, offset), *matching.parameters)]
    return [record for record in found if record not in env.odd.sifted[model.name]]


def search_count(env: Env, model: Model, domain: Sequence[Any] = (), limit: int | None = None) -> int:
    matching = where(env, model, domain)
    if env.odd.sifted[model.name]:
        return len(search(env, model, domain, limit=limit))
    found = f"SELECT 1 FROM {model.table} t WHERE {matching.sql}{_page(limit, 0)}"
    return int(env.value(f"SELECT COUNT(*) FROM ({found})", *matching.parameters))


def search_read(
    env: Env,
    model: Model,
    domain: Sequence[Any] | None = None,
    fields: Sequence[str] | None = None,
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
    load: str | None = None,
) -> list[Values]:
    if load is not None and model.name in env.odd.own_search_read:
        name = "".join(part.capitalize() for part in model.name.split("."))
        raise TypeError(f"{name}.search_read() got an unexpected keyword argument 'load'")
    load = _CLASSIC if load is None else load
    matching = where(env, model, domain or [])
    tail = f" ORDER BY {order_by(model, order)}{_page(limit, offset)}"
    rows = _select(env, model, fields, matching, tail, load)
    return [row for row in rows if row["id"] not in env.odd.sifted[model.name]]


def read(
    env: Env, model: Model, ids: Sequence[Any], fields: Sequence[str] | None = None, load: str = _CLASSIC
) -> list[Values]:
    """The records in the order of their ids; those that do not exist are left out."""
    for text in (record for record in ids if isinstance(record, str)):
        raise not_a("InvalidTextRepresentation", "integer", text)
    env.odd.check(env.uid, model.name, model.label, ids)
    if fields and set(fields) == {"id"}:
        # Odoo looks nothing up for it, and so misses nothing.
        return [{"id": record} for record in ids]
    rows = _select(env, model, fields, Condition(f"t.id {IN_ARRAY}", (as_array(ids),)), "", load)
    found = {row["id"]: row for row in rows}
    if fields and 0 in ids:
        # To Odoo, a record that is not saved yet.
        found[0] = {**dict.fromkeys(fields, False), "id": 0}
    return [found[record] for record in ids if record in found]


def _select(
    env: Env, model: Model, names: Sequence[str] | None, matching: Condition, tail: str, load: str
) -> list[Values]:
    fields = [model.field(name) for name in dict.fromkeys(["id", *(names or model.fields)])]
    scalars = [field for field in fields if field.type not in X2MANY]
    columns = ", ".join(expression(model, field, "t") for field in scalars)
    table = env.rows(
        f"SELECT {columns} FROM {model.table} t WHERE {matching.sql}{tail}", *matching.parameters
    )
    records: list[Values] = [{} for _ in table]
    for number, field in enumerate(scalars):
        column = [row[number] for row in table]
        named = field.type == "many2one" and load == _CLASSIC
        values = _with_names(env, field, column) if named else _plain(env, field, column)
        for record, value in zip(records, values, strict=True):
            record[field.name] = value
    for field in fields:
        if field.type in X2MANY:
            links = linked_ids(env, model, field, [record["id"] for record in records])
            for record in records:
                record[field.name] = links.get(record["id"], [])
    env.odd.swollen(model.name, records)
    return records


def _plain(env: Env, field: Field, column: list[Any]) -> list[Any]:
    if field.type in ("char", "text", "html", "selection"):
        return [False if value is None else value for value in column]
    if field.type == "binary" and env.context.get("bin_size"):
        return [f"{len(value) * 3 // 4} bytes" if value else False for value in column]
    return [to_wire(field, value) for value in column]


def _with_names(env: Env, field: Field, column: list[Any]) -> list[Any]:
    names = display_names(env, MODELS[field.relation], {value for value in column if value})
    return [[value, names.get(value, "")] if value else False for value in column]


def display_names(env: Env, model: Model, ids: Sequence[int] | set[int]) -> dict[int, str]:
    name = expression(model, model.fields["display_name"], "t")
    found = env.rows(f"SELECT t.id, {name} FROM {model.table} t WHERE t.id {IN_ARRAY}", as_array(ids))
    return {record: shown or "" for record, shown in found}


def linked_ids(env: Env, model: Model, field: Field, ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids behind an x2many field, in the order of their model, without archived ones and what its domain leaves out."""
    target = MODELS[field.relation]
    if field.related:
        head, owner = model.fields[field.related[0]], MODELS[model.fields[field.related[0]].relation]
        statement = f"SELECT t.id, {expression(model, head, 't')} FROM {model.table} t WHERE t.id {IN_ARRAY}"
        owners = dict(env.rows(statement, as_array(ids)))
        links = linked_ids(env, owner, owner.fields[field.related[1]], list(set(owners.values())))
        return {record: links.get(owned, []) for record, owned in owners.items()}
    visible = where(env, target, env.odd.holds.get((model.name, field.name), []))
    if field.pivot:
        pivot = field.pivot
        source = f"{pivot.table} v JOIN {target.table} t ON t.id = v.{pivot.other}"
        own = f"v.{pivot.own}"
    else:
        source, own = f"{target.table} t", f"t.{field.inverse}"
    statement = (
        f"SELECT {own}, t.id FROM {source} WHERE {own} {IN_ARRAY} AND {visible.sql}"
        f" ORDER BY {order_by(target, None)}"
    )
    found: dict[int, list[int]] = {}
    for own_id, other_id in env.rows(statement, as_array(ids), *visible.parameters):
        found.setdefault(own_id, []).append(other_id)
    return found


def name_search(
    env: Env,
    model: Model,
    name: str = "",
    args: Sequence[Any] | None = None,
    operator: str = "ilike",
    limit: int | None = 100,
) -> list[list[Any]]:
    domain = [*(args or []), *([("display_name", operator, name)] if name else [])]
    ids = search(env, model, domain, limit=limit)
    if model.name == "res.country" and len(name) == 2:
        # Two letters are a code first of all.
        coded = search(env, model, [*(args or []), ("code", operator, name)], limit=limit)
        ids = list(dict.fromkeys([*coded, *ids]))[:limit]
    names = display_names(env, model, ids)
    return [[record, names[record]] for record in ids]
