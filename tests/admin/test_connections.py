"""Connections: the secret goes in and never comes out; a test says in plain words what happened."""

import html
import json

import pytest
import redis
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demo.odoo import PracticeOdoo
from endpoints.models import PullState, Record, Run
from mappings.models import Connection
from tests.admin.conftest import NOWHERE, SECRET, Sample, form_of, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(sample: Sample) -> str:
    return reverse("admin:mappings_connection_change", args=[sample.connection.pk])


def press(client: Client, connection: Connection, button: str) -> str:
    url = reverse("admin:mappings_connection_do", args=[connection.pk, button])
    return said(client.post(url, follow=True))


class TestTheSecret:
    def test_an_empty_field_keeps_what_is_stored(self, admin_page: Client, page, sample: Sample):
        data = form_of(admin_page.get(page)) | {"database": "other"}
        assert data.get("secret", "") == ""
        assert admin_page.post(page, data).status_code == 302
        kept = Connection.objects.get(pk=sample.connection.pk)
        assert (kept.secret, kept.database) == (SECRET, "other")
        assert "password" not in LogEntry.objects.latest("pk").get_change_message()

    def test_a_new_one_replaces_it_and_is_in_no_history(self, admin_page: Client, page, sample: Sample):
        data = form_of(admin_page.get(page)) | {"secret": "another-secret"}
        answer = admin_page.post(page, data, follow=True)
        assert "another-secret" not in answer.content.decode()
        assert Connection.objects.get(pk=sample.connection.pk).secret == "another-secret"
        entry = LogEntry.objects.latest("pk")
        assert "API key or password" in entry.get_change_message()
        assert "another-secret" not in entry.change_message

    def test_it_is_not_given_back_with_an_error(self, admin_page: Client, page):
        data = form_of(admin_page.get(page)) | {"secret": "another-secret", "url": "nonsense"}
        answer = admin_page.post(page, data)
        assert answer.status_code == 200
        assert "another-secret" not in answer.content.decode()
        # Who saves once more would keep the old one without knowing.
        assert "Enter it once more" in answer.content.decode()
        data = form_of(admin_page.get(page)) | {"url": "nonsense"}
        assert "Enter it once more" not in admin_page.post(page, data).content.decode()

    def test_a_new_connection_needs_one(self, admin_page: Client):
        url = reverse("admin:mappings_connection_add")
        data = form_of(admin_page.get(url)) | {"name": "new", "url": NOWHERE, "database": "x", "login": "x"}
        assert "Enter the API key" in said(admin_page.post(url, data))
        assert admin_page.post(url, data | {"secret": "abc"}).status_code == 302
        assert Connection.objects.get(name="new").secret == "abc"

    def test_the_page_says_whether_one_is_stored(self, admin_page: Client, page, sample: Sample):
        assert "One is stored." in said(admin_page.get(page))
        Connection.objects.filter(pk=sample.connection.pk).update(secret="", secret_env="SOME_VARIABLE")
        assert "One is stored." not in said(admin_page.get(page))

    @pytest.mark.parametrize(
        "elsewhere", ["http://evil.example.com", "http://127.0.0.1:10", "http://127.0.0.1.evil.example:9"]
    )
    def test_it_does_not_come_out_at_another_address(
        self, admin_page: Client, page, sample: Sample, elsewhere: str
    ):
        data = form_of(admin_page.get(page)) | {"url": elsewhere}
        assert f"It was entered for {NOWHERE}: enter it once more" in said(admin_page.post(page, data))
        assert Connection.objects.get(pk=sample.connection.pk).url == NOWHERE
        assert admin_page.post(page, data | {"secret": "its own"}).status_code == 302
        kept = Connection.objects.get(pk=sample.connection.pk)
        assert (kept.url, kept.secret) == (elsewhere, "its own")

    @pytest.mark.parametrize("mended", [f"{NOWHERE}/odoo", "https://127.0.0.1"])
    def test_an_address_of_the_same_server_keeps_it(
        self, admin_page: Client, page, sample: Sample, mended: str
    ):
        data = form_of(admin_page.get(page)) | {"url": mended}
        assert admin_page.post(page, data).status_code == 302
        kept = Connection.objects.get(pk=sample.connection.pk)
        assert (kept.url, kept.secret) == (mended, SECRET)

    def test_variables_of_the_machine_are_for_superusers(
        self, client: Client, page, sample: Sample, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("OF_SOMETHING_ELSE", "kept to itself")
        office = User.objects.create_user("office", is_staff=True)
        office.user_permissions.set(Permission.objects.filter(content_type__model="connection"))
        client.force_login(office)
        named = {"secret_env": "OF_SOMETHING_ELSE", "url_env": "OF_SOMETHING_ELSE"}
        for url in (page, reverse("admin:mappings_connection_add")):
            data = form_of(client.get(url)) | {"name": "mine", "url": NOWHERE, "database": "x", "login": "x"}
            client.post(url, data | {"secret": "typed"} | named)
        assert set(Connection.objects.values_list("url_env", "secret_env")) == {("", "")}
        Connection.objects.filter(pk=sample.connection.pk).update(secret_env="OF_SOMETHING_ELSE")
        data = form_of(client.get(page)) | {"url": "http://evil.example.com"}
        assert "only a superuser may have it sent" in said(client.post(page, data))
        # What is entered would stay beside it, and the variable's be sent.
        assert "only a superuser may have it sent" in said(client.post(page, data | {"secret": "typed"}))

    @pytest.mark.parametrize("name", ["HUB_SECRET_KEY", "HUB_ENCRYPTION_KEYS", "DATABASE_URL"])
    def test_what_the_hub_itself_lives_on_is_sent_to_nobody(
        self, admin_page: Client, page, sample: Sample, name
    ):
        data = form_of(admin_page.get(page)) | {"secret_env": name}
        assert "is sent to nobody" in said(admin_page.post(page, data))
        assert Connection.objects.get(pk=sample.connection.pk).secret_env == ""

    def test_nor_where_a_connection_was_given_it_before_that_was_refused(
        self, client: Client, page, sample: Sample, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("HUB_SECRET_KEY", "what-all-is-signed-with")
        monkeypatch.setenv("DATABASE_URL", "http://everything.example.com")
        Connection.objects.update(secret_env="HUB_SECRET_KEY", url_env="DATABASE_URL")
        kept = Connection.objects.get(pk=sample.connection.pk)
        assert (kept.access().url, kept.access().secret) == (NOWHERE, SECRET)
        # Who cannot enter variables is told of them all the same.
        office = User.objects.create_user("office", is_staff=True)
        office.user_permissions.set(Permission.objects.filter(content_type__model="connection"))
        client.force_login(office)
        text = said(client.post(page, form_of(client.get(page)) | {"database": "other"})).replace(
            "&#x27;", "'"
        )
        for name in ("HUB_SECRET_KEY", "DATABASE_URL"):
            assert f"{name} is the hub's own and is sent to nobody" in text

    def test_one_that_cannot_be_read_any_more_can_be_entered_again(
        self, admin_page: Client, page, sample: Sample, settings
    ):
        settings.HUB_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        data = form_of(admin_page.get(page))
        for name in ("mappings_connection", "mappings_mapping", "endpoints_endpoint", "mappings_odoomodel"):
            assert admin_page.get(reverse(f"admin:{name}_changelist")).status_code == 200
        for name in ("admin:index", "admin:mappings_mapping_add", "admin:endpoints_endpoint_add"):
            assert admin_page.get(reverse(name)).status_code == 200
        for name, row in (("mappings_mapping", sample.mapping), ("endpoints_endpoint", sample.endpoint)):
            assert admin_page.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 200
        assert "cannot be read" in said(admin_page.post(page, data))
        assert "cannot be read" in press(admin_page, sample.connection, "test")
        assert admin_page.post(page, data | {"secret": "again"}).status_code == 302
        assert Connection.objects.get(pk=sample.connection.pk).secret == "again"


class TestFetchingAnew:
    @pytest.mark.parametrize("given", [{"language": "fr_FR"}, {"company_id": "2"}])
    def test_when_odoo_tells_other_values(self, admin_page: Client, page, sample: Sample, given):
        assert admin_page.post(page, form_of(admin_page.get(page)) | given).status_code == 302
        state = PullState.objects.get()
        assert (state.cursor, state.complete) == ("", False)
        assert Record.objects.exists()

    def test_not_when_it_is_called_otherwise(self, admin_page: Client, page, sample: Sample):
        assert admin_page.post(page, form_of(admin_page.get(page)) | {"name": "other"}).status_code == 302
        assert PullState.objects.get().complete


class TestTrying:
    def test_it_tells_version_user_and_company(
        self, admin_page: Client, sample: Sample, practice: PracticeOdoo
    ):
        connection = Connection.objects.create(
            name="practice", url=practice.url, database=practice.database, login="admin", secret="admin"
        )
        text = press(admin_page, connection, "test")
        assert "Reached Odoo 18.0" in text
        assert "logged in as" in text
        assert ", company " in text
        connection.refresh_from_db()
        assert connection.last_ok_at is not None

    def test_a_wrong_password_is_said_and_noted(
        self, admin_page: Client, sample: Sample, practice: PracticeOdoo
    ):
        connection = Connection.objects.create(
            name="practice", url=practice.url, database=practice.database, login="admin", secret="no"
        )
        assert "refuses the login" in press(admin_page, connection, "test")
        connection.refresh_from_db()
        assert "refuses the login" in connection.last_error

    def test_an_unknown_company_is_said(self, admin_page: Client, sample: Sample, practice: PracticeOdoo):
        connection = Connection.objects.create(
            name="practice", url=practice.url, database=practice.database, login="admin", secret="admin",
            company_id=999,
        )  # fmt: skip
        assert "999" in press(admin_page, connection, "test")

    def test_an_address_that_was_copied_with_a_page_in_it_is_told_to_be_too_long(
        self, admin_page: Client, sample: Sample, practice: PracticeOdoo
    ):
        connection = Connection.objects.create(
            name="practice", url=f"{practice.url}/web/login", database=practice.database, login="admin", secret="admin"
        )  # fmt: skip
        text = press(admin_page, connection, "test")
        assert f"Leave out /web/login: Odoo's own address probably is {practice.url}." in html.unescape(text)

    def test_nobody_there_is_said_with_what_to_look_at(self, admin_page: Client, sample: Sample):
        text = press(admin_page, sample.connection, "test")
        assert "cannot be reached" in text
        assert "whether the address is right" in text

    def test_several_can_be_tested_from_the_list(self, admin_page: Client, full: Sample):
        data = {"action": "test_selected", "_selected_action": [c.pk for c in Connection.objects.all()]}
        answer = admin_page.post(reverse("admin:mappings_connection_changelist"), data, follow=True)
        assert said(answer).count("whether the address is right") == 2


class TestPaused:
    @pytest.fixture
    def paused(self, sample: Sample) -> Connection:
        sample.connection.paused_at, sample.connection.paused_reason = timezone.now(), "The login is refused."
        sample.connection.save()
        return sample.connection

    def test_the_reason_is_on_the_list(self, admin_page: Client, paused: Connection):
        text = said(admin_page.get(reverse("admin:mappings_connection_changelist")))
        assert "paused" in text
        assert "The login is refused." in text

    def test_resume_clears_it(self, admin_page: Client, paused: Connection):
        assert "in use again" in press(admin_page, paused, "resume")
        paused.refresh_from_db()
        assert (paused.paused_at, paused.paused_reason) == (None, "")

    def test_a_mended_login_resumes_it(self, admin_page: Client, page, paused: Connection):
        admin_page.post(page, form_of(admin_page.get(page)) | {"secret": "the right one"})
        paused.refresh_from_db()
        assert paused.paused_at is None

    def test_what_a_person_has_paused_stays_so_with_another_database(
        self, admin_page: Client, page, sample: Sample
    ):
        sample.connection.pause("boss", "Odoo is restored")
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"database": "restored"}, follow=True)
        assert "is still paused, by boss" in said(answer)
        sample.connection.refresh_from_db()
        assert (sample.connection.database, sample.connection.paused_by) == ("restored", "boss")
        assert sample.connection.paused_at is not None

    def test_another_change_does_not(self, admin_page: Client, page, paused: Connection):
        admin_page.post(page, form_of(admin_page.get(page)) | {"concurrency": "2"})
        paused.refresh_from_db()
        assert paused.paused_at is not None

    def test_resume_is_only_offered_where_it_is_paused(self, admin_page: Client, page, sample: Sample):
        assert "Resume" not in said(admin_page.get(page))


