"""The steps of a write around the call that makes it. Each raises what is wrong with one of its items."""

from collections.abc import Mapping, Sequence
from typing import Any

from endpoints.incoming import New
from endpoints.refused import traced
from endpoints.registry import EndpointSpec
from mappings import scripted
from mappings.convert import Values, from_row
from mappings.creating import write_translations
from mappings.resolve import Item, resolve, translated_children
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient


def execute(
    endpoint: EndpointSpec,
    written: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    client: OdooClient,
) -> None:
    for problem in scripted.execute(endpoint.mapping, endpoint.connection_id, written, client):
        if problem is not None:
            raise problem


def complete(
    endpoint: EndpointSpec, new: Sequence[New], rows: Sequence[dict[str, Any]], client: OdooClient
) -> None:
    """New records get their values in other languages; those of an earlier attempt, what that one did not get to."""
    spec = endpoint.mapping
    items = [
        Item(row["id"], one.written.values, base=from_row(spec, row))
        for one, row in zip(new, rows, strict=True)
    ]
    resolve_all(endpoint, items, client)
    translate(endpoint, items, client)


def translate(endpoint: EndpointSpec, items: Sequence[Item], client: OdooClient) -> bool:
    """Write what is in other languages, a few calls for each. Was there anything?"""
    parts: dict[int, tuple[MappingSpec, list[tuple[int, Mapping[str, Values]]]]] = {}
    new = any(child.odoo_id is None for item in items for _, child in item.inside())
    children = translated_children(endpoint.mapping, items, client) if new else items
    for item, again in zip(items, children, strict=True):
        for spec, one in [(endpoint.mapping, item), *again.inside()]:
            if one.translations and one.odoo_id is not None:
                parts.setdefault(id(spec), (spec, []))[1].append((one.odoo_id, one.translations))
    with traced(endpoint.mapping, items):
        for spec, records in parts.values():
            write_translations(spec, records, client)
    return bool(parts)


def resolve_all(endpoint: EndpointSpec, items: Sequence[Item], client: OdooClient) -> None:
    resolve(endpoint.mapping, items, client)
    for index, item in enumerate(items):
        if item.problem is not None:
            item.problem.index = index if len(items) != 1 else None
            raise item.problem
