"""Every page opens, empty and full, with few queries and without a secret on it."""

import re
from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from endpoints.models import Change, Endpoint, Record, Run
from mappings.models import Connection, LookupTable, Mapping, OdooModel
from synchub.audit.models import Exchange
from tests.admin.conftest import SECRET, Sample, form_of, said

pytestmark = pytest.mark.django_db

LISTS = (
    "mappings_connection", "mappings_mapping", "mappings_lookuptable", "mappings_odoomodel", "endpoints_endpoint",
    "endpoints_record",
    "endpoints_change", "endpoints_run", "audit_exchange", "auth_user", "auth_group",
)  # fmt: skip
MODELS: tuple[Any, ...] = (
    Connection,
    Mapping,
    LookupTable,
    OdooModel,
    Endpoint,
    Record,
    Change,
    Run,
    Exchange,
    User,
)
ADDED = (
    "mappings_connection",
    "mappings_mapping",
    "mappings_lookuptable",
    "endpoints_endpoint",
    "auth_user",
    "auth_group",
)


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_opens(admin_page: Client, name):
    assert admin_page.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", [name for name in LISTS if not name.startswith("auth_user")])
def test_an_empty_list_says_what_to_do(admin_page: Client, name):
    page = admin_page.get(reverse(f"admin:{name}_changelist"))
    assert page.context["cl"].model_admin.empty_text in said(page).replace("&#x27;", "'")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_with_few_queries(admin_page: Client, full: Sample, name, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        assert admin_page.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.usefixtures("same_configuration")
@pytest.mark.parametrize(
    "name", ["endpoints_endpoint", "mappings_mapping", "endpoints_change", "endpoints_record"]
)
def test_more_rows_cost_no_more_queries(admin_page: Client, full: Sample, name):
    url = reverse(f"admin:{name}_changelist")
    admin_page.get(url)
    with CaptureQueriesContext(connection) as few:
        admin_page.get(url)
    for number in range(5):
        mapping = Mapping.objects.create(name=f"m{number}", connection=full.connection, model="res.partner")
        endpoint = Endpoint.objects.create(name=f"e{number}", mapping=mapping)
        record = Record.objects.create(endpoint=endpoint, external_id="x", document="{}", values={})
        full.change("failed", record=record, error="No.")
    with CaptureQueriesContext(connection) as many:
        admin_page.get(url)
    assert len(many) <= len(few)


@pytest.mark.parametrize("name", ADDED)
def test_a_page_to_add_opens(admin_page: Client, name):
    answer = admin_page.get(reverse(f"admin:{name}_add"))
    assert answer.status_code == 200
    # What helps with an input is read out with it: it stands where the input says.
    page = answer.content.decode().partition("inline-related")[0]
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    said_to_help = [one for many in re.findall(r'aria-describedby="([^"]+)"', page) for one in many.split()]
    assert {one for one in said_to_help if one.startswith("id_")} <= ids


@pytest.mark.parametrize("model", MODELS)
def test_a_record_opens_with_few_queries_and_shows_no_secret(
    admin_page: Client, full: Sample, model, django_assert_max_num_queries
):
    ContentType.objects.get_for_model(model)  # asked for once in each process
    for row in model.objects.all():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        with django_assert_max_num_queries(27):
            page = admin_page.get(reverse(name, args=[row.pk]))
        assert page.status_code == 200
        text = page.content.decode()
        assert SECRET not in text
        for key in full.endpoint.keys.all():
            assert key.token_digest not in text


@pytest.mark.parametrize("name", ["conflict", "match", "change", "record"])
@pytest.mark.parametrize("address", ["999", "of-the-shop"])
def test_a_page_of_what_is_not_there_leads_back_and_says_so(admin_page: Client, name, address):
    answer = admin_page.get(reverse(f"admin:endpoints_{name}_change", args=[address]), follow=True)
    assert answer.redirect_chain
    assert "Perhaps it was deleted?" in said(answer)


def test_a_group_opens(admin_page: Client):
    group = Group.objects.create(name="lookers")
    assert admin_page.get(reverse("admin:auth_group_change", args=[group.pk])).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_deleted_in_bulk(admin_page: Client, full: Sample, name):
    assert "delete_selected" not in admin_page.get(reverse(f"admin:{name}_changelist")).content.decode()


@pytest.mark.parametrize("name", ["endpoints_record", "endpoints_change", "endpoints_run", "audit_exchange"])
def test_what_the_hub_writes_itself_cannot_be_added_or_deleted(admin_page: Client, full: Sample, name):
    assert admin_page.get(reverse(f"admin:{name}_add")).status_code == 403
    model: Any = {"endpoints_record": Record, "endpoints_change": Change, "endpoints_run": Run}.get(
        name, Exchange
    )
    assert (
        admin_page.get(reverse(f"admin:{name}_delete", args=[model.objects.earliest("pk").pk])).status_code
        == 403
    )


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("endpoints_record", "q=C-"),
        ("endpoints_record", "q=41"),
        ("endpoints_record", "endpoint__id__exact={endpoint}&removed=no"),
        ("endpoints_change", "q=C-1"),
        ("endpoints_change", "q=r-1"),
        ("endpoints_change", "state__exact=failed&endpoint__id__exact={endpoint}"),
        ("endpoints_change", "record__id__exact={record}"),
        ("endpoints_run", "endpoint__id__exact={endpoint}"),
        ("audit_exchange", "q=r-1"),
        ("audit_exchange", "endpoint=partners&direction__exact=in&failed__exact=1"),
        ("mappings_mapping", "connection__id__exact={connection}"),
        ("endpoints_endpoint", "mapping__id__exact={mapping}"),
    ],
)
def test_searches_and_links_between_pages_find_something(admin_page: Client, full: Sample, name, query):
    query = query.format(
        endpoint=full.endpoint.pk,
        record=full.record.pk,
        connection=full.connection.pk,
        mapping=full.mapping.pk,
    )
    page = admin_page.get(f"{reverse(f'admin:{name}_changelist')}?{query}")
    assert page.status_code == 200
    assert page.context["cl"].result_count > 0


