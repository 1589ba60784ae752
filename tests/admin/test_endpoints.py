"""Endpoints: keys are told once, waiting writes are not thrown away, and what changes is fetched anew."""

import re
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from endpoints.models import AccessKey, Change, Endpoint, Footprint, PullState, Record, Run
from endpoints.models.access import token_digests
from mappings.models import Line, Mapping, OdooModel
from tests.admin.conftest import FIELDS, Sample, form_of, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(sample: Sample) -> str:
    return reverse("admin:endpoints_endpoint_change", args=[sample.endpoint.pk])


def with_key(data: dict[str, Any], **key: Any) -> dict[str, Any]:
    number = int(data["keys-TOTAL_FORMS"])
    given = {f"keys-{number}-{name}": value for name, value in ({"enabled": "on"} | key).items()}
    return data | given | {"keys-TOTAL_FORMS": number + 1}


def tokens(response: Any) -> list[str]:
    return re.findall(r'value="(hub_[^"]+)"', response.content.decode())


def press(client: Client, endpoint: Endpoint, button: str, **data: Any) -> str:
    url = reverse("admin:endpoints_endpoint_do", args=[endpoint.pk, button])
    return said(client.post(url, data, follow=True))


class TestKeys:
    def test_a_new_key_gets_a_token_that_is_shown_once(self, admin_page: Client, page, sample: Sample):
        data = with_key(form_of(admin_page.get(page)), name="warehouse")
        answer = admin_page.post(page, data | {"_continue": "1"}, follow=True)
        [token] = tokens(answer)
        assert AccessKey.objects.get(name="warehouse").token_digest in token_digests(token)
        assert token not in admin_page.get(page).content.decode()
        assert tokens(admin_page.get(reverse("admin:index"))) == []
        assert not LogEntry.objects.filter(change_message__contains=token).exists()

    def test_a_key_that_is_left_alone_keeps_its_token(self, admin_page: Client, page, sample: Sample):
        before = sample.endpoint.keys.get().token_digest
        answer = admin_page.post(page, form_of(admin_page.get(page)), follow=True)
        assert tokens(answer) == []
        assert sample.endpoint.keys.get().token_digest == before

    def test_a_new_token_replaces_the_old_one(self, admin_page: Client, page, sample: Sample):
        answer = admin_page.post(
            page, form_of(admin_page.get(page)) | {"keys-0-make_token": "on"}, follow=True
        )
        [token] = tokens(answer)
        assert sample.endpoint.keys.get().token_digest in token_digests(token)

    def test_a_password_is_kept_as_its_hash(self, admin_page: Client, page):
        data = with_key(form_of(admin_page.get(page)), name="wh", login="wh", password="open sesame")
        answer = admin_page.post(page, data, follow=True)
        assert "open sesame" not in answer.content.decode()
        assert tokens(answer) == []
        key = AccessKey.objects.get(name="wh")
        assert check_password("open sesame", key.password_hash)
        assert key.token_digest == ""
        assert key.password_hash not in admin_page.get(page).content.decode()
        assert "open sesame" not in "".join(LogEntry.objects.values_list("change_message", flat=True))

    @pytest.mark.parametrize(
        ("given", "field", "text"),
        [
            ({"password": "x"}, "login", "A password needs a login"),
            ({"login": "wh"}, "password", "Enter the password"),
            ({"login": "wh", "password": "x", "make_token": "on"}, "make_token", "either a login"),
            ({"login": "w:h", "password": "x"}, "login", "no colon"),
        ],
    )
    def test_a_key_is_one_thing_or_the_other(self, admin_page: Client, page, given, field, text):
        answer = admin_page.post(page, with_key(form_of(admin_page.get(page)), name="wh", **given))
        errors = answer.context["inline_admin_formsets"][1].formset.errors[1]
        assert text in errors[field][0]

    def test_a_token_becomes_a_password_and_back(self, admin_page: Client, page, sample: Sample):
        login = {"keys-0-login": "shop", "keys-0-password": "pw"}
        admin_page.post(page, form_of(admin_page.get(page)) | login)
        key = sample.endpoint.keys.get()
        assert (key.login, key.token_digest) == ("shop", "")
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"keys-0-login": ""}, follow=True)
        [token] = tokens(answer)
        key.refresh_from_db()
        assert (key.password_hash, key.token_digest in token_digests(token)) == ("", True)

    def test_no_token_is_told_where_nothing_was_saved(self, admin_page: Client, page):
        data = with_key(form_of(admin_page.get(page)), name="warehouse") | {"limit": "0"}
        assert tokens(admin_page.post(page, data)) == []

    def test_a_key_that_is_not_asked_for_says_so(self, admin_page: Client, page, sample: Sample):
        assert "not asked for" not in said(admin_page.get(page))
        Endpoint.objects.update(auth="basic")
        assert "token, not asked for" in said(admin_page.get(page))


