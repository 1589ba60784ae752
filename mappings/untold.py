"""Reading records by their ids, although one that Odoo does not tell makes it refuse them all.

together   all in one call; the other steps are for when Odoo refuses that
alike      Odoo refuses these fields, or the model, whatever the record: no record is at fault, and the error is raised
hidden     access rules hide some records from the hub's user; one search tells which
fields     those at fault are found (see `sparing`), and all other fields read in one call
records    those at fault are found for each such field: by halving, but of many records a sample is asked for first, since
           if Odoo tells none of those, no record is at fault either
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Any

from mappings import domains
from mappings.sparing import Ask, Row, Sparing
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent, OdooRetryable
from synchub.odoo import OdooClient
from synchub.odoo.records import Context

MOST = 20
"""The size of the sample: if Odoo tells none of so many, the trouble is Odoo's, or a setting's."""

READ_AGAIN = "; then choose “Pull everything again” on the endpoint"
"""The end of `said` for endpoints that store what they read."""

HIDDEN = "Odoo's access rules hide it from the hub's user"
_ALWAYS = ("id", "create_date", "write_date")


@dataclass
class Told:
    """What Odoo told: `rows` in the order of their ids, without values that it did not tell; `fields`, Odoo's words for these
    by id and field; `records`, the reasons for records that it did not tell at all, by id."""

    rows: list[Row] = field(default_factory=list)
    fields: dict[int, dict[str, str]] = field(default_factory=dict)
    records: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            for name, value in row.items():
                if type(value) is float and not isfinite(value):
                    self.fields.setdefault(row["id"], {})[name] = f"it is no number, but {value}"


def read(
    client: OdooClient,
    model: str,
    ids: Sequence[int],
    fields: Sequence[str],
    *,
    context: Context = None,
    sparing: Sparing | None = None,
) -> Told:
    """Raises OdooError where it is no single record's fault. `sparing`: makes few calls, see there."""
    try:
        return Told(client.read(model, ids, fields, context=context))
    except OdooPermanent as error:
        try:
            client.read(model, [], fields, context=context)
        except OdooPermanent:
            # The words about no records would be of no use.
            raise error from None
        every = {**(context or {}), "active_test": False}
        visible = set(client.search(model, [("id", "in", list(ids))], order="id", context=every))
    hidden = {one: HIDDEN for one in ids if one not in visible}
    ask = partial(client.read, model, context=context)
    return _by_fields(ask, model, [one for one in ids if one in visible], fields, hidden, sparing)


def read_page(
    client: OdooClient,
    model: str,
    domain: domains.Domain,
    fields: Sequence[str],
    *,
    limit: int | None = None,
    offset: int = 0,
    order: str = "id",
    context: Context = None,
    sparing: Sparing | None = None,
) -> Told:
    """Reads the records of a domain in this order. Raises OdooError as `read` does."""
    page: dict[str, Any] = {"limit": limit, "offset": offset, "order": order, "context": context}
    try:
        return Told(client.search_read(model, domain, fields, **page))
    except OdooPermanent:
        ids = client.search(model, domain, **page)
        told = read(client, model, ids, fields, context=context, sparing=sparing)
        if len(told.rows) < len(ids):
            # The caller would take missing records for deleted ones, or for the end.
            raise OdooRetryable(
                f"Records of {model} went away while the hub looked at them one by one."
            ) from None
        places = {one: place for place, one in enumerate(ids)}
        told.rows.sort(key=lambda row: places[row["id"]])
        return told


def _by_fields(
    ask: Ask,
    model: str,
    ids: Sequence[int],
    fields: Sequence[str],
    hidden: dict[int, str],
    sparing: Sparing | None,
) -> Told:
    if not ids:
        return Told(records=hidden)
    doubtful = [name for name in fields if name not in _ALWAYS]
    at_fault = (sparing or Sparing()).fields_at_fault(ask, ids, doubtful)
    # To Odoo, no fields means all of them.
    rows = ask(ids, [one for one in fields if one not in at_fault] or ["id"])
    by_id = {row["id"]: row for row in rows}
    refused: dict[int, dict[str, str]] = {}
    for name in at_fault:
        apart = (sparing.told_apart if sparing else _told_apart)(ask, model, list(by_id), name)
        for odoo_id, value in apart.items():
            if isinstance(value, OdooPermanent):
                refused.setdefault(odoo_id, {})[name] = value.message
            else:
                by_id[odoo_id] |= value
    return Told(rows, refused, hidden)


def _told_apart(ask: Ask, model: str, ids: Sequence[int], name: str) -> dict[int, Row | OdooPermanent]:
    """One field of these records, or Odoo's refusal. Raises OdooPermanent where it is no record's fault."""
    found: dict[int, Row | OdooPermanent] = {}
    if len(ids) > MOST:
        sample = ids[:: len(ids) // MOST]
        found = {one: _one(ask, one, name) for one in sample}
        errors = [one for one in found.values() if isinstance(one, OdooPermanent)]
        if len(errors) == len(found):
            raise OdooPermanent(_of_none(model, sample[0], name, errors[0].message), code=errors[0].code)
    rest = [one for one in ids if one not in found]
    left = [rest] if rest else []
    while left:
        some = left.pop()
        if len(some) == 1:
            found[some[0]] = _one(ask, some[0], name)
            continue
        try:
            found |= {row["id"]: row for row in ask(some, [name])}
        except OdooPermanent:
            half = len(some) // 2
            left += [some[half:], some[:half]]
    return found


def _of_none(model: str, odoo_id: int, name: str, said: str) -> str:
    """Names the field, so that its line can be taken out: Odoo's own words often do not."""
    return (
        f"Odoo tells the field {name} of {model} of no record, {model} {odoo_id} among them "
        f"({' '.join(said.split()).rstrip('.')}). Mend that in Odoo, give the hub's user the right to read it, or take its line "
        "out of the mapping."
    )


def _one(ask: Ask, odoo_id: int, name: str) -> Row | OdooPermanent:
    try:
        return next(iter(ask([odoo_id], [name])), {})
    except OdooPermanent as error:
        return error


def problem(spec: MappingSpec, odoo_id: int, untold: Mapping[str, str]) -> str:
    """The sentences about a record's fields that Odoo did not tell."""
    lines = [line for line in reversed(spec.lines) if line.from_odoo]
    keys = {name: line.key for line in lines for name in (line.field.odoo_name, line.field.name)}
    return " ".join(said(keys.get(name, name), spec.model, odoo_id, why) for name, why in untold.items())


def said(key: str, model: str, odoo_id: int, why: str) -> str:
    """The sentence for a `key` that is shown as empty because Odoo does not tell the record, or its value."""
    return (
        f"“{key}” is shown as empty: Odoo does not tell the hub what {model} {odoo_id} has ({' '.join(why.split()).rstrip('.')}). "
        f"Mend that in Odoo, or give the hub's user the right to read it{READ_AGAIN}."
    )
