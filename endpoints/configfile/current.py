"""What the database has, as items."""

from endpoints.configfile import columns
from endpoints.configfile.items import (
    FILE,
    ActionItem,
    Config,
    ConnectionItem,
    EndpointItem,
    GrantItem,
    KeyItem,
    LineItem,
    MappingItem,
    ParameterItem,
    RowItem,
    TableItem,
    Text,
    normal_domain,
    sorted_methods,
)
from endpoints.configfile.shape_keys import moment_text
from endpoints.models import AccessGrant, AccessKey, Endpoint
from mappings.models import Connection, Line, LookupTable, Mapping, OdooModel, WriteWhen


def load() -> Config:
    return Config(
        connections={row.name: _connection(row) for row in Connection.objects.order_by("name")},
        tables={
            row.name: _table(row) for row in LookupTable.objects.prefetch_related("rows").order_by("name")
        },
        mappings={
            row.name: _mapping(row)
            for row in Mapping.objects.select_related("connection")
            .prefetch_related("lines__nested", "lines__table")
            .order_by("name")
        },
        endpoints={
            row.name: _endpoint(row)
            for row in Endpoint.objects.select_related("mapping")
            .prefetch_related("keys__grants", "parameters", "actions")
            .order_by("name")
        },
        access_keys={
            row.name: _key(row)
            for row in AccessKey.objects.filter(endpoint=None)
            .prefetch_related("grants__endpoint")
            .order_by("name")
        },
        fields={
            (row.connection.name, row.model): row.fields
            for row in OdooModel.objects.select_related("connection")
        },
    )


def _connection(row: Connection) -> ConnectionItem:
    return ConnectionItem(
        name=row.name,
        url=Text(row.url, row.url_env),
        login=Text(row.login),
        secret=Text(row.secret, row.secret_env),
        **columns.given(row, columns.CONNECTION),
    )


def _table(row: LookupTable) -> TableItem:
    rows = tuple(RowItem(external=external, odoo=odoo) for external, odoo in row.pairs())
    return TableItem(name=row.name, on_unknown=row.on_unknown, rows=rows)


def _mapping(row: Mapping) -> MappingItem:
    return MappingItem(
        name=row.name,
        connection=row.connection.name,
        model=row.model,
        lines=tuple(_line(line) for line in row.lines.all()),
    )


def _line(row: Line) -> LineItem:
    given = columns.given(row, columns.LINE)
    given["write_when"] = given["write_when"] or WriteWhen.ALWAYS
    given["examples"] = given["examples"] or None
    return LineItem(
        **given,
        mapping=row.nested.name if row.nested else "",
        table=row.table.name if row.table else "",
    )


def _endpoint(row: Endpoint) -> EndpointItem:
    given = columns.given(row, columns.ENDPOINT)
    given["domain"] = normal_domain(given["domain"])
    for name in ("rate_per_address", "rate_per_key"):
        given[name] = given[name] or None
    return EndpointItem(
        **given,
        name=row.name,
        mapping=row.mapping.name,
        methods=sorted_methods(row.methods),
        keys=tuple(_key(key) for key in sorted(row.keys.all(), key=lambda key: key.name)),
        parameters=tuple(
            ParameterItem(key=parameter.key, field=parameter.field, operator=parameter.operator)
            for parameter in row.parameters.all()
        ),
        actions=tuple(
            ActionItem(
                name=action.name,
                method=action.method,
                parameters=tuple(action.parameters),
                repeatable=action.repeatable,
            )
            for action in row.actions.all()
        ),
        on_delete=row.on_delete,
        match_on=tuple(row.match_on),
        paused=row.paused,
        paused_by_file=row.paused_by == FILE,
    )


def _key(row: AccessKey) -> KeyItem:
    return KeyItem(
        name=row.name,
        login=Text(row.login) if row.login else None,
        secret=Text(None, row.secret_env),
        enabled=row.enabled,
        expires=moment_text(row.expires_at) if row.expires_at else None,
        rate=row.rate,
        addresses=tuple(row.addresses),
        overlap_days=row.overlap_days,
        opens=tuple(_grant(grant, shared=row.endpoint_id is None) for grant in row.grants.all()),
        stored=row.password_hash if row.login else row.token_digest,
    )


def _grant(row: AccessGrant, *, shared: bool) -> GrantItem:
    return GrantItem(
        endpoint=row.endpoint.name if shared else "",
        methods=sorted_methods(row.methods),
        read=tuple(row.read),
        write=tuple(row.write),
        domain=normal_domain(row.domain),
    )
