"""What the hub has written of records as lines of others: a contact inside its company is nobody's edit of the contact."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from endpoints import queued, registry
from endpoints.queued import Elsewhere
from endpoints.registry import EndpointSpec
from mappings.convert import Values, from_row
from mappings.spec import MappingSpec


class AsLines:
    """Of a batch's records, as Odoo has them now. The outbox is asked once, and only where somebody seems to have edited one."""

    def __init__(self, endpoint: EndpointSpec, rows: Sequence[Mapping[str, Any]], since: datetime) -> None:
        self._endpoint, self._rows, self._since = endpoint, rows, since

    def writes(self, current: Values) -> list[Elsewhere]:
        """Of the record that is so now, since that moment or since the endpoint was last pulled."""
        return [one for field, name, one in self._written if name is not None and name == current.get(field)]

    @cached_property
    def _written(self) -> list[tuple[str, Any, Elsewhere]]:
        """By the field that they are named by as lines, with that name."""
        spec = self._endpoint.mapping
        named: dict[str, list[int]] = {}
        for other in registry.mirrors_of_database(self._endpoint.connection_id):
            inside = {one.identifier.field.name for one in _inside(other.mapping) if one.model == spec.model}
            for field in inside & {"id", *spec.by_field}:
                named.setdefault(field, []).append(other.id)
        there = [from_row(spec, row) for row in self._rows] if named else []
        return [
            (field, name, one)
            for field, others in named.items()
            for name, one in queued.written_as_lines(
                self._endpoint.id,
                others,
                [row[field] for row in there if row.get(field) is not None],
                self._since,
            )
        ]


def _inside(spec: MappingSpec) -> Iterator[MappingSpec]:
    """The mappings of its lines, at all depths."""
    for line in spec.written_relations:
        if line.nested is not None and line.field.type.name == "one2many":
            yield line.nested
            yield from _inside(line.nested)
