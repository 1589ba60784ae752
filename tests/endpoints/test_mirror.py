"""What Odoo sends, merged into what consumers see."""

import json
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from endpoints import merging, mirror, registry
from endpoints.models import Change, PullState, Record, Run
from mappings.models import Line
from synchub.torture.waiting import until
from tests.conftest import Hub
from tests.endpoints.conftest import Api

STAMP = "%Y-%m-%d %H:%M:%S"
EARLIER, NOW, LATER = "2026-01-31 08:00:00", "2026-01-31 09:00:00", "2026-01-31 10:00:00"


@pytest.fixture
def desk(desk: Hub) -> Hub:
    desk.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "email": "email",
            "updated": {"field": "write_date", "direction": "from_odoo"},
        },
    )
    return desk


def row(
    odoo_id: int, ref: str | bool, name: str = "N", *, at: str = NOW, email: str | bool = False
) -> mirror.Row:
    return mirror.Row({"id": odoo_id, "ref": ref, "name": name, "email": email, "write_date": at})


def merge(*rows: mirror.Row) -> merging.Merged:
    return merging.merge(registry.get("partners"), rows)


def versions() -> list[tuple[int, str]]:
    """Which version of its row PostgreSQL has of each record: it changes with every write to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text FROM endpoints_record ORDER BY id")
        return list(cursor.fetchall())


def test_what_odoo_sends_is_what_is_read(desk: Hub, api: Api):
    assert merge(row(7, "A", "Ann", email="a@example.com")) == merging.Merged(seen=1, changed=1)
    assert api.get("partners/A") == {
        "customer_id": "A", "name": "Ann", "email": "a@example.com", "updated": "2026-01-31T09:00:00Z",
    }  # fmt: skip
    assert api.ask("GET", "partners/A")["X-Sync-State"] == "synced"


def test_rows_that_are_the_same_write_nothing(desk: Hub):
    rows = [row(n, f"R{n}") for n in range(1, 20)]
    merge(*rows)
    before = versions()
    assert merge(*rows) == merging.Merged(seen=19, changed=0)
    assert versions() == before


def test_only_the_row_that_differs_is_written_and_once(desk: Hub):
    merge(*[row(n, f"R{n}") for n in range(1, 20)])
    before = dict(versions())
    assert merge(*[row(n, f"R{n}", "new" if n == 5 else "N") for n in range(1, 20)]).changed == 1
    changed = {pk for pk, place in versions() if before[pk] != place}
    assert changed == {Record.objects.get(odoo_id=5).pk}


def test_a_row_older_than_what_is_known_changes_nothing(desk: Hub, api: Api):
    merge(row(7, "A", "new", at=LATER))
    merge(row(7, "A", "old", at=EARLIER))
    assert api.get("partners/A")["name"] == "new"


def test_an_edit_on_its_way_stays_on_top(desk: Hub, api: Api):
    merge(row(7, "A", "Ann", email="old@example.com"))
    api.put("partners/A", {"name": "Annie"})
    merge(row(7, "A", "Anna", email="new@example.com", at=LATER))
    assert api.get("partners/A")["name"] == "Annie"
    assert api.get("partners/A")["email"] == "new@example.com"
    record = Record.objects.get()
    assert record.base is not None
    assert record.base["name"] == "Anna"  # so that the push sends what differs from Odoo as it is now


def test_a_record_renamed_here_keeps_its_name_through_a_pull(desk: Hub, api: Api):
    merge(row(7, "A", "Ann"))
    api.put("partners/A", {"customer_id": "B"})
    merge(row(7, "A", "Anna", at=LATER))
    assert api.get("partners/B") == {
        "customer_id": "B", "name": "Anna", "email": None, "updated": "2026-01-31T10:00:00Z",
    }  # fmt: skip
    api.get("partners/A", status=404)


def test_two_records_that_swapped_identifiers_swap_addresses(desk: Hub, api: Api):
    merge(row(7, "A", "seven"), row(8, "B", "eight"))
    merge(row(7, "B", "seven", at=LATER), row(8, "A", "eight", at=LATER))
    assert api.get("partners/A")["name"] == "eight"
    assert api.get("partners/B")["name"] == "seven"


def test_identifiers_swapped_in_two_pages_swap_in_the_end(desk: Hub, api: Api):
    merge(row(7, "A", "seven"), row(8, "B", "eight"))
    merge(row(7, "B", "seven", at=LATER))
    assert "“B”" in Record.objects.get(odoo_id=7).problem
    merge(row(8, "A", "eight", at=LATER))
    assert api.get("partners/A")["name"] == "eight"
    assert api.get("partners/B")["name"] == "seven"
    assert Record.objects.get(odoo_id=7).problem == ""


def test_the_second_of_two_with_one_identifier_says_so(desk: Hub, api: Api):
    merge(row(7, "A", "first"), row(8, "A", "second"))
    assert api.get("partners/A")["name"] == "first"
    second = Record.objects.get(odoo_id=8)
    assert second.external_id is None
    assert "Odoo id 7" in second.problem
    assert api.get(f"partners/~{second.handle}")["name"] == "second"
    assert api.get("partners")["count"] == 2


@pytest.mark.parametrize("mended", [7, 8])
def test_an_identifier_that_stood_twice_is_mended_on_either_side(desk: Hub, api: Api, mended: int):
    merge(row(7, "A", "seven"), row(8, "A", "eight"))
    merge(row(mended, "B", "mended", at=LATER))
    assert api.get("partners/B")["name"] == "mended"
    assert api.get("partners/A")["name"] == ("eight" if mended == 7 else "seven")
    assert set(Record.objects.values_list("problem", flat=True)) == {""}


def test_a_record_without_identifier_has_a_handle(desk: Hub, api: Api):
    merge(row(7, False, "no reference"))
    record = Record.objects.get()
    assert record.external_id is None
    assert api.get(f"partners/~{record.handle}")["name"] == "no reference"
    merge(row(7, "A", "no reference", at=LATER))
    assert api.get("partners/A") == api.get(f"partners/~{record.handle}")


def test_a_mapping_that_changes_makes_documents_anew(desk: Hub, api: Api):
    merge(row(7, "A", "Ann"))
    Line.objects.filter(key="name").update(key="full.name")
    Line.objects.get(key="full.name").save()
    registry.clear()
    merge(row(7, "A", "Ann"))
    assert api.get("partners/A")["full"] == {"name": "Ann"}


def test_a_page_costs_the_same_number_of_queries_however_long(desk: Hub, django_assert_max_num_queries: Any):
    merge(row(1, "R1"))
    with django_assert_max_num_queries(12):
        merge(*[row(n, f"R{n}") for n in range(1, 300)])
    with django_assert_max_num_queries(12):
        merge(*[row(n, f"R{n}", "new", at=LATER) for n in range(1, 300)])


# Deletions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_delete", ["unlink", "archive", "ignore"])
def test_a_deleted_record_does_not_come_back_while_its_deletion_is_on_its_way(
    desk: Hub, api: Api, on_delete: str
):
    endpoint = registry.get("partners")
    from endpoints.models import Endpoint

    Endpoint.objects.filter(pk=endpoint.id).update(on_delete=on_delete)
    registry.clear()
    merge(row(7, "A", "Ann"))
    api.delete("partners/A")
    merge(row(7, "A", "Anna", at=LATER))
    api.get("partners/A", status=404)
    assert api.get("partners")["count"] == 0


@pytest.mark.parametrize(("on_delete", "back"), [("archive", True), ("ignore", False)])
def test_a_record_brought_back_in_odoo_comes_back_where_odoo_decides(hub: Hub, on_delete: str, back: bool):
    hub.endpoint(  # nothing that is shown changes when a record is archived and brought back
        "partners",
        "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name"},
        on_delete=on_delete,
    )
    [odoo_id] = hub.odoo.execute("res.partner", "create", [{"ref": "A", "name": "Ann"}])
    hub.pull()
    assert Client().delete("/bj_api_sync/v1/partners/A").status_code == 200
    hub.push()
    hub.pull()
    assert Client().get("/bj_api_sync/v1/partners/A").status_code == 404
    [known] = hub.odoo.execute("res.partner", "read", [odoo_id], ["write_date"])
    pass_a_second(known["write_date"])
    hub.odoo.execute("res.partner", "write", [odoo_id], {"active": True})
    hub.pull()
    assert (Client().get("/bj_api_sync/v1/partners/A").status_code == 200) is back


def pass_a_second(stamp: str) -> None:
    """Until Odoo's clock, which counts whole seconds, has moved past this."""
    until(lambda: time.strftime(STAMP, time.gmtime()) > stamp, "Odoo's clock has moved on")


