"""What is wrong with lines over the fields of a model, as sentences for administrators. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from mappings.fieldtypes import field_type
from mappings.formats import Misfit, format_problem
from mappings.line_error import LineError
from mappings.models import Direction, Kind, Line
from mappings.payload import parse_value
from mappings.schema import ACTIVE_LANGUAGES, Fields
from mappings.scripts import Mode
from mappings.spec import LineSpec

# These fields only come from Odoo, whatever their line says: Odoo ignores what is sent, and sending an answer back would be a
# change each time.
_GIVEN_BY_ODOO = frozenset({"id", "create_date", "create_uid", "write_date", "write_uid"})


def lines_problem(lines: Sequence[Line]) -> str | None:
    """What is wrong with all lines of a mapping together, as a sentence for an administrator; None if nothing."""
    identifiers = sum(line.identifier for line in lines)
    if identifiers != 1:
        return f"exactly one line has to be the identifier; {identifiers or 'none'} is marked."
    return beside_problem(lines)


def beside_problem(lines: Sequence[Line]) -> str | None:
    """What is wrong with some lines of a mapping together, whichever others it has."""
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
        sum(writes_to_odoo(line) for line in lines) > 1
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
        if has_effects or not writes_to_odoo(line):
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


def writes_to_odoo(line: Line) -> bool:
    return line.direction != Direction.FROM_ODOO and line.field not in _GIVEN_BY_ODOO


def value_problems(line: LineSpec, of: Any) -> Iterator[tuple[str, str]]:
    """Which of default and constant is not a value that a consumer could send, and why. `of` has both: a row, a file's item or
    the line itself."""
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


def line_problem(line: Line, model: str, fields: Fields) -> Misfit | None:
    """What is wrong with this line over these fields; None if nothing."""
    return field_problem(line, model, fields) or format_problem(line, field_type(fields[line.field]))


def field_problem(line: Line, model: str, fields: Fields) -> Misfit | None:
    """Problems that come of Odoo's field, whatever the line does with values."""
    facts = fields.get(line.field)
    if facts is None:
        return Misfit("field", f"{model} has no field {line.field}.")
    if line.nested is not None:
        if facts.get("relation") is None:
            return Misfit(
                "field", f"{line.field} ({facts['type']}) holds no other records, so it cannot be a relation."
            )
        if facts["relation"] != line.nested.model:
            return Misfit(
                "field",
                f"{line.field} holds records of {facts['relation']}, but mapping “{line.nested.name}” is about "
                f"{line.nested.model}.",
            )
    if (line.field, facts["type"]) == ("raw", "binary"):
        return Misfit(
            "field",
            "raw holds the bytes themselves, which cannot travel; use datas, the same content as base64.",
        )
    if line.language:
        problem = language_problem(line.field, facts, line.language)
        if problem:
            return Misfit("language", problem)
    writes = writes_to_odoo(line)
    kind = field_type(facts)
    if writes and not kind.writable:
        return Misfit(
            "direction",
            f"{line.field} ({facts['type']}) can only be read; set the direction to “from Odoo only”.",
        )
    if writes and facts.get("readonly") and not facts.get("store", True):
        return Misfit(
            "direction", f"{line.field} is computed by Odoo; set the direction to “from Odoo only”."
        )
    if (
        line.identifier
        and facts["type"] not in ("char", "text", "integer", "selection")
        and line.field != "id"
    ):
        return Misfit(
            "identifier", f"{line.field} ({facts['type']}) cannot name a record; a text or a number can."
        )
    if line.identifier and not facts.get("store", True) and not facts.get("searchable", False):
        return Misfit("identifier", f"{line.field} cannot be searched in Odoo, so it cannot name a record.")
    return None


def language_problem(field: str, facts: dict[str, Any], language: str) -> str | None:
    """Why the field has no value in this language; None if it has one, or if that is unknown."""
    if not facts.get("translate"):
        return f"{field} has one value for all languages in Odoo; leave the language empty."
    active = facts.get(ACTIVE_LANGUAGES)
    if active and language not in active:
        return (
            f"the language {language} is not active in Odoo, which has {', '.join(active)}: activate it there "
            "(Settings → Translations) and have the fields read again, or choose another language."
        )
    return None
