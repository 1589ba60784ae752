"""Rows of one page that may not be alike. Django compares them by constraints without a condition only, and where nothing is empty;
the database then refused what the page had taken, and all that had been typed was gone."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import UniqueConstraint


def staying(formset: Any) -> list[Any]:
    """The forms of the rows that are to be there once it is saved."""
    return [
        form
        for form in formset.forms
        if hasattr(form, "cleaned_data")
        and not form.cleaned_data.get("DELETE")
        and (form.instance.pk or form.has_changed())
    ]


def told(formset: Any) -> bool:
    """Say it at each row that is like an earlier one; are there any?"""
    rows = staying(formset)
    found: list[Any] = []
    for constraint in formset.model._meta.constraints:
        if not isinstance(constraint, UniqueConstraint) or not constraint.fields:
            continue
        names = [name for name in constraint.fields if name != formset.fk.name]
        shown = [name for name in names if name in formset.form.base_fields]
        first: dict[str, Any] = {}
        for form in rows if shown else ():
            values = [getattr(form.instance, name) for name in names]
            if None in values and constraint.nulls_distinct is not False:
                continue
            other = first.setdefault(repr(values), form)
            if other is not form and form not in found and _applies(constraint, form.instance):
                if not form.errors:  # something plainer may have been said already
                    place = shown[0] if len(shown) == 1 else NON_FIELD_ERRORS
                    form.add_error(place, constraint.get_violation_error_message())
                found.append(form)
    return bool(found)


def _applies(constraint: UniqueConstraint, row: Any) -> bool:
    if constraint.condition is None:
        return True
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return bool(
        constraint.condition.check(
            {**values, **{f.name: values[f.attname] for f in row._meta.concrete_fields}}
        )
    )
