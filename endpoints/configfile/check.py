"""Checks a file without writing it: references between its parts, and lines against Odoo's fields."""

from dataclasses import replace

from endpoints.configfile import columns, nesting
from endpoints.configfile.blame import is_valid
from endpoints.configfile.check_keys import own_keys, shared_keys, stay_revoked
from endpoints.configfile.items import Config, EndpointItem, LineItem, MappingItem, TableItem
from endpoints.configfile.kinds import is_there, suggestion
from endpoints.configfile.places import Findings
from endpoints.models import OnDelete, Parameter
from mappings import domains, table_use
from mappings.archive import archive_field
from mappings.compile import line_problem, line_spec, lines_problem, value_problems
from mappings.models import Kind, Line, LookupTable, Mapping
from mappings.schema import Fields


def check(file: Config, now: Config, findings: Findings) -> set[str]:
    """Notes what is wrong. Returns the names of mappings whose lines cannot be saved."""
    _references(file, now, findings)
    for endpoint in (file.endpoints or {}).values():
        own_keys(endpoint, findings)
        try:  # its fields are checked when it is written; its form is checked even if its mapping is of no use
            domains.parse(endpoint.domain)
        except domains.DomainError as error:
            findings.problem(endpoint.node.at("domain"), str(error))
        for item in endpoint.parameters:
            parameter = Parameter(key=item.key, field=item.field, operator=item.operator)
            is_valid(parameter, item.node, findings, exclude=("endpoint",), alone=True)
    shared_keys(file, now, _names(file, now, "endpoints"), findings)
    if "mappings" not in file.names:
        _tables_fit(file, findings)
    return {
        mapping.name
        for mapping in (file.mappings or {}).values()
        if not _lines_fit(
            mapping, known(file, now, mapping), findings, file.mappings or {}, _tables(file, now)
        )
    }


def known(file: Config, now: Config, mapping: MappingItem) -> Fields:
    """The fields of the mapping's model: read for this file, or else stored earlier."""
    place = (mapping.connection, mapping.model)
    return file.fields.get(place) or now.fields.get(place) or {}


def mapping_of(file: Config, now: Config, endpoint: EndpointItem) -> MappingItem | None:
    mappings = file.mappings if file.mappings is not None else now.mappings
    return (mappings or {}).get(endpoint.mapping)


def settled(file: Config, now: Config, findings: Findings) -> None:
    """Fills in what the file leaves open.

    Without `on_delete`, records are archived where Odoo can do that, and otherwise deleted. A pause by a person and a revoked
    key stay: only a person ends them, not a hub that is started again with its file.
    """
    file.access_keys = stay_revoked(file.access_keys, now.access_keys, findings)
    for name, given in (file.endpoints or {}).items():
        endpoint, old = given, (now.endpoints or {}).get(name)
        if endpoint.keys is not None:
            old_keys = {key.name: key for key in (old.keys if old else None) or ()}
            keys = stay_revoked({key.name: key for key in endpoint.keys}, old_keys, findings) or {}
            endpoint = replace(endpoint, keys=tuple(keys.values()))
        if endpoint.paused is None:
            paused = bool(old and old.paused and not old.paused_by_file)
            endpoint = replace(endpoint, paused=paused)
        if endpoint.on_delete is None:
            mapping = mapping_of(file, now, endpoint)
            fields = known(file, now, mapping) if mapping else {}
            can_archive = not fields or bool(archive_field(fields))
            on_delete = OnDelete.ARCHIVE if can_archive else OnDelete.UNLINK
            endpoint = replace(endpoint, on_delete=on_delete.value)
        (file.endpoints or {})[name] = endpoint


def _references(file: Config, now: Config, findings: Findings) -> None:
    connections = _names(file, now, "connections")
    mappings, tables = _names(file, now, "mappings"), _names(file, now, "tables")
    for mapping in (file.mappings or {}).values():
        is_there("connection", mapping.connection, connections, mapping.node.at("connection"), findings)
        for line in mapping.lines:
            if line.mapping:
                is_there("mapping", line.mapping, mappings, line.node.at("mapping"), findings)
            if line.table:
                is_there("table", line.table, tables, line.node.at("table"), findings)
        for line, problem in nesting.problems(file.mappings or {}, mapping):
            findings.problem(line.node.at("mapping"), problem)
    for endpoint in (file.endpoints or {}).values():
        is_there("mapping", endpoint.mapping, mappings, endpoint.node.at("mapping"), findings)
    _still_needed(file, now, connections, mappings, tables, findings)


