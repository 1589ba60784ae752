"""From an accepted write to Odoo, over a real socket, with the faults that a network and an Odoo have."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from endpoints import decisions, editing, jobs, leaving, outbox, queued, records, registry
from endpoints.incoming import Who
from endpoints.models import Change, Operation, PullState, Record, Run, RunKind
from endpoints.registry import EndpointSpec
from mappings.clients import client_for
from mappings.models import Connection
from synchub.sync import asked, carry
from synchub.sync.batch import Batch
from tests.conftest import Hub
from tests.odoo.servers import Server, raw
from tests.sync.batches import pushed_once

URL = "/bj_api_sync/v1/partners"


def post(body: Any, url: str = URL) -> Any:
    response = Client().post(url, json.dumps(body), content_type="application/json")
    assert response.status_code == 201, response.content
    return response.json()


def put(name: str, body: Any) -> Any:
    response = Client().put(f"{URL}/{name}", json.dumps(body), content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()


def get(name: str) -> Any:
    response = Client().get(f"{URL}/{name}")
    assert response.status_code == 200, response.content
    return response


def due_now() -> None:
    """As if the delay before the next attempt were over."""
    Change.objects.filter(state="pending").update(not_before="2020-01-01T00:00Z")


def test_a_posted_partner_is_in_odoo_with_its_values(hub: Hub):
    hub.partners()
    post(
        {
            "customer_id": "X1",
            "name": "Ré & <b> 😀",
            "address": {"city": "Gent"},
            "latitude": 1.25,
            "company": True,
        }
    )
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("name", "city", "partner_latitude", "is_company", "email"))
    assert partner == {
        "id": partner["id"],
        "name": "Ré & <b> 😀",
        "city": "Gent",
        "partner_latitude": 1.25,
        "is_company": True,
        "email": False,
    }


def test_what_odoo_adds_is_in_the_api_right_after_the_push(hub: Hub):
    hub.partners()
    assert post({"customer_id": "X1", "name": "A"})["kind"] is None
    hub.push()
    answer = get("X1")
    assert answer.json()["kind"] == "contact"
    assert answer.json()["updated"].endswith("Z")
    assert answer["X-Sync-State"] == "synced"


def test_what_odoo_adds_is_in_the_api_though_its_clock_was_set_back(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    Record.objects.update(write_date="2998-12-31 00:00:00")
    put("X1", {"latitude": 1.23456789012})  # Odoo keeps seven digits
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("partner_latitude",))
    assert get("X1").json()["latitude"] == partner["partner_latitude"]
    assert Record.objects.get().write_date < "2998"


def test_a_record_that_odoo_calls_otherwise_than_it_was_sent_says_so(hub: Hub):
    lines = {"number": {"field": "name", "identifier": True}, "partner": "partner_id", "note": "note"}
    hub.endpoint("orders", "sale.order", lines)
    [partner] = hub.odoo.execute("res.partner", "search", [("ref", "!=", False)], limit=1)
    sent = [{"number": number, "partner": partner} for number in ("New", "MINE-1")]
    post(sent, "/bj_api_sync/v1/orders")
    hub.push("orders")
    hub.pull("orders")
    made, kept = Record.objects.order_by("id")[:2]
    assert (made.state, made.external_id) == ("synced", f"S{made.odoo_id:05d}")
    assert f"It was sent as “New”, and Odoo calls it “{made.external_id}”" in made.problem
    assert (kept.external_id, kept.problem) == ("MINE-1", "")


def test_a_value_that_odoo_does_not_keep_is_told_and_one_that_it_only_tidies_is_not(hub: Hub):
    """A contact of a company has the address of that, whatever was sent."""
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "city": "city",
            "website": "website",
            "latitude": "partner_latitude",
            "company": "parent_id",
        },
    )
    [company] = hub.odoo.execute(
        "res.partner", "create", [{"name": "Company", "city": "Brussels", "is_company": True}]
    )
    alone = {
        "customer_id": "X1",
        "name": "A",
        "city": "Ghent",
        "website": "a.example",
        "latitude": 1.23456789012,
    }
    inside = {"customer_id": "X2", "name": "B", "city": "Ghent", "company": company}
    post([alone, inside])
    hub.push()
    hub.pull()
    first, second = (Record.objects.get(external_id=name) for name in ("X1", "X2"))
    assert (first.state, first.problem) == ("synced", "")
    assert get("X2").json()["city"] == "Brussels"
    told = "“city” was sent as “Ghent”, and Odoo has made it “Brussels”: something else decides it there."
    assert (second.state, second.problem) == ("synced", told)
    put("X2", {"name": "C"})
    hub.push()
    second.refresh_from_db()
    assert second.problem == ""


def test_what_somebody_edits_right_after_the_push_is_not_taken_for_what_a_rule_made_of_it(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    hub.push()

    def edited_by(user: int, **values: str) -> None:
        [there] = hub.in_odoo("X1")
        hub.odoo.execute("res.partner", "write", [there["id"]], values)
        with hub.odoo._store.transaction(writes=True) as database:
            database.execute("UPDATE res_partner SET write_uid = ? WHERE ref = 'X1'", [user])

    for user, told in (
        (6, ""),
        (1, "something else decides it there"),
        (2, "something else decides it there"),
    ):
        put("X1", {"name": f"v1 of {user}"})
        pushed_once(hub, sent=partial(edited_by, user, name=f"v3 of {user}"))
        assert get("X1").json()["name"] == f"v3 of {user}"
        assert told in (problem := Record.objects.get(external_id="X1").problem)
        assert bool(problem) is bool(told)


def test_a_change_sends_only_what_differs(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A", "email": "a@example.com"})
    hub.push()
    put("X1", {"name": "A", "email": "b@example.com"})
    hub.odoo.calls.clear()
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("name", "email"))
    assert partner["email"] == "b@example.com"
    assert Change.objects.latest("id").values == {"email": "b@example.com"}


def test_a_change_that_changes_nothing_makes_no_call(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    put("X1", {"name": "A"})
    assert Change.objects.count() == 1


def test_several_writes_before_the_push_become_one(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    put("X1", {"name": "B", "email": "b@example.com"})
    put("X1", {"name": "C"})
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("name", "email"))
    assert (partner["name"], partner["email"]) == ("C", "b@example.com")
    assert {change.state for change in Change.objects.all()} == {"applied"}


def test_a_record_whose_name_odoo_writes_otherwise_is_not_made_twice(hub: Hub):
    hub.endpoint(
        "partners", "res.partner", {"site": {"field": "website", "identifier": True}, "name": "name"}
    )
    post({"site": "www.new.example", "name": "New"})
    hub.push()
    assert Client().get(f"{URL}/http:%2F%2Fwww.new.example").json()["name"] == "New"
    post({"site": "www.new.example", "name": "Newer"})
    hub.push()
    change = Change.objects.latest("id")
    assert change.state == "failed"
    assert change.error.startswith(
        "Odoo made “http://www.new.example” of “www.new.example” when it got record"
    )
    search = [("website", "=", "http://www.new.example")]
    assert hub.odoo.execute("res.partner", "search_count", search) == 1


def test_a_record_deleted_before_the_push_never_reaches_odoo(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    assert Client().delete(f"{URL}/X1").status_code == 200
    hub.push()
    assert hub.in_odoo("X1") == []


def test_a_record_created_unheard_and_deleted_once_odoo_was_away_is_deleted_there(hub: Hub):
    hub.partners(on_delete="unlink")
    post({"customer_id": "X1", "name": "A"})
    hub.odoo.faults.arm("drop_after_commit", method="load")
    hub.push()
    hub.odoo.faults.arm("away", times=-1)
    due_now()
    hub.push()  # nothing is sent; of the first attempt it is still not known
    hub.odoo.faults.clear()
    assert len(hub.in_odoo("X1")) == 1
    assert Client().delete(f"{URL}/X1").status_code == 200
    due_now()
    hub.push()
    assert hub.in_odoo("X1") == []
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


@pytest.mark.parametrize(("on_delete", "left"), [("unlink", []), ("archive", [False]), ("ignore", [True])])
def test_a_delete_does_in_odoo_what_the_endpoint_says(hub: Hub, on_delete: str, left: list[bool]):
    hub.partners(on_delete=on_delete)
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    assert Client().delete(f"{URL}/X1").status_code == 200
    hub.push()
    hub.pull()
    assert [partner["active"] for partner in hub.in_odoo("X1", fields=("active",))] == left
    assert Client().get(f"{URL}/X1").status_code == 404


@pytest.mark.parametrize(("on_delete", "left"), [("archive", [("B", False)]), ("unlink", [])])
def test_what_was_written_before_a_record_went_into_the_archive_is_there(
    hub: Hub, on_delete: str, left: list[tuple[str, bool]]
):
    hub.partners(on_delete=on_delete)
    post([{"customer_id": "X1", "name": "A"}, {"customer_id": "X2", "name": "C"}])
    hub.push()
    for name in ("X1", "X2"):
        put(name, {"name": "B"})
        assert Client().delete(f"{URL}/{name}").status_code == 200
    hub.odoo.execute("res.partner", "unlink", [hub.in_odoo("X2")[0]["id"]])
    post({"customer_id": "X3", "name": "never there"})
    assert Client().delete(f"{URL}/X3").status_code == 200
    hub.odoo.calls.clear()
    hub.push()
    there = hub.in_odoo("X1", "X2", "X3", fields=("name", "active"))
    assert [(one["name"], one["active"]) for one in there] == left
    assert set(Change.objects.values_list("state", flat=True)) <= {"applied", "discarded"}
    assert not any(call[1] == "write" for call in hub.odoo.calls) or on_delete == "archive"


@pytest.mark.parametrize(("on_delete", "method"), [("archive", "write"), ("unlink", "unlink")])
def test_what_was_written_before_a_deletion_that_odoo_refuses_is_there(hub: Hub, on_delete: str, method: str):
    hub.partners(on_delete=on_delete)
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    put("X1", {"name": "B"})
    assert Client().delete(f"{URL}/X1").status_code == 200
    if on_delete == "archive":
        pushed_once(hub)
    hub.odoo.faults.arm("no_right", method=method)
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1")] == ["B"]
    changes = Change.objects.order_by("id").values_list("operation", "state", "attempts")
    assert list(changes)[1:] == [("update", "applied", 1), ("delete", "failed", 1)]
    assert (get("X1").json()["name"], get("X1")["X-Sync-State"]) == ("B", "failed")
    decisions.retry([Change.objects.get(operation="delete").pk])
    hub.push()
    assert not any(one["active"] for one in hub.in_odoo("X1", fields=("active",)))
    assert Client().get(f"{URL}/X1").status_code == 404


def test_deleting_what_is_gone_in_odoo_already_succeeds(hub: Hub):
    hub.partners(on_delete="unlink")
    post([{"customer_id": "X1", "name": "A"}, {"customer_id": "X2", "name": "B"}])
    hub.push()
    hub.odoo.execute("res.partner", "unlink", [hub.in_odoo("X1")[0]["id"]])
    for name in ("X1", "X2"):
        assert Client().delete(f"{URL}/{name}").status_code == 200
    hub.push()
    assert hub.in_odoo("X1", "X2") == []
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_a_hundred_records_cost_a_handful_of_calls(hub: Hub):
    hub.partners()
    post([{"customer_id": f"X{n}", "name": f"N{n}"} for n in range(100)])
    hub.odoo.calls.clear()
    hub.push()
    assert len(hub.in_odoo(*[f"X{n}" for n in range(100)])) == 100
    assert len([call for call in hub.odoo.calls if call[1] not in ("authenticate",)]) <= 4


def test_changes_with_values_of_their_own_cost_a_handful_of_calls(hub: Hub):
    hub.partners()
    names = [f"X{n}" for n in range(40)]
    post([{"customer_id": name, "name": name, "email": "a@example.com", "company": True} for name in names])
    hub.push()
    for n, name in enumerate(names):
        put(name, {"name": f"Ré & {n}", "email": None, "company": False, "latitude": (n + 1) / 8})
    hub.odoo.calls.clear()
    hub.push()
    fields = ("name", "email", "is_company", "partner_latitude")
    there = [tuple(partner[name] for name in fields) for partner in hub.in_odoo(*names, fields=fields)]
    assert there == [(f"Ré & {n}", False, False, (n + 1) / 8) for n in range(40)]
    assert len([call for call in hub.odoo.calls if call[1] != "authenticate"]) <= 3
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_changes_of_records_archived_or_gone_in_odoo_do_not_hold_up_the_others(hub: Hub):
    hub.partners()
    names = [f"X{n}" for n in range(6)]
    post([{"customer_id": name, "name": name} for name in names])
    hub.push()
    ids = [partner["id"] for partner in hub.in_odoo(*names)]
    hub.odoo.execute("res.partner", "write", [ids[1]], {"active": False})
    hub.odoo.execute("res.partner", "unlink", [ids[4]])
    for n, name in enumerate(names):
        put(name, {"email": f"{n}@example.com"})
    hub.push()
    assert [partner["email"] for partner in hub.in_odoo(*names, fields=("email",))] == [
        f"{n}@example.com" for n in (0, 1, 2, 3, 5)
    ]
    [failed] = Change.objects.filter(state="failed")
    assert failed.record.odoo_id == ids[4]


def test_one_bad_record_stops_alone_and_says_on_which_line(hub: Hub):
    hub.endpoint(
        "partners",
        "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "country": "country_id"},
    )
    post([{"customer_id": f"X{n}", "name": f"N{n}", "country": 999_999 if n == 7 else 1} for n in range(20)])
    hub.push()
    assert len(hub.in_odoo(*[f"X{n}" for n in range(20)])) == 19
    [failed] = Change.objects.filter(state="failed")
    assert failed.record.external_id == "X7"
    assert failed.error
    assert failed.line_id is not None
    assert get("X7")["X-Sync-State"] == "failed"


def imported(hub: Hub, count: int, *bad: int) -> list[int]:
    """As many are posted and pushed; those in `bad` only Odoo's database refuses. The rows of each `load`."""
    name = f"I{Change.objects.count()}-"
    bodies = [{"customer_id": f"{name}{n}", "name": f"N{n}", "company": True} for n in range(count)]
    for n in bad:
        bodies[n] |= {"name": None, "company": False}
    post(bodies)
    hub.odoo.calls.clear()
    hub.push()
    there = hub.in_odoo(*[str(one["customer_id"]) for one in bodies])
    assert sorted(one["ref"] for one in there) == sorted(
        str(one["customer_id"]) for n, one in enumerate(bodies) if n not in bad
    )
    refused = Change.objects.filter(state="failed", record__external_id__startswith=name)
    assert {one.record.external_id for one in refused} == {f"{name}{n}" for n in bad}
    return [call.size for call in hub.odoo.calls if call.method == "load"]


