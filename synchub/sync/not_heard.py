"""What other endpoints may have brought to a record that they do not know yet to be theirs: it was posted to them, Odoo has one of that
name, and their push has not been settled, or its worker died. By Odoo's id they are not found (see `queued.written_elsewhere`)."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

from endpoints import queued
from endpoints.queued import Elsewhere
from mappings.convert import Values
from mappings.spec import MappingSpec


class NotHeard:
    """Of a batch's records, as Odoo has them now (`rows`). The outbox is asked once, and only where somebody seems to have edited one."""

    def __init__(self, spec: MappingSpec, others: Sequence[int], rows: Collection[dict[str, Any]]) -> None:
        self._field, self._others, self._rows = spec.identifier.field, others, rows

    def writes(self, current: Values) -> list[Elsewhere]:
        """Of the record that is so now."""
        return [one for name, one in self._sent if name == current.get(self._field.name)]

    @cached_property
    def _sent(self) -> list[tuple[Any, Elsewhere]]:
        if not self._others or self._field.name == "id":
            return []
        names = {self._field.type.from_wire(row[self._field.name]) for row in self._rows}
        return queued.sent_unheard(self._others, self._field.name, names - {None})
