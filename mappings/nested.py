"""Reading what relations lead to: one call for each relation of a mapping and a page, however many records.

The story: take the ids in each relation from a page's rows; `read` them all in one call; do the same for the relations
of those; then, from the inside out, make each record's relations JSON.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings import known, languages, scripted
from mappings.convert import Fragments, from_row, present_nested, without
from mappings.languages import READ_AT_ONCE, fields_to_read
from mappings.sparing import Sparing
from mappings.spec import LineSpec, MappingSpec
from mappings.untold import Told, problem, read, said
from synchub.odoo import OdooClient

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Inner:
    """The parts of a document that are not the record's own fields, by key; and what went wrong with a script."""

    fragments: Fragments
    problem: str = ""


class Reader:
    """Reads over one connection. A related record that Odoo does not tell is left out and noted as a problem."""

    def __init__(self, connection_id: int, client: OdooClient, sparing: Sparing | None = None) -> None:
        self._connection_id, self._client, self._sparing = connection_id, client, sparing

    def inner(self, spec: MappingSpec, rows: Sequence[Row]) -> list[Inner]:
        """The relations and script values of each row. Raises OdooError."""
        fragments, problems = scripted.shown(spec, self._connection_id, rows, self._client)
        for line in spec.relations:
            if not line.from_odoo or line.nested is None:
                continue
            below, left_out = self._read(line.nested, _ids(line, rows))
            for place, row in enumerate(rows):
                held = _held(line, row)
                ids = [one for one in held if one in below]
                values = [below[one][0] for one in ids]
                if line.field.type.name == "many2one":
                    fragments[place][line.key] = values[0] if values else None
                else:
                    fragments[place][line.key] = values
                problems[place] = (
                    problems[place]
                    or next(filter(None, (below[one][1] for one in ids)), "")
                    or next(
                        (
                            said(line.key, line.nested.model, one, left_out[one])
                            for one in held
                            if one in left_out
                        ),
                        "",
                    )
                )
        return [Inner(*one) for one in zip(fragments, problems, strict=True)]

    def _read(self, spec: MappingSpec, ids: list[int]) -> tuple[dict[int, tuple[Any, str]], dict[int, str]]:
        """By id, each record as shown inside another one, with what went wrong; and, also by id, why others are left out."""
        told = Told()
        for start in range(0, len(ids), READ_AT_ONCE):
            self._look(spec, ids[start : start + READ_AT_ONCE], told)
        rows = languages.added(spec, told.rows, self._client, left_out=told.fields, sparing=self._sparing)
        below = self.inner(spec, rows)
        values = [from_row(spec, row) for row in rows]
        known.remember(self._connection_id, spec, [one.get(spec.identifier.field.name) for one in values])
        unsure = self._sparing.unsure.get(spec.model, ()) if self._sparing else ()
        shown = {
            one["id"]: (
                without(spec, present_nested(spec, one, inner.fragments), unsure),
                inner.problem or problem(spec, one["id"], told.fields.get(one["id"], {})),
            )
            for one, inner in zip(values, below, strict=True)
        }
        return shown, told.records

    def _look(self, spec: MappingSpec, ids: list[int], told: Told) -> None:
        # Reading by id finds archived records too: an order keeps its archived product.
        found = read(self._client, spec.model, ids, fields_to_read(spec), sparing=self._sparing)
        told.rows += found.rows
        told.fields |= found.fields
        told.records |= found.records


def _held(line: LineSpec, row: Row) -> list[int]:
    value = row.get(line.field.name)
    if isinstance(value, int) and value:  # False is an int, too
        return [value]
    # In Odoo's order, as the lines of an order have one.
    return list(value) if isinstance(value, (list, tuple)) else []


def _ids(line: LineSpec, rows: Iterable[Row]) -> list[int]:
    return sorted({one for row in rows for one in _held(line, row)})