def optional_names(hub: Hub) -> None:
    hub.endpoint(
        "partners",
        "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "company": "is_company"},
    )


def test_one_refused_record_makes_odoo_try_a_quarter_of_them_one_by_one(hub: Hub):
    optional_names(hub)
    assert imported(hub, 200, 66) == [50, 50, 50, 50, 49]


def test_of_an_import_in_which_some_are_refused_few_are_tried_one_by_one(hub: Hub):
    optional_names(hub)
    imported(hub, 200, 66)
    # Four calls of eight met a refused record; what went with those records goes in one more.
    assert imported(hub, 200, 3, 30, 31, 80, 199) == [25] * 8 + [95]
    assert imported(hub, 200) == [25] * 8
    assert imported(hub, 200) == [100] * 2


def test_several_refused_records_and_the_first_of_them_all_are_found(hub: Hub):
    optional_names(hub)
    assert imported(hub, 40, 0, 1, 39) == [40, 1, 37]


def test_what_odoo_did_not_come_to_try_is_sent_as_well(hub: Hub):
    optional_names(hub)
    assert imported(hub, 50, *range(5, 15), 30) == [50, 35, 5 + 34]


def test_a_refused_record_goes_through_once_it_is_mended(hub: Hub):
    hub.endpoint(
        "partners",
        "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "country": "country_id"},
    )
    post({"customer_id": "X1", "name": "A", "country": 999_999})
    hub.push()
    assert get("X1")["X-Sync-State"] == "failed"
    put("X1", {"country": 1})
    hub.push()
    assert len(hub.in_odoo("X1")) == 1
    assert get("X1")["X-Sync-State"] == "synced"


