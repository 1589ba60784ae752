"""Records that the hub has accepted and Odoo does not have yet, as relations of other records name them.

An order may be posted right after its customer, by the same array even. It is accepted, and pushed once the customer
is there: parents before children, whatever endpoints they came by.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from endpoints import registry
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings import known
from mappings.convert import external_id
from mappings.spec import MappingSpec

Mirrors = Callable[[int], Iterable[EndpointSpec]]
"""Which endpoints are asked, by connection."""

_CALLED_SO = """unnest(%s::text[]) AS called (so) JOIN endpoints_record r ON r."values" @> called.so::jsonb"""
_NOT_SO_IN_ODOO = """r.endpoint_id = %s AND r.deleted_at IS NULL
    AND r.state <> 'synced' AND c.state IN ('pending', 'claimed', 'failed')
    AND (r.odoo_id IS NULL OR (
        c.operation <> 'create' AND c."values" ? %s AND NOT (c.state = 'failed' AND r.base IS NULL)
        AND r.base -> %s IS DISTINCT FROM r."values" -> %s))"""


@dataclass(frozen=True)
class Awaited:
    """`refused`: nothing of it is on its way any more. `paused`: nor does it go on until somebody resumes its endpoint, where that
    was looked at."""

    record_id: int
    endpoint: str
    refused: bool
    paused: bool = False


def known_here(connection_id: int, spec: MappingSpec, refs: Collection[Any]) -> set[Any]:
    """Which of these identifiers (canonical values) name a record of the hub's, in Odoo already or not."""
    found: set[Any] = set()
    for endpoint, by_name in _named(connection_id, spec, refs):
        names = Record.objects.filter(
            endpoint_id=endpoint.id, external_id__in=list(by_name), deleted_at=None
        ).values_list("external_id", flat=True)
        found |= {by_name[name] for name in names if name is not None}
    by_value = _by_value(spec, refs)
    for endpoint in _otherwise_named(connection_id, spec, refs):
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT DISTINCT called.so FROM {_CALLED_SO} WHERE r.endpoint_id = %s AND r.deleted_at IS NULL""",  # noqa: S608  # its own text
                [list(by_value), endpoint.id],
            )
            found |= {by_value[text] for (text,) in cursor.fetchall()}
    return found


def awaited(
    connection_id: int, spec: MappingSpec, refs: Collection[Any], mirrors: Mirrors = registry.mirrors
) -> dict[Any, Awaited]:
    """By identifier, the records that will have it in Odoo only after a change that is open or was refused.

    One that has a `base` is called by that in Odoo; without, whatever was refused no longer lies over Odoo's values.
    """
    found: dict[Any, Awaited] = {}
    field = spec.identifier.field.name
    for endpoint, by_name in _named(connection_id, spec, refs, mirrors):
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT r.external_id, r.id, bool_and(c.state = 'failed')
                   FROM endpoints_record r JOIN endpoints_change c ON c.record_id = r.id
                   WHERE r.external_id = ANY(%s) AND {_NOT_SO_IN_ODOO} GROUP BY r.id""",  # noqa: S608  # its own text
                [list(by_name), endpoint.id, field, field, field],
            )
            for name, record_id, refused in cursor.fetchall():
                found[by_name[name]] = Awaited(record_id, endpoint.name, refused)
    by_value = _by_value(spec, refs)
    for endpoint in _otherwise_named(connection_id, spec, refs, mirrors):
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT called.so, r.id, bool_and(c.state = 'failed')
                   FROM {_CALLED_SO} JOIN endpoints_change c ON c.record_id = r.id
                   WHERE {_NOT_SO_IN_ODOO} GROUP BY called.so, r.id ORDER BY r.id""",  # noqa: S608  # its own text
                [list(by_value), endpoint.id, field, field, field],
            )
            for text, record_id, refused in cursor.fetchall():
                found.setdefault(by_value[text], Awaited(record_id, endpoint.name, refused))
    return found


def elsewhere(connection_id: int, spec: MappingSpec, refs: Collection[Any]) -> dict[Any, Awaited]:
    """Those that are on their way by another connection to the same database, and that the hub has not seen over this one. Of what was
    refused there Odoo is asked: for this connection's user it may have one of that name."""
    if spec.named_by_odoo or len(registry.same_database(connection_id)) < 2:
        return {}
    unseen = set(refs) - known.known(connection_id, spec, refs)
    unseen -= known_here(connection_id, spec, unseen)
    found = awaited(connection_id, spec, unseen, registry.mirrors_of_database)
    return {ref: one for ref, one in found.items() if not one.refused}


def _by_value(spec: MappingSpec, refs: Collection[Any]) -> dict[str, Any]:
    """By what a record's values hold where it is called so."""
    return {orjson.dumps({spec.identifier.field.name: ref}).decode(): ref for ref in refs}


def _otherwise_named(
    connection_id: int, spec: MappingSpec, refs: Collection[Any], mirrors: Mirrors = registry.mirrors
) -> Iterator[EndpointSpec]:
    """The endpoints over the same model that write this identifier and name their records by another field."""
    field = spec.identifier.field.name
    if spec.named_by_odoo or not refs:
        return
    for endpoint in mirrors(connection_id):
        own = endpoint.mapping
        line = own.line_of(field) if own.model == spec.model and own.identifier.field.name != field else None
        if line is not None and line.to_odoo:
            yield endpoint


def _named(
    connection_id: int, spec: MappingSpec, refs: Collection[Any], mirrors: Mirrors = registry.mirrors
) -> Iterator[tuple[EndpointSpec, dict[str, Any]]]:
    """The endpoints over the same model by the same identifier, and how these records are called there."""
    if spec.named_by_odoo or not refs:
        return
    for endpoint in mirrors(connection_id):
        own = endpoint.mapping
        if own.model == spec.model and own.identifier.field.name == spec.identifier.field.name:
            names = {ref: external_id(own, {own.identifier.field.name: ref}) for ref in refs}
            yield endpoint, {name: ref for ref, name in names.items() if name is not None}
