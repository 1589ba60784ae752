"""Query parameters → conditions on the mirror, through django-filter.

Each condition looks at `Record.values`, the record by Odoo field. Empty is null there, whatever the type, so
that a comparison with `>` or `<` never matches it; `!=` and `not in` do, as in Odoo.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import django_filters
from django import forms
from django.db.models import BooleanField, F, FloatField, Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import Expression
from django.db.models.functions import Cast
from django.http import QueryDict

from endpoints.api.errors import ApiError
from endpoints.models import Operator, Record
from endpoints.registry import EndpointSpec
from mappings import names
from mappings.fieldtypes import FieldType, Many2oneType, TextType, WrongValue, X2manyType
from mappings.spec import FieldSpec

MAX_VALUES = 1000
MAX_LENGTH = 1000
Records = QuerySet[Record]


def apply(
    endpoint: EndpointSpec, query: QueryDict, descendants: "Callable[[str, int], list[int]]"
) -> Records:
    """The endpoint's records that fit the query. Raises ApiError 400 for a key or a value that it does not know.

    `descendants(model, id)` gives the ids of a record and of all below it, for `child_of`.
    """
    filter_set = _filter_set(endpoint)
    known = [
        *filter_set.base_filters,
        *sorted(names.RESERVED_KEYS & {"limit", "offset", "ordering", "fields"}),
    ]
    for key in query:
        if key not in known:
            raise ApiError(
                400, f"“{key[:80]}” is not a parameter of this endpoint. It knows: {', '.join(known)}."
            )
        if len(query.getlist(key)) > 1:
            raise ApiError(400, f"“{key}” is given twice.")
    filters = filter_set(query, queryset=base_queryset(endpoint))
    filters.descendants = descendants
    if not filters.is_valid():
        key, problems = next(iter(filters.errors.items()))
        raise ApiError(400, f"“{key}”: {problems[0]}")
    records: Records = filters.qs
    return records


def base_queryset(endpoint: EndpointSpec) -> Records:
    return Record.objects.filter(endpoint_id=endpoint.id, deleted_at=None)


def is_filtered(query: QueryDict) -> bool:
    return any(key not in names.RESERVED_KEYS for key in query)


@lru_cache(maxsize=512)
def _filter_set_of(
    _identity: int, filters: tuple[tuple[str, FieldSpec, str], ...]
) -> type[django_filters.FilterSet]:
    return type(
        "RecordFilter",
        (django_filters.FilterSet,),
        {key: ValueFilter(field=field, operator=operator) for key, field, operator in filters},
    )


def _filter_set(endpoint: EndpointSpec) -> type[django_filters.FilterSet]:
    filters = {
        line.key: (line.key, line.field, Operator.EQ.value)
        for line in endpoint.mapping.outgoing
        if line.key not in names.RESERVED_KEYS
    }
    filters |= {p.key: (p.key, p.field, p.operator) for p in endpoint.parameters}
    return _filter_set_of(endpoint.id, tuple(filters.values()))


class ValueField(forms.CharField):
    """A query value (or several, comma separated), checked by the Odoo field's type."""

    def __init__(self, *, field: FieldSpec, operator: str, **kwargs: Any) -> None:
        # Blank is a value here: `?email=` asks for records without one.
        super().__init__(required=False, strip=False, max_length=MAX_LENGTH * 10, empty_value=None)
        self.odoo_field, self.operator = field, operator

    def to_python(self, value: Any) -> Any:
        if value is None:
            return None
        text = str(value)
        try:
            if self.operator in (Operator.IN, Operator.NOT_IN):
                parts = text.split(",")
                if len(parts) > MAX_VALUES:
                    raise WrongValue(f"more than {MAX_VALUES} values are given")
                return [read_text(self.odoo_field.type, part) for part in parts]
            if self.operator in _PATTERNS:
                return TextType("char", size=MAX_LENGTH).parse(text)
            if self.operator == Operator.CHILD_OF:
                return Many2oneType("many2one").parse(_number(text))
            parsed = read_text(self.odoo_field.type, text)
            if parsed is None and self.operator in (Operator.GT, Operator.GE, Operator.LT, Operator.LE):
                raise WrongValue("a value to compare with is needed")
        except WrongValue as error:
            raise forms.ValidationError(f"{error}.") from None
        # A null is a value of its own here, and django-filter must not take it for "not given".
        return Given(parsed)

    def validate(self, value: Any) -> None:
        """Everything was checked by the type; a CharField's own rules are about texts."""

    def run_validators(self, value: Any) -> None:
        """As `validate`."""


