"""Who calls, in which transaction, with which context: what Odoo calls an environment."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from demo.odoo.models import MODELS, Model
from demo.odoo.odd import Odd

Values = dict[str, Any]


@dataclass(frozen=True)
class Env:
    """`now` is the start of the transaction: every date that Odoo writes in it is this one."""

    db: sqlite3.Connection
    uid: int
    now: str
    context: Mapping[str, Any] = field(default_factory=dict)
    odd: Odd = field(default_factory=Odd)

    def model(self, name: str) -> Model:
        return MODELS[name]

    def with_context(self, **changes: Any) -> "Env":
        return replace(self, context={**self.context, **changes})

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.db.execute(statement, parameters).fetchall()

    def value(self, statement: str, *parameters: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.db.execute(statement, parameters).fetchone()
        return row[0] if row else None


def as_array(ids: Iterable[Any]) -> str:
    """Any number of values as one SQL parameter, for `IN (SELECT value FROM json_each(?))`."""
    return json.dumps(list(ids))


IN_ARRAY = "IN (SELECT value FROM json_each(?))"