def test_a_whole_record_sent_again_without_what_odoo_refused_brings_the_rest_there(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    put("X1", {"customer_id": "X1", "name": "B", "tags": [4711]})
    hub.push()
    put("X1", {"customer_id": "X1", "name": "B", "tags": []})
    assert Change.objects.latest("id").values == {"name": "B", "category_id": []}
    hub.push()
    assert [row["name"] for row in hub.in_odoo("X1")] == ["B"]
    assert (get("X1").json()["name"], get("X1")["X-Sync-State"]) == ("B", "synced")


def test_a_write_that_is_on_its_way_after_a_refused_one_is_not_queued_twice(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    put("X1", {"name": "B", "tags": [4711]})
    hub.push()
    put("X1", {"name": "B"})
    put("X1", {"name": "B"})
    assert Change.objects.filter(state="pending").count() == 1


def test_a_refused_delete_brings_the_record_back(hub: Hub):
    hub.partners(on_delete="unlink")
    hub.pull()
    order = hub.odoo.execute("sale.order", "search_read", [], fields=["partner_id"], limit=1, load="")[0]
    [partner] = hub.odoo.execute("res.partner", "read", [order["partner_id"]], fields=["ref"])
    assert Client().delete(f"{URL}/{partner['ref']}").status_code == 200
    hub.push()
    answer = get(partner["ref"])
    assert answer["X-Sync-State"] == "failed"
    assert "another model requires the record" in Record.objects.get(external_id=partner["ref"]).problem


def test_a_refused_change_of_a_record_that_is_deleted_is_refused_no_more(hub: Hub):
    hub.partners(on_delete="unlink")
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    put("X1", {"tags": [4711]})
    hub.push()
    assert Client().delete(f"{URL}/X1").status_code == 200
    hub.push()
    assert not Change.objects.exclude(state__in=["applied", "discarded"]).exists()
    assert Record.objects.get(external_id="X1").state == "synced"


@pytest.mark.parametrize("namesake", [False, True])
def test_a_refused_delete_that_is_sent_again_takes_the_record_out(hub: Hub, namesake: bool):
    hub.partners(on_delete="unlink")
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    [first] = hub.in_odoo("X1")
    hub.odoo.faults.arm("no_right", method="unlink")
    assert Client().delete(f"{URL}/X1").status_code == 200
    hub.push()
    put("X1", {"email": "a@example.com"})
    hub.push()
    if namesake:
        hub.odoo.execute("res.partner", "create", [{"name": "Namesake", "ref": "X1"}])
        hub.pull()
    decisions.retry([Change.objects.get(state="failed").pk])
    for _ in range(2):
        answer = Client().get(f"{URL}/X1")
        assert (answer.status_code, answer.json().get("name")) == (
            (200, "Namesake") if namesake else (404, None)
        )
        hub.push()
    assert first not in hub.in_odoo("X1")
    assert Record.objects.get(odoo_id=first["id"]).deleted_at is not None


@pytest.mark.parametrize(
    "fault", ["drop_after_commit", "half_answer", "http_500", "http_502_html", "garbage"]
)
def test_an_answer_that_never_came_makes_no_double(hub: Hub, fault: str):
    hub.partners()
    post([{"customer_id": "X1", "name": "A"}, {"customer_id": "X2", "name": "B"}])
    hub.odoo.faults.arm(fault, method="load")
    hub.push()
    assert Change.objects.filter(state="pending", sent=True).count() == 2
    due_now()
    hub.push()
    assert [partner["ref"] for partner in hub.in_odoo("X1", "X2")] == ["X1", "X2"]
    assert get("X1")["X-Sync-State"] == "synced"


@pytest.mark.parametrize("lost", [1, 2, 3])
@pytest.mark.parametrize("fault", ["drop_after_commit", "load_serialization"])
def test_an_answer_that_never_came_between_calls_makes_no_double_and_loses_none(
    hub: Hub, fault: str, lost: int
):
    """Two calls for the two halves, and one for what went with the refused record."""
    optional_names(hub)
    names = [f"X{n:03}" for n in range(110)]
    post(
        [{"customer_id": name, "name": name if n else None, "company": False} for n, name in enumerate(names)]
    )
    if lost > 1:
        hub.odoo.faults.arm("slow", times=lost - 1, method="load", seconds=0.0)
    hub.odoo.faults.arm(fault, method="load")
    hub.push()
    assert Change.objects.filter(state="pending").exists()
    due_now()
    hub.push()
    assert [partner["ref"] for partner in sorted(hub.in_odoo(*names), key=lambda one: one["ref"])] == names[
        1:
    ]
    [failed] = Change.objects.exclude(state="applied")
    assert (failed.state, failed.record.external_id) == ("failed", "X000")


def test_a_record_that_others_have_in_odoo_just_then_waits_by_itself(hub: Hub):
    """A scheduled action writes it all the time: those that were sent with it spend no attempts for that, and are not given up."""
    hub.partners()
    names = ["X1", "X2", "X3", "X4"]
    post([{"customer_id": name, "name": name} for name in names])
    hub.odoo.faults.arm("load_serialization", method="load")
    hub.push()
    states = {one.record.external_id: (one.state, one.attempts, one.sent) for one in Change.objects.all()}
    assert states == {
        "X1": ("pending", 1, False),
        **dict.fromkeys(names[1:], ("applied", 1, False)),
    }
    assert Connection.objects.get().last_error == ""  # it answers
    due_now()
    hub.push()
    assert [partner["ref"] for partner in hub.in_odoo(*names)] == ["X2", "X3", "X4", "X1"]


def test_a_record_named_by_odoo_is_not_doubled_either(hub: Hub):
    hub.endpoint("tags", "res.partner.category", {"id": {"field": "id", "identifier": True}, "name": "name"})
    from endpoints import records, registry
    from endpoints.incoming import Who

    records.create(registry.get("tags"), [{"name": "Once only"}], Who("", ""))
    hub.odoo.faults.arm("drop_after_commit", method="load")
    hub.push("tags")
    due_now()
    hub.push("tags")
    assert hub.odoo.execute("res.partner.category", "search_count", [("name", "=", "Once only")]) == 1
    assert Record.objects.get().external_id is not None


def firms(hub: Hub, identifier: str) -> None:
    """With contacts that have different keys, which no table can say: they go by `create`, which is no upsert."""
    contact = hub.mapping(
        "contact", "res.partner", {"name": {"field": "name", "identifier": True}, "email": "email"}
    )
    lines = {"name": "name", "reference": "ref", "contacts": {"field": "child_ids", "nested": contact}}
    lines["id" if identifier == "id" else "reference"] = {"field": identifier, "identifier": True}
    hub.endpoint("firms", "res.partner", lines, on_delete="unlink")
    firm = {
        "name": "Once",
        "reference": "X1",
        "contacts": [{"name": "K1", "email": "k@x.com"}, {"name": "K2"}],
    }
    records.create(registry.get("firms"), [firm], Who("", ""))


@pytest.mark.parametrize("deleted", [False, True])
def test_what_nobody_can_tell_to_be_in_odoo_already_is_shown_to_a_person_and_never_doubled(
    hub: Hub, deleted: bool
):
    firms(hub, "id")
    hub.odoo.faults.arm("no_right", times=-1, model="ir.model.data")
    hub.odoo.faults.arm("drop_after_commit", model="res.partner", method="create")
    hub.push("firms")
    if deleted:
        assert Client().delete(f"/bj_api_sync/v1/firms/~{Record.objects.get().handle}").status_code == 200
    due_now()
    hub.push("firms")
    assert len(hub.in_odoo("X1")) == 1
    assert set(Change.objects.values_list("state", flat=True)) == {"failed"}
    assert "look in Odoo, and discard this where it is there" in Record.objects.get().problem
    hub.odoo.faults.clear()  # the user is given the right
    decisions.retry(list(Change.objects.values_list("pk", flat=True)))
    hub.push("firms")
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}
    assert len(hub.in_odoo("X1")) == (0 if deleted else 1)


@pytest.mark.parametrize("renamed", [False, True])
def test_what_its_identifier_tells_to_be_in_odoo_or_not_needs_no_person(hub: Hub, renamed: bool):
    firms(hub, "ref")
    hub.odoo.faults.arm("no_right", times=-1, model="ir.model.data")
    hub.odoo.faults.arm("drop_before", model="res.partner", method="create")
    hub.push("firms")
    if renamed:  # then what was sent would not bear the name that is looked for
        body = {"reference": "X2"}
        assert (
            Client().put("/bj_api_sync/v1/firms/X1", body, content_type="application/json").status_code == 200
        )
    due_now()
    hub.push("firms")
    assert len(hub.in_odoo("X1", "X2")) == (0 if renamed else 1)
    assert set(Change.objects.values_list("state", flat=True)) == {"failed" if renamed else "applied"}


def test_a_serialization_failure_is_tried_again(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    hub.odoo.faults.arm("serialization", method="load")
    hub.push()
    due_now()
    hub.push()
    assert len(hub.in_odoo("X1")) == 1
    assert Change.objects.get().attempts == 2


def test_an_odoo_that_is_away_uses_up_no_attempts(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    address = hub.connection.url
    Connection.objects.update(url="http://127.0.0.1:9")
    for _ in range(3):
        due_now()
        hub.push()
    change = Change.objects.get()
    assert (change.state, change.attempts) == ("pending", 0)
    assert Connection.objects.get().last_error
    Connection.objects.update(url=address)
    due_now()
    hub.push()
    assert len(hub.in_odoo("X1")) == 1


def test_a_refused_login_pauses_the_connection_and_spends_nothing(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    connection = Connection.objects.get()
    connection.secret = "wrong"
    connection.save()
    hub.push()
    connection.refresh_from_db()
    assert connection.paused_at is not None
    assert connection.paused_reason
    change = Change.objects.get()
    assert (change.state, change.attempts) == ("pending", 0)


@pytest.mark.parametrize("status", ["302 Found", "404 Not Found", "403 Forbidden"])
def test_a_maintenance_page_pauses_nothing_and_all_goes_on_after_it(hub: Hub, status: str):
    hub.partners()
    hub.pull()
    post({"customer_id": "X1", "name": "A"})
    page = raw(b"<html>Back soon</html>", status, "Location: https://status.example.com/")
    with Server(page, logins=page) as server:
        Connection.objects.update(url=f"http://127.0.0.1:{server.port}")
        hub.push()
        assert Change.objects.get().not_before > timezone.now()  # not at once again
        for _ in range(3):
            due_now()
            hub.push()
            hub.pull()
    connection, change = Connection.objects.get(), Change.objects.get()
    assert (connection.paused_at, change.state, change.attempts) == (None, "pending", 0)
    assert connection.last_error
    Connection.objects.update(url=hub.odoo.url)
    due_now()
    hub.push()
    assert len(hub.in_odoo("X1")) == 1
    assert Connection.objects.get().last_error == ""


def test_a_posted_record_that_odoo_has_already_becomes_a_change_of_it(hub: Hub):
    hub.partners()
    there = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "By hand", "phone": "+32 1"})
    post({"customer_id": "X1", "name": "By API"})
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("name", "phone"))
    assert partner == {"id": there, "name": "By API", "phone": "+32 1"}


def test_a_record_deleted_here_and_posted_again_is_seen_again_in_odoo(hub: Hub):
    hub.partners(on_delete="archive")
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    assert Client().delete(f"{URL}/X1").status_code == 200
    hub.push()
    assert hub.in_odoo("X1", fields=("active",))[0]["active"] is False
    post({"customer_id": "X1", "name": "B"})
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("active", "name"))
    assert (partner["active"], partner["name"]) == (True, "B")
    hub.pull()
    assert get("X1").json()["name"] == "B"


