"""The nightly comparison with Odoo: what a pull cannot see is listed line by line, and healed by one action."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

import pytest
from django.test import Client
from django.utils import timezone

from endpoints import differences, jobs, pulls, registry
from endpoints.models import Difference, Endpoint, PullState, Record, Run, RunKind
from mappings.clients import client_for
from mappings.models import Connection
from synchub.odoo import OdooClient
from synchub.sync import audit as story
from synchub.sync import nightly, runs, tasks
from synchub.sync.asked import carry_out
from synchub.sync.audit import audit as audit_story
from synchub.sync.runs import RunLog
from tests.conftest import Hub
from tests.sync.test_push import post, put

URL = "/bj_api_sync/v1/partners"


def audit(name: str = "partners") -> Run:
    run = jobs.ask(registry.get(name).id, RunKind.AUDIT, "boss")
    assert run is not None
    carry_out(run.pk)
    run.refresh_from_db()
    return run


def compare(hub: Hub) -> Run:
    run = audit()
    assert run.state == "done", run.message
    return run


def healed(hub: Hub) -> Run:
    differences.heal(Difference.objects.all(), "boss")
    carry_out(Run.objects.get(kind="heal", state="queued").pk)
    return Run.objects.filter(kind="heal").latest("id")


def shown(ref: str) -> dict[str, object]:
    found: dict[str, object] = Client().get(f"{URL}/{ref}").json()
    return found


def found() -> list[tuple[str, str, object, object]]:
    return list(Difference.objects.order_by("id").values_list("name", "key", "hub", "odoo"))


@pytest.fixture
def filled(hub: Hub) -> Hub:
    """Partners with their country, pulled long ago."""
    country = hub.mapping(
        "country", "res.country", {"code": {"field": "code", "identifier": True}, "name": "name"}
    )
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "address.city": "city",
            "country": {"field": "country_id", "nested": country},
        },
        domain="[('ref', 'like', 'AUD-')]",
    )
    countries = hub.odoo.execute("res.country", "search", [("code", "in", ["BE", "FR"])], order="code")
    hub.odoo.execute(
        "res.partner",
        "create",
        [
            {"ref": f"AUD-{n}", "name": f"N{n}", "city": "Gent", "country_id": countries[n % 2]}
            for n in range(10)
        ],
    )
    hub.pull()
    # Nothing of this is read by a pull any more: it changed before the cursor.
    PullState.objects.update(cursor="2999-01-01 00:00:00")
    return hub


def test_where_both_are_the_same_nothing_is_listed(filled: Hub):
    run = compare(filled)
    assert (run.total, run.seen, run.changed, found()) == (10, 10, 0, [])
    assert run.message == "The mirror is as Odoo has it."


def test_a_related_record_that_changed_by_itself_is_found_and_healed(filled: Hub):
    belgium = filled.odoo.execute("res.country", "search", [("code", "=", "BE")])
    filled.odoo.execute("res.country", "write", belgium, {"name": "België"})
    filled.pull()
    assert shown("AUD-0")["country"] == {"code": "BE", "name": "Belgium"}
    run = compare(filled)
    assert (run.changed, run.message) == (5, "5 records are not as Odoo has them.")
    assert found()[0] == (
        "AUD-0", "country", {"code": "BE", "name": "Belgium"}, {"code": "BE", "name": "België"},
    )  # fmt: skip
    run = healed(filled)
    assert (run.state, run.seen, run.changed, run.failed, found()) == ("done", 5, 5, 0, [])
    assert shown("AUD-0")["country"] == {"code": "BE", "name": "België"}
    assert compare(filled).changed == 0


def test_a_row_mended_by_hand_in_the_hub_is_found_line_by_line(filled: Hub):
    record = Record.objects.get(external_id="AUD-3")
    record.document = json.dumps(
        {**json.loads(record.document), "name": "Other", "address": {"city": "Brugge"}}
    )
    record.save()
    compare(filled)
    assert found() == [("AUD-3", "name", "Other", "N3"), ("AUD-3", "address.city", "Brugge", "Gent")]
    healed(filled)
    assert (shown("AUD-3")["name"], shown("AUD-3")["address"]) == ("N3", {"city": "Gent"})


def test_a_value_that_only_filters_use_is_found_too(filled: Hub):
    record = Record.objects.get(external_id="AUD-3")
    record.values["city"] = "Brugge"
    record.save()
    compare(filled)
    assert Difference.objects.values_list("key", "field", "hub", "odoo").get() == (
        "",
        "city",
        "Brugge",
        "Gent",
    )
    healed(filled)
    assert Record.objects.get(external_id="AUD-3").values["city"] == "Gent"


def test_records_that_only_one_side_has(filled: Hub):
    Record.objects.get(external_id="AUD-1").delete()
    [gone] = filled.odoo.execute("res.partner", "search", [("ref", "=", "AUD-2")])
    filled.odoo.execute("res.partner", "unlink", [gone])
    compare(filled)
    assert list(Difference.objects.order_by("name").values_list("name", "kind")) == [
        ("AUD-1", "missing"), ("AUD-2", "extra"),
    ]  # fmt: skip
    healed(filled)
    assert [Client().get(f"{URL}/AUD-{n}").status_code for n in (1, 2)] == [200, 404]
    assert found() == []


def test_a_record_with_a_name_that_is_too_long_is_listed_by_its_beginning(filled: Hub):
    [long] = filled.odoo.execute("res.partner", "search", [("ref", "=", "AUD-1")])
    filled.odoo.execute("res.partner", "write", [long], {"ref": "AUD-" + "1" * 300})
    Record.objects.get(odoo_id=long).delete()
    compare(filled)
    assert Difference.objects.values_list("odoo_id", "kind", "name").get() == (
        long, "missing", ("AUD-" + "1" * 300)[:255],
    )  # fmt: skip


def _everything_again(hub: Hub) -> None:
    run = jobs.ask(registry.get("partners").id, RunKind.REREAD, "boss")
    assert run is not None
    carry_out(run.pk)


def _from_the_beginning(hub: Hub) -> None:
    pulls.start_over([registry.get("partners").id])
    hub.pull()


@pytest.mark.parametrize("mended", [healed, _everything_again, _from_the_beginning])
def test_where_odoo_went_back_to_a_backup_the_mirror_is_found_wrong_and_follows_it(
    filled: Hub, mended: Callable[[Hub], object]
):
    """What it has then bears older stamps than what the hub has seen."""
    PullState.objects.update(sightings=[[1.0, "2999-01-01 00:00:00"]])
    Record.objects.filter(external_id="AUD-3").update(write_date="2998-12-31 00:00:00")
    [restored] = filled.odoo.execute("res.partner", "search", [("ref", "=", "AUD-3")])
    filled.odoo.execute("res.partner", "write", [restored], {"name": "As it was"})
    filled.pull()
    assert shown("AUD-3")["name"] == "N3"
    compare(filled)
    assert found() == [("AUD-3", "name", "N3", "As it was")]
    mended(filled)
    assert shown("AUD-3")["name"] == "As it was"
    assert compare(filled).changed == 0
    # From then on it is as ever, where the cursor was taken back as well.
    if mended is _from_the_beginning:
        filled.odoo.execute("res.partner", "write", [restored], {"name": "Newer"})
        filled.pull()
        assert shown("AUD-3")["name"] == "Newer"


def _with_what_odoo_works_out(hub: Hub) -> list[int]:
    """Endpoints that show what Odoo keeps with no record, one of them inside a relation. Returns the partners' ids."""
    parent = hub.mapping("parent", "res.partner", {"ref": {"field": "ref", "identifier": True}, "orders": "sale_order_count"})  # fmt: skip
    ids: list[int] = hub.odoo.execute("res.partner", "search", [("ref", "like", "AUD-")], order="id")
    hub.odoo.execute("res.partner", "write", ids[1:3], {"parent_id": ids[0]})
    lines = {
        "id": {"field": "ref", "identifier": True},
        "name": "name",
        "orders": "sale_order_count",
        "parent": {"field": "parent_id", "nested": parent},
    }
    hub.endpoint("busy", "res.partner", lines, domain="[('ref', 'like', 'AUD-')]")
    hub.pull("busy")
    PullState.objects.update(cursor="2999-01-01 00:00:00")
    hub.odoo.execute("sale.order", "create", [{"partner_id": ids[0]} for _ in range(2)])
    return ids


