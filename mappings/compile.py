"""From a mapping's rows to its spec."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson

from mappings.fieldtypes import FieldType, PerLanguageText, Refusing, TextType, field_type
from mappings.formats import format_problem, steps_of
from mappings.line_error import LineError
from mappings.models import Direction, Kind, Line, Mapping
from mappings.payload import parse_value
from mappings.schema import ACTIVE_LANGUAGES, Fields, known_fields
from mappings.scripts import Mode, Script
from mappings.sources import sources
from mappings.spec import FieldSpec, LineSpec, MappingSpec, kept_under
from synchub.errors import ConfigurationError, NotReady

MAX_DEPTH = 6
# These go one way whatever their line says: Odoo ignores what is sent, and an answer sent back would be a change each time.
_GIVEN_BY_ODOO = frozenset({"id", "create_date", "create_uid", "write_date", "write_uid"})


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
        problem = None if row.pk in broken else line_problem(row, model, fields)
        if problem:
            raise ConfigurationError(f"Line “{row.key}” of mapping “{name}”: {problem}")
    specs = tuple(
        _broken_line(line, fields, language)
        if line.pk in broken
        else line_spec(line, fields, (nested or {}).get(line.pk), language)
        for line in lines
    )
    specs = _in_several_languages(specs)
    for row, line in zip(lines, specs, strict=True):
        if row.pk in broken or (row.kind == Kind.RELATION and line.nested is None):
            continue  # how the other records look is not told here
        for what, problem in value_problems(line, line):
            raise ConfigurationError(f"Line “{line.key}” of mapping “{name}”: its {what}: {problem}")
    missing = [field for field in extra if field not in fields]
    if missing:
        raise ConfigurationError(f"{model} has no field {', '.join(missing)}, which a parameter filters by.")
    more = tuple(_field(field, fields) for field in sorted(set(extra) - {line.field.name for line in specs}))
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
        can_archive="active" in fields,
        stamped="write_date" in fields,
        extra=more,
        facts=known,
    )


def lines_problem(lines: Sequence[Line]) -> str | None:
    """What is wrong with the lines taken together, as a sentence for an administrator; None if nothing."""
    identifiers = sum(line.identifier for line in lines)
    if identifiers != 1:
        return f"exactly one line has to be the identifier; {identifiers or 'none'} is marked."
    keys = sorted(line.key for line in lines)
    for key in keys:
        inner = next((other for other in keys if other.startswith(f"{key}.")), None)
        if inner:
            return f"“{key}” cannot hold a value and, for “{inner}”, an object as well."
        if keys.count(key) > 1:
            problem = _same_key(key, [line for line in lines if line.key == key])
            if problem:
                return problem
    return _same_field(lines)


def _same_key(key: str, lines: Sequence[Line]) -> str | None:
    """A key may be written to one field and show another one."""
    if any(line.identifier for line in lines):
        return f"two lines have the key “{key}”, which is the identifier's."
    both = (
        sum(_writes(line) for line in lines) > 1
        or sum(line.direction != Direction.TO_ODOO for line in lines) > 1
    )
    if both:
        return (
            f"two lines have the key “{key}”. One of them can be for the direction “to Odoo only” and the other for "
            "“from Odoo only”."
        )
    return None


def _same_field(lines: Sequence[Line]) -> str | None:
    """A field may have several plain keys that write it; whatever else writes it twice would be at odds."""
    writers: dict[tuple[str, str], Line] = {}
    for line in lines:
        has_effects = line.kind == Kind.SCRIPT and line.script_mode == Mode.EXECUTE.value  # and no value
        if has_effects or not _writes(line):
            continue
        first = writers.setdefault((line.field, line.language), line)
        if first is not line and (
            {first.kind, line.kind} != {Kind.PLAIN}
            or first.constant is not None
            or line.constant is not None
            or first.write_when != line.write_when
        ):
            return (
                f"“{first.key}” and “{line.key}” both write {line.field}, in different ways; set the direction of one "
                "of them to “from Odoo only”."
            )
    return None


def _writes(line: Line) -> bool:
    return line.direction != Direction.FROM_ODOO and line.field not in _GIVEN_BY_ODOO


def value_problems(line: LineSpec, of: Any) -> Iterator[tuple[str, str]]:
    """Of a default and a constant, which is no value that a consumer could send, and why. `of` has them: a row, what a file
    says of one, or the line itself."""
    for name in ("default", "constant"):
        if wrong := _value_problem(line, getattr(of, name)):
            yield name, wrong


def _value_problem(line: LineSpec, value: Any) -> str | None:
    if value is None or not line.to_odoo:
        return None
    try:
        parse_value(line, value, line.key)
    except LineError as error:
        return error.text.removeprefix(f"“{line.key}”: ")
    return None


def line_problem(line: Line, model: str, fields: Fields) -> str | None:
    """What is wrong with this line over these fields, as a sentence for an administrator; None if nothing."""
    return field_problem(line, model, fields) or format_problem(line, field_type(fields[line.field]))


def field_problem(line: Line, model: str, fields: Fields) -> str | None:
    """What of it Odoo's field brings about, whatever the line does with values."""
    facts = fields.get(line.field)
    if facts is None:
        return f"{model} has no field {line.field}."
    if line.nested is not None:
        if facts.get("relation") is None:
            return f"{line.field} ({facts['type']}) holds no other records, so it cannot be a relation."
        if facts["relation"] != line.nested.model:
            return (
                f"{line.field} holds records of {facts['relation']}, but mapping “{line.nested.name}” is about "
                f"{line.nested.model}."
            )
    if (line.field, facts["type"]) == ("raw", "binary"):
        return "raw holds the bytes themselves, which cannot travel; use datas, the same content as base64."
    if line.language:
        problem = language_problem(line.field, facts, line.language)
        if problem:
            return problem
    writes = _writes(line)
    kind = field_type(facts)
    if writes and not kind.writable:
        return f"{line.field} ({facts['type']}) can only be read; set the direction to “from Odoo only”."
    if writes and facts.get("readonly") and not facts.get("store", True):
        return f"{line.field} is computed by Odoo; set the direction to “from Odoo only”."
    if (
        line.identifier
        and facts["type"] not in ("char", "text", "integer", "selection")
        and line.field != "id"
    ):
        return f"{line.field} ({facts['type']}) cannot name a record; a text or a number can."
    if line.identifier and not facts.get("store", True) and not facts.get("searchable", False):
        return f"{line.field} cannot be searched in Odoo, so it cannot name a record."
    return None


