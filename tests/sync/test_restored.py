"""Odoo was restored from a backup: it has lost records and gives their ids to others, which nobody writes to by mistake."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from endpoints import attention, decisions, registry
from endpoints import touched as looked_at
from endpoints.admin.state import problem_text
from endpoints.models import Change, Endpoint, PullState, Record, RunKind, Touched
from synchub.sync import touched
from tests.conftest import Hub
from tests.sync.test_pull import run_again
from tests.sync.test_push import post

URL = "/bj_api_sync/v1/partners"


def put(ref: str, **values: Any) -> int:
    return Client().put(f"{URL}/{ref}", values, content_type="application/json").status_code


def given_anew(hub: Hub, name: str, ref: str) -> int:
    """The id of this partner is another one's by now, made at another moment."""
    [lost] = [one["id"] for one in hub.in_odoo(name)]
    hub.odoo.execute("res.partner", "unlink", [lost])
    made = hub.odoo.execute("res.partner", "create", {"name": "Stranger", "ref": ref})
    with hub.odoo._store.transaction(writes=True) as database:
        database.execute(
            "UPDATE res_partner SET id = ?, create_date = '2001-02-03 04:05:06' WHERE id = ?", [lost, made]
        )
    return int(lost)


def there(hub: Hub, odoo_id: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = hub.odoo.execute(
        "res.partner", "search_read", [("id", "=", odoo_id)], ["name", "ref"], context={"active_test": False}
    )
    return found


@pytest.fixture
def known(hub: Hub) -> Hub:
    hub.partners(on_delete="unlink", domain="[('name', '!=', 'Nobody')]", conflicts="hub")
    post({"customer_id": "X1", "name": "A"})
    post({"customer_id": "X2", "name": "B"})
    hub.push()
    hub.pull()
    return hub


@pytest.mark.parametrize("what", ["change", "delete", "undo nothing"])
def test_what_is_written_for_a_lost_record_does_not_reach_the_one_that_has_its_id(
    known: Hub, settings, what: str
):
    settings.UNDO_DAYS = 0 if what == "undo nothing" else 7
    handle = Record.objects.get(external_id="X1").handle
    lost = given_anew(known, "X1", "S1")
    if what == "delete":
        assert Client().delete(f"{URL}/X1").status_code == 200
    else:
        assert put("X1", name="C") == 200
    assert put("X2", name="D") == 200
    known.push()
    assert there(known, lost) == [{"id": lost, "name": "Stranger", "ref": "S1"}]
    assert [one["name"] for one in known.in_odoo("X2")] == ["D"]
    refused = Change.objects.get(state="failed")
    assert (
        f"Odoo has another record (“S1”) under the id {lost} by now: it was made at 2001-02-03"
        in refused.error
    )
    assert "given the id" in PullState.objects.get().went_back
    # What is there is read, and is a record of its own.
    touched.read(registry.get("partners"))
    assert Client().get(f"{URL}/S1").json()["name"] == "Stranger"
    assert Client().get(f"{URL}/X1").status_code == 404
    assert Record.objects.get(external_id="S1").handle != handle
    gone = Record.objects.get(handle=handle)
    assert (gone.external_id, gone.odoo_id, gone.deleted_at is not None) == ("X1", None, True)
    # Sent again, it makes nothing of what little it says.
    Change.objects.filter(pk=refused.pk).update(state="pending", error="")
    known.push()
    assert known.in_odoo("X1") == []
    assert there(known, lost) == [{"id": lost, "name": "Stranger", "ref": "S1"}]


def test_a_pull_sees_that_an_id_is_another_record_s_by_now(known: Hub):
    handle = Record.objects.get(external_id="X1").handle
    given_anew(known, "X1", "S1")
    known.pull()
    assert [Client().get(f"{URL}/{name}").status_code for name in ("X1", "S1")] == [404, 200]
    assert Record.objects.get(handle=handle).deleted_at is not None
    # One that is called the same is the same, whenever it was made.
    lost = given_anew(known, "X2", "X2")
    assert put("X2", name="E") == 200
    known.push()
    assert there(known, lost) == [{"id": lost, "name": "E", "ref": "X2"}]
    assert Record.objects.get(external_id="X2").create_date == "2001-02-03 04:05:06"


@pytest.mark.parametrize("ends", ["discarded", "refused"])
def test_what_was_read_while_a_write_for_the_lost_record_stood_is_there_once_that_is_over(
    known: Hub, ends: str
):
    def due() -> bool:
        Touched.objects.update(next_at="2020-01-01T00:00Z")
        return bool(looked_at.due())

    assert put("X1", name="C") == 200
    [waiting] = Change.objects.filter(state="pending").values_list("pk", flat=True)
    lost = given_anew(known, "X1", "S1")
    known.pull()
    # Until its push finds out, or for the days for which that is put off: nothing is read over and over.
    assert not due()
    known.odoo.calls.clear()
    touched.read(registry.get("partners"))
    assert not known.odoo.calls
    # Not for ever where Odoo tells of it, either.
    looked_at.note(known.connection.pk, "res.partner", [lost])
    touched.read(registry.get("partners"))
    assert Client().get(f"{URL}/X1").json()["name"] == "C"
    assert not due()
    if ends == "discarded":
        assert decisions.discard([waiting], "It is another customer.")
    else:
        known.push()
        assert Change.objects.get(pk=waiting).state == "failed"
    assert due()
    touched.read(registry.get("partners"))
    assert [Client().get(f"{URL}/{name}").status_code for name in ("X1", "S1")] == [404, 200]
    assert not Touched.objects.exists()


def by_id(hub: Hub) -> int:
    lines = {"id": {"field": "id", "identifier": True}, "name": "name", "email": "email"}
    hub.endpoint("partners", "res.partner", lines, domain="[('ref', 'like', 'N-')]")
    made = int(hub.odoo.execute("res.partner", "create", {"ref": "N-1", "name": "A", "email": "a@x.example"}))
    hub.pull()
    return made


def test_stamps_that_somebody_has_mended_by_hand_make_no_other_record_where_odoo_s_id_is_its_name(hub: Hub):
    """Nothing else of it is new, nor when it was written."""
    made = by_id(hub)
    handle = Record.objects.get(odoo_id=made).handle
    for mended, name in (("2001-02-03 04:05:06", "B"), ("2002-02-03 04:05:06", "")):
        with hub.odoo._store.transaction(writes=True) as database:
            database.execute("UPDATE res_partner SET create_date = ? WHERE id = ?", [mended, made])
        if name:
            assert put(str(made), name=name) == 200
            hub.push()
        else:
            run_again(RunKind.REREAD)
        assert not Change.objects.exclude(state="applied").exists()
        record = Record.objects.get(odoo_id=made)
        assert (record.handle, record.create_date, record.deleted_at) == (handle, mended, None)
    assert [one["name"] for one in there(hub, made)] == ["B"]
    assert PullState.objects.get().went_back == ""


@pytest.mark.parametrize("clock", ["right", "set back"])
@pytest.mark.parametrize("by", ["pull", "push"])
def test_another_record_is_told_where_odoo_s_id_is_its_name(hub: Hub, clock: str, by: str):
    made = by_id(hub)
    stamps = {"right": "2099-01-01 00:00:00", "set back": "2001-01-01 00:00:00"}[clock]
    with hub.odoo._store.transaction(writes=True) as database:
        database.execute(
            "UPDATE res_partner SET create_date = ?, write_date = '2099-01-01 00:00:00', name = 'Stranger', email = ? WHERE id = ?",
            [stamps, "a@x.example" if clock == "right" else "s@x.example", made],
        )
    if by == "push":
        assert put(str(made), name="B") == 200
        hub.push()
        assert "Odoo has another record" in Change.objects.get(state="failed").error
    else:
        hub.pull()
    assert [one["name"] for one in there(hub, made)] == ["Stranger"]
    assert "given the id" in PullState.objects.get().went_back


def test_records_that_were_read_before_the_hub_knew_when_they_were_made_get_to_know_it(known: Hub):
    Record.objects.update(create_date="")
    version = Record.objects.get(external_id="X1").version
    run_again(RunKind.REREAD)
    record = Record.objects.get(external_id="X1")
    assert (bool(record.create_date), record.version) == (True, version)


def test_an_odoo_that_went_back_is_told_and_one_in_which_the_newest_was_deleted_is_not(known: Hub):
    endpoint = Endpoint.objects.get()

    def problem() -> str:
        PullState.objects.update(walk_after_id=None)
        known.pull()
        return problem_text(Endpoint.objects.get(pk=endpoint.pk))

    with known.odoo._store.transaction(writes=True) as database:
        database.execute("UPDATE res_partner SET write_date = '2031-01-01 00:00:00' WHERE ref = 'X1'")
        database.execute("UPDATE res_partner SET write_date = '2032-01-01 00:00:00' WHERE ref = 'X2'")
    assert problem() == ""
    known.odoo.execute("res.partner", "unlink", [one["id"] for one in known.in_odoo("X2")])
    assert problem() == ""
    with known.odoo._store.transaction(writes=True) as database:
        database.execute("UPDATE res_partner SET write_date = '2030-01-01 00:00:00' WHERE ref = 'X1'")
    assert "Odoo has gone back: record" in problem()
    assert "“Pull everything again”" in problem()
    told = "1 endpoint shows what Odoo had before it went back, to a backup for one."
    assert told in attention.sentences()
    run_again(RunKind.REREAD)
    assert problem() == ""
    assert told not in attention.sentences()


def test_a_refused_write_of_a_record_that_was_made_anew_can_be_written_to_the_new_one(
    known: Hub, admin_client: Client
):
    def press() -> str:
        url = reverse("admin:endpoints_change_do", args=[refused.pk, "hand_over"])
        return admin_client.post(url, {"confirmed": "yes"}, follow=True).content.decode()

    handle = Record.objects.get(external_id="X1").handle
    known.odoo.execute("res.partner", "unlink", [one["id"] for one in known.in_odoo("X1")])
    assert put("X1", name="C", email="c@x.example") == 200
    known.push()
    refused = Change.objects.get(state="failed")
    page = reverse("admin:endpoints_change_change", args=[refused.pk])
    assert "Write it to the new one" not in admin_client.get(page).content.decode()
    known.odoo.execute("res.partner", "create", {"ref": "X1", "name": "Anew", "phone": "1"})
    known.pull()
    touched.read(registry.get("partners"))
    assert Client().get(f"{URL}/X1").json()["name"] == "Anew"
    assert put("X1", name="D") == 200  # newer than what was refused
    assert "Write it to the new one" in admin_client.get(page).content.decode()
    assert "Queued for the new record" in press()
    assert Client().get(f"{URL}/X1").json()["name"] == "D"
    known.push()
    [there] = known.odoo.execute(
        "res.partner", "search_read", [("ref", "=", "X1")], ["name", "email", "phone"]
    )
    assert (there["name"], there["email"], there["phone"]) == ("D", "c@x.example", "1")
    assert Record.objects.get(handle=handle).state == "synced"
    press()  # of another window
    assert Change.objects.get(pk=refused.pk).state == "applied"


@pytest.mark.parametrize("undo_days", [0, 7])
def test_a_record_that_was_found_for_a_new_one_is_not_written_over_once_it_is_called_otherwise(
    hub: Hub, settings, undo_days: int
):
    settings.UNDO_DAYS = undo_days
    hub.partners(conflicts="hub")
    found = hub.odoo.execute("res.partner", "create", [{"ref": f"X{n}", "name": "Found"} for n in (1, 2)])
    for name in ("X1", "X2"):
        post({"customer_id": name, "name": "A"})
    hub.odoo.faults.arm("no_right", times=-1, model="res.partner", method="write")
    hub.odoo.faults.arm("no_right", times=-1, model="res.partner", method="load")
    hub.push()
    hub.odoo.faults.clear()
    assert set(Change.objects.values_list("state", flat=True)) == {"failed"}
    assert set(Record.objects.values_list("odoo_id", flat=True)) == set(found)
    hub.odoo.execute("res.partner", "write", found[:1], {"ref": "Y1"})
    decisions.retry(list(Change.objects.values_list("pk", flat=True)))
    hub.push()
    assert there(hub, found[0]) == [{"id": found[0], "name": "Found", "ref": "Y1"}]
    assert there(hub, found[1]) == [{"id": found[1], "name": "A", "ref": "X2"}]
    assert "it got another Reference there: “Y1”" in Change.objects.get(state="failed").error


@pytest.mark.parametrize("unreadable", ["some", "all"])
def test_what_odoo_does_not_tell_of_many_costs_a_few_calls(hub: Hub, settings, unreadable: str):
    """Whether an id is another record's by now is all that has to be read of them."""
    settings.UNDO_DAYS = 0
    hub.partners(conflicts="hub")
    post([{"customer_id": f"X{number}", "name": "A"} for number in range(32)])
    hub.push()
    hub.pull()
    for number in range(32):
        assert put(f"X{number}", name="B") == 200
    if unreadable == "some":
        hub.odoo.odd.hide("res.partner", [one["id"] for one in hub.in_odoo("X3", "X14", "X25")])
    else:
        hub.odoo.faults.arm("no_right", times=-1, model="res.partner")
    hub.odoo.calls.clear()
    hub.push()
    looked = [call for call in hub.odoo.calls if call.method in ("read", "search", "fields_get")]
    assert len(looked) < 12
    # Whether a hidden one may be written is Odoo's to say.
    states = set(Change.objects.filter(operation="update").values_list("state", flat=True))
    assert states == ({"applied"} if unreadable == "some" else {"failed"})
