"""What changed in Odoo is in the mirror after a pull, whatever happens meanwhile."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from endpoints import pulls, touched
from endpoints.models import Change, PullState, Record, Run, Touched
from mappings.models import Connection
from synchub.odoo import OdooClient
from synchub.sync.tasks import read_touched
from tests.conftest import Hub
from tests.sync.test_push import post

URL = "/bj_api_sync/v1/partners"


def name_of(ref: str) -> str:
    return str(Client().get(f"{URL}/{ref}").json()["name"])


def test_a_change_made_in_odoo_is_read_from_the_api_after_the_next_pull(hub: Hub):
    hub.partners()
    made = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A"})
    hub.pull()
    assert name_of("X1") == "A"
    hub.odoo.execute("res.partner", "write", [made], {"name": "B"})
    hub.pull()
    assert name_of("X1") == "B"


def test_the_first_pull_shows_as_a_backfill_with_counts(hub: Hub):
    hub.partners()
    hub.pull()
    run = Run.objects.get()
    assert (run.kind, run.state) == ("backfill", "done")
    assert run.seen == run.total == run.changed == Record.objects.count()


def test_what_somebody_deleted_in_odoo_and_made_anew_is_soon_shown_as_it_is_now(hub: Hub):
    """Without waiting for the search for deleted records."""
    hub.partners()
    made = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "Old"})
    hub.pull()
    hub.odoo.execute("res.partner", "unlink", [made])
    hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "New"})
    hub.pull()
    [endpoint_id] = touched.due()
    read_touched(endpoint_id)
    assert name_of("X1") == "New"
    assert [one["name"] for one in Client().get(f"{URL}?customer_id=X1").json()["results"]] == ["New"]
    assert touched.due() == []


def test_of_two_records_of_one_name_that_are_both_there_the_first_keeps_it(hub: Hub):
    hub.partners()
    hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "First"})
    hub.pull()
    hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "Second"})
    hub.pull()
    [endpoint_id] = touched.due()
    read_touched(endpoint_id)
    assert name_of("X1") == "First"
    assert touched.due() == []
    assert not Touched.objects.exists()


@pytest.mark.parametrize("read_by", ["pull", "webhook"])
def test_a_posted_record_is_the_one_of_the_same_name_in_odoo(hub: Hub, read_by: str):
    endpoint = hub.partners()
    post({"customer_id": "X1", "name": "Posted"})
    made = hub.odoo.execute(
        "res.partner", "create", {"ref": "X1", "name": "By hand", "email": "a@example.com"}
    )
    if read_by == "pull":
        hub.pull()
    else:
        touched.note(hub.connection.pk, "res.partner", [made])
        read_touched(endpoint.pk)
    [shown] = Client().get(f"{URL}?customer_id=X1").json()["results"]
    assert (shown["name"], shown["email"]) == ("Posted", "a@example.com")
    assert Record.objects.get(external_id="X1").odoo_id == made
    hub.push()
    assert hub.in_odoo("X1") == [{"id": made, "ref": "X1", "name": "Posted"}]


@pytest.mark.parametrize("second", ["on the same page", "on another page", "archived"])
def test_a_posted_record_is_neither_of_two_of_the_same_name(hub: Hub, settings, second: str):
    settings.PULL_PAGE = 500 if second == "on the same page" else 2
    hub.partners(domain="[('ref', '=like', 'X%')]")
    archived = {"active": False} if second == "archived" else {}
    for values in ({"ref": "X1"}, {"ref": "X2"}, {"ref": "X3"}, {"ref": "X1", **archived}):
        hub.odoo.execute("res.partner", "create", {"name": "By hand", **values})
    post({"customer_id": "X1", "name": "Posted"})
    hub.pull()
    assert Record.objects.get(external_id="X1").odoo_id is None
    twins = Record.objects.filter(external_id=None).exclude(odoo_id=None)
    assert twins
    assert all("“X1”" in one.problem for one in twins)
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1")] == ["By hand", "By hand"]
    assert "Odoo has 2 records" in Change.objects.get().error


def test_an_endpoint_with_nothing_new_makes_no_run_and_reads_little(hub: Hub):
    hub.partners()
    hub.pull()
    hub.odoo.calls.clear()
    hub.pull()
    assert Run.objects.count() == 1
    assert len(hub.odoo.calls) <= 3


def test_reading_everything_anew_survives_a_walk_that_is_under_way(hub: Hub, settings):
    settings.PULL_PAGE = 10
    endpoint = hub.partners()
    hub.pull()
    for one in Record.objects.all()[:3]:
        hub.odoo.execute("res.partner", "write", [one.odoo_id], {"comment": "touched"})

    from mappings import nested

    read = nested.Reader.inner

    def interrupting(self, spec, rows):
        pulls.start_over([endpoint.pk])
        return read(self, spec, rows)

    nested.Reader.inner = interrupting  # type: ignore[method-assign]  # a person clicks in the middle of a walk
    try:
        hub.pull()
    finally:
        nested.Reader.inner = read  # type: ignore[method-assign]
    state = PullState.objects.get()
    assert (state.cursor, state.complete) == ("", False)
    hub.pull()
    state.refresh_from_db()
    assert state.complete
    assert state.cursor


def test_a_transaction_of_odoo_that_ends_late_is_picked_up(hub: Hub):
    hub.partners()
    made = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A"})
    hub.pull()
    hub.odoo.faults.arm("late_commit", method="write", seconds=3)
    with ThreadPoolExecutor() as pool:
        late = pool.submit(_write, hub.connection, made)
        deadline = time.monotonic() + 10
        while not hub.odoo.calls.count_of("res.partner", "write"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        # This row is stamped later than the one that is still being written, and pulled before it.
        hub.odoo.execute("res.partner", "create", {"ref": "X2", "name": "C"})
        hub.pull()
        assert (name_of("X1"), name_of("X2")) == ("A", "C")
        late.result()
    hub.pull()
    assert name_of("X1") == "B"


def _write(connection: Connection, odoo_id: int) -> None:
    with OdooClient(connection.access()) as client:
        client.write("res.partner", [odoo_id], {"name": "B"})
