"""An example record: a real one without personal data; and the objects that would create and change it. Pure."""

import copy
from collections.abc import Mapping
from typing import Any

from endpoints.docs import masking
from mappings.fieldtypes import Many2oneType, ReferenceType, Refusing, X2manyType
from mappings.paths import at, put
from mappings.spec import LineSpec, MappingSpec
from mappings.steps import Lookup

Document = dict[str, Any]
_NAMING = (Many2oneType, ReferenceType, X2manyType)


def read(spec: MappingSpec, document: Mapping[str, Any] | None) -> Document:
    """A record as it is read; made up if there is no `document`."""
    result: Document = {}
    for line in spec.outgoing:
        value = _made_up(line) if document is None else _masked(spec, line, at(document, line.path))
        put(result, line.path, value)
    return result


def new(spec: MappingSpec, example: Document, *, is_real: bool = True) -> Document:
    """The body to POST a record like this: required keys, and those that it has a value for.

    A made-up record has only required relations, since what they name does not exist.
    """
    result: Document = {}
    for line in _writable(spec):
        made_up = not is_real and (line.nested is not None or isinstance(line.field.type, _NAMING))
        value = None if made_up else _sent(line, at(example, line.path))
        if value in (None, [], "") and (line.required or line.identifier) and line.default is None:
            value = _sent(line, _made_up(line))
        if value not in (None, [], ""):
            put(result, line.path, value)
    return result


def named_anew(spec: MappingSpec, sent: Document, name: str = "") -> Document:
    """The same under another name, made up if none is given, so that sending the example creates a record and overwrites no
    real one."""
    result, line = copy.deepcopy(sent), spec.identifier
    if line.to_odoo and _is_free_text(line):
        put(result, line.path, name or _made_up(line))
    return result


def _is_free_text(line: LineSpec) -> bool:
    chosen = line.steps and isinstance(line.steps[0], Lookup)
    return not chosen and line.field.type.name in ("char", "text")


def changed(spec: MappingSpec, sent: Document, document: Mapping[str, Any] | None) -> Document:
    """A small change: one plain key other than the identifier. If possible, a key whose real value is shown, since that of
    any other would be overwritten by something made up."""
    lines = [line for line in _writable(spec) if not line.identifier and line.nested is None]
    there = [line for line in lines if at(sent, line.path) is not None]
    real = [line for line in there if document and at(document, line.path) == at(sent, line.path)]
    result: Document = {}
    for line in (real or there or lines)[:1]:
        value = at(sent, line.path)
        put(result, line.path, _sent(line, _made_up(line)) if value is None else value)
    return result


def _writable(spec: MappingSpec) -> list[LineSpec]:
    return [
        line for line in spec.incoming if line.constant is None and not isinstance(line.field.type, Refusing)
    ]


def _masked(spec: MappingSpec, line: LineSpec, value: Any) -> Any:
    if value is None or (line.constant is not None and not line.to_odoo):
        return value
    if line.nested is not None:
        several = isinstance(value, list)
        shown = [_inner(line.nested, one) for one in (value[:2] if several else [value])]
        return shown if several else shown[0]
    if line.script is not None:
        return masking.without_text(value)
    if line.steps and isinstance(line.steps[0], Lookup):
        return value
    return _made_up(line) if masking.is_personal(spec.model, line.field, value) else value


def _inner(spec: MappingSpec, value: Any) -> Any:
    if isinstance(value, dict):
        return read(spec, value)
    return _masked(spec, spec.identifier, value)


def _made_up(line: LineSpec) -> Any:
    if line.constant is not None and not line.to_odoo:
        return line.constant
    if line.nested is not None:
        one = read(line.nested, None)
        inner = at(one, line.nested.identifier.path) if len(line.nested.lines) == 1 else one
        return inner if line.field.type.name == "many2one" else [inner]
    if line.script is not None:
        return None
    if line.steps and isinstance(line.steps[0], Lookup):
        return next((external for external, _ in line.steps[0].rows if external is not None), None)
    return line.present(masking.made_up(line.field))


def _sent(line: LineSpec, value: Any) -> Any:
    """The value read under a line's key, in the form to be sent."""
    if value is None or line.nested is None:
        return "text" if line.script is not None and value is None else value
    spec = line.nested
    values = value if isinstance(value, list) else [value]
    if line.field.type.name == "one2many":
        sent: list[Any] = [_child(spec, one) for one in values if isinstance(one, dict)]
    else:
        sent = [at(one, spec.identifier.path) if isinstance(one, dict) else one for one in values]
        sent = [one for one in sent if one is not None]
    return sent if isinstance(value, list) else next(iter(sent), None)


def _child(spec: MappingSpec, value: Document) -> Document:
    child = new(spec, value)
    if not spec.identifier.to_odoo:
        child.pop(spec.identifier.path[0], None)
    return child
