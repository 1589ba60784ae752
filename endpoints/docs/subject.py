"""What is described: one endpoint, with the examples that its description shows. Pure."""

from dataclasses import dataclass
from typing import Any

from endpoints.registry import EndpointSpec
from mappings.spec import FieldSpec, LineSpec

Filters = dict[str, tuple[FieldSpec, str, LineSpec | None]]
"""By key: the field, the operator, and the line where the key is a line's."""


@dataclass(frozen=True, eq=False)
class Described:
    """Compared by identity: a new one is made when the configuration changes."""

    endpoint: EndpointSpec
    filters: Filters
    example: dict[str, Any]
    """A record as it is read."""
    sent: dict[str, Any]
    """An object to POST."""
    changed: dict[str, Any]
    """An object to PUT."""
    is_real: bool = False
    """`example` is a real record, not a made-up one."""
    rehearses: bool = True
    """Dry runs are offered."""
