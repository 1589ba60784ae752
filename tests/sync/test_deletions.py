"""What was deleted or archived in Odoo leaves the API; a mass deletion stops and asks."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from endpoints import pulls, registry
from endpoints.models import Endpoint, PullState, Record, Run
from endpoints.models.touched import Touched
from synchub.sync import deletions, locks
from synchub.sync import touched as targeted
from tests.admin.conftest import form_of
from tests.conftest import Hub
from tests.sessions import another_session
from tests.sync.test_pauses import while_odoo_is_slow
from tests.sync.test_push import post

URL = "/bj_api_sync/v1/partners"


def status(ref: str) -> int:
    return Client().get(f"{URL}/{ref}").status_code


@pytest.fixture
def filled(hub: Hub) -> Hub:
    """Fifty partners of its own on both sides."""
    hub.partners(domain="[('ref', 'like', 'DEL-')]")
    hub.odoo.execute("res.partner", "create", [{"ref": f"DEL-{n}", "name": f"N{n}"} for n in range(50)])
    hub.pull()
    return hub


def ids(hub: Hub, *numbers: int) -> list[int]:
    return [one["id"] for one in hub.in_odoo(*[f"DEL-{n}" for n in numbers])]


def test_a_record_deleted_or_archived_in_odoo_is_gone_after_the_sweep(filled: Hub):
    filled.odoo.execute("res.partner", "unlink", ids(filled, 1))
    filled.odoo.execute("res.partner", "write", ids(filled, 2), {"active": False})
    filled.pull()
    filled.sweep()
    assert [status(f"DEL-{n}") for n in (1, 2, 3)] == [404, 404, 200]
    run = Run.objects.latest("id")
    assert (run.kind, run.state, run.seen, run.changed) == ("sweep", "done", 50, 2)


def test_a_record_brought_back_in_odoo_is_back_after_the_next_pull(filled: Hub):
    [one] = ids(filled, 2)
    filled.odoo.execute("res.partner", "write", [one], {"active": False})
    filled.sweep()
    filled.odoo.execute("res.partner", "write", [one], {"active": True})
    filled.pull()
    assert status("DEL-2") == 200


def test_what_a_rule_of_odoo_hid_for_a_while_is_back_though_nobody_has_touched_it(filled: Hub):
    """And what entered the domain by what another record is. What a consumer deleted here is not."""
    endpoint = registry.get("partners")
    Endpoint.objects.update(on_delete="ignore")
    registry.clear()
    assert Client().delete(f"{URL}/DEL-9").status_code == 200
    filled.push()
    filled.odoo.odd.hide("res.partner", ids(filled, 1, 2))
    filled.sweep()
    assert [status(f"DEL-{n}") for n in (1, 2, 3)] == [404, 404, 200]
    filled.odoo.odd.clear()
    PullState.objects.update(cursor="2099-01-01 00:00:00")  # what they bear is long ago
    filled.pull()
    assert status("DEL-1") == 404
    filled.sweep()
    targeted.read(endpoint)
    assert [status(f"DEL-{n}") for n in (1, 2, 3, 9)] == [200, 200, 200, 404]
    filled.sweep()
    assert not Touched.objects.exists()


def test_what_a_transaction_of_half_an_hour_wrote_is_read_though_pulls_are_past_its_stamp(filled: Hub):
    """The upgrade of a module, or a server whose requests may take longer than two minutes."""
    endpoint = registry.get("partners")
    begun = datetime.now(UTC) - timedelta(minutes=30)
    before = f"{begun - timedelta(minutes=1):%Y-%m-%d %H:%M:%S}"
    with filled.odoo._store.transaction(writes=True) as database:
        database.execute("UPDATE res_partner SET write_date = ? WHERE ref LIKE 'DEL-%'", [before])
    Record.objects.update(write_date=before)
    PullState.objects.update(cursor=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}")
    at = f"{begun:%Y-%m-%d %H:%M:%S.%f}"
    filled.odoo.write_as_begun(at, "res.partner", ids(filled, 1), {"name": "late"})
    filled.odoo.write_as_begun(at, "res.partner", ids(filled, 2), {"comment": "no line shows it"})
    filled.pull()
    assert Client().get(f"{URL}/DEL-1").json()["name"] == "N1"
    filled.sweep()
    assert Touched.objects.count() == 2
    targeted.read(endpoint)
    assert Client().get(f"{URL}/DEL-1").json()["name"] == "late"
    filled.sweep()
    assert not Touched.objects.exists()


def test_very_many_that_come_to_light_keep_back_nothing_that_was_stamped_late(filled: Hub, monkeypatch):
    monkeypatch.setattr(deletions, "IDS_AT_ONCE", 5)
    at = f"{datetime.now(UTC) - timedelta(minutes=30):%Y-%m-%d %H:%M:%S}"
    filled.odoo.write_as_begun(f"{at}.000000", "res.partner", ids(filled, 40), {"name": "late"})
    Record.objects.filter(external_id__in=[f"DEL-{n}" for n in range(20)]).delete()
    Record.objects.update(write_date="2001-01-01 00:00:00")
    PullState.objects.update(cursor=f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%d %H:%M:%S}")
    filled.sweep()
    looked_at = set(Touched.objects.values_list("odoo_id", flat=True))
    assert set(ids(filled, 40)) < looked_at
    assert len(looked_at) == 6


def test_a_mass_deletion_removes_nothing_until_a_person_says_so(filled: Hub, monkeypatch):
    monkeypatch.setattr(deletions, "BURIED_AT_ONCE", 4)
    filled.odoo.execute("res.partner", "unlink", ids(filled, *range(10)))
    filled.sweep()
    run = Run.objects.latest("id")
    assert (run.state, Record.objects.filter(deleted_at=None).count()) == ("failed", 50)
    assert "10 of 50 records" in run.message
    assert "Remove what is gone" in run.message
    pulls.remove_what_is_gone([PullState.objects.get().endpoint_id])
    filled.sweep()
    assert Record.objects.filter(deleted_at=None).count() == 40
    assert Run.objects.latest("id").changed == 10
    transactions = Record.objects.exclude(deleted_at=None).values_list("changed_in", flat=True)
    assert len(set(transactions)) == 3  # a million in one would hold everybody up, and be lost by a kill
    assert not PullState.objects.get().deletions_confirmed


def test_what_a_narrower_domain_leaves_out_is_told_before_it_is_removed(filled: Hub, admin_client: Client):
    endpoint = Endpoint.objects.get()
    page = reverse("admin:endpoints_endpoint_change", args=[endpoint.pk])
    form = form_of(admin_client.get(page)) | {"domain": "[('ref', '=', 'DEL-1')]"}
    answer = admin_client.post(page, form, follow=True)
    assert "10% of them, they stay until you choose “Remove what is gone”" in answer.content.decode()
    registry.clear()  # a second later it would be known anyhow
    filled.pull()
    filled.sweep()
    assert "outside of the endpoint's domain" in Run.objects.latest("id").message
    assert status("DEL-2") == 200


def test_what_a_person_says_while_a_search_is_under_way_counts_for_the_next_one(filled: Hub):
    filled.odoo.execute("res.partner", "unlink", ids(filled, *range(10)))
    endpoint_id = PullState.objects.get().endpoint_id
    while_odoo_is_slow(
        filled, filled.sweep, "res.partner", "search", lambda: pulls.remove_what_is_gone([endpoint_id])
    )
    assert Record.objects.filter(deleted_at=None).count() == 50
    filled.sweep()
    assert Record.objects.filter(deleted_at=None).count() == 40


def test_a_right_lost_in_odoo_empties_no_mirror(filled: Hub):
    filled.odoo.execute("res.partner", "write", ids(filled, *range(50)), {"ref": False})
    filled.sweep()
    assert Record.objects.filter(deleted_at=None).count() == 50


def test_a_record_with_a_change_on_its_way_stays(filled: Hub):
    filled.odoo.execute("res.partner", "unlink", ids(filled, 1))
    assert Client().put(f"{URL}/DEL-1", {"name": "B"}, content_type="application/json").status_code == 200
    filled.sweep()
    assert status("DEL-1") == 200
    filled.push()
    assert Client().get(f"{URL}/DEL-1")["X-Sync-State"] == "failed"


def test_a_record_posted_but_not_pushed_yet_stays(filled: Hub):
    post({"customer_id": "DEL-NEW", "name": "New"})
    filled.sweep()
    assert status("DEL-NEW") == 200


def test_nothing_gone_costs_a_search_and_no_run(filled: Hub):
    runs = Run.objects.count()
    filled.odoo.calls.clear()
    filled.sweep()
    assert (Run.objects.count(), filled.odoo.calls.count_of("res.partner", "search")) == (runs, 1)


def test_two_beats_start_one_sweep(filled: Hub):
    assert len(deletions.due()) == 1
    assert deletions.due() == []


def test_a_search_that_meets_a_pull_is_tried_again_soon(filled: Hub):
    deletions.due()  # the next one is an hour away
    endpoint = registry.get("partners")
    with another_session() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [locks._PULL, endpoint.id])
        deletions.sweep(endpoint)
        assert deletions.due() == [endpoint.id]
        assert deletions.due() == []
