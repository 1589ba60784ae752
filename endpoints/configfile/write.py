"""Carries out a plan: validates rows as admin does, and saves them. Runs inside the caller's transaction.

An invalid row is noted and left out, so that one run finds everything that is wrong. The caller rolls back.
"""

from collections.abc import Iterable

from django.db.models import Model
from django.utils import timezone

from endpoints import removing
from endpoints.configfile import columns
from endpoints.configfile.blame import is_valid
from endpoints.configfile.check import row as line_row
from endpoints.configfile.items import (
    FILE,
    ActionItem,
    Config,
    ConnectionItem,
    EndpointItem,
    LineItem,
    MappingItem,
    ParameterItem,
    TableItem,
    Text,
)
from endpoints.configfile.places import Findings
from endpoints.configfile.plan import REMOVE, Step
from endpoints.configfile.write_keys import save_keys, save_shared_key
from endpoints.models import AccessKey, Action, Endpoint, Parameter
from mappings.models import Connection, Line, LookupRow, LookupTable, Mapping, OdooModel
from mappings.schema import Fields


def write(steps: Iterable[Step], file: Config, broken: set[str], findings: Findings) -> None:
    """Makes the database match the file. `broken`: mappings whose lines cannot be saved."""
    steps = list(steps)
    todo = {(step.kind, step.name) for step in steps if step.action != REMOVE}
    for connection in (file.connections or {}).values():
        if ("connection", connection.name) in todo:
            _save_connection(connection, findings)
    for table in (file.tables or {}).values():
        if ("table", table.name) in todo:
            _save_table(table, findings)
    for mapping in (file.mappings or {}).values():
        if ("mapping", mapping.name) in todo and mapping.name not in broken:
            _save_mapping(mapping, findings)
    for mapping in (file.mappings or {}).values():  # now all mappings exist that a line may name
        row = _mapping(mapping.name)
        if ("mapping", mapping.name) in todo and mapping.name not in broken and row:
            _save_lines(row, mapping.lines)
    _save_fields(file.fields)
    for endpoint in (file.endpoints or {}).values():
        endpoint_row = _endpoint(endpoint, None if endpoint.mapping in broken else _mapping(endpoint.mapping))
        # An unchanged endpoint is validated too: its mapping may have changed.
        if _is_valid(endpoint_row, endpoint, findings) and ("endpoint", endpoint.name) in todo:
            _save_endpoint(endpoint_row, endpoint, findings)
    for key in (file.access_keys or {}).values():
        if ("access_key", key.name) in todo:
            save_shared_key(key, findings)
    if not findings.problems:
        removing.move_runs()
        _remove(steps)


def _remove(steps: list[Step]) -> None:
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
            # Large endpoints have given up their names by now: see `apply`.
            models[step.kind]._base_manager.filter(name=step.name).delete()


def _save_connection(item: ConnectionItem, findings: Findings) -> None:
    row = Connection.objects.filter(name=item.name).first() or Connection(name=item.name)
    before = (row.effective_url, row.database, row.login, row.effective_secret)
    for name, text in (("url", item.url), ("secret", item.secret)):
        _put(row, name, text)
    if item.login.value is not None:
        row.login = item.login.value
    columns.put(row, item, columns.CONNECTION)
    if row.is_refused and before != (row.effective_url, row.database, row.login, row.effective_secret):
        row.paused_at, row.paused_reason = None, ""
    if is_valid(row, item.node, findings):
        row.save()


def _put(row: Connection, name: str, text: Text) -> None:
    """Stores the value and its variable's name, so that a process without the variable still has the value."""
    if text.value is not None:
        setattr(row, name, text.value)
        setattr(row, f"{name}_env", text.env)


def _save_mapping(item: MappingItem, findings: Findings) -> None:
    connection = Connection.objects.filter(name=item.connection).first()
    row = Mapping.objects.filter(name=item.name).first() or Mapping(name=item.name)
    row.model = item.model
    if connection is None:  # noted already; only the rest is validated here
        is_valid(row, item.node, findings, exclude=("connection",))
        return
    row.connection = connection
    if is_valid(row, item.node, findings):
        row.save()


def _save_table(item: TableItem, findings: Findings) -> None:
    row = LookupTable.objects.filter(name=item.name).first() or LookupTable(name=item.name)
    row.on_unknown = item.on_unknown
    if not is_valid(row, item.node, findings):
        return
    row.save()
    row.rows.all().delete()
    for position, pair in enumerate(item.rows):
        line = LookupRow(table=row, position=position, external=pair.external, odoo=pair.odoo)
        if is_valid(line, pair.node, findings):
            line.save()