def _busy(ref: str) -> dict[str, Any]:
    answer: dict[str, Any] = Client().get(f"/bj_api_sync/v1/busy/{ref}").json()
    return answer


def test_what_odoo_works_out_whenever_it_is_asked_is_taken_over_and_not_listed_each_night(filled: Hub):
    _with_what_odoo_works_out(filled)
    assert (_busy("AUD-0")["orders"], _busy("AUD-1")["parent"]["orders"]) == (0, 0)
    run = audit("busy")
    assert (found(), run.changed) == ([], 0)
    assert run.message == (
        "The mirror is as Odoo has it. 3 have got what Odoo works out anew whenever it is asked."
    )
    assert (_busy("AUD-0")["orders"], _busy("AUD-1")["parent"]["orders"]) == (2, 2)
    assert audit("busy").message == "The mirror is as Odoo has it."


def test_beside_what_odoo_works_out_what_it_keeps_is_listed_and_what_was_mended_by_hand_as_well(filled: Hub):
    ids = _with_what_odoo_works_out(filled)
    filled.odoo.execute("res.partner", "write", ids[:1], {"name": "Other"})
    record = Record.objects.get(endpoint__name="busy", external_id="AUD-5")
    record.document = json.dumps({**json.loads(record.document), "orders": 99})
    record.save()
    Record.objects.filter(odoo_id=ids[0]).update(write_date="2000-01-01 00:00:00")
    PullState.objects.update(cursor="2999-01-01 00:00:00")
    audit("busy")
    assert found() == [("AUD-0", "name", "N0", "Other"), ("AUD-5", "orders", 99, 0)]


