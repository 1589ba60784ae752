"""Rows 12 to 16: an Odoo that is away, answers nonsense, breaks off, refuses."""

import pytest

from synchub.torture.waiting import until
from tests.faults.person import first_page
from tests.faults.sides import Side
from tests.faults.stack import Stack
from tests.faults.test_worker import CREATES, WRITES


def put(stack: Stack, side: Side, record: str, **values: object) -> None:
    answer = stack.api.put(f"{side.endpoint}/{record}", values)
    assert answer.status == 200, answer


def tried(stack: Stack, prefix: str, times: int) -> tuple[int, float]:
    """(attempts spent, seconds until the next) once so many attempts have been made and given up."""

    def look() -> tuple[int, float] | None:
        [state, attempts, delay], *_ = stack.sql(
            """SELECT c.state, c.attempts, extract(epoch FROM c.not_before - now())::float FROM endpoints_change c
               JOIN endpoints_record r ON r.id = c.record_id
               WHERE r.external_id LIKE %s AND c.state IN ('pending', 'claimed')""",
            f"{prefix}%",
        )
        return (attempts, delay) if state == "pending" and attempts == times and delay > 0 else None

    found = until(look, f"attempt {times} is over")
    assert found
    return found


def test_away_for_an_hour(stack: Stack, side: Side, prefix: str):
    stack.post(
        side, {"customer_id": f"{prefix}0", "name": "Ada"}, {"customer_id": f"{prefix}1", "name": "Bob"}
    )
    stack.arrived(side, prefix, ["Ada", "Bob"])
    side.way.close()
    stack.post(side, {"customer_id": f"{prefix}2", "name": "Eve"})
    for name in ("A", "B", "C"):
        put(stack, side, f"{prefix}0", name=name)
    put(stack, side, f"{prefix}2", name="Eva")
    assert stack.api.delete(f"{side.endpoint}/{prefix}1").status == 200

    def waits() -> bool:
        [[error]] = stack.sql("SELECT last_error FROM mappings_connection WHERE name = %s", side.name)
        return bool(error) and stack.states_of(prefix).get("pending") == 6

    # More attempts in that hour than a change may spend: none is spent.
    for _ in range(15):
        until(waits, "everything waits")
        stack.due_now()
    stack.sql(
        "UPDATE mappings_connection SET last_ok_at = now() - interval '1 hour' WHERE name = %s", side.name
    )
    stack.due_now()
    assert tried(stack, prefix, 0)[1] > 20, "the longer it is away, the less often it is asked"
    page = first_page(stack)
    assert "6 waiting" in page
    assert "Odoo does not answer" in page or "refuses" in page or "cannot be reached" in page, page
    assert stack.api.get(f"{side.endpoint}/{prefix}0").headers["x-sync-state"] == "pending"
    side.way.open()
    stack.due_now()
    until(lambda: set(stack.states_of(prefix)) == {"applied"}, "all is applied")
    assert [(one["ref"], one["name"]) for one in side.in_odoo(prefix)] == [
        (f"{prefix}0", "C"), (f"{prefix}2", "Eva")
    ]  # fmt: skip
    until(
        lambda: stack.sql("SELECT 1 FROM mappings_connection WHERE name = %s AND last_error = ''", side.name),
        "the connection is well",
    )


@pytest.mark.parametrize("nonsense", ["http_500", "http_502_html", "garbage"])
def test_nonsense_is_tried_again_later_and_later(stack: Stack, practice: Side, prefix: str, nonsense: str):
    stack.odoo.faults.arm(nonsense, times=-1, method="load")
    stack.post(practice, {"customer_id": f"{prefix}0", "name": "Ada"})
    delays = []
    for attempt in (1, 2, 3):
        spent, delay = tried(stack, prefix, attempt)
        assert spent == attempt
        delays.append(delay)
        stack.due_now()
    assert delays[0] < delays[1] < delays[2]
    stack.odoo.faults.clear()
    stack.due_now()
    stack.arrived(practice, prefix, ["Ada"])


def test_an_answer_that_breaks_off_is_looked_for_before_anything_is_sent_again(
    stack: Stack, practice: Side, prefix: str
):
    before = stack.odoo.calls.count_of("res.partner", "load")
    stack.odoo.faults.arm("half_answer", method="load")
    stack.post(practice, {"customer_id": f"{prefix}0", "name": "Ada"})
    tried(stack, prefix, 1)
    stack.due_now()
    stack.arrived(practice, prefix, ["Ada"])
    assert stack.odoo.calls.count_of("res.partner", "load") == before + 1


@pytest.mark.parametrize("how", ["reset", "hang"])
def test_no_answer_after_odoo_committed_a_creation(stack: Stack, side: Side, prefix: str, how: str):
    before = stack.odoo.calls.count_of("res.partner", "load")
    hold = side.way.hold(CREATES, answer_only=True)
    stack.post(side, *[{"customer_id": f"{prefix}{n}", "name": "Ada"} for n in range(3)])
    hold.wait()
    there = side.in_odoo(prefix)
    if how == "reset":
        hold.drop()
    until(lambda: stack.states_of(prefix) == {"pending": 3}, "the attempt is given up")
    # And what is not known is noted.
    assert stack.sql(
        """SELECT count(*) FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
           WHERE r.external_id LIKE %s AND c.sent""", f"{prefix}%",
    ) == [(3,)]  # fmt: skip
    if side.name == "practice":
        assert stack.odoo.calls.count_of("res.partner", "load") == before + 1
    hold.drop()
    stack.due_now()
    stack.arrived(side, prefix, ["Ada"] * 3)
    assert side.in_odoo(prefix) == there


