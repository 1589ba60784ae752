"""One line's value as JSON Schema. Pure."""

import re
from typing import Any

from mappings.fieldtypes import (
    INT32_MAX,
    BinaryType,
    BooleanType,
    DatetimeType,
    DateType,
    FieldType,
    FloatType,
    IntegerType,
    Many2oneType,
    ReferenceType,
    Refusing,
    SelectionType,
    TextType,
    X2manyType,
)
from mappings.moments import Moment
from mappings.spec import LineSpec
from mappings.steps import Lookup, NumberText

Schema = dict[str, Any]
Operation = dict[str, Any]

ODOO_ID: Schema = {"type": "integer", "format": "int32", "minimum": 1, "maximum": INT32_MAX}
_BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_NAME_LENGTH = 255
# A character that is not trimmed away, whatever counts as space in a regular expression.
_NOT_BLANK = r"[^\s\u0085\u001c-\u001f]"


def shown(line: LineSpec) -> Schema:
    """As it is read. Any value may be null: until a record is in Odoo, it lacks what Odoo computes."""
    if line.constant is not None and not line.to_odoo:
        return _constant(line.constant)
    schema = _of_steps(line, writing=False)
    if schema is None:
        schema = of_type(line.field.type)
        if line.script is not None:
            schema = {}
        elif isinstance(line.field.type, SelectionType):
            schema |= {"description": _labels(line.field.type)}
    return or_null(schema)


def taken(line: LineSpec) -> Schema:
    """As it is written."""
    if line.script is not None:
        return {"description": "A script of the mapping reads this."}
    schema = _of_steps(line, writing=True)
    if schema is None:
        schema = of_type(line.field.type)
        if isinstance(line.field.type, SelectionType):
            schema |= {"description": f"{_labels(line.field.type)} A label is accepted too."}
    needed = line.required or line.identifier
    if schema.get("type") == "string" and "enum" not in schema:
        if line.identifier:
            schema["maxLength"] = min(_NAME_LENGTH, schema.get("maxLength", _NAME_LENGTH))
        if needed and "pattern" not in schema:
            schema |= {"minLength": 1, "pattern": _NOT_BLANK} if line.steps else {"minLength": 1}
    elif schema.get("type") == "array" and needed:
        schema["minItems"] = 1
    if line.default is not None:
        schema["default"] = line.default
    return schema if needed or isinstance(line.field.type, BooleanType) else or_null(schema)


def of_type(kind: FieldType) -> Schema:
    """A value of this field type, never null."""
    match kind:
        case Refusing():
            return of_type(kind.inner)
        case TextType(size=size):
            return {"type": "string", "maxLength": size} if size else {"type": "string"}
        case IntegerType():
            return {"type": "integer", "format": "int32", "minimum": -INT32_MAX - 1, "maximum": INT32_MAX}
        case FloatType():
            return {"type": "number", "format": "double"}
        case BooleanType():
            return {"type": "boolean"}
        case DateType():
            return {"type": "string", "format": "date"}
        case DatetimeType():
            return {"type": "string", "format": "date-time"}
        case SelectionType(options=options) if options:
            return _enum([value for value, _ in options])
        case SelectionType():
            return {"type": "string"}
        case BinaryType():
            return {"type": "string", "contentEncoding": "base64", "pattern": _BASE64}
        case Many2oneType():
            return dict(ODOO_ID)
        case X2manyType():
            return {"type": "array", "items": dict(ODOO_ID)}
        case ReferenceType():
            return {"type": "string", "pattern": "^[a-z][a-z0-9_.]*,[1-9][0-9]{0,8}$"}
    return {}


def or_null(schema: Schema) -> Schema:
    """This schema, or null."""
    result = dict(schema)
    if "enum" in result and None not in result["enum"]:
        result["enum"] = [*result["enum"], None]
    kinds = result.get("type")
    if kinds is not None:
        listed = [kinds] if isinstance(kinds, str) else list(kinds)
        result["type"] = listed if "null" in listed else [*listed, "null"]
    elif "anyOf" in result:
        if {"type": "null"} not in result["anyOf"]:
            result["anyOf"] = [*result["anyOf"], {"type": "null"}]
    elif "$ref" in result:
        return {"anyOf": [result, {"type": "null"}]}
    return result


def _of_steps(line: LineSpec, *, writing: bool) -> Schema | None:
    """The schema after a line's first step; None if the step does not change the type."""
    if not line.steps:
        return None
    match line.steps[0]:
        case Lookup(rows=rows, unknown=unknown) as table:
            externals = [external for external, _ in rows if external is not None]
            known = _enum(externals)
            if unknown == "error" or (unknown == "empty" and not writing):
                return known | ({"description": f"Table “{table.table}”."} if table.table else {})
            if unknown == "empty":
                listed = ", ".join(str(external) for external, _ in rows[:12])
                return {"description": f"Table “{table.table}”: {listed}; what is in none is empty."}
            return _or_of_type(externals, of_type(line.field.type)) | {
                "description": f"Table “{table.table}”, and what is not in it as Odoo has it."
            }
        case Moment(pattern=pattern) as step if pattern:
            sample = step.outward("2026-01-31" if step.kind == "date" else "2026-01-31T08:00:00Z")
            return {"type": "string", "description": f"Written like “{sample}” ({pattern})."}
        case Moment(time_zone=zone) if zone:
            return of_type(line.field.type) | {"description": f"In the time of {zone}, with its offset."}
        case NumberText() as number:
            return {
                "type": "string",
                "description": f"A number as text, like “{number.outward(1234.5)}”.",
            }
    return None


def _or_of_type(values: list[Any], kind: Schema) -> Schema:
    if "enum" in kind:
        return _enum([*values, *(value for value in kind["enum"] if value not in values)])
    return {"anyOf": [*_parts(values), kind]} if kind else {}


def _enum(values: list[Any]) -> Schema:
    """One of these values, with one schema for each type, since client generators make a class of each. Most cannot make
    one of fractions, of true and false, or of values that differ only in signs or capitals (GMT+0, GMT-0)."""
    parts = _parts(values)
    whole = len(parts) == 1 and parts[0].get("type") in ("string", "integer")
    return parts[0] if whole else {"anyOf": parts} if parts else {}


def _parts(values: list[Any]) -> list[Schema]:
    kinds: dict[str, list[Any]] = {}
    for value in values:
        kinds.setdefault(_json_type(value), []).append(value)
    others = [{"const": value} for value in kinds.pop("number", [])]
    if len(kinds.get("boolean", [])) == 2:
        del kinds["boolean"]
        others.append({"type": "boolean"})
    texts = kinds.get("string", [])
    called: dict[str, str] = {}
    others += [{"const": text} for text in texts if called.setdefault(_letters(text), text) != text]
    if texts:
        kinds["string"] = list(called.values())
    return [{"type": kind, "enum": some} for kind, some in kinds.items()] + others


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def _constant(value: Any) -> Schema:
    if isinstance(value, bool):
        return {"type": "boolean", "enum": [value]}
    return {"type": "array"} if isinstance(value, list) else {"const": value}


def _json_type(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case None:
            return "null"
    return "string"


def _labels(kind: SelectionType) -> str:
    said = [f"`{value}` {label}" for value, label in kind.options if str(value) != label]
    return "; ".join(said) + "." if said else ""
