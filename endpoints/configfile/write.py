"""Carries out a plan: validates rows as admin does, and saves them. Runs inside the caller's transaction.

An invalid row is noted and left out, so that one run finds everything that is wrong. The caller rolls back.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from endpoints import removing
from endpoints.configfile.items import Config
from endpoints.configfile.places import Findings
from endpoints.configfile.plan import REMOVE, Step
from endpoints.configfile.write_endpoints import endpoint_row, is_row_valid, save_endpoint
from endpoints.configfile.write_keys import save_shared_key
from endpoints.configfile.write_mappings import (
    save_connection,
    save_fields,
    save_lines,
    save_mapping,
    save_table,
)
from endpoints.models import AccessKey, Endpoint
from mappings.models import Connection, Line, LookupTable, Mapping


def write(steps: Iterable[Step], file: Config, broken: set[str], findings: Findings) -> None:
    """Makes the database match the file. `broken`: mappings whose lines cannot be saved."""
    steps = list(steps)
    changed = {(step.kind, step.name) for step in steps if step.action != REMOVE}

    def todo(kind: str, items: dict[str, Any] | None) -> list[Any]:
        return [item for item in (items or {}).values() if (kind, item.name) in changed]

    for connection in todo("connection", file.connections):
        save_connection(connection, findings)
    for table in todo("table", file.tables):
        save_table(table, findings)
    mappings = [mapping for mapping in todo("mapping", file.mappings) if mapping.name not in broken]
    for mapping in mappings:
        save_mapping(mapping, findings)
    for mapping in mappings:  # now all mappings exist that a line may name
        if saved := _mapping(mapping.name):
            save_lines(saved, mapping.lines)
    save_fields(file.fields)
    for endpoint in (file.endpoints or {}).values():
        row = endpoint_row(endpoint, None if endpoint.mapping in broken else _mapping(endpoint.mapping))
        # An unchanged endpoint is validated too: its mapping may have changed.
        if is_row_valid(row, endpoint, findings) and ("endpoint", endpoint.name) in changed:
            save_endpoint(row, endpoint, findings)
    for key in todo("access_key", file.access_keys):
        save_shared_key(key, findings)
    if not findings.problems:
        removing.move_runs()
        remove(steps)


def _mapping(name: str) -> Mapping | None:
    return Mapping.objects.filter(name=name).first()


def remove(steps: list[Step]) -> None:
    models: dict[str, type[Model]] = {
        "connection": Connection,
        "table": LookupTable,
        "mapping": Mapping,
        "endpoint": Endpoint,
    }
    removed = [step for step in steps if step.action == REMOVE]
    # Mappings that are removed may name each other.
    Line.objects.filter(mapping__name__in=[step.name for step in removed if step.kind == "mapping"]).delete()
    for step in removed:
        if step.kind == "access_key":  # an endpoint's own key may have the same name
            AccessKey.objects.get(name=step.name, endpoint=None).delete()
        else:
            # Large endpoints have given up their names by now: see `dropping`.
            models[step.kind]._base_manager.filter(name=step.name).delete()
