"""Endpoints that keep copies of what is written here read it now: what a consumer has written through a live endpoint is no edit of
somebody's that they hear of with the next pull."""

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db import Error, transaction

from endpoints import touched, wakeup
from endpoints.registry import EndpointSpec
from mappings.spec import MappingSpec

logger = logging.getLogger(__name__)


def tell_mirrors(
    endpoint: EndpointSpec, odoo_ids: Collection[int], written: Mapping[str, Any] | None = None
) -> None:
    """Also of the lines of theirs that were `written`, as wire values. Never raises: Odoo has it, and the next pull brings the
    same."""
    records = {endpoint.mapping.model: set(odoo_ids)}
    for model, odoo_id in _lines(endpoint.mapping, written or {}):
        records.setdefault(model, set()).add(odoo_id)
    try:
        with transaction.atomic():
            for model, ids in records.items():
                for one in touched.note(endpoint.connection_id, model, ids):
                    wakeup.once_committed(wakeup.touched, one)
    except Error as error:
        logger.info("Copies of what “%s” has written are read with the next pull: %s", endpoint.name, error)


def _lines(spec: MappingSpec, written: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Those that were changed or removed, at all depths: their model, and Odoo's id."""
    for line in spec.written_relations:
        commands = written.get(line.field.name)
        if line.nested is None or line.field.type.name != "one2many" or not isinstance(commands, list):
            continue
        for kind, odoo_id, values in (command for command in commands if command[0] in (1, 2)):
            yield line.nested.model, odoo_id
            if kind == 1:
                yield from _lines(line.nested, values)
