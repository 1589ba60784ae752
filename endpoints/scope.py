"""The rows of an access key: a domain, as a condition on the mirror. It finds what Odoo finds.

Only what the mirror can tell by itself: fields of the records themselves, compared with values. A record of which the
hub does not know all these fields yet lies outside.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from endpoints.conditions import PATTERNS, Matches, compared_value, empty, is_in, text_of
from mappings import domains
from mappings.fieldtypes import DatetimeType, X2manyType
from mappings.spec import FieldSpec

_ORDER = {"<": LessThan, "<=": LessThanOrEqual, ">": GreaterThan, ">=": GreaterThanOrEqual}
_OPERATORS = frozenset({"=", "!=", "<>", "in", "not in", "not like", "not ilike", *_ORDER, *PATTERNS})
_DAY = len("2026-01-31")
_NEGATED = {"!=": "=", "<>": "=", "not in": "in", "not like": "like", "not ilike": "ilike"}


def problems(domain: domains.Domain, relations: Container[str]) -> list[str]:
    """Why these records cannot be told apart in the hub, as sentences for an administrator. `relations`: the fields that
    hold other records."""
    found = []
    for item in domain:
        if isinstance(item, str):
            continue
        name, operator, value = item
        if "." in name:
            found.append(
                f"“{name}” leads to another record; the rows of an access key are told by fields of the records "
                "themselves."
            )
        if operator not in _OPERATORS:
            found.append(f"“{operator}” cannot be used for the rows of an access key.")
        elif name == "id" and _NEGATED.get(operator, operator) in PATTERNS:
            found.append(f"“{operator}” cannot be used with id for the rows of an access key.")
        elif name in relations and any(isinstance(one, str) for one in _all(value)):
            found.append(
                f"“{name}” has to be compared with ids, like ('{name}', 'in', [21]): what other records are called is "
                "known only in Odoo."
            )
    return found


def _all(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [value]


def condition(domain: domains.Domain, fields: Mapping[str, FieldSpec]) -> Q:
    """The records in the domain, whose dates are no longer relative. `fields` has those of the domain, by name."""
    if not domain:
        return Q()
    names = sorted(domains.fields_of(domain) - {"id"})
    known = Q(values__has_keys=names) if names else Q()
    items = iter(domain)
    found = known
    for item in items:
        found &= _operand(item, items, fields)
    return found


def _operand(item: Any, rest: Iterator[Any], fields: Mapping[str, FieldSpec]) -> Q:
    match item:
        case "!":
            return ~_operand(next(rest), rest, fields)
        case "&":
            return _operand(next(rest), rest, fields) & _operand(next(rest), rest, fields)
        case "|":
            return _operand(next(rest), rest, fields) | _operand(next(rest), rest, fields)
    name, operator, value = item
    positive = _NEGATED.get(operator, operator)
    found = _id_term(positive, value) if name == "id" else _term(fields[name], positive, value)
    return found if positive == operator else ~found


def _id_term(operator: str, value: Any) -> Q:
    if operator == "in":
        return Q(odoo_id__isnull=False, odoo_id__in=[one for one in value if one])
    if operator == "=":
        return Q(odoo_id__isnull=False, odoo_id=value) if value else Q(odoo_id=None)
    lookup = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}[operator]
    return Q(odoo_id__isnull=False, **{f"odoo_id__{lookup}": value})


def _term(field: FieldSpec, operator: str, value: Any) -> Q:
    """Unknown only where Odoo's own condition is, which it does not turn round either: of what is empty, neither an order
    nor its opposite holds."""
    if operator in PATTERNS:
        keyword, around, contains = PATTERNS[operator]
        if not value:
            return ~Q(pk__in=[]) if contains else Q(empty(field))
        # As Odoo reads a domain: % and _ stand for others here too.
        matches = Matches(text_of(field), Value(f"{around}{value}{around}"), function=keyword)
        return Q(Coalesce(matches, Value(False))) if contains else Q(matches)
    if operator in _ORDER:
        other = _canonical(field, value, "23:59:59" if operator in (">", "<=") else "00:00:00")
        return Q(_ORDER[operator](compared_value(field), Value("" if other is None else other)))
    if isinstance(field.type, X2manyType) and operator == "=" and not value:
        return Q(empty(field))
    values = value if operator == "in" or isinstance(value, (list, tuple)) else [value]
    return is_in(field, [_canonical(field, one) for one in values]) if values else Q(pk__in=[])


def _canonical(field: FieldSpec, value: Any, hour: str = "00:00:00") -> Any:
    """A domain's value as the mirror has it. `hour`: which moment of a day is meant where a time is compared with one."""
    if isinstance(field.type, X2manyType):
        return value
    if isinstance(field.type, DatetimeType) and isinstance(value, str) and len(value) == _DAY:
        value = f"{value} {hour}"
    return field.type.from_wire(False if value is None else value)


def all_inside(rows: Q, endpoint_id: int, records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether records of such values would be within the rows: asked of PostgreSQL, which keeps none of them."""
    from endpoints.models import Record

    with transaction.atomic():
        made = Record.objects.bulk_create(
            [
                Record(endpoint_id=endpoint_id, document="", values=dict(values), deleted_at=None)
                for values in records
            ]
        )
        inside = Record.objects.filter(rows, pk__in=[one.pk for one in made]).count()
        transaction.set_rollback(True)
    return inside == len(made)
