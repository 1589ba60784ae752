"""Conditions on the mirror, as SQL over `Record.values`: the record by Odoo field.

Empty is null there, whatever the type, or is missing where the record has not been to Odoo yet. A comparison with `>` or
`<` never matches it; `!=` and `not in` do, as in Odoo.
"""

from typing import Any

import orjson
from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, FloatField, Func, JSONField, Q, QuerySet, TextField, Value
from django.db.models.expressions import Expression
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact, IsNull

from endpoints.models import Operator, Record
from mappings.fieldtypes import X2manyType
from mappings.spec import FieldSpec, LineSpec

# So many values are looked up in the index one by one; for more, each record is compared with all at once.
_FEW = 100
Records = QuerySet[Record]


PATTERNS: dict[str, tuple[str, str, bool]] = {
    Operator.LIKE: ("LIKE", "%", True),
    Operator.ILIKE: ("ILIKE", "%", True),
    Operator.EQ_LIKE: ("LIKE", "", False),
    Operator.EQ_ILIKE: ("ILIKE", "", False),
}
ORDER: dict[str, str] = {Operator.GT: "gt", Operator.GE: "gte", Operator.LT: "lt", Operator.LE: "lte"}


def compare(records: Records, field: FieldSpec, operator: str, value: Any) -> Records:
    if operator in (Operator.EQ, Operator.NE):
        found = empty(field) if value in (None, []) else Q(values__contains={field.name: value})
        return records.filter(found) if operator == Operator.EQ else records.exclude(found)
    if operator == Operator.IN:
        return records.filter(is_in(field, value))
    if operator == Operator.NOT_IN:
        return records.exclude(is_in(field, value, by_index=False))
    if operator in ORDER:
        return records.alias(_compared=compared_value(field)).filter(
            **{f"_compared__{ORDER[operator]}": value}
        )
    keyword, around, escape = PATTERNS[operator]
    if not value:  # to Odoo as well, each record contains the empty text, be it empty itself
        return records if escape else records.filter(empty(field))
    pattern = f"{around}{escaped(value) if escape else value}{around}"
    return records.filter(Matches(text_of(field), Value(pattern), function=keyword))


def shown_like(records: Records, line: LineSpec, value: Any) -> Records:
    """Those whose document shows under this line's key what it would show of `value`, where formats show several values
    of Odoo alike. Documents are read of those alone whose value is near."""
    for operator, other in line.near(value):
        records = compare(records, line.field, operator, other)
    shown = Func(
        Cast(F("document"), JSONField()), Value(list(line.path), ArrayField(TextField())),
        function="", arg_joiner=" #> ", template="(%(expressions)s)", output_field=JSONField(),
    )  # fmt: skip
    return records.filter(Exact(shown, Value(line.present(value), JSONField())))


def is_in(field: FieldSpec, values: list[Any], *, by_index: bool = True) -> Q:
    found = Q()
    if any(value in (None, []) for value in values):
        found |= Q(empty(field))
    # A list's value is one of its items, read as a list of one.
    some = [
        one for value in values for one in (value if isinstance(value, list) else [value]) if one is not None
    ]
    if some:
        found |= Q(one_of(field, some, by_index=by_index))
    return found


def empty(field: FieldSpec) -> Q:
    found = Q(IsNull(text_of(field), True))
    return found | Q(Exact(text_of(field), Value("[]"))) if _is_list(field) else found


def one_of(field: FieldSpec, values: list[Any], *, by_index: bool = True) -> Expression:
    """The field, or an item of the list that it is, is one of these."""
    if not values:
        return Exact(Value(1), Value(0))
    if by_index and len(values) <= _FEW:
        some = [{field.name: [value] if _is_list(field) else value} for value in values]
        return _Any(F("values"), _jsonb(some), function="@>")
    if _is_list(field):
        return _AnyItem(_Items(F("values"), Value(f'$."{field.name}"[*]')), _jsonb(values))
    same = _Any(_member(field, "->", JSONField()), _jsonb(values), function="=")
    return Coalesce(same, Value(False))  # what is missing is none of them, which `not in` has to see


def _is_list(field: FieldSpec) -> bool:
    return isinstance(field.type, X2manyType)


def _jsonb(values: list[Any]) -> Value:
    return Value([orjson.dumps(value).decode() for value in values])


class _Any(Func):
    template = "%(expressions)s::jsonb[])"
    output_field = BooleanField()

    def __init__(self, *expressions: Any, function: str) -> None:
        super().__init__(*expressions, arg_joiner=f" {function} ANY(")


class _AnyItem(Func):
    template = "EXISTS (SELECT FROM %(expressions)s::jsonb[]))"
    arg_joiner = " AS item (item) WHERE item.item = ANY("
    output_field = BooleanField()


class _Items(Func):
    function = "jsonb_path_query"
    template = "%(function)s(%(expressions)s::jsonpath)"
    output_field = JSONField()


class Matches(Func):
    """`value LIKE pattern`, which Django has only with the pattern's signs escaped."""

    template = "%(expressions)s"
    output_field = BooleanField()

    def __init__(self, *expressions: Any, function: str) -> None:
        super().__init__(*expressions, arg_joiner=f" {function} ")


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def text_of(field: FieldSpec) -> Expression:
    """The field's value as text; null where it is empty."""
    return _member(field, "->>", TextField())


def _member(field: FieldSpec, operator: str, output: Any) -> Func:
    # Not `values__name`: a field may be called like a lookup, or have two underscores in its name.
    return Func(
        F("values"), Value(field.name), function="", arg_joiner=f" {operator} ", template="(%(expressions)s)",
        output_field=output,
    )  # fmt: skip


def compared_value(field: FieldSpec) -> Expression:
    """The field's value as SQL that compares and sorts by its type."""
    match field.type.compared_as:
        case "numeric":
            return Cast(text_of(field), FloatField())
        case "boolean":
            return Cast(text_of(field), BooleanField())
        case _:
            return text_of(field)
