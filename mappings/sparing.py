"""Finding out what Odoo does not tell while somebody waits for the answer: in few calls, though not always for each record.

fields     those at fault are found first; each costs a call for every halving, and one for what comes after it
records    a few records, far apart, are asked for a field at fault; if Odoo tells any of them, halving finds those at fault,
           until the calls are spent
unsure     a field for which it is then unknown which records are at fault: no record of the page shows it. If it can be
           written its key is left out, since a null that is sent back would empty what Odoo has
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from synchub.errors import OdooPermanent

MOST = 22
"""Calls. With the five it takes to notice and those of the page itself, not many more than a page with relations costs."""

_SAMPLE = 4

Row = dict[str, Any]
Ask = Callable[[Sequence[int], Sequence[str]], list[Row]]
T = TypeVar("T", int, str)


class Spent(Exception):
    """No calls are left for this."""


@dataclass
class Sparing:
    """For one request: how many calls are left, and, by model, which fields it cannot show because none are left."""

    left: int = MOST
    unsure: dict[str, set[str]] = field(default_factory=dict)

    def fields_at_fault(self, ask: Ask, ids: Sequence[int], fields: Sequence[str]) -> list[str]:
        """Always finds all of them: there are only so many fields."""

        def why(some: Sequence[str]) -> OdooPermanent | None:
            self.left -= 1
            return _why(ask, ids, some)

        error = why(fields) if fields else None
        return [] if error is None else list(_refused(fields, error, why))

    def told_apart(
        self, ask: Ask, model: str, ids: Sequence[int], name: str
    ) -> dict[int, Row | OdooPermanent]:
        """One field of these records, or Odoo's refusal; nothing at all where it is unsure."""
        try:
            return self._told_apart(ask, ids, name)
        except Spent:
            self.unsure.setdefault(model, set()).add(name)
            return {}

    def _told_apart(self, ask: Ask, ids: Sequence[int], name: str) -> dict[int, Row | OdooPermanent]:
        found: dict[int, Row | OdooPermanent] = {}

        def why(some: Sequence[int]) -> OdooPermanent | None:
            if self.left <= 0:
                raise Spent
            self.left -= 1
            try:
                found.update({row["id"]: row for row in ask(some, [name])})
            except OdooPermanent as error:
                return error
            return None

        if not ids:
            return {}
        last = len(ids) - 1
        sample = sorted({ids[last * place // (_SAMPLE - 1)] for place in range(_SAMPLE)}, key=ids.index)
        refused = {one: error for one in sample if (error := why([one])) is not None}
        if len(refused) == len(sample) < len(ids):
            raise Spent  # there is no point in starting
        rest = [one for one in ids if one not in sample]
        if rest and (error := why(rest)) is not None:
            refused |= _refused(rest, error, why)
        return found | refused


def _why(ask: Ask, ids: Sequence[int], fields: Sequence[str]) -> OdooPermanent | None:
    try:
        ask(ids, fields)
    except OdooPermanent as error:
        return error
    return None


def _refused(
    items: Sequence[T], error: OdooPermanent, why: Callable[[Sequence[T]], OdooPermanent | None]
) -> dict[T, OdooPermanent]:
    """Those at fault among what Odoo refuses together, with its words."""
    found: dict[T, OdooPermanent] = {}
    while True:
        # Odoo tells all before `low`, and does not tell one of those up to `high`.
        low, high = 0, len(items)
        while high - low > 1:
            middle = (low + high) // 2
            said = why(items[low:middle])
            if said is None:
                low = middle
            else:
                high, error = middle, said
        found[items[low]] = error
        items = items[low + 1 :]
        if not items or (said := why(items)) is None:
            return found
        error = said