def _kept(mapping: Mapping, items: tuple[LineItem, ...]) -> dict[int, int]:
    """By place in the file, the ids of lines that stay: recognised by key, and by direction if two have the same key."""
    there = list(mapping.lines.all())
    kept: dict[int, int] = {}
    for same in (lambda row, item: row.direction == item.direction, lambda _row, _item: True):
        for place, item in enumerate(items):
            row = next((row for row in there if row.key == item.key and same(row, item)), None)
            if row is not None and place not in kept:
                there.remove(row)
                kept[place] = row.pk
    return kept


def _save_lines(mapping: Mapping, items: tuple[LineItem, ...]) -> None:
    """Lines that stay keep their ids, which errors of waiting changes refer to."""
    kept = _kept(mapping, items)
    mapping.lines.exclude(pk__in=kept.values()).delete()
    # Only one identifier is allowed at a time: clear the old one before the new one is saved.
    stays = [kept[place] for place, item in enumerate(items) if item.identifier and place in kept]
    mapping.lines.filter(identifier=True).exclude(pk__in=stays).update(identifier=False)
    tables = LookupTable.objects.in_bulk([item.table for item in items if item.table], field_name="name")
    nested = Mapping.objects.in_bulk([item.mapping for item in items if item.mapping], field_name="name")
    for position, item in enumerate(items):
        if item.mapping and item.mapping not in nested:
            continue  # could not be saved, which is noted
        if item.table and item.table not in tables:
            continue
        row = line_row(item, nested.get(item.mapping), tables.get(item.table))
        row.mapping, row.position = mapping, position
        row.pk = kept.get(position)
        row.save()


def _save_fields(fields: dict[tuple[str, str], Fields]) -> None:
    connections = {row.name: row for row in Connection.objects.all()}
    for (name, model), facts in fields.items():
        if name not in connections:
            continue
        kept = OdooModel.objects.filter(connection=connections[name], model=model).first()
        if kept is None:
            OdooModel.objects.create(connection=connections[name], model=model, fields=facts)
        elif kept.fields != facts:
            kept.fields, kept.read_at = facts, timezone.now()
            kept.save()


def _mapping(name: str) -> Mapping | None:
    return Mapping.objects.filter(name=name).first()


def _endpoint(item: EndpointItem, mapping: Mapping | None) -> Endpoint:
    row = Endpoint.objects.filter(name=item.name).first() or Endpoint(name=item.name)
    columns.put(row, item, columns.ENDPOINT)
    row.methods, row.on_delete = list(item.methods), item.on_delete or row.on_delete
    if item.paused != row.paused:
        row.paused_at = timezone.now() if item.paused else None
        row.paused_by, row.paused_reason = (FILE if item.paused else ""), ""
    if list(item.match_on) != row.match_on:
        row.match_on, row.matched_at = list(item.match_on), None
    row.paused = bool(item.paused)
    row.mapping = mapping  # type: ignore[assignment]  # without one, clean() looks at the rest
    return row


def _is_valid(row: Endpoint, item: EndpointItem, findings: Findings) -> bool:
    usable = row.mapping_id is not None
    good = is_valid(row, item.node, findings, exclude=() if usable else ("mapping",))
    return good and usable


def _save_endpoint(row: Endpoint, item: EndpointItem, findings: Findings) -> None:
    row.save()
    _save_parameters(row, item.parameters, findings)
    _save_actions(row, item.actions, findings)
    if item.keys is not None:
        save_keys(row, item.keys, findings)


def _save_parameters(endpoint: Endpoint, items: tuple[ParameterItem, ...], findings: Findings) -> None:
    rows = {parameter.key: parameter for parameter in endpoint.parameters.all()}
    endpoint.parameters.exclude(key__in=[item.key for item in items]).delete()
    for item in items:
        row = rows.get(item.key) or Parameter(endpoint=endpoint, key=item.key)
        row.field, row.operator = item.field, item.operator
        if is_valid(row, item.node, findings):
            row.save()


def _save_actions(endpoint: Endpoint, items: tuple[ActionItem, ...], findings: Findings) -> None:
    rows = {action.name: action for action in endpoint.actions.all()}
    endpoint.actions.exclude(name__in=[item.name for item in items]).delete()
    for item in items:
        row = rows.get(item.name) or Action(endpoint=endpoint, name=item.name)
        row.method, row.parameters, row.repeatable = item.method, list(item.parameters), item.repeatable
        if is_valid(row, item.node, findings):
            row.save()
