"""What a newcomer tries first: a write reaches Odoo, a change made in Odoo reaches the API."""

from synchub.torture.waiting import until
from tests.e2e.conftest import SEEDED
from tests.e2e.stack import PULL_EVERY, Answer, Stack


def test_all_of_odoo_comes_in_and_shows_as_a_run_with_counts(stack: Stack):
    assert stack.get_count("partners") >= SEEDED
    runs = stack.sql(
        """SELECT r.state, r.total, r.seen, r.changed FROM endpoints_run r
           JOIN endpoints_endpoint e ON e.id = r.endpoint_id WHERE e.name = 'partners' AND r.kind = 'backfill'"""
    )
    assert runs == [("done", SEEDED, SEEDED, SEEDED)]


def test_a_posted_partner_is_in_odoo_within_seconds(stack: Stack):
    answer = stack.api.post({"customer_id": "RT-1", "name": "Ada", "city": "Ghent"})
    assert answer.status == 201
    until(lambda: stack.in_odoo("RT-1") == {"RT-1": 1}, "the partner is in Odoo")
    read = until(lambda: _synced(stack, "RT-1"), "it is synced")
    assert read is not None
    assert read.body["updated_at"]


def _synced(stack: Stack, name: str) -> Answer | None:
    answer = stack.api.get(f"partners/{name}")
    return answer if answer.headers["x-sync-state"] == "synced" else None


def test_a_change_made_in_odoo_is_in_the_api_within_the_pull_interval(stack: Stack):
    [partner] = stack.odoo.execute("res.partner", "search", [("ref", "=", "C00002")])
    stack.odoo.execute("res.partner", "write", [partner], {"city": "Bruges"})
    until(
        lambda: stack.api.get("partners/C00002").body["city"] == "Bruges",
        "the change is in the API",
        PULL_EVERY + 5,
    )