def language_problem(field: str, facts: dict[str, Any], language: str) -> str | None:
    """Why the field has no value in this language; None if it has, or nobody knows."""
    if not facts.get("translate"):
        return f"{field} has one value for all languages in Odoo; leave the language empty."
    active = facts.get(ACTIVE_LANGUAGES)
    if active and language not in active:
        return (
            f"the language {language} is not active in Odoo, which has {', '.join(active)}: activate it there "
            "(Settings → Translations) and have the fields read again, or choose another language."
        )
    return None


def _in_several_languages(lines: tuple[LineSpec, ...]) -> tuple[LineSpec, ...]:
    """A text of which several languages are kept is emptied in one of them, not in all."""
    several = {line.field.odoo_name for line in lines if line.field.language}
    return tuple(
        replace(
            line, field=replace(line.field, type=PerLanguageText(line.field.type.name, line.field.type.size))
        )
        if line.field.odoo_name in several
        and isinstance(line.field.type, TextType)
        and not line.field.required
        else line
        for line in lines
    )


def line_spec(line: Line, fields: Fields, nested: MappingSpec | None, language: str = "") -> LineSpec:
    """Of a line without problems: see `line_problem`. `language` is the connection's."""
    return LineSpec(
        id=line.pk,
        key=line.key,
        path=tuple(line.key.split(".")),
        field=_of_line(line, fields, language),
        to_odoo=_writes(line),
        from_odoo=line.direction != Direction.TO_ODOO,
        required=line.required,
        default=line.default,
        identifier=line.identifier,
        nested=nested,
        on_missing=line.on_missing,
        on_several=line.on_several,
        inverse=str(fields[line.field].get("relation_field") or "") if nested else "",
        steps=() if nested or line.kind == Kind.SCRIPT else steps_of(line, field_type(fields[line.field])),
        constant=line.constant,
        write_when=line.write_when or "always",
        conflicts=line.conflicts,
        script=Script(line.script, Mode(line.script_mode)) if line.kind == Kind.SCRIPT else None,
    )


def _broken_line(line: Line, fields: Fields, language: str) -> LineSpec:
    """A line that can only refuse, and show what is left of its field."""
    facts = fields.get(line.field)
    # Of a relation that leads elsewhere now, the ids would not be what consumers expect; a language that Odoo lacks
    # would have it refuse the reading of all.
    readable = facts is not None and line.nested is None and not line.language
    shown = field_type(facts) if facts is not None and readable else FieldType("gone")
    field = (
        replace(_of_line(line, fields, language), type=Refusing(shown.name, shown))
        if facts is not None
        else FieldSpec(line.field, line.field, Refusing("gone", shown))
    )
    return LineSpec(
        id=line.pk,
        key=line.key,
        path=tuple(line.key.split(".")),
        field=field,
        to_odoo=line.direction != Direction.FROM_ODOO,
        from_odoo=line.direction != Direction.TO_ODOO,
        readable=readable,
    )


def _of_line(line: Line, fields: Fields, language: str) -> FieldSpec:
    return replace(_field(line.field, fields), name=kept_under(line.field, line.language, language))


def _field(name: str, fields: Fields) -> FieldSpec:
    facts = fields[name]
    return FieldSpec(
        name=name,
        label=str(facts.get("string") or name),
        type=field_type(facts),
        required=bool(facts.get("required")),
        readonly=bool(facts.get("readonly")),
        stored=bool(facts.get("store", True)),
        sources=sources(name, fields),
        searchable=bool(facts.get("store", True) or facts.get("searchable", True)),
        sortable=bool(facts.get("sortable", True)),
    )
