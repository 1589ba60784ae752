"""The rows of an access key: a domain, as a condition on the mirror.

Only what the mirror can tell by itself: fields of the records themselves, compared with values. A record of which the
hub does not know all these fields yet lies outside.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from endpoints.conditions import PATTERNS, Matches, compared_value, empty, is_in, text_of
from mappings import domains
from mappings.fieldtypes import X2manyType
from mappings.spec import FieldSpec

_ORDER = {"<": LessThan, "<=": LessThanOrEqual, ">": GreaterThan, ">=": GreaterThanOrEqual}
_OPERATORS = frozenset({"=", "!=", "<>", "in", "not in", "not like", "not ilike", *_ORDER, *PATTERNS})
_NEGATED = {"!=": "=", "<>": "=", "not in": "in", "not like": "like", "not ilike": "ilike"}


def problems(domain: domains.Domain) -> list[str]:
    """Why these records cannot be told apart in the hub, as sentences for an administrator."""
    found = []
    for item in domain:
        if isinstance(item, str):
            continue
        if "." in item[0]:
            found.append(
                f"“{item[0]}” leads to another record; the rows of an access key are told by fields of the records "
                "themselves."
            )
        if item[1] not in _OPERATORS:
            found.append(f"“{item[1]}” cannot be used for the rows of an access key.")
    return found


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
    """Never unknown, so that it can be negated."""
    if operator in PATTERNS:
        keyword, around, contains = PATTERNS[operator]
        if not value:
            return Q() if contains else empty(field)
        # As Odoo reads a domain: % and _ stand for others here too.
        pattern = f"{around}{value}{around}"
        return Q(Coalesce(Matches(text_of(field), Value(pattern), function=keyword), Value(False)))
    if operator in _ORDER:
        compared = _ORDER[operator](compared_value(field), Value(_canonical(field, value)))
        return Q(Coalesce(compared, Value(False)))
    values = value if operator == "in" or isinstance(value, (list, tuple)) else [value]
    return is_in(field, [_canonical(field, one) for one in values]) if values else Q(pk__in=[])


def _canonical(field: FieldSpec, value: Any) -> Any:
    """A domain's value as the mirror has it."""
    return (
        value
        if isinstance(field.type, X2manyType)
        else field.type.from_wire(False if value is None else value)
    )


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
