"""Rows 20 and 21: what Odoo does while a pull, or a push, is under way."""

from datetime import UTC, datetime, timedelta

from synchub.torture.waiting import until
from tests.faults.sides import Side
from tests.faults.stack import Stack
from tests.faults.test_worker import WRITES


def pull_now(stack: Stack, side: Side) -> None:
    """A whole pull, from its begin to its end."""
    [[before]] = stack.sql(
        """UPDATE endpoints_pullstate s SET next_at = now() FROM endpoints_endpoint e
           WHERE e.id = s.endpoint_id AND e.name = %s RETURNING s.last_ok_at""", side.endpoint,
    )  # fmt: skip
    until(lambda: _pulled_at(stack, side) > before, "it is pulled")


def _pulled_at(stack: Stack, side: Side) -> datetime:
    [[at]] = stack.sql(
        """SELECT s.last_ok_at FROM endpoints_pullstate s JOIN endpoints_endpoint e ON e.id = s.endpoint_id
           WHERE e.name = %s""", side.endpoint,
    )  # fmt: skip
    assert isinstance(at, datetime)
    return at


def search_for_deletions(stack: Stack, side: Side) -> None:
    stack.sql(
        """UPDATE endpoints_pullstate s SET deletions_next_at = now(), deletions_confirmed = true
           FROM endpoints_endpoint e WHERE e.id = s.endpoint_id AND e.name = %s""", side.endpoint,
    )  # fmt: skip


def made(stack: Stack, side: Side, prefix: str, *names: str) -> list[int]:
    stack.post(side, *[{"customer_id": f"{prefix}{n}", "name": name} for n, name in enumerate(names)])
    stack.arrived(side, prefix, names)
    return [one["id"] for one in side.in_odoo(prefix)]


def test_a_row_of_a_transaction_that_was_open_for_90_seconds(stack: Stack, practice: Side, prefix: str):
    # Long there; a seed of the practice Odoo.
    [late] = practice.execute("res.partner", "search", [("ref", "=", "C00002")])
    [early] = made(stack, practice, prefix, "Bob")
    begun = datetime.now(UTC) - timedelta(seconds=90)
    # Others were written, committed and pulled meanwhile.
    practice.execute("res.partner", "write", [early], {"city": "Ghent"})
    until(lambda: stack.api.get(f"partners/{prefix}0").body["city"] == "Ghent", "the one is pulled")
    pull_now(stack, practice)
    stack.odoo.write_as_begun(f"{begun:%Y-%m-%d %H:%M:%S.%f}", "res.partner", [late], {"city": "Bruges"})
    pull_now(stack, practice)
    assert stack.api.get("partners/C00002").body["city"] == "Bruges"


def test_a_pull_while_a_change_is_on_its_way(stack: Stack, side: Side, prefix: str):
    [partner] = made(stack, side, prefix, "Ada")
    hold = side.way.hold(WRITES)
    assert stack.api.put(f"{side.endpoint}/{prefix}0", {"name": "Eva"}).status == 200
    hold.wait()
    side.execute("res.partner", "write", [partner], {"city": "Ghent"})
    pull_now(stack, side)
    read = stack.api.get(f"{side.endpoint}/{prefix}0")
    assert (read.body["name"], read.body["city"], read.headers["x-sync-state"]) == ("Eva", "Ghent", "pending")
    hold.let_go()
    stack.arrived(side, prefix, ["Eva"])
    assert side.in_odoo(prefix, "city")[0]["city"] == "Ghent"
    read = stack.api.get(f"{side.endpoint}/{prefix}0")
    assert (read.body["name"], read.body["city"], read.headers["x-sync-state"]) == ("Eva", "Ghent", "synced")


def test_a_page_read_before_a_change_and_merged_after_it(stack: Stack, side: Side, prefix: str):
    [partner] = made(stack, side, prefix, "Ada")
    side.execute("res.partner", "write", [partner], {"city": "Ghent"})
    hold = side.way.hold(b"<string>Ghent</string>", in_answers=True)  # the pull's page, on its way
    hold.wait()
    assert stack.api.put(f"{side.endpoint}/{prefix}0", {"name": "Eva"}).status == 200
    stack.arrived(side, prefix, ["Eva"])
    before = _pulled_at(stack, side)
    hold.let_go()
    until(lambda: _pulled_at(stack, side) > before, "the page is merged")
    # Where all of it was in one second, by Odoo's stamps, only the next pull tells what came last.
    pull_now(stack, side)
    read = stack.api.get(f"{side.endpoint}/{prefix}0")
    assert (read.body["name"], read.body["city"], read.headers["x-sync-state"]) == ("Eva", "Ghent", "synced")


def test_deleted_in_odoo_while_a_change_is_on_its_way(stack: Stack, side: Side, prefix: str):
    gone, _ = made(stack, side, prefix, "Ada", "Bob")
    hold = side.way.hold(WRITES)
    assert stack.api.put(f"{side.endpoint}/{prefix}0", {"name": "Eva"}).status == 200
    hold.wait()
    side.execute("res.partner", "unlink", [gone])
    search_for_deletions(stack, side)
    # The edit is not thrown away under its consumer: it reaches a state that a person sees.
    assert stack.api.get(f"{side.endpoint}/{prefix}0").body["name"] == "Eva"
    hold.let_go()
    until(lambda: stack.states_of(prefix).get("failed") == 1, "the change is refused")
    search_for_deletions(stack, side)
    until(lambda: stack.api.get(f"{side.endpoint}/{prefix}0").status == 404, "the deletion is found")
    assert stack.states_of(prefix) == {"applied": 2, "failed": 1}


def test_archived_in_odoo_while_a_change_is_on_its_way(stack: Stack, side: Side, prefix: str):
    archived, _ = made(stack, side, prefix, "Ada", "Bob")
    hold = side.way.hold(WRITES)
    assert stack.api.put(f"{side.endpoint}/{prefix}0", {"name": "Eva"}).status == 200
    hold.wait()
    side.execute("res.partner", "write", [archived], {"active": False})
    hold.let_go()
    stack.arrived(side, prefix, ["Eva", "Bob"])
    search_for_deletions(stack, side)
    until(lambda: stack.api.get(f"{side.endpoint}/{prefix}0").status == 404, "it is no longer there")
    assert stack.api.get(f"{side.endpoint}/{prefix}1").status == 200
