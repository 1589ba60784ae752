"""A mapping, compiled: immutable, without a database behind it. Conversion needs nothing else.

field    an Odoo field
line     a line of a mapping
mapping  the whole
"""

from mappings.spec.field import ODOO_LANGUAGE, FieldSpec, kept_under
from mappings.spec.line import LineSpec
from mappings.spec.mapping import MappingSpec, Shown

__all__ = [
    "ODOO_LANGUAGE",
    "FieldSpec",
    "LineSpec",
    "MappingSpec",
    "Shown",
    "kept_under",
]
