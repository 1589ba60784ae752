"""What one batch of scripts knows of Odoo: the rows it has read, and the kinds of its models' fields."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mappings.scripts.rows import FieldFacts, Kinds, Parcel, Row, Rows, Sent, flattened, kinds_of


class Memory:
    """What is read once is not read again within the batch.

    `mentioned`: the names in the script that runs. They are sent along whenever one of them is asked for.
    """

    def __init__(self, fields: FieldFacts | None, *, can_ask: bool) -> None:
        """`can_ask`: there is an Odoo to ask for what `fields` does not have."""
        self._fields, self._can_ask = fields, can_ask
        self.mentioned: frozenset[str] = frozenset()
        self.kinds: dict[str, Kinds] = {}
        self._complete: set[str] = set()
        self._rows: dict[str, Rows] = {}

    def new_sandbox(self) -> None:
        """A new sandbox knows nothing of what the one before was told."""
        for rows in self._rows.values():
            rows.told.clear()

    def taken(self, model: str, records: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Keeps the inputs' rows, with ids in place of nested rows, which are kept by themselves."""
        complete = self.kinds_for(model) is not None and model in self._complete
        relations = (
            {name for name, kind in self.kinds.get(model, {}).items() if kind[1]} if complete else None
        )
        rows = self.rows(model)
        taken = []
        for record in records:
            row = record if type(record) is dict else dict(record)
            if rows.by_id.get(row["id"]) is not row:  # no earlier script of the batch saw it
                if _holds_rows(row, relations):
                    row = flattened(model, row, self.kinds, lambda other, inner: self.rows(other).add(inner))
                if relations is None and not self._can_ask:
                    kinds = self.kinds.setdefault(model, {})
                    kinds.update(dict.fromkeys(row.keys() - kinds.keys(), ("plain", None)))
                rows.add(row)
            taken.append(row)
        return taken

    def kinds_for(self, model: str) -> Kinds | None:
        """The kinds of a model's fields, without asking Odoo; None where that is needed."""
        if model not in self._complete and self._fields is not None:
            self.learn(model, self._fields(model))
        if model not in self._complete and not self._can_ask and model not in self.kinds:
            self.kinds[model] = {}
        return self.kinds.get(model) if model in self._complete or not self._can_ask else None

    def sent(self, model: str, rows: Iterable[Row], *names: str) -> list[Sent]:
        """Rows in the form for the sandbox. The records that their relations lead to are noted as known."""
        parcel = Parcel(self.mentioned.union(names), self.kinds.get(model))
        sent = [(row["id"], parcel.of(row)) for row in rows]
        for relation, ids in parcel.ids.items():
            self.rows(relation).known.update(dict.fromkeys(ids))
        return sent

    def rows(self, model: str, context: Mapping[str, Any] | None = None) -> Rows:
        key = model if context is None else model + json.dumps(context, sort_keys=True)
        return self._rows.setdefault(key, Rows())

    def forget(self) -> None:
        """After a change in Odoo, nothing that was read counts any more."""
        for rows in self._rows.values():
            rows.by_id.clear()
            rows.missing.clear()
            rows.told.clear()

    def learn(self, model: str, facts: Mapping[str, Mapping[str, Any]]) -> None:
        if facts:
            self.kinds[model] = {**self.kinds.get(model, {}), **kinds_of(facts)}
            self._complete.add(model)


def _holds_rows(row: Row, relations: set[str] | None) -> bool:
    for name, value in row.items():
        kind = type(value)
        rows = kind is dict or (kind is list and value and type(value[0]) is dict)
        if rows and (relations is None or name in relations):
            return True
    return False