def test_a_record_is_found_by_its_handle_and_not_by_what_no_record_has(admin_page: Client, full: Sample):
    url = reverse("admin:endpoints_record_changelist")
    assert admin_page.get(url, {"q": f"~{full.record.handle}"}).context["cl"].result_count == 1
    assert admin_page.get(url, {"q": "99999999999999999999"}).context["cl"].result_count == 0
    assert "Nothing" not in said(admin_page.get(url, {"q": "nobody"}))


def test_a_large_table_is_counted_only_so_far(admin_page: Client, full: Sample, monkeypatch):
    monkeypatch.setattr("synchub.admin.paging.CAP", 2)
    text = said(admin_page.get(reverse("admin:endpoints_change_changelist")))
    assert "more than" in text


def test_a_record_shows_document_odoo_values_problem_and_changes(admin_page: Client, full: Sample):
    Record.objects.filter(pk=full.record.pk).update(state="failed", problem="Odoo wants an email address.")
    text = said(admin_page.get(reverse("admin:endpoints_record_change", args=[full.record.pk])))
    assert "&quot;name&quot;: &quot;Wrong&quot;" in text
    assert "&quot;name&quot;: &quot;Right&quot;" in text
    assert text.count("Odoo wants an email address.") == 2
    assert "refused" in text


@pytest.mark.parametrize("name", ["record", "change", "run"])
def test_moments_say_on_which_clock_they_are(admin_page: Client, full: Sample, name: str):
    shown: dict[str, Any] = {"record": Record, "change": Change, "run": Run}
    row = shown[name].objects.first()
    with timezone.override("Asia/Tokyo"):
        moment = timezone.localtime(row.started_at if name == "run" else row.created_at)
        text = said(admin_page.get(reverse(f"admin:endpoints_{name}_change", args=[row.pk])))
    assert f"{moment:%Y-%m-%d %H:%M} JST" in text