@pytest.mark.parametrize("unheard", [False, True])
def test_a_record_deleted_and_posted_again_at_once_is_taken_out_of_the_archive(hub: Hub, unheard: bool):
    hub.partners(on_delete="archive")
    post({"customer_id": "X1", "name": "1"})
    if unheard:
        hub.odoo.faults.arm("drop_after_commit", method="load")
    hub.push()
    for name in ("2", "3"):
        assert Client().delete(f"{URL}/X1").status_code == 200
        post({"customer_id": "X1", "name": name})
        due_now()
        hub.push()
        [there] = hub.in_odoo("X1", fields=("name", "active"))
        assert (there["name"], there["active"]) == (name, True)
        assert (get("X1").json()["name"], get("X1")["X-Sync-State"]) == (name, "synced")
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_a_name_that_two_records_of_odoo_have_is_refused_with_their_ids(hub: Hub):
    hub.partners()
    ids = hub.odoo.execute("res.partner", "create", [{"ref": "X1", "name": "A"}, {"ref": "X1", "name": "B"}])
    post({"customer_id": "X1", "name": "C"})
    hub.push()
    error = Change.objects.get().error
    assert all(str(one) in error for one in ids)
    assert [partner["name"] for partner in hub.in_odoo("X1")] == ["A", "B"]