def test_what_the_next_pull_brings_is_no_difference(filled: Hub):
    PullState.objects.update(cursor="2000-01-01 00:00:00")
    ids = filled.odoo.execute("res.partner", "search", [("ref", "in", ["AUD-1", "AUD-2"])])
    filled.odoo.execute("res.partner", "write", ids, {"name": "New"})
    filled.odoo.execute("res.partner", "create", {"ref": "AUD-NEW", "name": "New"})
    assert compare(filled).changed == 0


class _Meanwhile:
    """A client during whose first reading something else happens."""

    def __init__(self, client: OdooClient, happens: Callable[[], None]) -> None:
        self._client, self._happens = client, [happens]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def search_read(self, *args: Any, **kwargs: Any) -> Any:
        rows = self._client.search_read(*args, **kwargs)
        while self._happens:
            self._happens.pop()()
        return rows


def test_what_is_pulled_while_a_page_is_compared_is_no_difference(filled: Hub):
    def changed_and_pulled() -> None:
        ids = filled.odoo.execute("res.partner", "search", [("ref", "=", "AUD-1")])
        filled.odoo.execute("res.partner", "write", ids, {"name": "New"})
        gone = filled.odoo.execute("res.partner", "search", [("ref", "=", "AUD-2")])
        filled.odoo.execute("res.partner", "unlink", gone)
        PullState.objects.update(cursor="2000-01-01 00:00:00")
        filled.pull()
        filled.sweep()

    run = jobs.ask(registry.get("partners").id, RunKind.AUDIT, "boss")
    assert run is not None
    with client_for(filled.connection) as client, RunLog(run.endpoint_id, RunKind.AUDIT, asked=run) as log:
        meanwhile = cast("OdooClient", _Meanwhile(client, changed_and_pulled))
        audit_story(registry.get("partners"), meanwhile, log, run)
    assert shown("AUD-1")["name"] == "New"
    assert found() == []


def test_a_record_with_a_change_on_its_way_is_neither_listed_nor_healed(filled: Hub):
    Record.objects.filter(external_id="AUD-1").update(document="{}")
    compare(filled)
    assert {name for name, *_ in found()} == {"AUD-1"}
    put("AUD-1", {"name": "Mine"})
    run = healed(filled)
    assert (run.changed, run.failed) == (0, 1)
    left = Difference.objects.first()
    assert left is not None
    assert "waits to reach Odoo" in left.remark
    assert left.chosen_at is None
    assert shown("AUD-1")["name"] == "Mine"
    run = compare(filled)
    assert (run.changed, found()) == (0, [])
    assert "1 was not compared" in run.message
    filled.push()
    assert filled.in_odoo("AUD-1")[0]["name"] == "Mine"


def test_a_record_that_a_person_has_to_decide_about_stays_as_it_is(filled: Hub):
    Record.objects.filter(external_id="AUD-1").update(document="{}", state="conflict")
    assert compare(filled).changed == 0


