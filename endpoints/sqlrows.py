"""Comparing several columns at once, as an index over them is ordered."""

from django.db.models import BooleanField, F, Func, Value


class _Row(Func):
    function = ""
    output_field = BooleanField()  # nobody asks


class _Greater(Func):
    template = "(%(expressions)s)"
    arg_joiner = " > "
    output_field = BooleanField()


def behind(**place: int) -> _Greater:
    """`(column, …) > (value, …)`: what stands behind that place in an index over just these columns."""
    return _Greater(_Row(*map(F, place)), _Row(*map(Value, place.values())))
