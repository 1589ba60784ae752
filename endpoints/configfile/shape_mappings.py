"""The shape of connections, lookup tables and mappings."""

from endpoints.configfile.items import ConnectionItem, LineItem, MappingItem, RowItem, TableItem
from endpoints.configfile.kinds import Flag, Json, ListOf, Number, OneOf, OrNull, Scalar, TextKind, Whole
from endpoints.configfile.objects import Key, Shape, TextOrVariable
from endpoints.models import Conflicts
from mappings.models import Direction, Kind, OnMissing, OnSeveral, OnUnknown, ScriptMode, TextCase, WriteWhen

_text, _flag = TextKind(), Flag()

CONNECTION = Shape(
    "a connection",
    {
        "name": Key(_text, required=True),
        "url": Key(TextOrVariable(), required=True),
        "database": Key(_text, required=True),
        "login": Key(TextOrVariable(), required=True),
        "secret": Key(TextOrVariable(), required=True),
        "company": Key(OrNull(Whole(least=1))),
        "language": Key(_text),
        "time_zone": Key(_text),
        "concurrency": Key(Whole(least=1)),
        "rate_per_second": Key(OrNull(Number())),
        "read_timeout": Key(Number()),
    },
    ConnectionItem,
)

ROW = Shape(
    "a row",
    {"external": Key(Scalar(), required=True), "odoo": Key(Scalar(), required=True)},
    RowItem,
)

TABLE = Shape(
    "a table",
    {
        "name": Key(_text, required=True),
        "on_unknown": Key(OneOf(OnUnknown.values)),
        "rows": Key(ListOf(ROW), required=True),
    },
    TableItem,
)

LINE = Shape(
    "a line",
    {
        "key": Key(_text, required=True),
        "field": Key(_text, required=True),
        "language": Key(_text),
        "kind": Key(OneOf(Kind.values)),
        "mapping": Key(_text),
        "on_missing": Key(OneOf(OnMissing.values)),
        "on_several": Key(OneOf(OnSeveral.values)),
        "direction": Key(OneOf(Direction.values)),
        "required": Key(_flag),
        "default": Key(Json()),
        "identifier": Key(_flag),
        "constant": Key(Json()),
        "write_when": Key(OneOf(WriteWhen.values)),
        "conflicts": Key(OneOf(Conflicts.values)),
        "table": Key(_text),
        "pattern": Key(_text),
        "time_zone": Key(_text),
        "decimal_sign": Key(_text),
        "thousands_sign": Key(_text),
        "decimals": Key(OrNull(Whole())),
        "trim": Key(_flag),
        "case": Key(OneOf([case for case in TextCase.values if case])),
        "mode": Key(OneOf(ScriptMode.values)),
        "script": Key(_text),
        "examples": Key(Json()),
    },
    LineItem,
)

MAPPING = Shape(
    "a mapping",
    {
        "name": Key(_text, required=True),
        "connection": Key(_text, required=True),
        "model": Key(_text, required=True),
        "lines": Key(ListOf(LINE), required=True),
    },
    MappingItem,
)
