"""The first page: how is it going?"""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from endpoints.models import Difference, DifferenceKind, Run, RunKind, RunState
from mappings.models import Connection
from synchub import attendance
from synchub.audit.log import Row, insert
from synchub.redis_client import redis_if_there
from synchub.sync import sweep, tasks
from tests.admin.conftest import Sample, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> str:
    return reverse("admin:index")


def test_an_empty_hub_says_how_to_begin(admin_page: Client, page):
    assert "Nothing is connected yet" in said(admin_page.get(page))


def test_each_sees_what_is_theirs_and_no_link_to_a_refusal(client: Client, page, sample: Sample):
    someone = User.objects.create_user("someone", is_staff=True)
    client.force_login(someone)
    assert "You may see nothing of the hub yet" in said(client.get(page))
    someone.user_permissions.set(Permission.objects.filter(codename__in=["view_change", "change_change"]))
    change = sample.change("failed", error="No.")
    shown = client.get(reverse("admin:endpoints_change_change", args=[change.pk])).content.decode()
    assert re.findall(r"</span>([^<]+)</a>", shown.partition("hub-actions")[2]) == ["Edit and send again"]


def test_who_may_add_nothing_is_led_nowhere(client: Client, page):
    someone = User.objects.create_user("someone", is_staff=True)
    someone.user_permissions.set(Permission.objects.filter(codename="view_connection"))
    client.force_login(someone)
    shown = client.get(page).content.decode()
    assert "Nothing is connected yet" in shown
    assert "connection/add" not in shown


def test_all_is_well(admin_page: Client, page, sample: Sample):
    text = said(admin_page.get(page))
    assert text.count("All well") == 3
    assert "Nothing runs at this moment" in text


def test_each_trouble_is_named(admin_page: Client, page, full: Sample):
    text = said(admin_page.get(page))
    assert "The login is refused." in text
    assert "2 waiting" in text
    assert "1 refused" in text
    assert "50 of 200" in text
    assert "Odoo wants an email address." in text
    assert "All well" not in text


def test_its_links_lead_somewhere(admin_page: Client, page, full: Sample):
    for url in set(re.findall(r'href="(/admin/[^"]*)"', admin_page.get(page).content.decode())):
        assert admin_page.get(url.replace("&amp;", "&")).status_code == 200, url


def test_few_queries(admin_page: Client, page, full: Sample, django_assert_max_num_queries):
    with django_assert_max_num_queries(18):
        admin_page.get(page)


def test_the_sidebar_counts_what_was_refused(admin_page: Client, page, sample: Sample):
    groups = admin_page.get(page).context["sidebar_navigation"]
    assert [group.get("title") for group in groups] == [None, "Setup", "Data", "Operation", "Access"]
    changes = next(item for group in groups for item in group["items"] if item["title"] == "Changes")
    assert "badge" not in changes
    for _ in range(3):
        sample.change("failed")
    groups = admin_page.get(page).context["sidebar_navigation"]
    assert [item["badge"] for group in groups for item in group["items"] if "badge" in item] == ["3"]


def test_a_run_that_is_over_is_not_running(admin_page: Client, page, full: Sample):
    Run.objects.update(state="done")
    assert "Nothing runs at this moment" in said(admin_page.get(page))


def test_a_connection_that_failed_is_named(admin_page: Client, page, sample: Sample):
    Connection.objects.update(last_error="It cannot be reached.")
    assert "It cannot be reached." in said(admin_page.get(page))


@pytest.mark.parametrize(
    ("queue", "says"),
    [
        ("housekeeping", "For 10 minutes nobody has looked after what is due: see that beat runs"),
        ("push", "For 10 minutes no worker has taken anything from the queue “push”"),
        ("pull", "For 10 minutes no worker has taken anything from the queue “pull”"),
    ],
)
def test_work_that_nobody_does_is_told_on_the_first_page_and_in_health(
    admin_page: Client, page, sample: Sample, queue: str, says: str
):
    assert "nobody" not in said(admin_page.get(page))  # who asks first begins to count
    with redis_if_there() as client:
        client.decrby(attendance.key(queue), 600)
    assert says in said(admin_page.get(page))
    [warning] = admin_page.get("/healthz").json()["warnings"]
    assert warning.startswith(says)
    attendance.note(queue)
    assert "minutes" not in said(admin_page.get(page))
    assert admin_page.get("/healthz").json() == {"status": "ok"}


def test_a_run_that_stops_and_asks_is_on_the_first_page_until_a_later_one_went_well(
    admin_page: Client, page, sample: Sample
):
    asks = "40 of 100 records are no longer in Odoo"
    ended = {"endpoint": sample.endpoint, "kind": RunKind.SWEEP, "ended_at": timezone.now()}
    Run.objects.create(state=RunState.FAILED, message=asks, **ended)
    assert asks in said(admin_page.get(page))
    assert admin_page.get("/healthz").json()["warnings"] == ["1 run has come to nothing a short while ago."]
    Run.objects.create(state=RunState.DONE, **ended)
    assert asks not in said(admin_page.get(page))
    assert admin_page.get("/healthz").json() == {"status": "ok"}


def test_health_counts_what_waits_for_a_person(admin_page: Client, full: Sample):
    Connection.objects.update(paused_at=None, last_error="It cannot be reached.")
    missing = {"kind": DifferenceKind.MISSING, "odoo_id": 41}
    Difference.objects.create(endpoint=full.endpoint, run=Run.objects.earliest("pk"), **missing)
    assert admin_page.get("/healthz").json()["warnings"] == [
        "2 connections have not answered for five minutes or more.",
        "1 change was refused by Odoo.",
        "1 difference from Odoo waits to be healed.",
    ]


@pytest.mark.parametrize(
    ("state", "told"),
    [("53100", "its disk is full"), ("58030", "its disk fails"), ("40P01", ""), ("57014", "")],
)
def test_a_database_that_takes_no_more_is_told_on_the_first_page_and_in_health(
    admin_page: Client, page, sample: Sample, monkeypatch: pytest.MonkeyPatch, state: str, told: str
):
    """Reading works: nothing else there would show it."""

    def full():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"DO $$ BEGIN RAISE EXCEPTION 'no space on /db/1' USING ERRCODE = '{state}'; END $$"
            )

    monkeypatch.setattr(sweep, "sweep", full)
    assert tasks.sweep.apply().failed()
    sentence = f"The database does not take what workers write: {told}."
    for answer in (Client().get("/healthz"), admin_page.get(page)):
        assert (sentence in answer.content.decode()) == bool(told)
        assert "/db/1" not in answer.content.decode()


def test_that_nothing_old_is_forgotten_is_told_until_it_is(
    admin_page: Client, page, sample: Sample, settings
):
    kept = max(settings.KEEP_EXCHANGES_DAYS, settings.KEEP_FAILURES_DAYS)
    for days in (kept + 3, 1):
        at = timezone.now() - timedelta(days=days, hours=1)
        insert([Row(direction="in", method="GET", target="x", at=at)])
    for shown in (said(admin_page.get(page)), *admin_page.get("/healthz").json()["warnings"]):
        assert "For 3 days nothing has been forgotten of what is old" in shown
    sweep.clean()
    assert "forgotten" not in said(admin_page.get(page))
    assert admin_page.get("/healthz").json() == {"status": "ok"}
