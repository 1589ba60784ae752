"""What a person asks for, carried out by real workers: also where nobody was told of it."""

from typing import Any

from synchub.torture.waiting import until
from tests.e2e.stack import Stack


def ask(stack: Stack, kind: str, details: str = "{}") -> int:
    """Queue it as admin does, but let the message be lost: only the sweep can find it."""
    [(run,)] = stack.sql(
        f"""INSERT INTO endpoints_run (kind, endpoint_id, state, seen, changed, failed, attempts, message, started_at, beat_at,
                asked_by, details)
            SELECT '{kind}', id, 'queued', 0, 0, 0, 0, '', now(), now(), 'boss', '{details}' FROM endpoints_endpoint
            WHERE name = 'partners' RETURNING id"""
    )
    return int(run)


def ended(stack: Stack, run: int) -> tuple[Any, ...]:
    def look() -> tuple[Any, ...] | None:
        [row] = stack.sql(f"SELECT state, seen, total, message FROM endpoints_run WHERE id = {run}")
        return row if row[0] not in ("queued", "running") else None

    found = until(look, f"run {run} has ended")
    assert found is not None
    return found


def test_a_run_nobody_was_told_of_is_found_by_the_sweep(stack: Stack):
    state, seen, total, message = ended(stack, ask(stack, "reread"))
    assert (state, seen) == ("done", total), message
    assert seen > 0


def test_a_push_is_undone_by_the_workers(stack: Stack):
    stack.api.post({"customer_id": "AU-1", "name": "Right", "city": "Ghent"})
    stack.arrived("AU-1", 1)
    stack.api.put("partners/AU-1", {"name": "Wrong"})
    until(lambda: _name(stack) == "Wrong", "the change is in Odoo")
    [(push,)] = until(
        lambda: stack.sql(
            "SELECT run_id FROM endpoints_footprint WHERE did = 'update' ORDER BY id DESC LIMIT 1"
        ),
        "the run has kept what was before",
        20,
    )
    state, _, _, message = ended(stack, ask(stack, "undo", f'{{"run": {push}, "created": "leave"}}'))
    assert state == "done", message
    until(lambda: _name(stack) == "Right", "the old name is back in Odoo")


def _name(stack: Stack) -> str:
    [partner] = stack.odoo.execute("res.partner", "search_read", [("ref", "=", "AU-1")], fields=["name"])
    return str(partner["name"])
