"""Query parameters → conditions on the mirror, through django-filter."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.db.models.expressions import Expression
from django.http import QueryDict

from endpoints.access import rows
from endpoints.api.errors import ApiError
from endpoints.conditions import ORDER, PATTERNS, Records, compare, one_of
from endpoints.models import Operator, Record
from endpoints.registry import EndpointSpec
from mappings import names
from mappings.fieldtypes import FieldType, Many2oneType, TextType, WrongValue, X2manyType
from mappings.spec import FieldSpec, LineSpec
from mappings.steps import Lookup, Rounded

MAX_VALUES = 1000
MAX_LENGTH = 1000
# The most records below another that `child_of` looks for.
MAX_BELOW = 10_000
_LIST_PARAMETERS = ("limit", "offset", "ordering", "fields", "cursor")


def apply(
    endpoint: EndpointSpec,
    query: QueryDict,
    descendants: "Callable[[str, int], list[int]]",
    among: Records | None = None,
) -> Records:
    """The endpoint's records that fit the query. Raises ApiError 400 for a key or a value that it does not know.

    `descendants(model, id)` gives the ids of a record and of all below it, for `child_of`. `among`: these of the
    endpoint's records, instead of all.
    """
    if among is None:
        among = Record.objects.filter(endpoint_id=endpoint.id, deleted_at=None)
    records = among.filter(rows(endpoint))
    filters = _checked(endpoint, query, records)
    if filters is None:
        return records
    filters.descendants = descendants
    found: Records = filters.qs
    return found


def conditions(endpoint: EndpointSpec, query: QueryDict) -> list[tuple[FieldSpec, str, Any]]:
    """The same as (field, operator, canonical value), for Odoo to look itself. Raises ApiError 400."""
    filters = _checked(endpoint, query, Record.objects.none())
    if filters is None:
        return []
    return [
        (one.odoo_field, one.operator, filters.form.cleaned_data[key].value)
        for key, one in filters.filters.items()
    ]


def _checked(endpoint: EndpointSpec, query: QueryDict, records: Records) -> Any:
    known = offered(endpoint)
    check_keys(query, (*known, *_LIST_PARAMETERS))
    asked = {key: ValueFilter(*known[key]) for key in query if key in known}
    if not asked:
        return None
    filters = type("RecordFilter", (django_filters.FilterSet,), asked)(query, queryset=records)
    if not filters.is_valid():
        key, problems = next(iter(filters.errors.items()))
        raise ApiError(400, f"“{key}”: {problems[0]}")
    return filters


def check_lists(query: QueryDict) -> None:
    """The same where no key of the endpoint is among them."""
    check_keys(query, _LIST_PARAMETERS)


def check_keys(query: QueryDict, known: Iterable[str]) -> None:
    """Raises ApiError 400 for a key that is not known or stands twice: neither is ever ignored."""
    known = list(known)
    for key in query:
        if key not in known:
            raise ApiError(
                400,
                f"“{key[:80]}” is not a parameter here. "
                + (f"These are: {', '.join(known)}." if known else "There are none."),
            )
        if len(query.getlist(key)) > 1:
            raise ApiError(400, f"“{key}” is given twice.")


def is_filtered(query: QueryDict) -> bool:
    return any(key not in _LIST_PARAMETERS for key in query)


def offered(endpoint: EndpointSpec) -> dict[str, tuple[FieldSpec, str, LineSpec | None]]:
    """Every key that filters: the mapped ones by equality, and the endpoint's parameters, which come first."""
    mapped: dict[str, tuple[FieldSpec, str, LineSpec | None]] = {
        line.key: (line.field, Operator.EQ.value, line)
        for line in endpoint.mapping.outgoing
        if line.is_compared and line.key not in names.RESERVED_KEYS
    }
    return mapped | {one.key: (one.field, one.operator, None) for one in endpoint.parameters}