def test_a_record_is_not_given_the_name_of_another_one_in_odoo_that_the_hub_has_not_seen(hub: Hub):
    hub.partners()
    post([{"customer_id": "X1", "name": "A"}, {"customer_id": "Y1", "name": "B"}])
    hub.push()
    by_hand = hub.odoo.execute("res.partner", "create", {"ref": "X2", "name": "By hand"})
    put("X1", {"customer_id": "X2", "name": "Renamed"})
    put("Y1", {"customer_id": "Y2"})
    hub.push()
    assert {one["ref"]: one["name"] for one in hub.in_odoo("X1", "X2", "Y2")} == {
        "X1": "A",
        "X2": "By hand",
        "Y2": "B",
    }
    refused = Change.objects.get(state="failed")
    assert f"another record with Reference “X2” (id {by_hand})" in refused.error
    assert refused.line_id == refused.endpoint.mapping.lines.get(identifier=True).pk
    assert get("X2")["X-Sync-State"] == "failed"
    hub.odoo.execute("res.partner", "write", [by_hand], {"ref": "X3"})
    decisions.retry([refused.pk])
    hub.push()
    assert {one["ref"]: one["name"] for one in hub.in_odoo("X1", "X2", "X3")} == {
        "X2": "Renamed",
        "X3": "By hand",
    }
    assert get("X2")["X-Sync-State"] == "synced"


@pytest.mark.parametrize("on_delete", ["unlink", "archive"])
def test_a_record_gets_the_name_of_one_that_is_deleted_in_the_same_batch(hub: Hub, on_delete: str):
    hub.partners(on_delete=on_delete)
    post([{"customer_id": "X1", "name": "A"}, {"customer_id": "X2", "name": "B"}])
    hub.push()
    assert Client().delete(f"{URL}/X2").status_code == 200
    put("X1", {"customer_id": "X2"})
    hub.push()
    assert (get("X2").json()["name"], get("X2")["X-Sync-State"]) == ("A", "synced")
    seen = hub.odoo.execute("res.partner", "search_read", [("ref", "like", "X_")], fields=["ref", "name"])
    assert [(one["ref"], one["name"]) for one in seen] == [("X2", "A")]


def test_who_takes_the_name_of_one_that_is_written_to_and_then_archived_waits_for_that(hub: Hub):
    hub.partners(on_delete="archive")
    post([{"customer_id": "X1", "name": "A"}, {"customer_id": "X2", "name": "B"}])
    hub.push()
    put("X2", {"name": "C"})
    assert Client().delete(f"{URL}/X2").status_code == 200
    put("X1", {"customer_id": "X2"})
    pushed_once(hub)
    assert [one["name"] for one in hub.in_odoo("X2")] == ["C"]
    hub.push()
    there = hub.in_odoo("X2", fields=("name", "active"))
    assert {(one["name"], one["active"]) for one in there} == {("A", True), ("C", False)}
    assert get("X2")["X-Sync-State"] == "synced"


def test_a_worker_that_lost_its_lease_sends_and_settles_nothing(hub: Hub):

    from endpoints import outbox, registry
    from mappings.clients import client_for
    from synchub.sync.carry import carry

    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    endpoint = registry.get("partners")
    slow = uuid.uuid4()
    claims = outbox.claim(endpoint.id, slow, 10)
    Change.objects.update(lease_until="2020-01-01T00:00Z")
    assert outbox.expire() == 1
    hub.push()
    before = hub.in_odoo("X1", fields=("name", "write_date"))
    settled = Change.objects.get()
    with client_for(Connection.objects.get()) as client:
        carry(endpoint, client, slow, claims)
    assert hub.in_odoo("X1", fields=("name", "write_date")) == before
    change = Change.objects.get()
    assert (change.state, change.settled_at) == ("applied", settled.settled_at)


def spoil(name: str) -> None:
    """As no version of the hub writes it."""
    Change.objects.filter(record__external_id=name).update(values=["no object"])


def test_what_the_hub_itself_fails_on_is_tried_again_and_in_the_end_shown(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    spoil("X1")
    hub.push()
    change = Change.objects.get()
    assert (change.state, change.attempts) == ("pending", 1)
    assert "The hub failed on this" in change.error
    assert not change.sent  # it did not come so far
    for sent in (False, True):
        Change.objects.update(attempts=outbox.MAX_ATTEMPTS, state="pending", sent=sent)
        due_now()
        hub.push()
        assert Change.objects.get().state == "failed"
        record = Record.objects.get()
        assert (record.state, "look there before" in record.problem) == ("failed", sent)


def test_what_the_hub_itself_fails_on_keeps_nothing_else_from_odoo(hub: Hub):
    hub.partners()
    names = [f"X{number}" for number in range(9)]
    post([{"customer_id": name, "name": "A"} for name in names])
    spoil("X4")
    hub.push()
    assert {row["ref"] for row in hub.in_odoo(*names)} == set(names) - {"X4"}
    waiting = Change.objects.exclude(state="applied").get()
    assert (waiting.record.external_id, waiting.state, waiting.attempts) == ("X4", "pending", 1)


def test_a_record_whose_worker_dies_each_time_is_shown_to_a_person(hub: Hub):
    hub.partners()
    post([{"customer_id": "X1", "name": "A"}, {"customer_id": "X2", "name": "B"}])
    Change.objects.filter(record__external_id="X1").update(attempts=outbox.MAX_ATTEMPTS, sent=True)
    hub.push()
    assert [row["ref"] for row in hub.in_odoo("X1", "X2")] == ["X2"]
    change = Change.objects.get(record__external_id="X1")
    assert (change.state, "the worker having died" in change.error) == ("failed", True)


def test_a_push_shows_as_a_run_with_counts_and_what_is_still_to_come(hub: Hub, settings):
    settings.PUSH_BATCH = 2
    hub.partners()
    post([{"customer_id": f"X{number}", "name": "A"} for number in range(5)])
    hub.push()
    run = Run.objects.get()
    assert (run.kind, run.state, run.total, run.seen, run.changed, run.failed) == ("push", "done", 5, 5, 5, 0)


def test_a_paused_endpoint_keeps_what_it_is_sent(hub: Hub):
    endpoint = hub.partners(paused=True)
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    assert hub.in_odoo("X1") == []
    endpoint.paused = False
    endpoint.save()
    from endpoints import registry

    registry.clear()
    hub.push()
    assert len(hub.in_odoo("X1")) == 1


def test_a_refused_change_names_its_line_and_says_what_to_do(hub: Hub):
    endpoint = hub.partners()
    post({"customer_id": "L1", "name": "Ada"})
    hub.push()
    hub.odoo.execute("res.partner", "unlink", [one["id"] for one in hub.in_odoo("L1")])
    put("L1", {"name": "Eva"})
    hub.push()
    post({"customer_id": "L2", "name": "Bob", "tags": [4711]})
    hub.push()
    deleted, tags = Change.objects.filter(state="failed").order_by("pk")
    assert deleted.line_id is None
    assert deleted.error.startswith("Odoo does not have this record any more: delete it here as well")
    assert tags.line_id == endpoint.mapping.lines.get(key="tags").pk
    assert tags.error.startswith("“tags” names a record that Odoo does not have (4711)")
    assert "Odoo says: No matching record found for database id '4711'" in tags.error


def test_a_record_deleted_in_the_hub_only_stays_away_when_its_creation_is_pushed_later(hub: Hub):
    hub.partners(on_delete="ignore")
    post({"customer_id": "X1", "name": "A"})
    assert Client().delete(f"{URL}/X1").status_code == 200
    hub.push()
    hub.pull()
    assert len(hub.in_odoo("X1")) == 1
    assert Client().get(f"{URL}/X1").status_code == 404


def test_a_record_posted_again_leaves_the_archive_also_at_the_second_attempt(hub: Hub):
    hub.partners(on_delete="archive")
    post({"customer_id": "X1", "name": "Old"})
    hub.push()
    assert Client().delete(f"{URL}/X1").status_code == 200
    hub.push()
    post({"customer_id": "X1", "name": "New"})
    hub.odoo.faults.arm("serialization", method="write")
    hub.push()
    assert Change.objects.latest("id").state == "pending"
    due_now()
    hub.push()
    assert Change.objects.latest("id").state == "applied"
    assert hub.odoo.execute("res.partner", "search_read", [("ref", "=", "X1")], ["name"])[0]["name"] == "New"


def test_a_new_record_is_a_change_of_the_one_of_its_name_that_is_made_once_more_to_be_archived(hub: Hub):
    """Its creation was sent, and Odoo's answer lost; it was deleted here, and in Odoo as well."""
    hub.partners(on_delete="archive")
    post({"customer_id": "X1", "name": "Old"})
    hub.odoo.faults.arm("drop_after_commit", method="load")
    hub.push()
    hub.odoo.execute("res.partner", "unlink", [one["id"] for one in hub.in_odoo("X1")])
    assert Client().delete(f"{URL}/X1").status_code == 200
    post({"customer_id": "X1", "name": "New"})
    due_now()
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1")] == ["New"]
    assert hub.odoo.execute("res.partner", "search_count", [("ref", "=", "X1")]) == 1


@pytest.mark.parametrize("on_delete", ["archive", "unlink"])
def test_what_a_worker_wrote_over_before_it_died_has_no_double_once_it_is_deleted_and_posted_again(
    hub: Hub, on_delete: str
):
    hub.partners(on_delete=on_delete)
    there = hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "By hand"})
    post({"customer_id": "X1", "name": "New"})
    a_worker_dies_before_it_settles()
    assert [one["name"] for one in hub.in_odoo("X1")] == ["New"]
    assert Client().delete(f"{URL}/X1").status_code == 200
    post({"customer_id": "X1", "name": "Newer"})
    due_now()
    hub.push()
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("name", "active"))
    assert (partner["name"], partner["active"]) == ("Newer", True)
    assert (partner["id"] == there) == (on_delete == "archive")


