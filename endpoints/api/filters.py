"""Query parameters → conditions on the mirror, through django-filter."""

from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.db.models.expressions import Expression
from django.http import QueryDict

from endpoints.access import rows
from endpoints.api.errors import ApiError
from endpoints.api.given import Given, number_of, of_line, parts_of, read_text
from endpoints.conditions import ORDER, PATTERNS, Records, compare, one_of, shown_like
from endpoints.hierarchy import is_of_records
from endpoints.models import Mode, Operator, Record
from endpoints.registry import EndpointSpec
from mappings import names
from mappings.fieldtypes import FieldType, Many2oneType, TextType, WrongValue
from mappings.spec import FieldSpec, LineSpec

MAX_VALUES = 1000
MAX_LENGTH = 1000
# The most records below another that `child_of` looks for.
MAX_BELOW = 10_000
_LIST_PARAMETERS = ("limit", "offset", "ordering", "fields", "cursor")


def apply(
    endpoint: EndpointSpec,
    query: QueryDict,
    descendants: "Callable[[FieldSpec, int], list[int]]",
    among: Records | None = None,
) -> Records:
    """The endpoint's records that fit the query. Raises ApiError 400 for a key or a value that it does not know.

    `descendants(field, id)` gives the ids of a record and of all below it, for `child_of`. `among`: these of the
    endpoint's records, instead of all.
    """
    if among is None:
        among = Record.objects.filter(endpoint_id=endpoint.id, deleted_at=None)
    records = among.filter(rows(endpoint))
    filters = _checked(endpoint, query, records)
    if filters is None:
        return records
    filters.endpoint, filters.descendants = endpoint, descendants
    found: Records = filters.qs
    return found


def conditions(endpoint: EndpointSpec, query: QueryDict) -> list[tuple[FieldSpec, Given]]:
    """The same as the fields and what they are compared with, for Odoo to look itself. Raises ApiError 400."""
    filters = _checked(endpoint, query, Record.objects.none())
    if filters is None:
        return []
    found = []
    for key, one in filters.filters.items():
        given = filters.form.cleaned_data[key]
        if one.odoo_field.is_file and given.value is not None:
            raise ApiError(
                400,
                f"“{key}”: Odoo does not compare files, it can only tell whether there is one. Leave the value empty.",
            )
        found.append((one.odoo_field, given))
    return found


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
    """Every key that filters: the mapped ones by equality, and the endpoint's parameters, which come first. In live mode without
    what Odoo cannot search by; what the hub compares itself, it can."""
    mapped: dict[str, tuple[FieldSpec, str, LineSpec | None]] = {
        line.key: (line.field, Operator.EQ.value, line)
        for line in endpoint.mapping.outgoing
        if line.is_compared and line.key not in names.RESERVED_KEYS
    }
    known = mapped | {one.key: (one.field, one.operator, None) for one in endpoint.parameters}
    for key in endpoint.lost_parameters:
        known.pop(key, None)  # the mapped key of that name would be something else
    if endpoint.mode != Mode.LIVE:
        return known
    return {key: one for key, one in known.items() if _is_found_by_odoo(*one)}


def _is_found_by_odoo(field: FieldSpec, operator: str, line: LineSpec | None) -> bool:
    if field.is_file:
        return field.searchable and operator in (Operator.EQ, Operator.NE)
    return field.searchable or bool(line and line.steps)


class ValueField(forms.Field):
    """A query value (or several, comma separated), checked by the Odoo field's type."""

    def __init__(self, *, field: FieldSpec, operator: str, line: LineSpec | None = None) -> None:
        # Blank is a value here: `?email=` asks for records without one.
        super().__init__(required=False)
        self.odoo_field, self.operator, self.line = field, operator, line

    def to_python(self, value: Any) -> Given | None:
        if value is None:
            return None
        try:
            if self.line is not None and self.line.steps:
                return of_line(self.line, str(value))
            return Given(self._parsed(str(value)), self.operator)
        except WrongValue as error:
            raise forms.ValidationError(f"{error}.") from None

    def _parsed(self, text: str) -> Any:
        kind = self.odoo_field.type
        if self.operator in (Operator.IN, Operator.NOT_IN):
            parts = parts_of(text)
            if len(parts) > MAX_VALUES:
                raise WrongValue(f"more than {MAX_VALUES} values are given")
            return [read_text(kind, part) for part in parts]
        if self.operator in PATTERNS:
            return self._pattern(kind, text)
        if self.operator == Operator.CHILD_OF:
            parsed = Many2oneType("many2one").parse(number_of(text) if text else None)
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
        if value.line is not None:
            return shown_like(qs, value.line, value.value)
        return compare(qs, self.odoo_field, value.operator, value.value)

    def _below(self, odoo_id: int) -> Q | Expression:
        ids = self.parent.descendants(self.odoo_field, odoo_id)
        if len(ids) > MAX_BELOW:
            raise ApiError(
                400, f"More than {MAX_BELOW} records lie below {odoo_id}; choose one further down."
            )
        if is_of_records(self.parent.endpoint, self.odoo_field):
            return Q(odoo_id__in=ids)
        return one_of(self.odoo_field, ids)
