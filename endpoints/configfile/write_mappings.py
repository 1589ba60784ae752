"""Saving connections, lookup tables, mappings with their lines, and Odoo's fields."""

from django.utils import timezone

from endpoints.configfile import columns
from endpoints.configfile.blame import is_valid
from endpoints.configfile.check import row as line_row
from endpoints.configfile.items import ConnectionItem, LineItem, MappingItem, TableItem, Text
from endpoints.configfile.places import Findings
from mappings.models import Connection, LookupRow, LookupTable, Mapping, OdooModel
from mappings.schema import Fields


def save_connection(item: ConnectionItem, findings: Findings) -> None:
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


def save_mapping(item: MappingItem, findings: Findings) -> None:
    connection = Connection.objects.filter(name=item.connection).first()
    row = Mapping.objects.filter(name=item.name).first() or Mapping(name=item.name)
    row.model = item.model
    if connection is None:  # noted already; only the rest is validated here
        is_valid(row, item.node, findings, exclude=("connection",))
        return
    row.connection = connection
    if is_valid(row, item.node, findings):
        row.save()


def save_table(item: TableItem, findings: Findings) -> None:
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


def save_lines(mapping: Mapping, items: tuple[LineItem, ...]) -> None:
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


def save_fields(fields: dict[tuple[str, str], Fields]) -> None:
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