class Given:
    """A value that was given, be it null."""

    def __init__(self, value: Any) -> None:
        self.value = value


class ValueFilter(django_filters.Filter):  # type: ignore[misc]  # the library has no types
    def __init__(self, *, field: FieldSpec, operator: str) -> None:
        super().__init__()
        self.odoo_field, self.operator = field, operator

    @property
    def field(self) -> forms.Field:
        return ValueField(field=self.odoo_field, operator=self.operator)

    def filter(self, qs: Records, value: Any) -> Records:
        if value is None:
            return qs
        value = value.value if isinstance(value, Given) else value
        if self.operator == Operator.CHILD_OF:
            return qs.filter(self._below(value))
        return _compare(qs, self.odoo_field, self.operator, value)

    def _below(self, odoo_id: int) -> Q:
        relation = getattr(self.odoo_field.type, "relation", "") or ""
        ids = self.parent.descendants(relation, odoo_id)
        if self.odoo_field.name == "id":
            return Q(odoo_id__in=ids)
        if isinstance(self.odoo_field.type, X2manyType):
            condition = Q(pk__in=[])
            for one in ids:
                condition |= Q(values__contains={self.odoo_field.name: [one]})
            return condition
        return Q(**{f"values__{self.odoo_field.name}__in": ids})


_PATTERNS: dict[str, tuple[str, str, bool]] = {
    Operator.LIKE: ("LIKE", "%", True),
    Operator.ILIKE: ("ILIKE", "%", True),
    Operator.EQ_LIKE: ("LIKE", "", False),
    Operator.EQ_ILIKE: ("ILIKE", "", False),
}
_ORDER: dict[str, str] = {Operator.GT: "gt", Operator.GE: "gte", Operator.LT: "lt", Operator.LE: "lte"}


def _compare(records: Records, field: FieldSpec, operator: str, value: Any) -> Records:
    name = field.name
    many = isinstance(field.type, X2manyType)
    if operator in (Operator.EQ, Operator.NE):
        found = Q(values__contains={name: value})
        if many and value == []:
            found = Q(values__contains={name: []}) & Q(**{f"values__{name}": []})
        return records.filter(found) if operator == Operator.EQ else records.exclude(found)
    if operator in (Operator.IN, Operator.NOT_IN):
        values = [one for item in value for one in (item if many else [item])]
        found = Q(pk__in=[])
        for one in values:
            found |= Q(values__contains={name: [one] if many else one})
        return records.filter(found) if operator == Operator.IN else records.exclude(found)
    compared = records.annotate(_compared=compared_value(field))
    if operator in _ORDER:
        return compared.filter(**{f"_compared__{_ORDER[operator]}": value})
    keyword, around, escape = _PATTERNS[operator]
    pattern = f"{around}{_escaped(value) if escape else value}{around}"
    return compared.filter(_Matches(F("_compared"), Value(pattern), function=keyword))


class _Matches(Func):
    """`value LIKE pattern`, which Django has only with the pattern's signs escaped."""

    template = "%(expressions)s"
    output_field = BooleanField()

    def __init__(self, *expressions: Any, function: str) -> None:
        super().__init__(*expressions, arg_joiner=f" {function} ")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def compared_value(field: FieldSpec) -> Expression:
    """The field's value as SQL that compares and sorts by its type."""
    text = Func(
        F("values"), Value(field.name), function="", arg_joiner=" ->> ", template="(%(expressions)s)",
        output_field=TextField(),
    )  # fmt: skip
    match field.type.compared_as:
        case "numeric":
            return Cast(text, FloatField())
        case "boolean":
            return Cast(text, BooleanField())
        case _:
            return text


def read_text(kind: FieldType, text: str) -> Any:
    """A query's text as a canonical value of this type. Raises WrongValue."""
    if text == "":
        return [] if isinstance(kind, X2manyType) else None
    match kind.name:
        case "integer" | "many2one" | "many2one_reference":
            return kind.parse(_number(text))
        case "one2many" | "many2many":
            return kind.parse([_number(text)])
        case "float" | "monetary":
            return kind.parse(_decimal(text))
        case "boolean":
            return kind.parse({"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text))
        case "selection":
            return kind.parse(text)
        case _ if kind.writable:
            return kind.parse(text)
        case _:
            raise WrongValue(f"a field of type {kind.name} cannot be filtered by")


def _number(text: str) -> Any:
    try:
        return int(text) if len(text) <= 20 and text.lstrip("-").isascii() else text
    except ValueError:
        return text


def _decimal(text: str) -> Any:
    try:
        return float(text) if len(text) <= 40 else text
    except ValueError:
        return text
