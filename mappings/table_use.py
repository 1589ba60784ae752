"""Whether the lines that use a lookup table can work with its rows."""

from mappings.compile import field_problem, line_problem, line_spec, value_problems
from mappings.models import Line, LookupTable
from mappings.schema import known_fields


def problems(table: LookupTable) -> list[str]:
    """Why lines that use the table cannot work with its rows, or with those that are drawn up, as sentences."""
    lines = (
        Line.objects.filter(table=table.pk)
        .select_related("mapping__connection")
        .order_by("mapping__name", "position")
    )
    return [
        f"Line “{line.key}” of mapping “{line.mapping}” could not work: {problem}"
        for line in lines
        if (problem := _problem(line, table))
    ]


def _problem(line: Line, table: LookupTable) -> str | None:
    fields = known_fields(line.mapping)
    if not fields or field_problem(line, line.mapping.model, fields):
        return None  # nothing is known, or the line is broken already: no reason to refuse the rows
    line.table = table
    problem = line_problem(line, line.mapping.model, fields)
    if problem:
        return problem.text
    return next(
        (f"its {name}: {wrong}" for name, wrong in value_problems(line_spec(line, fields, None), line)), None
    )