def test_one_in_use_is_not_deleted_and_says_by_what(admin_page: Client, sample: Sample):
    url = reverse("admin:mappings_connection_delete", args=[sample.connection.pk])
    text = said(admin_page.get(url))
    assert "cannot be deleted" in text
    assert "partner" in text
    admin_page.post(url, {"post": "yes"})
    assert Connection.objects.filter(pk=sample.connection.pk).exists()


def test_one_not_in_use_is_deleted(admin_page: Client, full: Sample):
    url = reverse("admin:mappings_connection_delete", args=[Connection.objects.get(name="old").pk])
    assert admin_page.get(url).status_code == 200
    admin_page.post(url, {"post": "yes"})
    assert not Connection.objects.filter(name="old").exists()


class TestReadingTheFields:
    BUTTON = "Read the models and fields from Odoo now"

    @pytest.fixture
    def queue(self):
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.delete("housekeeping")
            yield lambda: [json.loads(one)["headers"] for one in client.lrange("housekeeping", 0, -1)]
            client.delete("housekeeping")

    def test_a_worker_is_told_which_connection(self, admin_page: Client, page, sample: Sample, queue):
        assert self.BUTTON in said(admin_page.get(page))
        assert "within seconds" in press(admin_page, sample.connection, "read_fields")
        [message] = queue()
        assert message["task"].endswith("refresh_schemas")
        assert str(sample.connection.pk) in message["argsrepr"]

    def test_the_page_says_how_far_it_is_and_nothing_is_begun_twice(
        self, admin_page: Client, page, sample: Sample, queue
    ):
        Run.objects.create(connection=sample.connection, kind="schema", total=12, seen=3)
        assert "3 of 12 models so far" in said(admin_page.get(page))
        assert "being read already" in press(admin_page, sample.connection, "read_fields")
        assert queue() == []

    def test_the_page_says_what_came_of_it(self, admin_page: Client, page, sample: Sample):
        Run.objects.create(
            connection=sample.connection, kind="schema", state="done", message="Every mapping fits."
        )
        text = said(admin_page.get(page))
        assert "1 model, read" in text
        assert "Every mapping fits." in text
        url = reverse("admin:endpoints_run_changelist")
        assert "connection main" in said(
            admin_page.get(f"{url}?connection__id__exact={sample.connection.pk}")
        )

    def test_a_paused_connection_is_left_alone(self, admin_page: Client, page, sample: Sample):
        Connection.objects.update(paused_at=timezone.now(), paused_reason="The login is refused.")
        assert self.BUTTON not in said(admin_page.get(page))