def test_what_a_worker_wrote_over_before_it_died_is_not_written_to_another_that_gets_its_name_in_odoo(
    hub: Hub,
):
    hub.partners()
    there, other = hub.odoo.execute(
        "res.partner", "create", [{"ref": "X1", "name": "By hand"}, {"ref": "X2", "name": "Other"}]
    )
    post({"customer_id": "X1", "name": "New"})
    a_worker_dies_before_it_settles()
    hub.odoo.execute("res.partner", "write", [there], {"ref": "X9"})
    hub.odoo.execute("res.partner", "write", [other], {"ref": "X1"})
    due_now()
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1", "X9")] == ["New", "Other"]
    change = Change.objects.get()
    assert (change.state, f"Since record {there} was found in Odoo under this name" in change.error) == (
        "failed",
        True,
    )


def a_worker_dies_before_it_settles() -> None:
    spec, batch = registry.get("partners"), Batch(uuid.uuid4(), [])
    batch.claims = outbox.claim(spec.id, batch.token, 10)
    with client_for(Connection.objects.get()) as client:
        carry.send(spec, client, batch, carry.prepare(spec, client, batch))
    batch.lease.end()
    Change.objects.filter(state="claimed").update(lease_until="2020-01-01T00:00Z")
    outbox.expire()


@pytest.mark.parametrize("how", ["sent again", "corrected"])
def test_what_a_person_says_of_a_new_record_that_was_sent_unheard_is_written(hub: Hub, how: str):
    hub.partners()
    post({"customer_id": "X1", "name": "A", "email": "hub@example.com"})
    hub.odoo.faults.arm("drop_after_commit", method="load")
    hub.push()
    [there] = hub.in_odoo("X1", fields=("email",))
    assert there["email"] == "hub@example.com"
    Change.objects.update(state="failed", error="It was tried often enough.")
    if how == "sent again":
        hub.odoo.execute("res.partner", "write", [there["id"]], {"email": "odoo@example.com"})
        decisions.retry([Change.objects.get().pk])
    else:
        payload = {"customer_id": "X1", "name": "A", "email": "right@example.com"}
        assert editing.edit(Change.objects.get().pk, payload, "boss")
    hub.push()
    [there] = hub.in_odoo("X1", fields=("email",))
    assert there["email"] == ("hub@example.com" if how == "sent again" else "right@example.com")
    assert Change.objects.get().error == ""


def test_a_change_of_a_new_record_whose_sending_came_to_nothing_goes_over_what_odoo_has(hub: Hub):
    """Odoo has one of the name; nobody has read that since."""
    hub.partners()
    hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A", "email": "odoo@example.com"})
    post({"customer_id": "X1", "name": "A", "email": "first@example.com"})
    hub.odoo.faults.arm("serialization", method="write")
    hub.push()
    assert Change.objects.get().state == "pending"
    put("X1", {"email": "second@example.com"})
    due_now()
    hub.push()
    [there] = hub.in_odoo("X1", fields=("email",))
    assert there["email"] == get("X1").json()["email"] == "second@example.com"


@pytest.mark.parametrize("behind", ["created", "renamed"])
def test_a_name_that_a_record_deleted_in_the_hub_only_is_yet_to_bring_to_odoo_is_not_another_s(
    hub: Hub, behind: str
):
    hub.partners(on_delete="ignore")
    post([{"customer_id": "X1", "name": "First"}, {"customer_id": "X2", "name": "Second"}])
    hub.push()
    if behind == "created":
        post({"customer_id": "X3", "name": "Left in Odoo"})
    else:
        put("X2", {"customer_id": "X3", "name": "Left in Odoo"})
    assert Client().delete(f"{URL}/X3").status_code == 200
    put("X1", {"customer_id": "X3"})
    hub.push()
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X3")] == ["Left in Odoo"]
    refused = Change.objects.get(state="failed")
    assert refused.error.startswith("Odoo has another record with")
    assert refused.values == {"ref": "X3"}


def test_a_new_record_is_a_change_of_the_one_that_was_renamed_so_and_deleted_in_the_hub_only(hub: Hub):
    hub.partners(on_delete="ignore")
    post({"customer_id": "X1", "name": "Left in Odoo"})
    hub.push()
    [first] = hub.in_odoo("X1")
    put("X1", {"customer_id": "X2"})
    assert Client().delete(f"{URL}/X2").status_code == 200
    post({"customer_id": "X2", "name": "New"})
    hub.push()
    hub.push()
    assert hub.in_odoo("X2") == [{**first, "ref": "X2", "name": "New"}]
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


@pytest.mark.parametrize("then_deleted", [False, True])
def test_a_new_record_takes_the_name_of_one_created_after_it_and_deleted_in_the_hub_only(
    hub: Hub, then_deleted: bool
):
    hub.partners(on_delete="ignore")
    post({"customer_id": "X1", "name": "First"})
    post({"customer_id": "X2", "name": "Left in Odoo"})
    assert Client().delete(f"{URL}/X2").status_code == 200
    put("X1", {"customer_id": "X2"})
    if then_deleted:
        assert Client().delete(f"{URL}/X2").status_code == 200
    hub.push()
    hub.push()
    assert len(hub.in_odoo("X2")) == 1
    assert hub.in_odoo("X1") == []
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_a_record_deleted_in_the_hub_only_stays_away_when_a_change_of_before_is_refused(hub: Hub):
    hub.partners(on_delete="ignore")
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    [there] = hub.in_odoo("X1")
    hub.odoo.execute("res.partner", "unlink", [there["id"]])
    put("X1", {"name": "B"})
    assert Client().delete(f"{URL}/X1").status_code == 200
    hub.push()
    assert Client().get(f"{URL}/X1").status_code == 404
    assert Change.objects.get(operation="update").state == "failed"


