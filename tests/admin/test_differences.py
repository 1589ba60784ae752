"""What an audit found, in admin: each difference in plain words, and one action that heals."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from endpoints.models import Difference, Run
from tests.admin.conftest import Sample, said

LIST = "admin:endpoints_difference_changelist"
ACTION = {"action": "heal_selected", "select_across": "0"}


@pytest.fixture(autouse=True)
def woken(monkeypatch) -> list[int]:
    """Which runs a worker was woken for; no broker is needed to know."""
    woken: list[int] = []
    monkeypatch.setattr("endpoints.wakeup.run", woken.append)
    return woken


@pytest.fixture
def found(sample: Sample) -> list[Difference]:
    run = Run.objects.create(endpoint=sample.endpoint, kind="audit", state="done", total=2, seen=2, changed=2)
    facts: dict[str, Any] = {"endpoint": sample.endpoint, "run": run}
    value = {"key": "name", "label": "Name", "field": "name", "hub": "Wrong", "odoo": "Right"}
    return [
        Difference.objects.create(
            kind="value", record=sample.record, odoo_id=41, name="C-1", **value, **facts
        ),
        Difference.objects.create(kind="missing", odoo_id=42, name="C-2", **facts),
    ]


def test_each_difference_names_record_key_and_both_values(admin_page: Client, found: list[Difference]):
    text = said(admin_page.get(reverse(LIST)))
    assert "C-1 partners name (Name) Wrong Right" in text.replace("/bj_api_sync/v1/", "")
    assert "missing here" in text
    one = said(admin_page.get(reverse("admin:endpoints_difference_change", args=[found[1].pk])))
    assert "The record is in Odoo, but not in the hub." in one


def test_an_empty_list_says_when_there_would_be_something(admin_page: Client, sample: Sample):
    assert "Every night the hub compares" in said(admin_page.get(reverse(LIST)))


@pytest.mark.django_db(transaction=True)
def test_what_was_found_since_the_page_asked_is_not_healed(admin_page: Client, found: list[Difference]):
    data = {"action": "heal_selected", "select_across": "1", "_selected_action": [str(found[0].pk)]}
    asked = admin_page.post(reverse(LIST), data)
    assert "2 differences" in said(asked)
    facts = {"endpoint": found[0].endpoint, "run": found[0].run}
    later = Difference.objects.create(kind="missing", odoo_id=43, name="C-3", **facts)
    admin_page.post(reverse(LIST), dict(asked.context["hidden"]) | {"confirmed": "yes"})
    assert list(Difference.objects.filter(chosen_at=None)) == [later]


@pytest.mark.django_db(transaction=True)
def test_healing_asks_first_and_then_chooses(admin_page: Client, found: list[Difference], woken: list[int]):
    data = {**ACTION, "_selected_action": [str(found[0].pk)]}
    asked = admin_page.post(reverse(LIST), data)
    assert "Odoo&#x27;s values take the place" in asked.content.decode()
    assert "1 difference" in said(asked)
    assert not Difference.objects.exclude(chosen_at=None).exists()
    done = said(admin_page.post(reverse(LIST), {**data, "confirmed": "yes"}, follow=True))
    assert "1 record is read from Odoo again" in done
    assert [one.pk for one in Difference.objects.exclude(chosen_at=None)] == [found[0].pk]
    assert woken == [Run.objects.get(kind="heal", state="queued").pk]
    assert "being healed" in said(admin_page.get(reverse(LIST)))


@pytest.mark.django_db(transaction=True)
def test_the_endpoint_s_button_heals_all(admin_page: Client, found: list[Difference], woken: list[int]):
    url = reverse("admin:endpoints_endpoint_do", args=[found[0].endpoint_id, "heal"])
    admin_page.post(url, {"confirmed": "yes"})
    assert Difference.objects.filter(chosen_at=None).count() == 0
    assert woken == [Run.objects.get(kind="heal", state="queued").pk]


def test_the_endpoint_s_button_has_it_compared(admin_page: Client, sample: Sample):
    url = reverse("admin:endpoints_endpoint_do", args=[sample.endpoint.pk, "compare"])
    assert "is compared with Odoo" in said(admin_page.post(url, follow=True))
    run = Run.objects.get()
    assert (run.kind, run.state, run.asked_by) == ("audit", "queued", "boss")


def test_who_may_only_look_cannot_heal(db: None, client: Client, found: list[Difference]):
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_difference"))
    client.force_login(viewer)
    assert "C-1" in said(client.get(reverse(LIST)))
    client.post(reverse(LIST), {**ACTION, "_selected_action": [str(found[0].pk)], "confirmed": "yes"})
    button = reverse("admin:endpoints_difference_do", args=[found[0].pk, "heal_record"])
    assert client.post(button, {"confirmed": "yes"}).status_code == 403
    assert not Difference.objects.exclude(chosen_at=None).exists()


def test_a_run_leads_to_what_it_found_and_says_how_fast_it_goes(admin_page: Client, found: list[Difference]):
    run = found[0].run
    Run.objects.update(
        started_at=timezone.now() - timedelta(seconds=10), ended_at=None, state="running", total=62
    )
    answer = admin_page.get(reverse("admin:endpoints_run_change", args=[run.pk]))
    assert f"endpoints/difference/?run__id__exact={run.pk}" in answer.content.decode()
    assert "records per minute, about 5 min to go" in said(answer)
    listed = said(admin_page.get(f"{reverse(LIST)}?run__id__exact={run.pk}"))
    assert "C-2" in listed
