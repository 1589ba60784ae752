"""What a record looks like on each side: connections, mappings, lines, and what Odoo says of its fields."""

from mappings.models.choices import (
    Conflicts,
    Direction,
    Kind,
    OnMissing,
    OnSeveral,
    OnUnknown,
    ScriptMode,
    TextCase,
    WriteWhen,
)
from mappings.models.connection import Connection, url_problem, webhook_digests
from mappings.models.line import Line
from mappings.models.mapping import Mapping
from mappings.models.schema import ModelNames, SchemaProblem, Severity
from mappings.models.seen import KnownIdentifier, OdooModel
from mappings.models.table import LookupRow, LookupTable
from mappings.models.version import ConfigVersion

__all__ = [
    "ConfigVersion",
    "Conflicts",
    "Connection",
    "Direction",
    "Kind",
    "KnownIdentifier",
    "Line",
    "LookupRow",
    "LookupTable",
    "Mapping",
    "ModelNames",
    "OdooModel",
    "OnMissing",
    "OnSeveral",
    "OnUnknown",
    "SchemaProblem",
    "ScriptMode",
    "Severity",
    "TextCase",
    "WriteWhen",
    "url_problem",
    "webhook_digests",
]