def test_a_row_read_before_a_deletion_and_merged_after_it_stays_deleted(desk: Hub, api: Api):
    merge(row(7, "A", "Ann"))
    api.delete("partners/A")
    Change.objects.update(state="applied")
    merge(row(7, "A", "Ann"))
    api.get("partners/A", status=404)


# Pulls over a socket --------------------------------------------------------------------------------------------


def names(hub: Hub) -> list[str]:
    return sorted(
        str(name) for name in Record.objects.filter(deleted_at=None).values_list("external_id", flat=True)
    )


def test_a_pull_of_several_pages_misses_nothing(hub: Hub, settings: Any):
    settings.PULL_PAGE = 7
    hub.partners(domain="[('ref', '=like', 'P%')]")
    hub.odoo.execute("res.partner", "create", [{"ref": f"P{n:02}", "name": "N"} for n in range(40)])
    hub.pull()
    assert names(hub) == [f"P{n:02}" for n in range(40)]
    run = Run.objects.get()
    assert (run.kind, run.state, run.total, run.seen, run.changed) == ("backfill", "done", 40, 40, 40)


def test_rows_of_one_second_are_all_found_by_later_pulls(hub: Hub, settings: Any):
    settings.PULL_PAGE = 3
    hub.partners(domain="[('ref', '=like', 'P%')]")
    for wave in range(3):
        hub.odoo.execute("res.partner", "create", [{"ref": f"P{wave}{n}", "name": "N"} for n in range(8)])
        hub.pull()
        assert len(names(hub)) == 8 * (wave + 1)


