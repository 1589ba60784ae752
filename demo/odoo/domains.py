"""Search domains to SQL: prefix notation, dotted paths, relations, hierarchies, the active test."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

from collections.abc import Sequence
from typing import Any

from demo.odoo import translations
from demo.odoo.conditions import (
    ALWAYS,
    NEGATIVE,
    NEVER,
    PATTERNS,
    POSITIVE_OF,
    Condition,
    joined,
    scalar,
)
from demo.odoo.env import IN_ARRAY, Env, as_array
from demo.odoo.models import MODELS, X2MANY, Field, Model
from demo.odoo.prefix import distributed, normalized

OPERATORS = frozenset(
    {"=", "!=", "<>", "<=", "<", ">", ">=", "=?", "=like", "=ilike", "like", "not like", "ilike", "not ilike"}
    | {"in", "not in", "child_of", "parent_of", "any", "not any"}
)
_CONSTANTS = {(1, "=", 1): ALWAYS, (0, "=", 1): NEVER}


def where(env: Env, model: Model, domain: Sequence[Any], alias: str = "t") -> Condition:
    """The domain; archived records are hidden unless it speaks of `active` or the context says otherwise."""
    if not isinstance(domain, (list, tuple)):
        raise AssertionError(  # noqa: TRY004 — as Odoo
            "Domains to normalize must have a 'domain' form: a list or tuple of domain components"
        )
    terms = list(domain)
    if (
        model.has_active
        and env.context.get("active_test", True)
        and not any(term[0] == "active" for term in terms)
    ):
        terms = normalized(terms)
        terms = ["&", ("active", "=", True), *terms] if terms else [("active", "=", True)]
    found = _compile(env, model, terms, alias)
    if hidden := env.odd.hidden[model.name]:
        seen = Condition(f"{alias}.id NOT {IN_ARRAY}", (as_array(hidden),))
        return joined("AND", (found, seen))
    return found


def expression(model: Model, field: Field, alias: str) -> str:
    """The SQL of a field's value for the row that `alias` names."""
    if field.computed:
        named = model.fields.get("name")
        if named is not None and translations.is_translated(named):
            return field.computed.replace("{t}.name", translations.shown(named, alias)).replace("{t}", alias)
        return field.computed.replace("{t}", alias)
    if field.related:
        head = model.fields[field.related[0]]
        target = MODELS[head.relation]
        inner = f"{alias}_"
        value = expression(target, target.fields[field.related[1]], inner)
        return f"(SELECT {value} FROM {target.table} {inner} WHERE {inner}.id = {expression(model, head, alias)})"
    return (
        translations.shown(field, alias) if translations.is_translated(field) else f'{alias}."{field.name}"'
    )


def _compile(env: Env, model: Model, domain: list[Any], alias: str) -> Condition:
    terms = normalized(domain)
    for term in terms:
        _check_field(model, term)
    stack: list[Condition] = []
    for term in reversed(distributed(terms)):
        if term == "!":
            # As PostgreSQL's NOT: what is unknown (an empty value) stays unknown and is not found.
            inner = stack.pop()
            stack.append(Condition(f"NOT ({inner.sql})", inner.parameters))
        elif term in ("&", "|"):
            stack.append(joined("AND" if term == "&" else "OR", (stack.pop(), stack.pop())))
        else:
            stack.append(_leaf(env, model, term, alias))
    return stack[0] if stack else ALWAYS


def _check_field(model: Model, term: Any) -> None:
    if isinstance(term, str):
        return
    left, _operator, _right = term
    if isinstance(left, str) and left.partition(".")[0] not in model.fields:
        raise ValueError(f"Invalid field {model.name}.{left} in leaf {term!r}")


def _leaf(env: Env, model: Model, term: tuple[Any, ...], alias: str) -> Condition:
    left, operator, right = term
    if not isinstance(left, str) and (left, operator, right) in _CONSTANTS:
        return _CONSTANTS[left, operator, right]
    if not isinstance(left, str) or str(operator).lower() not in OPERATORS:
        raise ValueError(f"Invalid leaf {term!r}")
    operator = {"<>": "!="}.get(operator, operator.lower())
    if operator in ("in", "not in") and not isinstance(right, (list, tuple, bool)):
        raise ValueError(f"Invalid domain term {term!r}")
    name, _, rest = left.partition(".")
    field = model.fields[name]
    if field.related and (rest or field.type in X2MANY):
        return _leaf(
            env, model, (".".join((*field.related, *((rest,) if rest else ()))), operator, right), alias
        )
    if rest:
        return _through(env, model, field, [(rest, operator, right)], alias)
    if operator in ("any", "not any"):
        found = _through(env, model, field, right, alias)
        return found if operator == "any" else found.negated()
    if name == "display_name":
        return _display_name(env, model, operator, right, alias)
    if operator in ("child_of", "parent_of"):
        return _hierarchy(env, model, field, operator, right, alias)
    if not field.facts["searchable"]:
        return ALWAYS  # Odoo logs an error and leaves the term out
    if field.type == "binary" and (operator not in ("=", "!=") or right):
        return ALWAYS  # likewise: of a file it only tells whether there is one
    if field.type in X2MANY:
        return _x2many(env, field, operator, right, alias)
    if field.type == "many2one" and _is_name(right):
        return _many2one_by_name(env, model, field, operator, right, alias)
    return scalar(field, expression(model, field, alias), operator, right)


