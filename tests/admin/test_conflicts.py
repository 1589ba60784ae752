"""The conflict inbox's pages: what is asked, and what pressing a button does."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from endpoints.models import Change, Conflict, Record
from mappings.models import Line
from tests.admin.conftest import Sample, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("woken")]
LIST = "admin:endpoints_conflict_changelist"


@pytest.fixture
def asked(sample: Sample) -> Conflict:
    change = sample.change("failed", error="Who is right?", base={"name": "Right"})
    Record.objects.update(state="conflict", problem="Who is right?")
    shown = {"base": "Right", "current": "Odoo's name", "wanted": "Wrong"}
    field = {"field": "name", "key": "name", "label": "Name", "line_id": None, "winner": ""}
    return Conflict.objects.create(
        endpoint=sample.endpoint,
        record=sample.record,
        change_ids=[change.pk],
        fields=[field | shown | {"shown": shown}],
    )


def page(conflict: Conflict) -> str:
    return reverse("admin:endpoints_conflict_change", args=[conflict.pk])


def decide(client: Client, conflict: Conflict, **data: Any) -> str:
    return said(client.post(page(conflict), data, follow=True))


def test_the_three_values_stand_side_by_side(admin_page: Client, asked: Conflict):
    text = said(admin_page.get(page(asked)))
    assert "key both had Odoo has now the consumer sent name Name Right Odoo's name Wrong" in text.replace(
        "&#x27;", "'"
    )
    assert "C-1" in said(admin_page.get(reverse(LIST)))
    # On a phone they stand below each other, each under what it is; a browser asks for what is not chosen and keeps the rest.
    shown = admin_page.get(page(asked)).content.decode()
    assert 'data-heading="the consumer sent"' in shown
    assert 'value="hub" required' in shown
    assert '<h1 class="hub-title">C-1: who is right?</h1>' in shown
    assert "C-1 (partners)" in shown  # the way back leads by what it is about


def test_yes_and_no_are_words(admin_page: Client, asked: Conflict):
    asked.fields[0]["shown"] = {"base": True, "current": False, "wanted": True}
    asked.save()
    assert "Name yes no yes" in said(admin_page.get(page(asked)))
    assert "no yes" in said(admin_page.get(reverse(LIST)))


def test_the_refused_change_leads_to_its_question(admin_page: Client, asked: Conflict):
    [pk] = asked.change_ids
    change = reverse("admin:endpoints_change_change", args=[pk])
    assert page(asked) in admin_page.get(change).content.decode()
    decide(admin_page, asked, all="odoo")
    assert page(asked) not in admin_page.get(change).content.decode()


def test_taking_odoo_s_value(admin_page: Client, asked: Conflict):
    assert "Decided" in decide(admin_page, asked, all="odoo")
    assert "name: Odoo’s" in LogEntry.objects.latest("pk").get_change_message()
    change, record = Change.objects.get(), Record.objects.get()
    assert (change.state, record.state, record.values["name"]) == ("discarded", "synced", "Odoo's name")
    assert "No conflict waits" in said(admin_page.get(reverse(LIST)))
    assert "boss" in said(admin_page.get(f"{reverse(LIST)}?decided=yes"))


@pytest.mark.django_db(transaction=True)
def test_taking_the_consumer_s_value_wakes_a_worker(admin_page: Client, asked: Conflict, woken):
    decide(admin_page, asked, **{"winner-name": "hub"})
    change = Change.objects.get()
    assert (change.state, change.base) == ("pending", {"name": "Odoo's name"})
    assert woken == [asked.endpoint_id]


def test_without_a_choice_nothing_is_decided(admin_page: Client, asked: Conflict):
    assert "Choose" in decide(admin_page, asked)
    assert Change.objects.get().state == "failed"


def test_a_page_that_shows_what_was_asked_before_decides_nothing(admin_page: Client, asked: Conflict):
    seen = admin_page.get(page(asked)).context["seen"]
    Conflict.objects.update(found_at=timezone.now())
    assert "something else is asked by now" in decide(admin_page, asked, all="odoo", seen=seen)
    assert Change.objects.get().state == "failed"
    now = admin_page.get(page(asked)).context["seen"]
    assert "Decided" in decide(admin_page, asked, all="odoo", seen=now)


def test_always_so_sets_the_line(admin_page: Client, asked: Conflict):
    decide(admin_page, asked, all="hub", always="lines")
    assert Line.objects.get(field="name").conflicts == "hub"


def test_always_so_sets_the_endpoint(admin_page: Client, asked: Conflict):
    decide(admin_page, asked, all="hub", always="endpoint")
    asked.endpoint.refresh_from_db()
    assert asked.endpoint.conflicts == "hub"


def test_several_at_once_from_the_list(admin_page: Client, asked: Conflict):
    data = {"action": "take_odoo_s", "_selected_action": [asked.pk]}
    assert "1 decided" in said(admin_page.post(reverse(LIST), data, follow=True))
    assert Change.objects.get().state == "discarded"


def test_more_than_can_be_decided_while_somebody_waits_are_left_and_told(
    admin_page: Client, asked: Conflict, monkeypatch: pytest.MonkeyPatch
):
    data = {"action": "take_odoo_s", "_selected_action": [asked.pk]}
    with monkeypatch.context() as patch:
        patch.setattr("endpoints.inbox.WHILE_SOMEBODY_WAITS", -1.0)  # no time at all
        text = said(admin_page.post(reverse(LIST), data, follow=True))
        assert "0 decided" in text
        assert "There are more than could be decided at once" in text
        assert Conflict.objects.get().decided_at is None
    text = said(admin_page.post(reverse(LIST), data, follow=True))
    assert "1 decided" in text
    assert "There are more" not in text


def test_who_may_only_look_decides_nothing(client: Client, asked: Conflict):
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(*Permission.objects.filter(codename="view_conflict"))
    client.force_login(looker)
    assert "Decide as chosen" not in said(client.get(page(asked)))
    # No link that leads to a refusal.
    links = re.findall(r'<a class="hub-button[^>]*href="([^"]+)"', client.get(page(asked)).content.decode())
    assert [client.get(link).status_code for link in links] == [200]
    assert "You are asked: who is right?" in said(client.get(reverse("admin:index")))
    Conflict.objects.update(decided_at=timezone.now())
    assert "Nothing waits for you." in said(client.get(reverse("admin:index")))
    assert client.post(page(asked), {"all": "odoo"}).status_code == 403
    assert Change.objects.get().state == "failed"


class TestEditing:
    def url(self, change: Change) -> str:
        return reverse("admin:endpoints_change_edit", args=[change.pk])

    def test_what_it_writes_is_shown_and_sent_again_with_other_values(
        self, admin_page: Client, sample: Sample, woken
    ):
        change = sample.change("failed", error="No.")
        answer = admin_page.get(self.url(change))
        assert '"name": "Wrong"' in answer.context["form"]["payload"].value()
        text = said(admin_page.post(self.url(change), {"payload": '{"name": "Better"}'}, follow=True))
        assert "Queued with these values" in text
        change.refresh_from_db()
        assert (change.state, change.values, woken) == ("pending", {"name": "Better"}, [sample.endpoint.pk])
        history = said(admin_page.get(reverse("admin:endpoints_change_history", args=[change.pk])))
        assert "Wrong" in history

    def test_a_secret_that_was_written_is_not_kept_in_the_history(
        self, admin_page: Client, sample: Sample, woken
    ):
        change = sample.change("failed", values={"name": "Wrong", "password": "hunter22"})
        admin_page.post(self.url(change), {"payload": '{"name": "Better"}'})
        history = said(admin_page.get(reverse("admin:endpoints_change_history", args=[change.pk])))
        assert ("Wrong" in history, "hunter22" in history) == (True, False)

    def test_nor_one_that_only_its_key_tells_from_the_rest(
        self, admin_page: Client, sample: Sample, woken, settings
    ):
        settings.EXCHANGE_SECRETS = ["gate"]
        for key, field in {"login.password": "city", "gate": "display_name"}.items():
            Line.objects.create(mapping=sample.mapping, key=key, field=field, position=9)
        values = {"name": "Wrong", "city": "hunter22", "display_name": "4711-open"}
        change = sample.change("failed", values=values)
        admin_page.post(self.url(change), {"payload": '{"name": "Better"}'})
        history = said(admin_page.get(reverse("admin:endpoints_change_history", args=[change.pk])))
        assert [one in history for one in values.values()] == [True, False, False]

    @pytest.mark.parametrize(
        ("payload", "told"), [("{", "no JSON"), ("[]", "is an object"), ('{"nam": 1}', "not a key")]
    )
    def test_what_cannot_be_sent_is_told(self, admin_page: Client, sample: Sample, payload: str, told: str):
        change = sample.change("failed")
        assert told in said(admin_page.post(self.url(change), {"payload": payload}))
        assert Change.objects.get().state == "failed"

    @pytest.mark.parametrize(("state", "operation"), [("applied", "update"), ("failed", "action")])
    def test_only_values_that_were_refused_can_be_edited(
        self, admin_page: Client, sample: Sample, state: str, operation: str
    ):
        change = sample.change(state, operation)
        assert "Only a refused" in said(admin_page.get(self.url(change), follow=True))
        admin_page.post(self.url(change), {"payload": '{"name": "Better"}'})
        change.refresh_from_db()
        assert (change.state, change.values) == (state, {"name": "Wrong"})
        of_change = reverse("admin:endpoints_change_change", args=[change.pk])
        assert "Edit and send again" not in said(admin_page.get(of_change))


def test_a_reason_is_kept_with_what_is_discarded(admin_page: Client, sample: Sample):
    change = sample.change("failed", error="No.")
    url = reverse("admin:endpoints_change_do", args=[change.pk, "give_up"])
    assert "Why?" in said(admin_page.post(url))
    admin_page.post(url, {"confirmed": "yes", "reason": "A test order"})
    change.refresh_from_db()
    assert change.error == "Discarded by boss: A test order. Before that: No."
