"""From a mapping's rows to its spec.

problems     what is wrong with lines over the fields of a model
lines        one line
fingerprint  whether two specs show a record alike
"""

from collections.abc import Iterable, Sequence

from mappings.archive import archive_field
from mappings.compile.fingerprint import fingerprint
from mappings.compile.lines import broken_line, field_spec, in_several_languages, line_spec
from mappings.compile.problems import (
    beside_problem,
    field_problem,
    language_problem,
    line_problem,
    lines_problem,
    value_problems,
)
from mappings.models import Direction, Kind, Line, Mapping
from mappings.schema import Fields, known_fields
from mappings.spec import FieldSpec, LineSpec, MappingSpec
from synchub.errors import ConfigurationError, NotReady

__all__ = [
    "MAX_DEPTH",
    "beside_problem",
    "build",
    "compile_mapping",
    "field_problem",
    "language_problem",
    "line_problem",
    "line_spec",
    "lines_problem",
    "value_problems",
]


MAX_DEPTH = 6


def compile_mapping(
    mapping: Mapping, extra: Iterable[str] = (), *, lines: Sequence[Line] | None = None
) -> MappingSpec:
    """Raises NotReady while fields of a model are unknown, ConfigurationError for what an admin has to mend.

    `lines` replace the saved ones; each needs a primary key.
    """
    return _compile(mapping, tuple(extra), (), lines)


def _compile(
    mapping: Mapping, extra: tuple[str, ...], above: tuple[str, ...], lines: Sequence[Line] | None = None
) -> MappingSpec:
    if mapping.name in above:
        raise ConfigurationError(f"Mappings contain each other: {' → '.join([*above, mapping.name])}.")
    if len(above) >= MAX_DEPTH:
        raise ConfigurationError(f"Mappings are nested deeper than {MAX_DEPTH} levels: {' → '.join(above)}.")
    fields = known_fields(mapping)
    if not fields:
        raise NotReady(
            f"The fields of {mapping.model} have not been read from Odoo yet (connection “{mapping.connection}”). "
            "The hub tries again by itself."
        )
    lines = list(mapping.lines.all()) if lines is None else lines
    if above and any(line.kind == Kind.SCRIPT and line.direction != Direction.FROM_ODOO for line in lines):
        raise ConfigurationError(
            f"Mapping “{mapping.name}” is used inside another one, where scripts can only run from Odoo: set the "
            "direction of its script lines to “from Odoo only”."
        )
    nested = {
        line.pk: _compile(line.nested, (), (*above, mapping.name))
        for line in lines
        if line.nested is not None
    }
    language = mapping.connection.language
    return build(mapping.name, mapping.model, lines, fields, extra, nested, lenient=True, language=language)


def build(
    name: str,
    model: str,
    lines: Sequence[Line],
    fields: Fields,
    extra: Iterable[str] = (),
    nested: dict[int, MappingSpec] | None = None,
    *,
    lenient: bool = False,
    language: str = "",
) -> MappingSpec:
    """The spec of these lines over these fields. Pure.

    `extra` are further fields to know of, `nested` the specs of relations by the line's id, `language` the connection's.

    Endpoints run with `lenient`: a line whose field is gone, leads to another model or can no longer be written does not
    stop the others. What can be read of it is shown, what cannot is null, and writing it is refused. It is still a
    ConfigurationError if values would be silently wrong: without the identifier, with a format, default or constant that
    no longer fits, or with lines that contradict each other.
    """
    problem = lines_problem(lines)
    if problem:
        raise ConfigurationError(f"Mapping “{name}”: {problem}")
    broken = {row.pk for row in lines if lenient and not row.identifier and field_problem(row, model, fields)}
    for row in lines:
        if row.pk not in broken and (misfit := line_problem(row, model, fields)):
            raise ConfigurationError(f"Line “{row.key}” of mapping “{name}”: {misfit.text}")
    specs = in_several_languages(
        tuple(
            broken_line(line, fields, language)
            if line.pk in broken
            else line_spec(line, fields, (nested or {}).get(line.pk), language)
            for line in lines
        )
    )
    for row, line in zip(lines, specs, strict=True):
        if row.pk in broken or (row.kind == Kind.RELATION and line.nested is None):
            continue  # the nested mapping is not known here
        for what, problem in value_problems(line, line):
            raise ConfigurationError(f"Line “{line.key}” of mapping “{name}”: its {what}: {problem}")
    more = _extra(model, extra, specs, fields)
    return MappingSpec(
        name,
        model,
        specs,
        fingerprint(model, specs, more),
        archive=archive_field(fields),
        stamped="write_date" in fields,
        extra=more,
        facts={
            one: {"type": facts.get("type"), "relation": facts.get("relation")}
            for one, facts in fields.items()
        },
    )


def _extra(
    model: str, names: Iterable[str], specs: Iterable[LineSpec], fields: Fields
) -> tuple[FieldSpec, ...]:
    """Fields that no line has."""
    names = tuple(names)
    missing = [name for name in names if name not in fields]
    if missing:
        raise ConfigurationError(f"{model} has no field {', '.join(missing)}, which a parameter filters by.")
    return tuple(
        field_spec(name, fields) for name in sorted(set(names) - {line.field.name for line in specs})
    )