@pytest.mark.parametrize("how", ["reset", "hang"])
def test_no_answer_after_odoo_committed_a_change(stack: Stack, side: Side, prefix: str, how: str):
    stack.post(side, {"customer_id": f"{prefix}0", "name": "Ada"})
    stack.arrived(side, prefix, ["Ada"])
    before = stack.odoo.calls.count_of("res.partner", "write")
    hold = side.way.hold(WRITES, answer_only=True)
    put(stack, side, f"{prefix}0", name="Eva")
    hold.wait()
    if how == "reset":
        hold.drop()
    tried(stack, prefix, 1)
    if side.name == "practice":
        assert stack.odoo.calls.count_of("res.partner", "write") == before + 1
    hold.drop()
    stack.due_now()
    stack.arrived(side, prefix, ["Eva"])


@pytest.mark.parametrize("kind", ["serialization", "load_serialization"])
def test_a_fault_that_passes_is_tried_again(stack: Stack, practice: Side, prefix: str, kind: str):
    stack.odoo.faults.arm(kind, method="load")
    stack.post(practice, {"customer_id": f"{prefix}0", "name": "Ada"})
    tried(stack, prefix, 1)
    stack.due_now()
    stack.arrived(practice, prefix, ["Ada"])


def test_a_fault_that_does_not_pass_stops_with_what_odoo_says(stack: Stack, practice: Side, prefix: str):
    stack.odoo.faults.arm("no_right", method="load")
    stack.post(practice, {"customer_id": f"{prefix}0", "name": "Ada"})
    until(lambda: stack.states_of(prefix) == {"failed": 1}, "it is refused")
    [[error, attempts]] = stack.sql(
        """SELECT c.error, c.attempts FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
           WHERE r.external_id LIKE %s""", f"{prefix}%",
    )  # fmt: skip
    assert "You are not allowed to do this." in error
    assert attempts == 1
    assert stack.api.get(f"partners/{prefix}0").headers["x-sync-state"] == "failed"
    assert practice.in_odoo(prefix) == []


def test_a_change_of_what_is_gone_stops_with_what_odoo_says(stack: Stack, side: Side, prefix: str):
    """Fault 2: a message for people."""
    stack.post(side, {"customer_id": f"{prefix}0", "name": "Ada"})
    stack.arrived(side, prefix, ["Ada"])
    side.execute("res.partner", "unlink", [one["id"] for one in side.in_odoo(prefix)])
    put(stack, side, f"{prefix}0", name="Eva")
    until(lambda: stack.states_of(prefix).get("failed") == 1, "it is refused")
    [[error]] = stack.sql("SELECT problem FROM endpoints_record WHERE external_id = %s", f"{prefix}0")
    assert "Odoo does not have this record any more" in error


def test_a_refused_login_pauses_and_spends_nothing(stack: Stack, practice: Side, prefix: str):
    stack.odoo.faults.arm("access_denied", times=-1, method="load")
    stack.post(practice, {"customer_id": f"{prefix}0", "name": "Ada"})
    until(
        lambda: stack.sql(
            "SELECT 1 FROM mappings_connection WHERE name = 'practice' AND paused_at IS NOT NULL"
        ),
        "the connection is paused",
    )
    until(lambda: stack.states_of(prefix) == {"pending": 1}, "the change waits")
    assert stack.sql(
        """SELECT c.attempts FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
           WHERE r.external_id LIKE %s""", f"{prefix}%",
    ) == [(0,)]  # fmt: skip
    assert "Odoo refuses the login" in first_page(stack)
    stack.odoo.faults.clear()
    stack.sql("UPDATE mappings_connection SET paused_at = NULL, paused_reason = ''")  # a person resumes it
    stack.arrived(practice, prefix, ["Ada"])


def test_one_bad_record_in_five_hundred(stack: Stack, side: Side, prefix: str):
    def loads() -> int:
        return stack.odoo.calls.count_of("res.partner", "load")

    begun = loads()
    stack.post(side, *({"customer_id": f"{prefix}c{n}", "name": f"Partner {n}"} for n in range(500)))
    until(lambda: set(stack.states_of(f"{prefix}c")) == {"applied"}, "the clean ones are there")
    clean = loads() - begun
    bodies = [{"customer_id": f"{prefix}b{n}", "name": f"Partner {n}"} for n in range(500)]
    bodies[250]["country"] = 999_999  # type: ignore[assignment]
    stack.post(side, *bodies)
    until(lambda: set(stack.states_of(f"{prefix}b")) <= {"applied", "failed"}, "all are settled")
    assert stack.states_of(f"{prefix}b") == {"applied": 499, "failed": 1}
    there = [one["ref"] for one in side.in_odoo(f"{prefix}b")]
    assert sorted(there) == sorted(one["customer_id"] for n, one in enumerate(bodies) if n != 250)
    if side.name == "practice":
        assert loads() - begun - clean <= clean + 2
    answer = stack.api.get(f"{side.endpoint}/{prefix}b250")
    assert answer.headers["x-sync-state"] == "failed"