class TestDeleting:
    def url(self, sample: Sample) -> str:
        return reverse("admin:endpoints_endpoint_delete", args=[sample.endpoint.pk])

    @pytest.mark.parametrize("state", ["pending", "claimed"])
    def test_refused_with_the_number_while_writes_wait(self, admin_page: Client, sample: Sample, state):
        sample.change(state)
        sample.change(state)
        text = said(admin_page.get(self.url(sample)))
        assert "cannot be deleted" in text
        assert "2 accepted changes that wait to reach Odoo" in text
        admin_page.post(self.url(sample), {"post": "yes"})
        assert Endpoint.objects.filter(pk=sample.endpoint.pk).exists()
        assert Change.objects.count() == 2

    def test_what_goes_along_is_said_and_goes(
        self, admin_page: Client, sample: Sample, django_capture_on_commit_callbacks
    ):
        sample.change("failed")
        text = said(admin_page.get(self.url(sample)))
        assert "1 records of the hub's copy" in text.replace("&#x27;", "'")
        assert "1 changes that Odoo refused" in text
        with django_capture_on_commit_callbacks(execute=True):
            assert admin_page.post(self.url(sample), {"post": "yes"}).status_code == 302
        assert not Endpoint.objects.exists()
        assert not Record.objects.exists()
        assert sample.mapping.__class__.objects.exists()


class TestFetchingAnew:
    def pull(self, sample: Sample) -> PullState:
        return PullState.objects.get(endpoint=sample.endpoint)

    @pytest.mark.parametrize(
        "given", [{"domain": "[('is_company', '=', True)]"}, {"parameters-0-field": "email"}]
    )
    def test_when_what_it_covers_changes(self, admin_page: Client, page, sample: Sample, given):
        text = said(admin_page.post(page, form_of(admin_page.get(page)) | given, follow=True))
        assert "read from Odoo again" in text
        pull = self.pull(sample)
        assert (pull.cursor, pull.walk_after_id, pull.complete) == ("", None, False)

    def test_not_where_odoo_answers_itself_from_now_on(self, admin_page: Client, page, sample: Sample):
        text = said(admin_page.post(page, form_of(admin_page.get(page)) | {"mode": "live"}, follow=True))
        assert "read from Odoo again" not in text
        assert "answered from Odoo itself now" in text

    @pytest.mark.parametrize("given", [{}, {"limit": "50"}, {"keys-0-name": "other"}])
    def test_not_when_something_else_does(self, admin_page: Client, page, sample: Sample, given):
        assert admin_page.post(page, form_of(admin_page.get(page)) | given).status_code == 302
        assert self.pull(sample).complete

    def test_at_a_press_after_asking_back(self, admin_page: Client, sample: Sample):
        assert "Yes: Pull everything again" in press(admin_page, sample.endpoint, "pull_everything")
        assert self.pull(sample).complete
        press(admin_page, sample.endpoint, "pull_everything", confirmed="yes")
        press(admin_page, sample.endpoint, "pull_everything", confirmed="yes")
        assert self.pull(sample).complete
        assert [one.kind for one in Run.objects.filter(state="queued")] == ["reread"]