def test_a_pull_cut_short_goes_on_where_it_was(hub: Hub, settings: Any):
    settings.PULL_PAGE = 5
    hub.partners(domain="[('ref', '=like', 'P%')]")
    hub.odoo.execute("res.partner", "create", [{"ref": f"P{n:02}", "name": "N"} for n in range(20)])
    calls: list[Any] = hub.odoo.calls
    hub.odoo.faults.arm("slow", times=3, method="search_read", seconds=0)  # the sighting and two pages pass
    hub.odoo.faults.arm("http_500", method="search_read")
    hub.pull()
    state = PullState.objects.get()
    assert state.walk_after_id
    assert state.last_error
    assert 0 < len(names(hub)) < 20
    before = len(names(hub))
    hub.odoo.execute("res.partner", "create", {"ref": "P99", "name": "meanwhile"})
    calls.clear()
    hub.pull()
    assert names(hub) == [*(f"P{n:02}" for n in range(20)), "P99"]
    pages = [call for call in calls if call[1] == "search_read"]
    assert len(pages) == (21 - before) // 5 + 1
    state.refresh_from_db()
    assert [state.walk_after_id, state.complete, state.last_error] == [None, True, ""]


def test_a_row_committed_late_with_an_old_stamp_is_still_found(hub: Hub):
    import threading

    hub.partners(domain="[('ref', '=like', 'P%')]")
    hub.odoo.execute("res.partner", "create", {"ref": "P1", "name": "before"})
    hub.pull()
    from mappings.clients import client_for

    def late() -> None:
        with client_for(hub.connection) as client:
            client.execute("res.partner", "create", [{"ref": "P2", "name": "late"}])
        connection.close()

    thread = threading.Thread(target=late)
    with hub.odoo.faults.hold("late_commit", method="create") as call:
        thread.start()
        call.wait()
        pass_a_second(time.strftime(STAMP, time.gmtime()))  # what follows has a newer stamp than the late one
        hub.odoo.execute("res.partner", "create", {"ref": "P3", "name": "after"})
        hub.pull()
        assert names(hub) == ["P1", "P3"]
    thread.join()
    [late_row, newer] = hub.in_odoo("P2", "P3", fields=("ref", "write_date"))
    if late_row["ref"] != "P2":
        late_row, newer = newer, late_row
    assert late_row["write_date"] < newer["write_date"]
    hub.pull()
    assert names(hub) == ["P1", "P2", "P3"]


def test_a_mapping_change_makes_the_next_pull_read_everything(hub: Hub):
    hub.partners(domain="[('ref', '=like', 'P%')]")
    hub.odoo.execute("res.partner", "create", [{"ref": f"P{n}", "name": f"N{n}"} for n in range(4)])
    hub.pull()
    PullState.objects.update(cursor="2099-01-01 00:00:00")  # as long after the last change
    line = Line.objects.get(key="name")
    line.key = "called"
    line.save()
    registry.clear()
    hub.pull()
    assert {json.loads(one)["called"] for one in Record.objects.values_list("document", flat=True)} == {
        "N0", "N1", "N2", "N3",
    }  # fmt: skip
