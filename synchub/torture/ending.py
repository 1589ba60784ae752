"""The end of a torture: waiting until nothing is on its way, and what is in Odoo and in the API then."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from demo.odoo import PracticeOdoo
from synchub.torture.expected import CONTACTS, PARTNERS, Findings, Partner, Row, compared
from synchub.torture.stack import Stack
from synchub.torture.waiting import NotSo, until


def at_rest(stack: Stack, say: Callable[[str], None]) -> list[str]:
    """Waits until nothing is on its way. What is left then, and what was refused, is unexpected."""
    say("everything is written; waiting until nothing is on its way")

    def waits() -> bool:
        try:
            # The delay before another attempt may be an hour: skip it.
            stack.sql(
                "UPDATE endpoints_change SET not_before = now() WHERE state = 'pending' AND not_before > now()"
            )
            [[count]] = stack.sql(
                "SELECT count(*) FROM endpoints_change WHERE state IN ('pending', 'claimed')"
            )
        except psycopg.OperationalError:
            return True
        return bool(count)

    try:
        until(lambda: not waits(), "no change is on its way", 300, 2)
    except NotSo as error:
        return [str(error)]
    return [
        f"a {operation} of “{name}” was refused: {error}"
        for name, operation, error in stack.sql(
            """SELECT r.external_id, c.operation, c.error FROM endpoints_change c
               JOIN endpoints_record r ON r.id = c.record_id WHERE c.state = 'failed' ORDER BY c.id"""
        )
    ]


def settled(stack: Stack, odoo: PracticeOdoo, expected: dict[str, Partner]) -> Findings:
    """Compares Odoo and the API with what is expected, for as long as a last pull may take."""

    def look() -> Findings:
        return compared(expected, _rows(odoo), _shown(stack))

    end = time.monotonic() + 30
    while not (found := look()).clean and time.monotonic() < end:
        time.sleep(2)
    return found


def _rows(odoo: PracticeOdoo) -> list[Row]:
    found = odoo.execute(
        "res.partner", "search_read", ["|", ("ref", "=like", f"{PARTNERS}%"), ("ref", "=like", f"{CONTACTS}%")],
        fields=["ref", "name", "city", "parent_id"], load="", order="id", context={"active_test": False},
    )  # fmt: skip
    refs = {row["id"]: row["ref"] for row in found}
    return [
        Row(
            row["ref"],
            row["name"],
            row["city"] or None,
            refs.get(row["parent_id"]) if row["parent_id"] else None,
        )
        for row in found
    ]


def _shown(stack: Stack) -> dict[str, Partner]:
    shown: dict[str, Partner] = {}
    offset = 0
    while True:
        answer = stack.api.get(f"partners?limit=1000&offset={offset}")
        results: Sequence[dict[str, Any]] = answer.body["results"]
        shown |= {one["customer_id"]: Partner.of(one) for one in results}
        if len(results) < 1000:
            return shown
        offset += 1000