def test_a_record_posted_and_not_pushed_is_no_difference(filled: Hub):
    post({"customer_id": "AUD-P", "name": "P"})
    assert compare(filled).changed == 0


def test_a_page_costs_the_same_calls_however_many_records(filled: Hub):
    costs = []
    for count in (0, 90):
        filled.odoo.execute(
            "res.partner",
            "create",
            [{"ref": f"AUD-M{n}", "name": "M", "country_id": 1} for n in range(count)],
        )
        PullState.objects.update(cursor="2000-01-01 00:00:00")
        filled.pull()
        PullState.objects.update(cursor="2999-01-01 00:00:00")
        filled.odoo.calls.clear()
        assert compare(filled).seen == 10 + count
        costs.append(filled.odoo.calls.counts())
    assert costs[0] == costs[1]


def test_a_page_on_which_all_differ_costs_twice_the_calls(filled: Hub):
    filled.odoo.calls.clear()
    compare(filled)
    calls = sum(filled.odoo.calls.counts().values())
    Record.objects.update(document="{}")
    filled.odoo.calls.clear()
    assert compare(filled).changed == 10
    assert sum(filled.odoo.calls.counts().values()) <= 2 * calls


def test_several_pages(filled: Hub, settings):
    settings.PULL_PAGE = 3
    Record.objects.get(external_id="AUD-9").delete()
    Record.objects.filter(external_id="AUD-0").update(document="{}")
    [last] = filled.odoo.execute("res.partner", "search", [("ref", "=", "AUD-8")])
    filled.odoo.execute("res.partner", "unlink", [last])
    run = compare(filled)
    assert (run.seen, run.changed) == (9, 3)
    assert {name for name, *_ in found()} == {"AUD-0", "AUD-8", "AUD-9"}
    healed(filled)
    assert compare(filled).changed == 0


def test_a_mirror_of_which_odoo_shows_little_is_looked_at_in_portions(filled: Hub, monkeypatch):
    """A rule of Odoo's that hides most of a million records: all of them were between two rows, and taken into memory."""
    monkeypatch.setattr(story, "PORTION", 4)
    kept, sizes = story._kept, list[int]()

    def counted(*given: Any) -> list[Record]:
        records = kept(*given)
        sizes.append(len(records))
        return records

    monkeypatch.setattr(story, "_kept", counted)
    total = Record.objects.count()
    shown_still = list(Record.objects.order_by("odoo_id").values_list("odoo_id", flat=True))[5:7]
    Endpoint.objects.update(domain=str([("id", "in", shown_still)]))
    registry.clear()
    run = compare(filled)
    assert (run.seen, run.changed) == (2, total - 2)
    assert set(Difference.objects.values_list("kind", flat=True)) == {"extra"}
    assert Difference.objects.count() == total - 2
    assert max(sizes) <= 5
    assert sum(sizes) == 2 * total - 2  # what differs is looked at twice


def test_what_is_mended_otherwise_is_no_longer_listed_after_the_next_audit(filled: Hub):
    before = Record.objects.get(external_id="AUD-1").document
    Record.objects.filter(external_id="AUD-1").update(document="{}")
    compare(filled)
    Record.objects.filter(external_id="AUD-1").update(document=before)
    compare(filled)
    assert found() == []


def test_an_audit_whose_worker_was_killed_begins_anew_and_leaves_nothing_of_its_first_attempt(filled: Hub):
    before = Record.objects.get(external_id="AUD-1").document
    Record.objects.filter(external_id="AUD-1").update(document="{}")
    run = compare(filled)
    Record.objects.filter(external_id="AUD-1").update(document=before)
    Run.objects.filter(pk=run.pk).update(state="running", beat_at=timezone.now() - timedelta(hours=1))
    runs.end_stale()
    carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.seen, run.changed, found()) == ("done", 10, 0, [])


def test_while_its_connection_is_paused_nothing_is_compared_and_nothing_forgotten(filled: Hub):
    Record.objects.filter(external_id__in=["AUD-0", "AUD-9"]).update(document="{}")
    compare(filled)
    count = Difference.objects.count()
    filled.odoo.calls.clear()
    Connection.objects.get().pause("boss", "Odoo is being moved.")
    assert audit().state == "queued"  # and goes on when that is over
    assert filled.odoo.calls.counts() == {}
    assert Difference.objects.count() == count


