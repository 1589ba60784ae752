"""Which of the values that records exchange is given up for a moment, so that Odoo takes the others."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from endpoints.outbox import Claim, ClaimedChange
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.sync.coalesce import Work, work
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.swaps import swapped
from tests.mappings.specs import field, spec


def cards(*, number_required: bool) -> MappingSpec:
    return spec(
        "x.card",
        {
            "id": ("ref", field("char", "Reference")),
            "address": ("address", field("char", "Address")),
            "holder": ("holder", field("char", "Holder", required=True)),
            "number": ("number", field("char", "Number", required=number_required)),
        },
    )


WAS = {
    1: {"address": "Gent", "holder": "Ann", "number": "N-1"},
    2: {"address": "Brugge", "holder": "Bob", "number": "N-2"},
}


class Cards:
    """Of which Odoo allows a number but once, and says who has it."""

    def __init__(self) -> None:
        self.rows = {pk: dict(row) for pk, row in WAS.items()}

    def change(self, some: Sequence[Work]) -> Outcomes:
        return {one.record_id: Outcome(one.record_id, error=self._written(one)) for one in some}

    def _written(self, one: Work) -> OdooPermanent | None:
        values = one.item.values
        for pk, row in self.rows.items():
            if pk != one.record_id and row["number"] and row["number"] == values.get("number"):
                return OdooPermanent(f"{row['holder']} has number {row['number']} already.", code=2)
        self.rows[one.record_id] |= values
        return None


def taking(pk: int, values: dict[str, Any]) -> Work:
    change = ClaimedChange(pk, "update", values, None, WAS[pk], datetime.now(UTC), 1, sent=True)
    one = work(Claim(pk, uuid.uuid4(), f"C-{pk}", pk, WAS[pk], [change]))
    one.item.values = dict(values)
    return one


def exchange(what: Sequence[str], *, number_required: bool = False) -> tuple[Cards, Outcomes]:
    odoo = Cards()
    both = [taking(pk, {name: WAS[3 - pk][name] for name in what}) for pk in WAS]
    known = odoo.change(both)
    return odoo, swapped(cards(number_required=number_required), both, known, odoo.change)


@pytest.mark.parametrize("what", [["number"], ["address", "number"], ["address", "holder", "number"]])
def test_what_odoo_refused_is_given_up_whatever_else_is_exchanged(what: list[str]):
    odoo, outcomes = exchange(what)
    assert {pk: outcome.error for pk, outcome in outcomes.items()} == {1: None, 2: None}
    assert odoo.rows == {pk: row | {name: WAS[3 - pk][name] for name in what} for pk, row in WAS.items()}


def test_what_may_not_be_empty_stays_where_it_is():
    odoo, outcomes = exchange(["address", "number"], number_required=True)
    assert all(isinstance(outcome.error, OdooPermanent) for outcome in outcomes.values())
    assert odoo.rows == WAS