@pytest.mark.parametrize("gives_up", ["by another name", "by deletion"])
def test_a_name_that_a_record_gives_up_can_be_another_s_before_odoo_has_heard_of_it(hub: Hub, gives_up: str):
    hub.partners(on_delete="unlink")
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    [first] = hub.in_odoo("X1")
    if gives_up == "by deletion":
        assert Client().delete(f"{URL}/X1").status_code == 200
    else:
        put("X1", {"customer_id": "X2"})
    post({"customer_id": "X1", "name": "B"})
    hub.push()
    [second] = hub.in_odoo("X1")
    assert (second["name"], second["id"] != first["id"]) == ("B", True)
    kept = [] if gives_up == "by deletion" else [{**first, "ref": "X2"}]
    assert hub.in_odoo("X2") == kept
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


COUNTRIES = "/bj_api_sync/v1/countries"


def two_countries(hub: Hub) -> None:
    """Odoo allows each code but once."""
    lines = {"code": {"field": "code", "identifier": True}, "name": "name"}
    hub.endpoint("countries", "res.country", lines, on_delete="unlink")
    post([{"code": "9A", "name": "First"}, {"code": "9B", "name": "Second"}], COUNTRIES)
    hub.push("countries")


def change_country(name: str, /, **values: str) -> None:
    answer = Client().put(f"{COUNTRIES}/{name}", values, content_type="application/json")
    assert answer.status_code == 200, answer.content


def countries_in_odoo(hub: Hub) -> dict[str, str]:
    found = hub.odoo.execute("res.country", "search_read", [("code", "=like", "9_")], fields=["code", "name"])
    return {one["code"]: one["name"] for one in found}


def test_a_name_that_odoo_allows_but_once_goes_from_one_record_to_another_in_one_batch(
    hub: Hub, caplog: pytest.LogCaptureFixture
):
    two_countries(hub)
    for old, new in (("9B", "9C"), ("9A", "9B")):
        change_country(old, code=new)
    hub.push("countries")
    assert "The hub failed" not in caplog.text
    assert countries_in_odoo(hub) == {"9B": "First", "9C": "Second"}
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}
    [named] = hub.odoo.execute("res.country", "search", [("code", "=", "9B")])
    assert Record.objects.get(external_id="9B").odoo_id == named


def test_a_name_is_taken_by_a_record_that_was_written_before_the_other_gave_it_up(hub: Hub):
    """Each record is written at once, in the order of its first write."""
    two_countries(hub)
    change_country("9A", name="Changed")
    change_country("9B", code="9C")
    change_country("9A", code="9B")
    hub.push("countries")
    assert countries_in_odoo(hub) == {"9B": "Changed", "9C": "Second"}
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_records_may_swap_names_that_odoo_allows_but_once(hub: Hub):
    two_countries(hub)
    for old, new in (("9A", "9T"), ("9B", "9A"), ("9T", "9B")):
        change_country(old, code=new)
    hub.push("countries")
    assert countries_in_odoo(hub) == {"9B": "First", "9A": "Second"}
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_a_name_that_another_record_gives_up_only_later_is_waited_for(hub: Hub):
    two_countries(hub)
    assert Client().delete(f"{COUNTRIES}/9B").status_code == 200
    change_country("9A", code="9B")
    hub.odoo.faults.arm("serialization", model="res.country", method="unlink")
    hub.push("countries")
    assert countries_in_odoo(hub) == {"9A": "First", "9B": "Second"}
    due_now()
    hub.push("countries")
    assert countries_in_odoo(hub) == {"9B": "First"}
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_a_single_write_does_not_wait_for_an_import_before_it(hub: Hub):
    endpoint = hub.partners()
    post([{"customer_id": f"B{number}", "name": "A"} for number in range(30)])
    post({"customer_id": "X1", "name": "A"})
    first = outbox.claim(endpoint.pk, uuid.uuid4(), 2)
    assert {claim.external_id for claim in first} == {"X1", "B0"}


def test_each_operation_takes_its_share_of_a_batch(hub: Hub):
    endpoint = hub.partners()
    post([{"customer_id": f"X{number}", "name": "A"} for number in range(6)])
    hub.push()
    for number in range(6):
        assert Client().delete(f"{URL}/X{number}").status_code == 200
    post([{"customer_id": f"B{number}", "name": "A"} for number in range(6)])
    sizes = dict.fromkeys(Operation.values, 4) | {"delete": 8}
    claimed = [outbox.claim(endpoint.pk, uuid.uuid4(), sizes) for _ in range(3)]
    operations = [[one.changes[0].operation for one in claims] for claims in claimed]
    assert operations == [["delete"] * 6 + ["create"], ["create"] * 4, ["create"]]


def made(spec: EndpointSpec, numbers: range) -> None:
    for start in numbers[::1000]:
        new = [{"customer_id": f"X{number}", "name": "A"} for number in range(start, start + 1000)]
        records.create(spec, new, Who("", ""))


@pytest.mark.parametrize("before", ["empty", "just emptied"])
def test_a_claim_looks_at_what_it_claims_and_not_at_all_that_waits(hub: Hub, before: str):
    """Also before PostgreSQL has heard that so much is waiting: all it knows is a queue in which everything is done."""
    endpoint = hub.partners()
    spec = registry.get("partners")
    records.create(spec, [{"customer_id": "X0", "name": "A"}], Who("", ""))
    Change.objects.update(state="applied", settled_at="2026-01-01T00:00Z")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE endpoints_change SET (autovacuum_enabled = off)")  # which would tell it
        # Full: how many are there now it guesses by the table's size, in which other tests' rows would count.
        cursor.execute("VACUUM (FULL, ANALYZE) endpoints_change, endpoints_record")
        if before == "just emptied":
            made(spec, range(1, 3001))
            Change.objects.exclude(state="applied").delete()
            Record.objects.exclude(external_id="X0").delete()
            cursor.execute("VACUUM (ANALYZE, TRUNCATE false) endpoints_change, endpoints_record")
    made(spec, range(1, 3001))
    with transaction.atomic(), rows_read("endpoints_change") as read:
        claims = outbox.claim(endpoint.pk, uuid.uuid4(), 100)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE endpoints_change RESET (autovacuum_enabled)")
    assert len(claims) == 100
    assert read[0] < 100 * 20


def test_whether_the_name_of_a_new_record_is_free_is_not_asked_of_all_that_waits(hub: Hub):
    """All that PostgreSQL knows is the mirror of another endpoint, in which everything is as Odoo has it."""
    endpoint = hub.partners(on_delete="ignore")
    hub.endpoint(
        "others", "res.partner", {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}
    )
    made(registry.get("others"), range(1, 2001))
    Change.objects.all().delete()
    Record.objects.update(state="synced")
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE endpoints_record SET (autovacuum_enabled = off)"
        )  # which would tell it more
        cursor.execute("VACUUM (FULL, ANALYZE) endpoints_change, endpoints_record")
    made(registry.get("partners"), range(1, 3001))
    assert Client().delete(f"{URL}/X5").status_code == 200
    post({"customer_id": "X5", "name": "B"})
    claimed = [claim.record_id for claim in outbox.claim(endpoint.pk, uuid.uuid4(), 100)]
    with transaction.atomic(), rows_read("endpoints_record") as read:
        archived = queued.to_be_archived(endpoint.pk, claimed, "archive")
        left = queued.left_behind(endpoint.pk, claimed, "ref")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE endpoints_record RESET (autovacuum_enabled)")
    old, new = Record.objects.filter(endpoint=endpoint, external_id="X5").order_by("pk")
    assert (archived, left) == ({}, {new.pk: old.pk})
    assert read[0] < 30_000  # each of those claimed with each that waits: 300,000