def _still_needed(
    file: Config, now: Config, connections: set[str], mappings: set[str], tables: set[str], findings: Findings
) -> None:
    """A section that the file leaves out stays, so what it needs has to stay too."""

    def needed(section: str, what: str, name: str, by: str) -> None:
        findings.problem(file.node.at(section), f"{what} “{name}” is not in the file, but {by} uses it")

    if "endpoints" not in file.names:
        for endpoint in (now.endpoints or {}).values():
            if endpoint.mapping not in mappings:
                needed("mappings", "mapping", endpoint.mapping, f"endpoint “{endpoint.name}”")
    if "mappings" not in file.names:
        for mapping in (now.mappings or {}).values():
            by = f"mapping “{mapping.name}”"
            if mapping.connection not in connections:
                needed("connections", "connection", mapping.connection, by)
            for table in sorted({line.table for line in mapping.lines if line.table} - tables):
                needed("tables", "table", table, by)


def _names(file: Config, now: Config, section: str) -> set[str]:
    if section in file.names:
        return file.names[section]
    return set(getattr(now, section) or ())


def _tables(file: Config, now: Config) -> dict[str, TableItem]:
    return (file.tables if file.tables is not None else now.tables) or {}


def _tables_fit(file: Config, findings: Findings) -> None:
    """Lines that are not in the file have to work with its version of their tables."""
    for item in (file.tables or {}).values():
        table = LookupTable.objects.filter(name=item.name).first()
        if table is not None and not findings.is_blamed_inside(item.node):
            table.drawn_up = item.pairs()
            for problem in table_use.problems(table):
                findings.problem(item.node.at("rows"), problem.rstrip("."))


def _lines_fit(
    mapping: MappingItem,
    fields: Fields,
    findings: Findings,
    mappings: nesting.Mappings,
    tables: dict[str, TableItem],
) -> bool:
    """Whether the lines can be saved. Problems are noted at the line, or at `lines` if they concern several."""
    lines = mapping.node.at("lines")
    # If a line could not be read, it may be the one that seems to be missing.
    good = not findings.is_blamed_inside(lines)
    problem = lines_problem([row(item) for item in mapping.lines]) if good else None
    if problem:
        findings.problem(lines, problem)
        good = False
    for item in mapping.lines:
        if findings.is_blamed_inside(item.node):
            continue
        line = row(item, _stand_in(mappings.get(item.mapping)), _drawn_up(tables.get(item.table)))
        if not is_valid(line, item.node, findings, exclude=("mapping", "nested", "table"), alone=True):
            good = False
        elif fields:
            _field_fits(item, line, mapping.model, fields, findings)
    return good


def _stand_in(item: MappingItem | None) -> Mapping | None:
    """A mapping for the checks of a relation's line, before it has a row."""
    return Mapping(pk=0, name=item.name, model=item.model) if item else None


def _drawn_up(item: TableItem | None) -> LookupTable | None:
    if item is None:
        return None
    table = LookupTable(pk=0, name=item.name, on_unknown=item.on_unknown)
    table.drawn_up = item.pairs()
    return table


def _field_fits(item: LineItem, line: Line, model: str, fields: Fields, findings: Findings) -> None:
    problem = line_problem(line, model, fields)
    if problem:
        hint = suggestion(item.field, fields) if item.field not in fields else ""
        place = item.node.at(problem.column)
        if place is item.node:  # the key is not in the file: point at the field
            place = item.node.at("field")
        findings.problem(place, f"{problem.text.rstrip('.')}{hint}")
    elif item.kind == Kind.PLAIN:
        spec = line_spec(line, fields, None)
        for name, wrong in value_problems(spec, item):
            findings.problem(item.node.at(name), wrong.rstrip("."))


def row(item: LineItem, nested: Mapping | None = None, table: LookupTable | None = None) -> Line:
    """The database row for a line."""
    made = Line(nested=nested, table=table)
    columns.put(made, item, columns.LINE)
    made.script_examples = item.examples or []
    return made
