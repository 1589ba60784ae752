"""A mapping's fingerprint: the same as long as it shows the same records in the same way."""

import hashlib
from collections.abc import Iterable

import orjson

from mappings.spec import FieldSpec, LineSpec


def fingerprint(model: str, lines: Iterable[LineSpec], extra: Iterable[FieldSpec]) -> str:
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
        for line in lines
    ]
    return hashlib.sha256(orjson.dumps([model, described, [field.name for field in extra]])).hexdigest()