def test_whether_what_has_a_name_in_odoo_is_about_to_give_it_up_is_not_asked_of_all_that_waits(hub: Hub):
    """All that PostgreSQL knows is a mirror in which everything is as Odoo has it."""
    endpoint = hub.partners()
    made(registry.get("partners"), range(1, 2001))
    Change.objects.update(state="applied", settled_at="2026-01-01T00:00Z")
    Record.objects.update(state="synced", odoo_id=F("id"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE endpoints_change SET (autovacuum_enabled = off)")
        cursor.execute("VACUUM (FULL, ANALYZE) endpoints_change, endpoints_record")
    made(registry.get("partners"), range(2001, 5001))
    for name in ("X1", "X2"):
        assert Client().delete(f"{URL}/{name}").status_code == 200
    put("X1900", {"customer_id": "Z"})
    known = Record.objects.exclude(odoo_id=None).order_by("pk")
    ids = [known[number].pk for number in (0, *range(100, 200), 1899)]
    with transaction.atomic(), rows_read("endpoints_change") as read:
        going = leaving.elsewhere([endpoint.pk], ids, "ref")
        giving_up = queued.giving_up_name(endpoint.pk, ids, "ref")
        deleted = queued.to_be_deleted(endpoint.pk, ids)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE endpoints_change RESET (autovacuum_enabled)")
    assert (set(going), deleted) == ({ids[0], ids[-1]}, {ids[0]: ids[0]})
    assert giving_up == {ids[0]: True, ids[-1]: True}
    assert read[0] < 300  # whoever waits, and what has been written to those: 3,000 wait


def test_who_takes_what_a_record_had_is_not_asked_of_all_that_was_ever_written(hub: Hub):
    endpoint = hub.partners()
    long_done(registry.get("partners"))
    post([{"customer_id": f"Y{number}", "name": "A"} for number in range(3)])
    applied, refused, waits = Change.objects.filter(state="pending").order_by("pk")
    Change.objects.filter(pk=applied.pk).update(state="applied", settled_at=timezone.now())
    Change.objects.filter(pk=refused.pk).update(state="failed")
    with transaction.atomic(), rows_read("endpoints_change") as read:
        found = queued.takers(endpoint.pk, "name", ["A"], timezone.now() - timedelta(days=1))
    assert {record for record, _ in found["A"]} == {applied.record_id, refused.record_id, waits.record_id}
    assert read[0] < 100


def test_what_was_written_of_a_record_as_a_line_is_not_looked_for_in_all_that_was_ever_written(hub: Hub):
    hub.partners()
    lines = {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}
    contacts = {"field": "child_ids", "nested": hub.mapping("contact", "res.partner", lines)}
    companies = hub.endpoint("companies", "res.partner", {**lines, "contacts": contacts})
    long_done(registry.get("partners"))
    Change.objects.update(endpoint=companies)
    values = [{"child_ids": {"$children": [{"$ref": f"C{number}", "$values": {}}]}} for number in range(4)]
    states: list[dict[str, Any]] = [
        {"state": "applied", "settled_at": timezone.now()},
        {"state": "pending", "sent": True},
        {"state": "pending"},
        {"state": "applied", "settled_at": "2026-01-01T00:00Z"},
    ]
    record = Record.objects.all()[0]
    for number, state in enumerate(states):
        Change.objects.create(
            endpoint=companies, record=record, operation="update", values=values[number], **state
        )
    other = registry.get("partners").id
    now = timezone.now()
    PullState.objects.update_or_create(endpoint_id=other, defaults={"domain_at": now})
    since = now - timedelta(days=1)
    with transaction.atomic(), rows_read("endpoints_change") as read:
        found = queued.written_as_lines(other, [companies.pk], ["C0", "C1", "C2", "C3"], since)
    assert sorted(name for name, _ in found) == ["C0", "C1"]
    assert read[0] < 100


def long_done(spec: EndpointSpec) -> None:
    """3,000 writes that have been in Odoo for long, as PostgreSQL knows."""
    made(spec, range(1, 3001))
    Change.objects.update(state="applied", settled_at="2026-01-01T00:00Z")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FULL, ANALYZE) endpoints_change")


@contextmanager
def rows_read(table: str) -> Iterator[list[int]]:
    """How many rows of the table this transaction looks at: at the end, in the list."""
    # Less what transactions before it have looked at, and PostgreSQL has not counted yet.
    counted = "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = %s"
    rows: list[int] = []
    with connection.cursor() as cursor:
        cursor.execute(counted, [table])
        [earlier] = cursor.fetchone()
        yield rows
        cursor.execute(counted, [table])
        rows.append(cursor.fetchone()[0] - earlier)


def test_a_number_that_fits_no_integer_stays_what_it_is(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A", "latitude": 1e30})
    put("X1", {"name": "B"})
    hub.push()
    put("X1", {"name": "C", "latitude": 2e30})
    assert get("X1").json()["latitude"] == 2e30
    hub.push()
    hub.pull()
    assert get("X1").json()["latitude"] == pytest.approx(2e30)


def test_a_record_that_many_rows_name_is_given_by_its_external_id(hub: Hub):
    hub.endpoint(
        "partners",
        "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "country": "country_id"},
    )
    [country] = hub.odoo.execute(
        "ir.model.data", "search_read", [("model", "=", "res.country")], fields=["res_id"], limit=1
    )
    names = [f"X{n}" for n in range(50)]
    post([{"customer_id": name, "name": name, "country": country["res_id"]} for name in names])
    hub.odoo.calls.clear()
    hub.push()
    assert {row["country_id"] for row in hub.in_odoo(*names, fields=("country_id",))} == {country["res_id"]}
    made = [call[:2] for call in hub.odoo.calls]
    assert (made.count(("res.partner", "load")), made.count(("ir.model.data", "search_read"))) == (1, 1)


def test_a_record_without_an_external_id_is_given_by_its_own(hub: Hub):
    hub.endpoint(
        "partners",
        "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "parent": "parent_id"},
    )
    parent = hub.odoo.execute("res.partner", "create", {"name": "Made by hand", "is_company": True})
    names = [f"X{n}" for n in range(60)]
    post([{"customer_id": name, "name": name, "parent": parent} for name in names])
    hub.push()
    assert {row["parent_id"] for row in hub.in_odoo(*names, fields=("parent_id",))} == {parent}


def test_a_record_of_which_odoo_does_not_tell_a_value_is_written_and_undone_like_others(hub: Hub):
    hub.endpoint(
        "partners",
        "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "colour": "color"},
    )
    made = hub.odoo.execute("res.partner", "create", [{"ref": name, "name": "A"} for name in ("X1", "X2")])
    hub.pull()
    hub.odoo.odd.swell("res.partner", made[0], "color")
    for name in ("X1", "X2"):
        put(name, {"name": "B"})
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1", "X2")] == ["B", "B"]
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}
    assert "“colour” is shown as empty" in Record.objects.get(external_id="X1").problem
    run = jobs.ask(registry.get("partners").id, RunKind.UNDO, "boss", {"run": Run.objects.latest("id").pk})
    assert run is not None
    asked.carry_out(run.pk)
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1", "X2")] == ["A", "A"]