class ValueField(forms.Field):
    """A query value (or several, comma separated), checked by the Odoo field's type."""

    def __init__(self, *, field: FieldSpec, operator: str, line: LineSpec | None = None) -> None:
        # Blank is a value here: `?email=` asks for records without one.
        super().__init__(required=False)
        self.odoo_field, self.operator, self.line = field, operator, line

    def to_python(self, value: Any) -> "Given | None":
        if value is None:
            return None
        try:
            return Given(self._parsed(str(value)))
        except WrongValue as error:
            raise forms.ValidationError(f"{error}.") from None

    def _parsed(self, text: str) -> Any:
        kind = self.odoo_field.type
        if self.line is not None and self.line.steps and text:
            return _external(self.line, text)
        if self.operator in (Operator.IN, Operator.NOT_IN):
            parts = text.split(",")
            if len(parts) > MAX_VALUES:
                raise WrongValue(f"more than {MAX_VALUES} values are given")
            return [read_text(kind, part) for part in parts]
        if self.operator in PATTERNS:
            return self._pattern(kind, text)
        if self.operator == Operator.CHILD_OF:
            parsed = Many2oneType("many2one").parse(_number(text) if text else None)
        elif self.operator in ORDER and not kind.compared_as:
            raise WrongValue(f"{self.odoo_field.label} is a list and has no order")
        else:
            parsed = read_text(kind, text)
        if parsed is None and self.operator in (*ORDER, Operator.CHILD_OF):
            raise WrongValue("a value to compare with is needed")
        return parsed

    def _pattern(self, kind: FieldType, text: str) -> str:
        if kind.compared_as != "text":
            raise WrongValue(f"{self.odoo_field.label} is no text ({kind.name}), so it fits no pattern")
        pattern = TextType("char", size=MAX_LENGTH).parse(text) or ""
        _, _, escape = PATTERNS[self.operator]
        if not escape and (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise WrongValue("a pattern cannot end in the middle of an escape (\\)")
        return pattern


class Given:
    """A value that was given, be it null: django-filter takes a bare None for "not given"."""

    def __init__(self, value: Any) -> None:
        self.value = value


class ValueFilter(django_filters.Filter):  # type: ignore[misc]  # the library has no types
    def __init__(self, field: FieldSpec, operator: str, line: LineSpec | None) -> None:
        super().__init__()
        self.odoo_field, self.operator, self.line = field, operator, line

    def __deepcopy__(self, _memo: Any) -> "ValueFilter":
        # One is made for each request; a copy of all that Odoo says of its field is not needed.
        return self

    @property
    def field(self) -> forms.Field:
        return ValueField(field=self.odoo_field, operator=self.operator, line=self.line)

    def filter(self, qs: Records, value: Given | None) -> Records:
        if value is None:
            return qs
        if self.operator == Operator.CHILD_OF:
            return qs.filter(self._below(value.value))
        return compare(qs, self.odoo_field, self.operator, value.value)

    def _below(self, odoo_id: int) -> Q | Expression:
        relation = getattr(self.odoo_field.type, "relation", "") or ""
        ids = self.parent.descendants(relation, odoo_id)
        if len(ids) > MAX_BELOW:
            raise ApiError(
                400, f"More than {MAX_BELOW} records lie below {odoo_id}; choose one further down."
            )
        if self.odoo_field.name == "id":
            return Q(odoo_id__in=ids)
        return one_of(self.odoo_field, ids)


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
        case _ if kind.writable:
            return kind.parse(text)
        case _:
            raise WrongValue(f"a field of type {kind.name} cannot be filtered by")


def _external(line: LineSpec, text: str) -> Any:
    """A query's text as the canonical value that a document shows in these words. Raises WrongValue."""
    match line.steps[0]:
        case Lookup() as table:
            return line.parse(table.from_text(text))
        case Rounded():
            return line.parse(_decimal(text))
        case _:
            return line.parse(text)


def _number(text: str) -> Any:
    return int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else text


def _decimal(text: str) -> Any:
    fits = re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?", text)
    return float(text) if fits else text
