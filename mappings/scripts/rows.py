"""Rows of Odoo's records, kept for one batch: what is read once is not read again."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Kind = tuple[str, str | None]
Kinds = dict[str, Kind]
FieldFacts = Callable[[str], Mapping[str, Mapping[str, Any]]]
Row = dict[str, Any]

_KINDS = {
    "date": "date",
    "datetime": "datetime",
    "float": "float",
    "integer": "integer",
    "many2one": "many2one",
    "many2many": "x2many",
    "monetary": "float",
    "one2many": "x2many",
}


class Rows:
    """Rows of one model in one context.

    `known` are ids that the batch has come across: whoever needs a field of one of them needs it of all.
    """

    def __init__(self) -> None:
        self.by_id: dict[int, Row] = {}
        self.known: dict[int, None] = {}
        self.missing: set[int] = set()

    def add(self, row: Row) -> None:
        self.known[row["id"]] = None
        self.by_id.setdefault(row["id"], {}).update(row)

    def lacking(self, wanted: Iterable[int], name: str, most: int) -> list[int]:
        """Ids to read `name` of: those wanted first, then others the batch knows, `most` in all."""
        found: dict[int, None] = {}
        for one in (*wanted, *self.known):
            if one not in self.missing and name not in self.by_id.get(one, ()):
                found[one] = None
            if len(found) >= most:
                break
        return list(found)


def kinds_of(facts: Mapping[str, Mapping[str, Any]]) -> Kinds:
    """What the sandbox has to know of a model's fields."""
    return {
        name: (_KINDS.get(str(fact.get("type")), "plain"), fact.get("relation") or None)
        for name, fact in facts.items()
    }


def ids_in(value: Any) -> list[int]:
    """The ids in the value of a relation: `7`, `[7, "Name"]`, `[7, 8]`, `False`."""
    if isinstance(value, list | tuple):
        return [item for item in value if isinstance(item, int) and not isinstance(item, bool)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) and value else []


def flattened(
    model: str, row: Mapping[str, Any], kinds: dict[str, Kinds], add: Callable[[str, Row], None]
) -> Row:
    """`row` with ids where it has rows; those go to `add`. What kind its fields are is noted where unknown."""
    known = kinds.setdefault(model, {})
    made: Row = {}
    for name, value in row.items():
        rows = [value] if isinstance(value, dict) and "id" in value else value
        nested = (
            isinstance(rows, list) and bool(rows) and all(isinstance(r, dict) and "id" in r for r in rows)
        )
        if not nested:
            known.setdefault(name, ("plain", None))
            made[name] = value
            continue
        guess: Kind = ("many2one" if isinstance(value, dict) else "x2many", f"{model}.{name}")
        kind, relation = known.setdefault(name, guess)
        for inner in rows:
            add(relation or "", flattened(relation or "", inner, kinds, add))
        made[name] = rows[0]["id"] if kind == "many2one" else [inner["id"] for inner in rows]
    return made