class TestFromElsewhere:
    """Records of another database or model have other ids: with the old ones, the hub would write over strangers."""

    @pytest.fixture(params=["connection", "mapping", "endpoint"])
    def save(self, admin_page: Client, sample: Sample, request) -> Callable[[], Any]:
        OdooModel.objects.create(connection=sample.connection, model="res.users", fields=FIELDS)
        other = Mapping.objects.create(name="user", connection=sample.connection, model="res.users")
        Line.objects.create(mapping=other, key="login", field="name", identifier=True)
        ways: dict[str, tuple[str, dict[str, Any]]] = {
            "connection": ("mappings_connection", {"database": "copy"}),
            "mapping": ("mappings_mapping", {"model": "res.users"}),
            "endpoint": ("endpoints_endpoint", {"mapping": other.pk, "parameters-0-DELETE": "on"}),
        }
        kind, given = ways[request.param]
        url = reverse(f"admin:{kind}_change", args=[getattr(sample, request.param).pk])
        return lambda: admin_page.post(url, form_of(admin_page.get(url)) | given)

    def test_the_copies_are_dropped_and_everything_is_read_anew(self, sample: Sample, save):
        sample.change("applied")
        run = Run.objects.create(endpoint=sample.endpoint, kind="push")
        Footprint.objects.create(run=run, record=sample.record, odoo_id=41, did="update")
        assert save().status_code == 302
        connection.check_constraints()
        assert not Record.objects.exists()
        state = PullState.objects.get()
        assert (state.cursor, state.walk_after_id, state.complete) == ("", None, False)

    def test_not_while_writes_wait_for_where_they_came_from(self, sample: Sample, save):
        sample.change("pending")
        answer = save()
        assert answer.status_code == 200
        assert (
            "Endpoint “partners” would show records from elsewhere, but 1 change of it still waits"
            in said(answer)
        )
        assert Record.objects.get().odoo_id == 41
        assert Endpoint.objects.get().mapping.model == "res.partner"


class TestButtons:
    def test_pull_now(self, admin_page: Client, sample: Sample):
        before = PullState.objects.get().next_at
        assert "is pulled within a few seconds" in press(admin_page, sample.endpoint, "pull_now")
        after = PullState.objects.get()
        assert after.next_at > before
        assert after.cursor

    def test_pull_now_says_where_it_has_to_wait(self, admin_page: Client, sample: Sample):
        Endpoint.objects.update(paused=True)
        assert "waits until that is over" in press(admin_page, sample.endpoint, "pull_now")

    def test_pause_and_resume(self, admin_page: Client, page, sample: Sample):
        press(admin_page, sample.endpoint, "pause", confirmed="yes", reason="Odoo is upgraded")
        sample.endpoint.refresh_from_db()
        assert (sample.endpoint.paused, sample.endpoint.paused_by) == (True, "boss")
        assert "Odoo is upgraded" in said(admin_page.get(reverse("admin:index")))
        assert "Resume" in said(admin_page.get(page))
        press(admin_page, sample.endpoint, "resume")
        sample.endpoint.refresh_from_db()
        assert not sample.endpoint.paused

    @pytest.mark.parametrize("action", ["pull_selected", "pause_selected", "resume_selected"])
    def test_for_several_from_the_list(self, admin_page: Client, sample: Sample, action):
        data = {"action": action, "_selected_action": [sample.endpoint.pk], "confirmed": "yes"}
        answer = admin_page.post(reverse("admin:endpoints_endpoint_changelist"), data, follow=True)
        assert "“partners”" in said(answer)

    def test_all_that_match_are_paused_as_the_page_named_them(self, admin_page: Client, sample: Sample):
        url = reverse("admin:endpoints_endpoint_changelist")
        data = {"action": "pause_selected", "select_across": "1", "_selected_action": [sample.endpoint.pk]}
        asked = admin_page.post(url, data)
        Endpoint.objects.create(name="meanwhile", mapping=sample.endpoint.mapping)
        admin_page.post(url, dict(asked.context["hidden"]) | {"confirmed": "yes"})
        assert list(Endpoint.objects.filter(paused=True)) == [sample.endpoint]


