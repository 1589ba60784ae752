"""Reading records by their ids where one that Odoo does not tell would keep all others back.

together   in one call, as ever; the rest is for where Odoo refuses
alike      it refuses these fields, or the model, whatever the record: that is no record's fault, and is raised
hidden     its access rules keep some from the hub's user: one search tells which
apart      the rest is halved until the record at fault stands alone, and its fields the same way
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient

MOST = 20
"""So many records at fault at once are none: then it is Odoo's trouble, or a setting's, and raised as such."""

HIDDEN = "Odoo's access rules hide it from the hub's user"
_ALWAYS = ("id", "write_date")

Row = dict[str, Any]


@dataclass
class Told:
    """Rows in the order of their ids, without what Odoo did not tell; by id, each such field with Odoo's words, and the
    records of which it told nothing with its reason."""

    rows: list[Row] = field(default_factory=list)
    fields: dict[int, dict[str, str]] = field(default_factory=dict)
    records: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            for name, value in row.items():
                if type(value) is float and not isfinite(value):
                    self.fields.setdefault(row["id"], {})[name] = f"it is no number, but {value}"


def read(client: OdooClient, model: str, ids: Sequence[int], fields: Sequence[str]) -> Told:
    """Raises OdooError where not a single record is at fault."""
    try:
        return Told(client.read(model, ids, fields))
    except OdooPermanent as error:
        try:
            client.read(model, [], fields)
        except OdooPermanent:
            # Of no records, Odoo has no words for it.
            raise error from None
        visible = set(
            client.search(model, [("id", "in", list(ids))], order="id", context={"active_test": False})
        )
    told = Told(records={one: HIDDEN for one in ids if one not in visible})
    _apart(client, model, [one for one in ids if one in visible], list(fields), told)
    return told


def _apart(client: OdooClient, model: str, ids: Sequence[int], fields: Sequence[str], told: Told) -> None:
    if not ids:
        return
    try:
        told.rows += client.read(model, ids, fields)
    except OdooPermanent as error:
        if len(ids) > 1:
            half = len(ids) // 2
            _apart(client, model, ids[:half], fields, told)
            _apart(client, model, ids[half:], fields, told)
            return
        if len(told.fields) >= MOST:
            raise OdooPermanent(_too_many(model, ids[0], told, error.message), code=error.code) from error
        told.rows += _without(client, model, ids[0], fields, told)


def _too_many(model: str, odoo_id: int, told: Told, said: str) -> str:
    """With the fields, since what Odoo says names none, and whoever has a line for one can take it out."""
    names = sorted({name for fields in told.fields.values() for name in fields})
    return (
        f"More than {MOST} records of {model} cannot be read, {model} {odoo_id} among them, because of what they have in "
        f"{', '.join(names)} ({' '.join(said.split()).rstrip('.')}). Mend that in Odoo, or take the lines of such fields out of "
        "the mapping."
    )


def _without(client: OdooClient, model: str, odoo_id: int, fields: Sequence[str], told: Told) -> list[Row]:
    """The record without the fields at fault. Where it is gone meanwhile, nothing."""
    rows = client.read(model, [odoo_id], [name for name in _ALWAYS if name in fields])
    for row in rows:
        told.fields[odoo_id] = {}
        others = [name for name in fields if name not in _ALWAYS]
        row |= _fields_apart(client, model, odoo_id, others, told.fields[odoo_id])
    return rows


def _fields_apart(
    client: OdooClient, model: str, odoo_id: int, fields: Sequence[str], untold: dict[str, str]
) -> Row:
    if not fields:
        return {}
    try:
        return next(iter(client.read(model, [odoo_id], fields)), {})
    except OdooPermanent as error:
        if len(fields) == 1:
            untold[fields[0]] = error.message
            return {}
    half = len(fields) // 2
    return _fields_apart(client, model, odoo_id, fields[:half], untold) | _fields_apart(
        client, model, odoo_id, fields[half:], untold
    )


def problem(spec: MappingSpec, odoo_id: int, untold: Mapping[str, str]) -> str:
    """What to say of a record's fields that Odoo did not tell."""
    keys = {line.field.odoo_name: line.key for line in reversed(spec.lines) if line.from_odoo}
    return " ".join(said(keys.get(name, name), spec.model, odoo_id, why) for name, why in untold.items())


def said(key: str, model: str, odoo_id: int, why: str) -> str:
    """`key` is shown as empty, since Odoo does not tell that record, or its value."""
    return (
        f"“{key}” is shown as empty: Odoo does not tell the hub what {model} {odoo_id} has ({' '.join(why.split()).rstrip('.')}). "
        "Mend that in Odoo, or give the hub's user the right to read it; then choose “Pull everything again” on the endpoint."
    )