def test_a_session_lasts_from_the_last_form_not_from_the_login(admin_page: Client):
    assert (
        admin_page.get(reverse("admin:mappings_mapping_add")).cookies["sessionid"]["max-age"] == 14 * 86_400
    )


def test_a_change_names_the_key_that_is_at_fault(admin_page: Client, full: Sample):
    assert "“email”: Odoo wants an email address." in said(
        admin_page.get(reverse("admin:endpoints_change_changelist"))
    )


def test_a_run_shows_how_far_it_is(admin_page: Client, full: Sample):
    assert "50 of 200" in said(admin_page.get(reverse("admin:endpoints_run_changelist")))


def test_a_run_s_page_is_loaded_again_as_long_as_it_runs(admin_page: Client, full: Sample):
    run = Run.objects.filter(state="running").latest("pk")
    page = reverse("admin:endpoints_run_change", args=[run.pk])
    assert admin_page.get(page)["Refresh"] == "5"
    Run.objects.update(state="done")
    assert "Refresh" not in admin_page.get(page)


def test_a_search_that_finds_nothing_leads_back(admin_page: Client, full: Sample):
    shown = said(admin_page.get(reverse("admin:endpoints_record_changelist"), {"q": "nothing-like-it"}))
    assert "No record is like what you search for or filter by." in shown
    assert "Create a new item" not in shown


def test_html_in_data_is_text(admin_page: Client, full: Sample):
    evil = "<script>alert(1)</script>"
    Record.objects.filter(pk=full.record.pk).update(
        external_id=evil, problem=evil, document=f'{{"a": "{evil}"}}'
    )
    Change.objects.update(error=evil)
    Run.objects.update(message=evil)
    Exchange.objects.update(target=evil, status=evil[:16], request=evil)
    Connection.objects.update(last_error=evil, paused_reason=evil)
    pages = [reverse(f"admin:{name}_changelist") for name in LISTS]
    pages += [reverse("admin:index"), reverse("admin:endpoints_record_change", args=[full.record.pk])]
    pages += [reverse("admin:endpoints_change_change", args=[Change.objects.latest("pk").pk])]
    for url in pages:
        assert evil not in admin_page.get(url).content.decode(), url


@pytest.mark.parametrize("what", ["table", "person", "group"])
def test_of_two_at_one_page_the_second_is_told_whatever_the_page(
    admin_page: Client, sample: Sample, what: str
):
    rows: dict[str, tuple[str, Any]] = {
        "table": ("mappings_lookuptable", LookupTable.objects.create(name="kinds")),
        "person": ("auth_user", User.objects.create_user("clerk", is_staff=True)),
        "group": ("auth_group", Group.objects.create(name="clerks")),
    }
    name, row = rows[what]
    page = reverse(f"admin:{name}_change", args=[row.pk])
    mine, hers = form_of(admin_page.get(page)), form_of(admin_page.get(page))
    if what == "person":
        User.objects.filter(pk=row.pk).update(last_login=timezone.now())  # which is no change of anybody's
    changed = {"table": {"on_unknown": "pass"}, "person": {"is_active": ""}, "group": {"name": "them"}}[what]
    assert admin_page.post(page, hers | changed).status_code == 302
    assert "changed while you had it open" in said(admin_page.post(page, mine))