class TestIsItWell:
    def list(self, client: Client) -> str:
        return said(client.get(reverse("admin:endpoints_endpoint_changelist")))

    def test_well(self, admin_page: Client, sample: Sample):
        text = self.list(admin_page)
        assert "/bj_api_sync/v1/partners" in text
        assert " well " in text

    def test_counts_of_what_waits_and_was_refused(self, admin_page: Client, sample: Sample):
        for state in ("pending", "pending", "claimed", "failed", "applied"):
            sample.change(state)
        row = self.list(admin_page).split("/bj_api_sync/v1/partners", 1)[1]
        assert re.match(r" +well +partner +1 +3 +1 ", row)

    @pytest.mark.parametrize(
        ("given", "text"), [({"enabled": False}, " off "), ({"paused": True}, " paused ")]
    )
    def test_off_and_paused(self, admin_page: Client, sample: Sample, given, text):
        Endpoint.objects.update(**given)
        assert text in self.list(admin_page)

    def test_a_broken_mapping(self, admin_page: Client, sample: Sample):
        Line.objects.filter(key="email").update(field="gone")
        assert "has no field gone" in self.list(admin_page)

    def test_a_pull_that_failed(self, admin_page: Client, sample: Sample):
        PullState.objects.update(last_error="Odoo did not answer.")
        assert "Odoo did not answer." in self.list(admin_page)

    def test_one_that_was_never_pulled(self, admin_page: Client, sample: Sample):
        PullState.objects.all().delete()
        text = self.list(admin_page)
        assert "first pull" in text
        assert "never" in text

    def test_fields_not_read_yet(self, admin_page: Client, sample: Sample):
        OdooModel.objects.all().delete()
        assert "have not been read from Odoo yet" in self.list(admin_page)


class TestTheForm:
    def test_a_new_one(self, admin_page: Client, sample: Sample):
        url = reverse("admin:endpoints_endpoint_add")
        data = form_of(admin_page.get(url)) | {"name": "customers", "mapping": sample.mapping.pk}
        data = with_key(data, name="shop")
        assert len(tokens(admin_page.post(url, data, follow=True))) == 1
        endpoint = Endpoint.objects.get(name="customers")
        assert (endpoint.methods, endpoint.auth, endpoint.domain) == (
            ["GET", "POST", "PUT", "DELETE"],
            "bearer",
            "[]",
        )

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"domain": "[('x'"}, "domain"),
            ({"domain": "[('nothing', '=', 1)]"}, "domain"),
            ({"methods": []}, "methods"),
            ({"limit": "100000"}, "limit"),
            ({"rate_per_key": "often"}, "rate_per_key"),
            ({"name": "Not Good"}, "name"),
        ],
    )
    def test_errors_are_at_the_field(self, admin_page: Client, page, given, field):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | given)
        assert field in answer.context["adminform"].form.errors

    def test_a_parameter_over_an_unknown_field(self, admin_page: Client, page):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"parameters-0-field": "nothing"})
        assert "no field nothing" in answer.context["inline_admin_formsets"][0].formset.errors[0]["field"][0]

    def test_empty_rates_are_no_limit(self, admin_page: Client, page, sample: Sample):
        admin_page.post(page, form_of(admin_page.get(page)) | {"rate_per_key": "", "pull_every": ""})
        sample.endpoint.refresh_from_db()
        assert (sample.endpoint.rate_per_key, sample.endpoint.pull_every) == (None, None)

    def test_lines_to_try(self, admin_page: Client, page):
        text = admin_page.get(page).content.decode()
        assert (
            "curl -H &quot;Authorization: Bearer TOKEN&quot; &quot;http://testserver/bj_api_sync/v1/partners?limit=5"
            in text
        )
        assert "hub_kept" not in text

    def test_fields_are_suggested(self, admin_page: Client, page):
        text = admin_page.get(page).content.decode()
        for field in FIELDS:
            assert f'<option value="{field}">' in text


def test_an_action_is_allowed_with_its_parameters_and_one_that_goes_round_the_hub_is_not(
    admin_page: Client, page, sample: Sample
):
    row = {"actions-TOTAL_FORMS": "1", "actions-0-name": "confirm", "actions-0-method": "action_confirm"}
    admin_page.post(page, form_of(admin_page.get(page)) | row | {"actions-0-parameters": "reason, note"})
    action = sample.endpoint.actions.get()
    assert (action.method, action.parameters, action.repeatable) == (
        "action_confirm",
        ["reason", "note"],
        False,
    )
    for method, text in (("write", "POST, PUT, DELETE and GET do that"), ("_compute", "public method")):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"actions-0-method": method})
        assert text in answer.content.decode()
    assert sample.endpoint.actions.get().method == "action_confirm"


