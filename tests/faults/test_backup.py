"""Row 22: the hub's database is restored from an old backup, and what had been sent since is sent again."""

import psycopg

from synchub.torture.waiting import until
from tests.faults.sides import Side
from tests.faults.stack import Stack


def copied(stack: Stack, source: str, target: str) -> None:
    """As files. By WAL_LOG, PostgreSQL 18 gives the copy sequences that go back should it crash soon after: to where they
    were when it was copied, and the next ids are taken."""
    with psycopg.connect(stack.services.database_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY FILE_COPY')


def test_a_restored_backup_sends_again_what_odoo_has_and_doubles_nothing(
    stack: Stack, side: Side, prefix: str
):
    stack.post(side, *[{"customer_id": f"{prefix}{n}", "name": "Ada"} for n in range(4)])
    stack.arrived(side, prefix, ["Ada"] * 4)
    side.way.close()
    stack.post(side, {"customer_id": f"{prefix}4", "name": "Bob"})
    assert stack.api.put(f"{side.endpoint}/{prefix}0", {"name": "Eva"}).status == 200
    assert stack.api.put(f"{side.endpoint}/{prefix}1", {"name": "Eve"}).status == 200
    assert stack.api.delete(f"{side.endpoint}/{prefix}3").status == 200
    stack.end()
    copied(stack, stack.name, "backup")

    # What the backup knows to be waiting is done, and more.
    stack.whole()
    side.way.open()
    stack.due_now()
    until(lambda: set(stack.states_of(prefix)) == {"applied"}, "all is applied")
    stack.post(side, {"customer_id": f"{prefix}5", "name": "Zoe"})
    assert stack.api.put(f"{side.endpoint}/{prefix}0", {"name": "Eva Maria"}).status == 200
    until(lambda: set(stack.states_of(prefix)) == {"applied"}, "all is applied")
    there = side.in_odoo(prefix)
    assert [(one["ref"][-1], one["name"]) for one in there] == [
        ("0", "Eva Maria"), ("1", "Eve"), ("2", "Ada"), ("4", "Bob"), ("5", "Zoe")
    ]  # fmt: skip

    stack.end()
    copied(stack, "backup", stack.name)
    assert sum(stack.states_of(prefix).values()) - stack.states_of(prefix)["applied"] == 4
    stack.whole()
    stack.due_now()
    until(lambda: set(stack.states_of(prefix)) == {"applied"}, "all is applied again")
    # No double, and nothing that was written later is taken back.
    assert side.in_odoo(prefix) == there

    def shown() -> list[tuple[str, str]]:
        found = stack.api.get(f"{side.endpoint}?ordering=customer_id&limit=1000").body["results"]
        return [
            (one["customer_id"][-1], one["name"]) for one in found if one["customer_id"].startswith(prefix)
        ]

    until(
        lambda: shown() == [(one["ref"][-1], one["name"]) for one in there], "the hub shows what Odoo has", 20
    )
