"""Live mode: what Odoo refuses to write, told with the line of the mapping that it is about."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mappings.line_error import LineError
from mappings.resolve import Item
from mappings.spec import MappingSpec
from mappings.tracing import trace
from synchub.errors import OdooPermanent
from synchub.odoo.faults import NO_RIGHT


@contextmanager
def traced(spec: MappingSpec, items: Sequence[Item]) -> Iterator[None]:
    """Around a call that writes `items`. Raises LineError in place of Odoo's refusal where its line can be told."""
    try:
        yield
    except OdooPermanent as error:
        found = _line_errors(spec, items, error)
        # Odoo takes all or none, and does not say which of several it means.
        if len(found) != 1:
            raise
        raise found[0] from None


def _line_errors(spec: MappingSpec, items: Sequence[Item], error: OdooPermanent) -> list[LineError]:
    """For each item that it may be about."""
    if error.code == NO_RIGHT:
        return []  # it is about the hub's user in Odoo, not about what was sent
    result = []
    for index, item in enumerate(items):
        told = trace(
            spec, error.message, values=item.written, code=error.code, changing=item.odoo_id is not None
        )
        alone = len(items) == 1
        if told.line is not None and (alone or told.fits):
            place = None if alone else index
            result.append(LineError(told.text, code="ODOO", key=told.key, line=told.line, index=place))
    return result
