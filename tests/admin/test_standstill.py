"""Pausing everything from the first page."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from endpoints.models import Standstill
from tests.admin.conftest import Sample, said

pytestmark = pytest.mark.django_db
PAGE = "admin:endpoints_standstill"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch) -> None:
    monkeypatch.setattr("endpoints.wakeup.push", lambda _endpoint: None)


def test_it_asks_why_and_the_first_page_says_who_and_why(admin_page: Client, sample: Sample):
    assert "Pause everything…" in said(admin_page.get(reverse("admin:index")))
    assert "Why?" in said(admin_page.get(reverse(PAGE)))
    text = said(admin_page.post(reverse(PAGE), {"reason": "Odoo is upgraded"}, follow=True))
    assert "by boss: Odoo is upgraded" in text
    assert "Resume everything" in text
    text = said(admin_page.post(reverse(PAGE), {"resume": "yes"}, follow=True))
    assert "Everything goes on" in text
    assert not Standstill.objects.exists()


def test_who_may_only_look_pauses_nothing(client: Client, sample: Sample):
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(*Permission.objects.filter(codename="view_endpoint"))
    client.force_login(looker)
    assert "Pause everything" not in said(client.get(reverse("admin:index")))
    assert client.post(reverse(PAGE)).status_code == 403
    assert not Standstill.objects.exists()


def test_a_connection_is_paused_with_a_reason(admin_page: Client, sample: Sample):
    url = reverse("admin:mappings_connection_do", args=[sample.connection.pk, "pause"])
    assert "Why?" in said(admin_page.post(url))
    text = said(admin_page.post(url, {"confirmed": "yes", "reason": "Odoo is upgraded"}, follow=True))
    assert "by boss: Odoo is upgraded" in text
    sample.connection.refresh_from_db()
    assert (sample.connection.paused_by, sample.connection.paused_reason) == ("boss", "Odoo is upgraded")
