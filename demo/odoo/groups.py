"""`read_group`: counts and sums by the values of fields."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

from collections.abc import Sequence
from datetime import date
from typing import Any

from demo.odoo.domains import expression, where
from demo.odoo.env import Env, Values
from demo.odoo.errors import UserError
from demo.odoo.models import MODELS, X2MANY, Model
from demo.odoo.reading import display_names
from demo.odoo.values import to_wire

_STARTS = {
    "day": "date({0})",
    "week": "date({0}, '-6 days', 'weekday 1')",
    "month": "date({0}, 'start of month')",
    "quarter": "date({0}, 'start of month', '-' || ((strftime('%m', {0}) - 1) % 3) || ' months')",
    "year": "date({0}, 'start of year')",
}
_LABELS = {"day": "%d %b %Y", "week": "W%V %G", "month": "%B %Y", "quarter": "", "year": "%Y"}
_AGGREGATES = frozenset({"sum", "avg", "min", "max", "count"})


def read_group(
    env: Env,
    model: Model,
    domain: Sequence[Any],
    fields: Sequence[str],
    groupby: str | Sequence[str],
    offset: int = 0,
    limit: int | None = None,
    orderby: str | bool = False,
    lazy: bool = True,
) -> list[Values]:
    """One row per group. `lazy` groups by the first field only and names the count after it."""
    specs = [groupby] if isinstance(groupby, str) else list(groupby)
    specs = specs[:1] if lazy else specs
    keys = [_group_key(model, spec) for spec in specs]
    sums = list(_sums(model, fields, {spec.partition(":")[0] for spec in specs}))
    columns = [*keys, "COUNT(*)", *(sql for _name, sql in sums)]
    matching = where(env, model, domain)
    tail = f" GROUP BY {', '.join(keys)} ORDER BY {_order(orderby, specs, sums)}" if keys else ""
    page = f" LIMIT {int(limit) if limit else -1} OFFSET {int(offset)}"
    statement = f"SELECT {', '.join(columns)} FROM {model.table} t WHERE {matching.sql}{tail}{page}"
    count = f"{specs[0].partition(':')[0]}_count" if lazy and specs else "__count"
    groups = []
    for row in env.rows(statement, *matching.parameters):
        group: Values = {"__domain": list(domain), count: row[len(keys)]}
        for spec, value in zip(specs, row, strict=False):
            shown, condition = _shown(env, model, spec, value)
            group[spec] = shown
            group["__domain"] = [*(["&"] if group["__domain"] else []), *group["__domain"], condition]
        group.update(zip((name for name, _sql in sums), row[len(keys) + 1 :], strict=True))
        groups.append(group)
    return groups


def _group_key(model: Model, spec: str) -> str:
    name, _, granularity = spec.partition(":")
    field = model.field(name)
    if field.type in X2MANY:
        raise UserError(f"Cannot group by {name}")
    value = expression(model, field, "t")
    if field.type in ("date", "datetime"):
        return _STARTS[granularity or "month"].format(value)
    return f"COALESCE({value}, 0)" if field.type == "boolean" else value


def _sums(model: Model, fields: Sequence[str], grouped: set[str]) -> list[tuple[str, str]]:
    found = []
    for spec in fields:
        name, _, function = spec.partition(":")
        field = model.field(name)
        if name in grouped or name == "id" or field.type not in ("integer", "float", "monetary"):
            continue
        function = function or "sum"
        if function not in _AGGREGATES:
            raise UserError(f"Invalid aggregation function '{function}'.")
        found.append((name, f"{function.upper()}({expression(model, field, 't')})"))
    return found


def _order(orderby: str | bool, specs: Sequence[str], sums: Sequence[tuple[str, str]]) -> str:
    """By position in the SELECT; without an order by the groups themselves."""
    places = {spec: number for number, spec in enumerate(specs, 1)}
    places |= {spec.partition(":")[0]: number for number, spec in enumerate(specs, 1)}
    places |= {name: number for number, (name, _sql) in enumerate(sums, len(specs) + 2)}
    places["__count"] = len(specs) + 1
    terms = []
    for term in str(orderby).split(",") if orderby else specs:
        name, _, direction = term.strip().partition(" ")
        if name in places:
            terms.append(
                f"{places[name]} {'DESC' if direction.strip().lower() == 'desc' else 'ASC NULLS LAST'}"
            )
    return ", ".join(terms) or "1"


def _shown(env: Env, model: Model, spec: str, value: Any) -> tuple[Any, tuple[str, str, Any]]:
    name, _, granularity = spec.partition(":")
    field = model.fields[name]
    if field.type == "many2one" and value:
        return [value, display_names(env, MODELS[field.relation], [value])[value]], (name, "=", value)
    if field.type in ("date", "datetime") and value:
        start = date.fromisoformat(value)
        label = _LABELS[granularity or "month"] or f"Q{(start.month - 1) // 3 + 1} {start.year}"
        return start.strftime(label), (name, ">=", value)
    wire = to_wire(field, value) if value is not None else False
    return wire, (name, "=", wire)