def test_an_odoo_that_is_away_ends_the_run_and_loses_nothing(filled: Hub):
    Record.objects.filter(external_id="AUD-1").update(document="{}")
    compare(filled)
    count = Difference.objects.count()
    Connection.objects.update(url="http://127.0.0.1:9")  # the discard port: refused at once
    run = audit()
    assert (run.state, Difference.objects.count()) == ("failed", count)
    assert run.message


def test_long_values_are_cut(filled: Hub):
    [one] = filled.odoo.execute("res.partner", "search", [("ref", "=", "AUD-1")])
    filled.odoo.execute("res.partner", "write", [one], {"city": "G" * 5000})
    PullState.objects.update(cursor="2000-01-01 00:00:00")
    filled.pull()
    PullState.objects.update(cursor="2999-01-01 00:00:00")
    Record.objects.filter(external_id="AUD-1").update(document="{}")
    compare(filled)
    city = str(Difference.objects.get(key="address.city").odoo)
    assert "5,000 characters" in city
    assert len(city) < 600


# When


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("2026-01-10 00:00", "UTC", "2026-01-10 02:30"),
        ("2026-01-10 02:30", "UTC", "2026-01-11 02:30"),
        ("2026-01-10 12:00", "Europe/Brussels", "2026-01-11 01:30"),
        ("2026-07-10 12:00", "Europe/Brussels", "2026-07-11 00:30"),
        ("2026-01-10 12:00", "Asia/Tokyo", "2026-01-10 17:30"),
        ("2026-01-10 12:00", "America/New_York", "2026-01-11 07:30"),
        ("2026-03-28 23:00", "Europe/Brussels", "2026-03-29 01:30"),  # the night without 02:30
    ],
)
def test_the_night_is_that_of_the_connection_s_time_zone(now: str, zone: str, expected: str):
    assert nightly.next_night(at(now), zone, time(2, 30), 0) == at(expected)


def test_an_audit_begins_once_a_night_whoever_looks(filled: Hub):
    assert nightly.due_audits() == []  # planned, not done at once
    planned = PullState.objects.get().audit_next_at
    assert planned is not None
    PullState.objects.update(audit_next_at=planned - timedelta(days=2))
    assert nightly.due_audits() == [registry.get("partners").id]
    assert nightly.due_audits() == []
    assert PullState.objects.get().audit_next_at == planned


def test_without_a_time_of_night_only_who_asks_gets_an_audit(filled: Hub, settings):
    settings.AUDIT_AT = None
    assert nightly.due_audits() == []
    assert compare(filled).seen == 10


def test_the_night_that_was_planned_before_is_left_out_as_well(filled: Hub, settings):
    nightly.due_audits()  # plans the first one
    PullState.objects.update(audit_next_at=timezone.now() - timedelta(hours=1))
    settings.AUDIT_AT = None
    assert nightly.due_audits() == []
    assert PullState.objects.get().audit_next_at is None


def test_what_the_night_starts_waits_as_a_run_until_a_worker_is_free(filled: Hub):
    PullState.objects.update(audit_next_at=timezone.now())
    Difference.objects.all().delete()
    tasks.start_due_audits()
    run = Run.objects.get(kind="audit")
    assert run.state == "queued"
    carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == "done"


def test_what_was_chosen_while_another_healing_ended_is_healed_as_well(filled: Hub):
    Record.objects.filter(external_id="AUD-1").update(document="{}")
    compare(filled)
    Difference.objects.update(chosen_at=timezone.now())
    tasks.start_due_audits()
    carry_out(Run.objects.get(kind="heal").pk)
    assert found() == []


def test_a_healing_that_odoo_does_not_answer_says_so_and_is_not_tried_for_ever(filled: Hub):
    Record.objects.filter(external_id="AUD-1").update(document="{}")
    compare(filled)
    Connection.objects.update(url="http://127.0.0.1:9")
    assert healed(filled).state == "failed"
    left = Difference.objects.first()
    assert left is not None
    assert left.remark.startswith("Not healed: Odoo did not answer")
    assert differences.endpoints_to_heal() == []


def test_a_paused_endpoint_is_compared_once_that_is_over(filled: Hub):
    PullState.objects.update(audit_next_at=timezone.now())
    Connection.objects.get().pause("boss", "")
    assert nightly.due_audits() == []
    Connection.objects.get().resume()
    assert len(nightly.due_audits()) == 1
