"""A mapping as JSON Schema: as its records are read, and as they are written. Pure.

Each mapping gets components of its own, named after it:

    Partner          as it is read
    NewPartner       what a POST takes
    PartnerChange    what a PUT takes
    PartnerRef       inside another record: its identifier, perhaps with values to write
"""

import re
from collections.abc import Iterable

from endpoints.docs.values import Schema, or_null, shown, taken
from mappings.fieldtypes import Refusing
from mappings.payload import MAX_ITEMS
from mappings.spec import LineSpec, MappingSpec


class Components:
    """The schemas of a document by name. Equal ones share a name."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}

    def add(self, name: str, schema: Schema) -> Schema:
        """A reference to the schema, which gets another name if a different schema has this one."""
        free, number = name, 1
        while self.schemas.setdefault(free, schema) != schema:
            number += 1
            free = f"{name}{number}"
        return {"$ref": f"#/components/schemas/{free}"}


def class_name(name: str) -> str:
    """`sale-order` → SaleOrder."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name)) or "Record"


def record(components: Components, spec: MappingSpec) -> Schema:
    """As it is read. No key is required: `fields` may leave any out."""
    properties = {line.key: _described(line, _shown(components, line)) for line in spec.outgoing}
    schema = _object(spec, properties, required=())
    return components.add(class_name(spec.name), schema)


def new(components: Components, spec: MappingSpec) -> Schema:
    """What a POST takes."""
    required = [
        line.key
        for line in _writable(spec)
        if line.default is None and (line.required or (line.identifier and line.to_odoo))
    ]
    schema = _object(spec, _taken(components, spec), required=required, closed=True)
    return components.add(f"New{class_name(spec.name)}", schema)


def change(components: Components, spec: MappingSpec) -> Schema:
    """What a PUT takes: only the keys that are sent are changed."""
    properties = {
        key: {name: fact for name, fact in schema.items() if name != "default"}
        for key, schema in _taken(components, spec).items()
    }
    return components.add(
        f"{class_name(spec.name)}Change", _object(spec, properties, required=(), closed=True)
    )


def _shown(components: Components, line: LineSpec) -> Schema:
    if line.nested is None:
        return shown(line)
    inner = shown(line.nested.identifier) if len(line.nested.lines) == 1 else record(components, line.nested)
    if line.field.type.name == "many2one":
        return or_null(inner)
    return {"type": ["array", "null"], "items": inner}


def _writable(spec: MappingSpec) -> list[LineSpec]:
    return [
        line for line in spec.incoming if line.constant is None and not isinstance(line.field.type, Refusing)
    ]


def _taken(components: Components, spec: MappingSpec) -> dict[str, Schema]:
    return {
        line.key: _described(
            line, taken(line) if line.nested is None else _relation(components, line, line.nested)
        )
        for line in _writable(spec)
    }


def _relation(components: Components, line: LineSpec, spec: MappingSpec) -> Schema:
    kind, needed = line.field.type.name, line.required or line.identifier
    at_least = {"minItems": 1} if needed else {}
    if kind == "many2one":
        schema = _ref(components, spec)
    elif kind == "one2many":
        children = {"type": "array", "items": _child(components, spec), "maxItems": MAX_ITEMS, **at_least}
        schema = children
    else:
        items = {"type": "array", "items": _ref(components, spec), "maxItems": MAX_ITEMS}
        partial = {
            "type": "object",
            "properties": {"add": or_null(items), "remove": or_null(items)},
            "minProperties": 1,
            "additionalProperties": False,
            "description": "What is added to those that are there, and what is taken away.",
        }
        schema = {"anyOf": [items | at_least, partial]}
    return schema if needed else or_null(schema)


def _ref(components: Components, spec: MappingSpec) -> Schema:
    """A record named by its bare identifier, or by an object with it."""
    alone = _needed(taken(spec.identifier))
    if len(spec.lines) == 1:
        return {"anyOf": [alone, _inside(components, spec, [spec.identifier.key])]}
    return {"anyOf": [_inside(components, spec, [spec.identifier.key]), alone]}


def _child(components: Components, spec: MappingSpec) -> Schema:
    if spec.identifier.to_odoo:
        return _ref(components, spec)
    # Where Odoo gives the identifier, a new record has none.
    return {"anyOf": [_inside(components, spec, []), _needed(taken(spec.identifier))]}


def _inside(components: Components, spec: MappingSpec, required: list[str]) -> Schema:
    properties = _taken(components, spec)
    for line in spec.lines:
        if line.key not in properties:
            properties[line.key] = {"description": "Comes from Odoo; what is sent is ignored."}
    properties[spec.identifier.key] = _described(spec.identifier, _needed(taken(spec.identifier)))
    for line in _writable(spec):
        if line.required and not line.identifier:
            properties[line.key] = _described(
                line, properties[line.key] | {"description": "Needed where the record is new."}
            )
        properties[line.key].pop("default", None)
    if not required:
        properties[spec.identifier.key] = or_null(properties[spec.identifier.key])
    schema = _object(spec, properties, required=required, closed=True)
    return components.add(f"{class_name(spec.name)}Ref", schema)


def _needed(schema: Schema) -> Schema:
    return {name: fact for name, fact in schema.items() if name != "default"}


def _described(line: LineSpec, schema: Schema) -> Schema:
    """Adds the field's label. Not as `title`: generators make class names of titles, and two fields may share a label."""
    if "$ref" in schema or not line.field.label:
        return schema
    label = f"{line.field.label} (in {line.field.language})" if line.field.language else line.field.label
    return {"description": " ".join(filter(None, [f"{label}.", schema.get("description", "")]))} | {
        name: fact for name, fact in schema.items() if name != "description"
    }


def _object(
    spec: MappingSpec, properties: dict[str, Schema], *, required: Iterable[str], closed: bool = False
) -> Schema:
    """Dotted keys become nested objects."""
    root: Schema = {"type": "object", "properties": {}}
    for key, schema in properties.items():
        *groups, last = key.split(".")
        place = root
        for group in groups:
            place = place["properties"].setdefault(group, {"type": "object", "properties": {}})
        place["properties"][last] = schema
    for key in required:
        place = root
        for part in key.split("."):
            if part not in place.setdefault("required", []):
                place["required"].append(part)
            place = place["properties"][part]
    if closed:
        _close(root, spec.groups, "")
    return root


def _close(schema: Schema, groups: Iterable[str], prefix: str) -> None:
    schema["additionalProperties"] = False
    for name, inner in schema["properties"].items():
        if f"{prefix}{name}" in groups:
            _close(inner, groups, f"{prefix}{name}.")


def pointer(spec: MappingSpec) -> str:
    """The place of the identifier in a record, as a JSON pointer."""
    return "/" + "/".join(spec.identifier.path)
