"""A run's page, and the page that shows what an undo would do."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from endpoints.models import Change, Endpoint, Footprint, Run
from synchub.sync import asked
from tests.admin.conftest import Sample, said
from tests.conftest import Hub
from tests.sync.test_conflicts import edited_in_odoo, in_odoo, put
from tests.sync.test_push import post


@pytest.fixture
def boss(transactional_db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def pushed(hub: Hub, monkeypatch) -> Run:
    """A run that changed X1's name and city, and created N1."""
    monkeypatch.setattr("endpoints.wakeup.run", lambda _run: None)
    endpoint: Endpoint = hub.partners()
    post({"customer_id": "X1", "name": "A", "address": {"city": "Gent"}})
    hub.push()
    put({"name": "Wrong", "address": {"city": "Wrong"}})
    post({"customer_id": "N1", "name": "New"})
    hub.push()
    return Run.objects.filter(endpoint=endpoint, kind="push").latest("id")


def page(run: Run, what: str = "undo") -> str:
    return reverse(f"admin:endpoints_run_{what}", args=[run.pk])


def test_it_shows_what_would_go_back_and_what_not_and_writes_nothing(hub: Hub, boss: Client, pushed: Run):
    edited_in_odoo(hub, city="Brugge")
    text = said(boss.get(page(pushed)))
    assert "name: Wrong → A" in text
    assert "address.city: changed since" in text
    assert "created; it stays, as chosen" in text
    assert "deleted in Odoo" in said(boss.get(page(pushed), {"created": "unlink"}))
    assert not Change.objects.filter(state="pending").exists()
    assert in_odoo(hub)["name"] == "Wrong"


def test_undo_so(hub: Hub, boss: Client, pushed: Run):
    answer = boss.post(page(pushed), {"created": "unlink"}, follow=True)
    assert "The undo is queued" in said(answer)
    made = Run.objects.get(kind="undo")
    assert (made.asked_by, made.details) == ("boss", {"run": pushed.pk, "created": "unlink"})
    assert "under way already" in said(boss.post(page(pushed), {"created": "unlink"}, follow=True))
    asked.carry_out(made.pk)
    hub.push()
    assert (in_odoo(hub)["name"], hub.in_odoo("N1")) == ("A", [])
    text = said(boss.get(page(made, "change")))
    assert "2 records are on their way back" in text
    assert "asked for by boss" in text.lower()
    changes = reverse("admin:endpoints_change_changelist")
    assert "2 changes" in said(boss.get(f"{changes}?undoes__exact={made.pk}"))
    assert "Nothing is left to undo" in said(boss.get(page(pushed)))


def test_a_run_tells_what_it_wrote_and_how_fast(boss: Client, pushed: Run):
    text = said(boss.get(page(pushed, "change")))
    assert "records per" in text
    assert "X1 changed" in text
    assert "N1 created" in text


def test_an_odoo_that_is_away_is_told(hub: Hub, boss: Client, pushed: Run):
    hub.odoo.faults.arm("away", times=-1)
    answer = boss.get(page(pushed))
    assert answer.status_code == 200
    assert "Undo so" not in said(answer)


def test_who_may_only_look_undoes_nothing(pushed: Run, client: Client):
    client.force_login(User.objects.create_user("looker", is_staff=True))
    assert client.post(page(pushed)).status_code == 403


@pytest.mark.django_db
def test_time_left_and_what_was_refused(admin_page: Client, sample: Sample):
    began = timezone.now() - timedelta(seconds=10)
    run = Run.objects.create(
        endpoint=sample.endpoint, kind="push", total=200, seen=50, failed=1, started_at=began
    )
    sample.change("failed", settled_in=run.pk, error="No.")
    text = said(admin_page.get(page(run, "change")))
    assert re.search(r"about 3\d s to go", text), text
    assert "What was refused" in text
    changes = reverse("admin:endpoints_change_changelist")
    assert "No." in said(admin_page.get(f"{changes}?settled_in__exact={run.pk}&state__exact=failed"))
    assert Footprint.objects.count() == 0
