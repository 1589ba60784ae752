"""Asks Odoo for the fields of the file's models before anything is written.

This happens outside of any transaction, and each connection is tried once: an absent Odoo costs seconds, not minutes.
"""

import os
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from endpoints.configfile.items import Config, ConnectionItem, MappingItem, Text
from endpoints.configfile.places import Findings
from mappings import schema
from mappings.schema import Fields
from synchub.audit.log import call_logger
from synchub.errors import OdooError, OdooPermanent
from synchub.odoo import OdooAccess, OdooClient
from synchub.odoo.faults import FOR_PEOPLE

_LONGEST_WAIT = 20.0


def fields_from_odoo(
    file: Config, now: Config, findings: Findings, *, connect_timeout: float = 5.0
) -> dict[tuple[str, str], Fields]:
    """Fields by connection and model, as far as Odoo answers; a warning where it does not."""
    wanted: dict[str, list[MappingItem]] = {}
    for mapping in (file.mappings or {}).values():
        wanted.setdefault(mapping.connection, []).append(mapping)
    connections = file.connections if file.connections is not None else now.connections
    result: dict[tuple[str, str], Fields] = {}
    for name, mappings in wanted.items():
        connection = (connections or {}).get(name)
        if connection is not None:
            access = _access(connection, (now.connections or {}).get(name), connect_timeout)
            result |= _of_connection(name, access, mappings, findings)
    return result


def _of_connection(
    name: str, access: dict[str, Any], mappings: Iterable[MappingItem], findings: Findings
) -> dict[tuple[str, str], Fields]:
    result: dict[tuple[str, str], Fields] = {}
    unread: dict[str, MappingItem] = {mapping.model: mapping for mapping in reversed(list(mappings))}
    try:
        with closing(OdooClient(OdooAccess(**access), on_call=call_logger(name))) as client:
            for model in sorted(unread):
                try:
                    result[name, model] = schema.read_fields(model, client)
                except OdooPermanent as error:
                    mapping = unread[model]
                    node = mapping.node.at("model")
                    if error.code == FOR_PEOPLE:
                        findings.problem(node, f"connection “{name}” has no such model: {error.message}")
                    else:
                        findings.warning(node, _unread([model], error))
                del unread[model]
    except OdooError as error:
        first = next(iter(unread.values()))
        findings.warning(first.node.at("model"), _unread(sorted(unread), error))
    return result


def _unread(models: list[str], error: OdooError) -> str:
    return (
        f"fields of {', '.join(models)} could not be read ({error.message.rstrip('.')}); "
        "checked again when Odoo answers"
    )


def _access(item: ConnectionItem, kept: ConnectionItem | None, connect_timeout: float) -> dict[str, Any]:
    kept = kept or item
    return {
        "url": _value(item.url, kept.url),
        "database": item.database,
        "login": _value(item.login, kept.login),
        "secret": _value(item.secret, kept.secret),
        "company_ids": (item.company,) if item.company else (),
        "language": item.language or None,
        "time_zone": item.time_zone or None,
        "connect_timeout": connect_timeout,
        "read_timeout": min(item.read_timeout, _LONGEST_WAIT),
    }


def _value(text: Text, kept: Text) -> str:
    """As in `Connection.access` at run time, a variable takes precedence over the stored value."""
    return os.environ.get(text.env) or text.value or kept.value or ""
