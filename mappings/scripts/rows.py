"""Rows of Odoo's records, kept for one batch: what is read once is not read again."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Kind = tuple[str, str | None]
Kinds = dict[str, Kind]
FieldFacts = Callable[[str], Mapping[str, Mapping[str, Any]]]
Row = dict[str, Any]
Sent = tuple[int, dict[str, Any]]

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

    `known` are ids that the batch has come across: whoever needs a field of one of them needs it of all. `told` are
    those whose field, by name, the sandbox has asked for and got.
    """

    def __init__(self) -> None:
        self.by_id: dict[int, Row] = {}
        self.known: dict[int, None] = {}
        self.missing: set[int] = set()
        self.told: dict[str, set[int]] = {}

    def add(self, row: Row) -> None:
        """`row` is kept as it is, and not changed: it may be whoever's."""
        one = row["id"]
        self.known[one] = None
        kept = self.by_id.get(one)
        self.by_id[one] = row if kept is None else kept | row

    def lacking(self, wanted: Iterable[int], name: str, most: int) -> list[int]:
        """Ids to read `name` of: those wanted first, then others the batch knows, `most` in all."""
        found: dict[int, None] = {}
        for one in (*wanted, *self.known):
            if one not in self.missing and name not in self.by_id.get(one, ()):
                found[one] = None
            if len(found) >= most:
                break
        return list(found)

    def untold(self, wanted: Iterable[int], name: str, most: int) -> list[Row]:
        """Rows with `name`: those wanted, and with them `most` that the sandbox will ask for next."""
        told = self.told.setdefault(name, set())
        found = [one for one in dict.fromkeys(wanted) if one in self.by_id]
        there = set(found)
        for one, row in self.by_id.items():
            if len(found) >= most:
                break
            if one not in told and one not in there and name in row:
                found.append(one)
        told.update(found)
        return [self.by_id[one] for one in found]


class Parcel:
    """Rows of one model, packed for the sandbox: `name` is a value as scripts see it, `@name` one that the sandbox makes
    of what Odoo sent. `ids` are those that relations led to, by model.
    """

    def __init__(self, names: frozenset[str], kinds: Kinds | None) -> None:
        """Without `kinds`, the sandbox asks for them, and makes every value."""
        self.ids: dict[str, list[int]] = {}
        known = {} if kinds is None else kinds
        wanted = names if kinds is None else kinds.keys() & names
        self._ready: list[tuple[str, Any, frozenset[type] | None]] = []
        self._ones: list[tuple[str, str | None]] = []
        self._made: list[tuple[str, str, str | None]] = []
        for name in wanted - _TAKEN:
            kind, relation = known.get(name, ("", None))
            if kind in _EMPTY:
                self._ready.append((name, _EMPTY[kind], _READY.get(kind)))
            elif kind == "many2one":
                self._ones.append((name, relation))
            else:
                self._made.append((name, kind, relation))

    def of(self, row: Row) -> dict[str, Any]:
        made: dict[str, Any] = {"id": row["id"]}
        for name, empty, only in self._ready:
            if name in row:
                value = row[name]
                if value is None or value is False:
                    made[name] = empty
                elif only is None or type(value) in only:
                    made[name] = value
                else:
                    made[f"@{name}"] = value
        for name, relation in self._ones:
            if name in row:
                value = row[name]
                if type(value) is not int:
                    value = (ids_in(value) or [False])[0]
                if value and relation:
                    self.ids.setdefault(relation, []).append(value)
                made[f"@{name}"] = value
        for name, kind, relation in self._made:
            if name in row:
                value = row[name]
                if kind == "x2many" and relation:
                    self.ids.setdefault(relation, []).extend(ids_in(value))
                made[f"@{name}"] = value
        return made


# What an empty field is to scripts; of these kinds is what needs nothing made of it, but of whole numbers for floats.
_EMPTY = {"plain": False, "integer": 0, "float": 0.0}
_READY = {"float": frozenset({float, bool})}
# Names that mean something else to every set of records.
_TAKEN = frozenset({"id", "ids", "_name", "env"})


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
