"""From a mapping's rows to its spec.

problems  what is wrong with lines over the fields of a model
lines     one line
"""

import hashlib
from collections.abc import Iterable, Sequence

import orjson

from mappings.archive import archive_field
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
from mappings.spec import MappingSpec
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

    `lines` stand in for those that are saved; each needs a key.
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
    """Pure: the spec of these lines over these fields; `nested` are the relations' specs by line, `language` is the
    connection's.

    `lenient` is how endpoints run: a line whose field is gone, leads to another model or cannot be written any more does
    not stop the others. What can be read of it is shown, what cannot is null, and a write of it is refused. Without the
    identifier, with a format, default or constant that no longer fits, or with lines that contradict each other, values
    would be wrong without a word: that is a ConfigurationError here too.
    """
    problem = lines_problem(lines)
    if problem:
        raise ConfigurationError(f"Mapping “{name}”: {problem}")
    broken = {row.pk for row in lines if lenient and not row.identifier and field_problem(row, model, fields)}
    for row in lines:
        if row.pk not in broken and (misfit := line_problem(row, model, fields)):
            raise ConfigurationError(f"Line “{row.key}” of mapping “{name}”: {misfit.text}")
    specs = tuple(
        broken_line(line, fields, language)
        if line.pk in broken
        else line_spec(line, fields, (nested or {}).get(line.pk), language)
        for line in lines
    )
    specs = in_several_languages(specs)
    for row, line in zip(lines, specs, strict=True):
        if row.pk in broken or (row.kind == Kind.RELATION and line.nested is None):
            continue  # how the other records look is not told here
        for what, problem in value_problems(line, line):
            raise ConfigurationError(f"Line “{line.key}” of mapping “{name}”: its {what}: {problem}")
    missing = [field for field in extra if field not in fields]
    if missing:
        raise ConfigurationError(f"{model} has no field {', '.join(missing)}, which a parameter filters by.")
    more = tuple(
        field_spec(field, fields) for field in sorted(set(extra) - {line.field.name for line in specs})
    )
    described = [
        (
            line.key,
            line.field.name,
            line.field.type.name,
            line.to_odoo,
            line.from_odoo,
            line.identifier,
            line.nested.fingerprint if line.nested else None,
            line.script.source if line.script and line.from_odoo else None,
            repr(line.steps),
            line.constant,
        )
        for line in specs
    ]
    fingerprint = hashlib.sha256(orjson.dumps([model, described, [field.name for field in more]])).hexdigest()
    known = {
        one: {"type": facts.get("type"), "relation": facts.get("relation")} for one, facts in fields.items()
    }
    return MappingSpec(
        name,
        model,
        specs,
        fingerprint,
        archive=archive_field(fields),
        stamped="write_date" in fields,
        extra=more,
        facts=known,
    )
