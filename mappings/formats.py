"""From a line's row to the steps that its values take, and where these do not fit the line's field."""

from typing import Any, NamedTuple

from mappings.fieldtypes import FieldType, WrongValue, X2manyType, json_name
from mappings.models import Direction, Line
from mappings.moments import Moment, pattern_problem
from mappings.steps import Lookup, NumberText, Rounded, Step, Tidied, scalar

_NUMBERS = ("integer", "float", "monetary")


class Misfit(NamedTuple):
    """A format of a line that does not fit its field."""

    column: str
    """The line's column that has to change."""
    text: str
    """A sentence for administrators."""

    def __str__(self) -> str:
        return self.text


def steps_of(line: Line, kind: FieldType) -> tuple[Step, ...]:
    """For a line without a `format_problem`."""
    if line.table_id is not None:
        return (_lookup(line, kind),)
    steps: list[Step] = []
    if line.pattern or line.time_zone:
        steps.append(Moment(kind.name, line.pattern, line.time_zone))
    if line.decimal_sign:
        steps.append(NumberText(line.decimal_sign, line.thousands_sign, line.decimals))
    if line.decimals is not None:
        steps.append(Rounded(line.decimals))
    if line.trim or line.case:
        steps.append(Tidied(line.trim, line.case, only_inward=line.identifier))
    return tuple(steps)


def _lookup(line: Line, kind: FieldType) -> Lookup:
    assert line.table is not None  # noqa: S101  # the caller looked
    # What Odoo has instead of null: 0 or false. A table row for that value comes later, and wins.
    nothing = kind.from_wire(False)
    rows = tuple(
        (outside, kind.present(nothing if inside is None else _canonical(kind, inside)))
        for outside, inside in sorted(line.table.pairs(), key=lambda pair: pair[1] is not None)
    )
    empty = nothing if kind.name == "boolean" else None
    return Lookup(line.table.name, rows, line.table.on_unknown, empty)


def _canonical(kind: FieldType, value: Any) -> Any:
    """A table's value of Odoo in canonical form. Raises WrongValue."""
    return kind.parse(value) if value is not None and kind.writable else value


def format_problem(line: Line, kind: FieldType) -> Misfit | None:
    """What is wrong with the line's table or formats, if anything."""
    name = line.field
    if line.table_id is not None:
        if (
            line.pattern
            or line.time_zone
            or line.decimal_sign
            or line.decimals is not None
            or line.trim
            or line.case
        ):
            return Misfit("table", "a table says what each value looks like; leave out the formats.")
        problem = _table_problem(line, kind)
        if problem:
            return Misfit("table", problem)
    if line.pattern:
        if kind.name not in ("date", "datetime"):
            return Misfit("pattern", f"{name} ({kind.name}) is no date, so it has no date pattern.")
        problem = pattern_problem(line.pattern, kind.name)
        if problem:
            return Misfit("pattern", problem)
    if line.time_zone and kind.name != "datetime":
        return Misfit("time_zone", f"{name} ({kind.name}) is no date and time, so it has no time zone.")
    if line.decimal_sign and kind.name not in _NUMBERS:
        return Misfit(
            "decimal_sign", f"{name} ({kind.name}) is no number, so it has no sign before decimals."
        )
    if line.decimals is not None and kind.name not in ("float", "monetary"):
        return Misfit("decimals", f"{name} ({kind.name}) has no decimals to round.")
    if (line.trim or line.case) and kind.name not in ("char", "text"):
        return Misfit(
            "trim" if line.trim else "case",
            f"{name} ({kind.name}) is no plain text, so it has no space to trim and no letters to change.",
        )
    if line.write_when == "if_empty" and kind.name == "boolean":
        return Misfit(
            "write_when",
            f"{name} is true or false and never empty; write it always, or when the record is created.",
        )
    return None


def _table_problem(line: Line, kind: FieldType) -> str | None:
    table = line.table
    assert table is not None  # noqa: S101  # the caller looked
    if isinstance(kind, X2manyType) or (not kind.writable and line.direction != Direction.FROM_ODOO):
        return f"{line.field} ({kind.name}) has values that no table can have."
    outside: dict[Any, Any] = {}
    inside: dict[Any, Any] = {}
    for external, odoo in table.pairs():
        try:
            canonical = _canonical(kind, odoo)
        except WrongValue as error:
            return f"table “{table.name}” has {json_name(odoo)} for {json_name(external)}: {error}."
        before = outside.setdefault(scalar(external), canonical)
        if scalar(before) != scalar(canonical) and line.direction != Direction.FROM_ODOO:
            return (
                f"table “{table.name}” has two values of Odoo for {json_name(external)}; a line that writes to Odoo "
                "needs one."
            )
        first = inside.setdefault(scalar(canonical), external)
        if scalar(first) != scalar(external) and line.direction != Direction.TO_ODOO:
            return (
                f"table “{table.name}” has two values outside for {json_name(odoo)} of Odoo, {json_name(first)} and "
                f"{json_name(external)}; a line that shows it needs one (or the direction “to Odoo only”)."
            )
    return None
