"""A line's row as its spec. Pure."""

from dataclasses import replace

from mappings.compile.problems import writes_to_odoo
from mappings.fieldtypes import FieldType, PerLanguageText, Refusing, TextType, field_type
from mappings.formats import steps_of
from mappings.models import Direction, Kind, Line
from mappings.schema import Fields
from mappings.scripts import Mode, Script
from mappings.sources import sources
from mappings.spec import FieldSpec, LineSpec, MappingSpec, kept_under


def in_several_languages(lines: tuple[LineSpec, ...]) -> tuple[LineSpec, ...]:
    """Marks texts of which lines have several languages: emptying one must not empty all."""
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
    """The spec of a line without a `line_problem`. `language`: the connection's."""
    return LineSpec(
        id=line.pk,
        key=line.key,
        path=tuple(line.key.split(".")),
        field=_of_line(line, fields, language),
        to_odoo=writes_to_odoo(line),
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


def broken_line(line: Line, fields: Fields, language: str) -> LineSpec:
    """A broken line: it refuses writes, and shows what is left of its field."""
    facts = fields.get(line.field)
    # Ids of a relation that leads elsewhere now are not what consumers expect, and Odoo would refuse to read anything in a
    # language it does not have.
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
    return replace(field_spec(line.field, fields), name=kept_under(line.field, line.language, language))


def field_spec(name: str, fields: Fields) -> FieldSpec:
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