@pytest.mark.django_db(transaction=True)
def test_one_whose_name_another_takes_in_the_same_moment_is_told_so(admin_page: Client, sample: Sample):
    add = reverse("admin:endpoints_endpoint_add")
    form = form_of(admin_page.get(add)) | {"name": "twin", "mapping": str(sample.mapping.pk)}

    def by_another() -> None:
        Endpoint(name="twin", mapping=sample.mapping).save()
        connection.close()

    def meanwhile(instance: Endpoint, **_: Any) -> None:
        if not Endpoint.objects.filter(name="twin").exists():
            pre_save.disconnect(meanwhile, sender=Endpoint)
            other = Thread(target=by_another)
            other.start()
            other.join()

    pre_save.connect(meanwhile, sender=Endpoint)
    answer = admin_page.post(add, with_key(form, name="shop"))
    assert "Endpoint with this Name already exists." in said(answer)
    assert tokens(answer) == []
    assert Endpoint.objects.filter(name="twin").count() == 1


def test_records_that_nobody_can_call_are_counted_and_shown(admin_page: Client, sample: Sample):
    page = reverse("admin:endpoints_endpoint_change", args=[sample.endpoint.pk])
    assert "without a name" not in said(admin_page.get(page))
    facts = {"endpoint": sample.endpoint, "document": "{}", "values": {}}
    Record.objects.create(**facts, odoo_id=42, problem="“C-1” already names another record.")
    Record.objects.create(**facts, odoo_id=43)
    Record.objects.create(**facts)  # on its way to Odoo
    Record.objects.create(**facts, odoo_id=44, deleted_at=timezone.now())
    assert "4 records · 2 without a name · 0 waiting" in said(admin_page.get(page))
    assert "4 · 2 without a name" in said(admin_page.get(reverse("admin:endpoints_endpoint_changelist")))
    found = admin_page.get(reverse("admin:endpoints_record_changelist"), {"named": "no"})
    assert len(found.context["cl"].result_list) == 2
    assert "already names another record" in said(found)
    assert "What names it is empty in Odoo" in said(found)


def test_of_a_model_without_an_archive_none_is_proposed(admin_page: Client, sample: Sample):
    add = reverse("admin:endpoints_endpoint_add")
    asked = {"mapping": sample.mapping.pk}
    assert form_of(admin_page.get(add, asked))["on_delete"] == "archive"
    fields = {name: facts for name, facts in FIELDS.items() if name != "active"}
    OdooModel.objects.update(fields=fields)
    assert form_of(admin_page.get(add, asked))["on_delete"] == "ignore"
    assert form_of(admin_page.get(add, {"mapping": "x"}))["on_delete"] == "archive"


def test_two_new_keys_with_one_login_are_told_at_the_second(admin_page: Client, page):
    data = with_key(form_of(admin_page.get(page)), name="one", login="bob", password="a-long-word-1")
    data = with_key(data, name="two", login="bob", password="a-long-word-2")
    answer = admin_page.post(page, data)
    assert answer.status_code == 200
    assert "This endpoint has an access key with the same login." in said(answer)
    assert AccessKey.objects.filter(login="bob").count() == 0


def test_a_live_endpoint_waits_for_no_pull(admin_page: Client, page, sample: Sample):
    Endpoint.objects.update(mode="live")
    PullState.objects.all().delete()
    text = said(admin_page.get(page))
    assert "State live" in text
    assert "Last pull – Next pull –" in text
    assert "Pull now" not in text
    row = {"action": "pull_selected", "_selected_action": [sample.endpoint.pk]}
    answer = admin_page.post(reverse("admin:endpoints_endpoint_changelist"), row, follow=True)
    assert "is live: it asks Odoo at each request" in said(answer)
    assert not PullState.objects.exists()
    assert "requests go on to Odoo" in press(admin_page, sample.endpoint, "pause")
    press(admin_page, sample.endpoint, "pause", confirmed="yes")
    assert "requests go on to Odoo" in said(admin_page.get(reverse("admin:index")))


def test_a_new_key_that_opens_nothing_says_so(admin_page: Client, page):
    data = with_key(form_of(admin_page.get(page)) | {"auth": "basic"}, name="other")
    assert "“other” is a token: it opens nothing." in said(admin_page.post(page, data, follow=True))
    data = with_key(form_of(admin_page.get(page)), name="fits", login="bob", password="a-long-word-1")
    assert "opens nothing" not in said(admin_page.post(page, data, follow=True))
    data = form_of(admin_page.get(page)) | {"auth": "bearer"}
    data = with_key(data, name="third", login="carl", password="a-long-word-1")
    assert "“third” is a login with a password: it opens nothing." in said(
        admin_page.post(page, data, follow=True)
    )