class TestWhoMayDoWhat:
    @pytest.fixture
    def looker(self, client: Client, db: None) -> Client:
        user = User.objects.create_user("looker", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
        client.force_login(user)
        return client

    def test_a_stranger_is_asked_to_log_in(self, client: Client, sample: Sample):
        for name in LISTS:
            assert client.get(reverse(f"admin:{name}_changelist")).status_code == 302

    def test_a_login_without_a_page_to_go_on_to_leads_home(self, client: Client, db: None):
        User.objects.create_superuser("boss", "", "not-so-secret")
        page = client.get(reverse("admin:login")).content.decode()
        action = page.split('<form action="', 1)[1].split('"', 1)[0]
        answer = client.post(action, {"username": "boss", "password": "not-so-secret"})
        assert answer["Location"] == reverse("admin:index")

    def test_passwords_are_not_guessed_by_the_thousand(self, client: Client, db: None, settings: Any):
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        User.objects.create_superuser("boss", "", "not-so-secret")
        whoever = {"REMOTE_ADDR": "192.0.2.77"}

        def tries(password: str, **where: Any) -> Any:
            return client.post(reverse("admin:login"), {"username": "boss", "password": password}, **where)

        told = [said(tries(f"guess {n}", **whoever)) for n in range(31)]
        assert ["Too many logins" in text for text in told] == [False] * 30 + [True]
        assert "Too many logins were tried from your address. Try again in" in said(
            tries("not-so-secret", **whoever)
        )
        # Whoever is kept out by others of the same proxy is told what to do about it.
        named = "You come through 192.0.2.77, and so may others"
        passed_on = {**whoever, "HTTP_X_FORWARDED_FOR": "198.51.100.7"}
        assert named not in said(tries("not-so-secret", **whoever))
        text = said(tries("not-so-secret", **passed_on))
        assert named in text
        assert "HUB_TRUSTED_PROXIES" in text
        settings.TRUSTED_PROXIES = (ip_network("192.0.2.77"),)
        assert tries("not-so-secret", **passed_on).status_code == 302
        settings.TRUSTED_PROXIES = ()
        assert tries("not-so-secret", REMOTE_ADDR="192.0.2.78").status_code == 302

    @pytest.mark.parametrize("model", MODELS)
    def test_who_may_only_look_sees_pages_without_buttons(self, looker: Client, full: Sample, model):
        for row in model.objects.all():
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            page = looker.get(reverse(name, args=[row.pk]))
            assert page.status_code == 200
            assert "/do/" not in page.content.decode()
            assert SECRET not in page.content.decode()

    def test_who_may_only_look_cannot_press_a_button(self, looker: Client, full: Sample):
        change = Change.objects.get(state="failed")
        assert (
            looker.post(reverse("admin:endpoints_change_do", args=[change.pk, "send_again"])).status_code
            == 403
        )
        assert (
            looker.post(reverse("admin:endpoints_endpoint_do", args=[full.endpoint.pk, "pause"])).status_code
            == 403
        )
        change.refresh_from_db()
        assert change.state == "failed"

    def test_who_may_see_nothing_gets_a_page_without_figures(self, client: Client, full: Sample):
        client.force_login(User.objects.create_user("new", is_staff=True))
        text = said(client.get(reverse("admin:index")))
        assert "partners" not in text
        assert "Changes" not in text

    def test_a_button_wants_a_post(self, admin_page: Client, full: Sample):
        page = admin_page.get(reverse("admin:endpoints_endpoint_do", args=[full.endpoint.pk, "pause"]))
        assert page.status_code == 302
        full.endpoint.refresh_from_db()
        assert not full.endpoint.paused

    def test_a_pressed_button_is_in_the_history(self, admin_page: Client, full: Sample):
        url = reverse("admin:endpoints_endpoint_do", args=[full.endpoint.pk, "pause"])
        admin_page.post(url, {"confirmed": "yes", "reason": "Odoo is upgraded"})
        assert "Odoo is upgraded" in LogEntry.objects.latest("pk").change_message
        history = reverse("admin:endpoints_endpoint_history", args=[full.endpoint.pk])
        assert "Pressed “Pause”: Odoo" in said(admin_page.get(history))

    def test_a_button_that_no_longer_fits_says_so(self, admin_page: Client, full: Sample):
        url = reverse("admin:endpoints_endpoint_do", args=[full.endpoint.pk, "resume"])
        assert "no longer possible" in said(admin_page.post(url, follow=True))
        assert "not there any more" in said(admin_page.post(url.replace("resume", "explode"), follow=True))