def _is_name(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def _through(env: Env, model: Model, field: Field, domain: Sequence[Any], alias: str) -> Condition:
    """Records whose related records match a domain: a dotted path, or the operator `any`."""
    target = MODELS[field.relation]
    if field.type == "many2one":
        # An archived country still has a code: the active test is for x2many only.
        matching = where(env.with_context(active_test=False), target, domain, f"{alias}_")
        found = f"SELECT {alias}_.id FROM {target.table} {alias}_ WHERE {matching.sql}"
        return Condition(f"{expression(model, field, alias)} IN ({found})", matching.parameters)
    return _linked(field, where(env, target, domain, f"{alias}_"), alias)


def _linked(field: Field, matching: Condition, alias: str) -> Condition:
    """Records with a link, over an x2many field, to a record that matches."""
    target = MODELS[field.relation]
    inner = f"{alias}_"
    if field.pivot:
        found = (
            f"SELECT v.{field.pivot.own} FROM {field.pivot.table} v"
            f" JOIN {target.table} {inner} ON {inner}.id = v.{field.pivot.other} WHERE {matching.sql}"
        )
    else:
        found = (
            f"SELECT {inner}.{field.inverse} FROM {target.table} {inner}"
            f" WHERE {inner}.{field.inverse} IS NOT NULL AND {matching.sql}"
        )
    return Condition(f"{alias}.id IN ({found})", matching.parameters)


def _x2many(env: Env, field: Field, operator: str, right: Any, alias: str) -> Condition:
    positive = POSITIVE_OF.get(operator, operator)
    if right is None or right is False:
        found = _linked(field, ALWAYS, alias).negated()
    elif _is_name(right) or positive in PATTERNS:
        target = MODELS[field.relation]
        found = _linked(field, _display_name(env, target, positive, right, f"{alias}_"), alias)
    else:
        ids = right if isinstance(right, (list, tuple)) else [right]
        found = _linked(field, Condition(f"{alias}_.id {IN_ARRAY}", (as_array(ids),)), alias)
    return found.negated() if operator in NEGATIVE else found


def _many2one_by_name(
    env: Env, model: Model, field: Field, operator: str, right: Any, alias: str
) -> Condition:
    target = MODELS[field.relation]
    positive = POSITIVE_OF.get(operator, operator)
    positive = "in" if isinstance(right, (list, tuple)) else positive
    matching = _display_name(env, target, positive, right, f"{alias}_")
    value = expression(model, field, alias)
    found = f"SELECT {alias}_.id FROM {target.table} {alias}_ WHERE {matching.sql}"
    if operator in NEGATIVE:
        return Condition(f"({value} IS NULL OR {value} NOT IN ({found}))", matching.parameters)
    return Condition(f"{value} IN ({found})", matching.parameters)


def _display_name(env: Env, model: Model, operator: str, right: Any, alias: str) -> Condition:
    """A name is looked for in every field that the model is known by."""
    conditions = [_leaf(env, model, (name, operator, right), alias) for name in model.searched_names]
    return joined("AND" if operator in NEGATIVE else "OR", conditions)


def _hierarchy(env: Env, model: Model, field: Field, operator: str, right: Any, alias: str) -> Condition:
    target = model if field.name == "id" else MODELS[field.relation]
    if _is_name(right):
        names = right if isinstance(right, (list, tuple)) else [right]
        named = joined("OR", [_display_name(env, target, "ilike", name, "n") for name in names])
        ids = [
            row[0]
            for row in env.rows(f"SELECT n.id FROM {target.table} n WHERE {named.sql}", *named.parameters)
        ]
    else:
        ids = [one for one in (right if isinstance(right, (list, tuple)) else [right]) if one]
    parent = "location_id" if target.name == "stock.location" else "parent_id"
    step = ""
    if parent in target.columns:
        column, link = ("id", parent) if operator == "child_of" else (parent, "id")
        step = (
            f" UNION SELECT h.{column} FROM {target.table} h JOIN tree ON h.{link} = tree.id"
            f" WHERE h.{column} IS NOT NULL"
        )
    tree = f"WITH RECURSIVE tree(id) AS (SELECT value FROM json_each(?){step}) SELECT id FROM tree"
    if field.type in X2MANY:
        return _linked(field, Condition(f"{alias}_.id IN ({tree})", (as_array(ids),)), alias)
    # A link to the same model asks about the record itself: Odoo's `parent_id child_of x` is `id child_of x`.
    value = f"{alias}.id" if target.name == model.name else expression(model, field, alias)
    return Condition(f"{value} IN ({tree})", (as_array(ids),))
