"""What the database has, as items."""

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
)
from endpoints.configfile.shape_keys import moment_text
from endpoints.models import AccessGrant, AccessKey, Endpoint, Method
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
        database=row.database,
        login=Text(row.login),
        secret=Text(row.secret, row.secret_env),
        company=row.company_id,
        language=row.language,
        time_zone=row.time_zone,
        concurrency=row.concurrency,
        rate_per_second=row.rate_per_second,
        read_timeout=row.read_timeout,
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
    return LineItem(
        key=row.key,
        field=row.field,
        language=row.language,
        kind=row.kind,
        mapping=row.nested.name if row.nested else "",
        on_missing=row.on_missing,
        on_several=row.on_several,
        direction=row.direction,
        required=row.required,
        default=row.default,
        identifier=row.identifier,
        constant=row.constant,
        write_when=row.write_when or WriteWhen.ALWAYS,
        conflicts=row.conflicts,
        table=row.table.name if row.table else "",
        pattern=row.pattern,
        time_zone=row.time_zone,
        decimal_sign=row.decimal_sign,
        thousands_sign=row.thousands_sign,
        decimals=row.decimals,
        trim=row.trim,
        case=row.case,
        mode=row.script_mode,
        script=row.script,
        examples=row.script_examples or None,
    )


def _endpoint(row: Endpoint) -> EndpointItem:
    return EndpointItem(
        name=row.name,
        mapping=row.mapping.name,
        enabled=row.enabled,
        mode=row.mode,
        methods=tuple(method for method in Method.values if method in row.methods),
        auth=row.auth,
        keys=tuple(_key(key) for key in sorted(row.keys.all(), key=lambda key: key.name)),
        domain=row.domain.strip() or "[]",
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
        limit=row.limit,
        pull_every=row.pull_every,
        pull_cron=row.pull_cron,
        rate_per_address=row.rate_per_address or None,
        rate_per_key=row.rate_per_key or None,
        on_delete=row.on_delete,
        conflicts=row.conflicts,
        match_on=tuple(row.match_on),
        chatter=row.chatter,
        paused=row.paused,
        paused_by_file=row.paused_by == FILE,
        require_if_match=row.require_if_match,
        put_creates=row.put_creates,
        post_updates=row.post_updates,
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
        methods=tuple(method for method in Method.values if method in row.methods),
        read=tuple(row.read),
        write=tuple(row.write),
        domain=row.domain.strip() or "[]",
    )
