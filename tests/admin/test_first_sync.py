"""The pages of the first sync: look, decide, release."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from endpoints.models import Endpoint, Match, Record, Run
from tests.admin.conftest import Sample, form_of, said

pytestmark = pytest.mark.django_db
ROWS = "admin:endpoints_match_changelist"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch) -> None:
    monkeypatch.setattr("endpoints.wakeup.push", lambda _endpoint: None)
    monkeypatch.setattr("endpoints.wakeup.run", lambda _run: None)


@pytest.fixture
def held(sample: Sample) -> Sample:
    Endpoint.objects.update(match_on=["email", "name + email"])
    Record.objects.update(odoo_id=None, base=None)
    sample.change("pending", "create", values={"ref": "C-1", "name": "Jan"})
    return sample


def candidate(odoo_id: int) -> dict[str, Any]:
    return {
        "id": odoo_id,
        "name": f"Jan {odoo_id}",
        "shown": {"email": "jan@example.com"},
        "archived": False,
        "called": None,
        "by": "email",
    }


def row(sample: Sample, verdict: str, *ids: int) -> Match:
    return Match.objects.create(
        endpoint=sample.endpoint,
        record=sample.record,
        verdict=verdict,
        candidates=[candidate(one) for one in ids],
    )


def page(sample: Sample) -> str:
    return reverse("admin:endpoints_endpoint_first_sync", args=[sample.endpoint.pk])


def press(client: Client, sample: Sample, button: str) -> str:
    return said(client.post(page(sample), {button: ""}, follow=True))


def test_a_look_is_queued_once(admin_page: Client, held: Sample):
    answer = admin_page.get(page(held))
    assert '<h1 class="hub-title">First sync of partners</h1>' in answer.content.decode()
    assert "1 new record waits; 1 not looked for yet" in said(answer)
    assert "nothing is written" in press(admin_page, held, "match")
    assert admin_page.get(page(held))["Refresh"] == "5"
    assert "under way already" in press(admin_page, held, "match")
    assert Run.objects.get().asked_by == "boss"


def test_what_has_exactly_one_is_approved_and_released(admin_page: Client, held: Sample):
    row(held, "exact", 7)
    assert "not decided yet" in press(admin_page, held, "release")
    assert "1 are those records" in press(admin_page, held, "exact")
    assert "Released" in press(admin_page, held, "release")
    held.record.refresh_from_db()
    assert held.record.odoo_id == 7
    assert "Hold the push" in said(admin_page.get(page(held)))
    press(admin_page, held, "again")
    assert "Release the push" in said(admin_page.get(page(held)))


def test_candidates_are_told_apart(admin_page: Client, held: Sample):
    match = row(held, "ambiguous", 7, 8)
    for odoo_id, city in ((7, "Ghent"), (8, "Bruges")):
        facts = {"endpoint": held.endpoint, "odoo_id": odoo_id, "values": {}}
        document = {
            "email": "jan@example.com",
            "city": city,
            "name": "Jan",
            "active": True,
            "tags": [odoo_id],
        }
        Record.objects.create(**facts, document=json.dumps(document))
    answer = admin_page.get(reverse("admin:endpoints_match_change", args=[match.pk]))
    assert '<h1 class="hub-title">C-1: is it in Odoo?</h1>' in answer.content.decode()
    assert 'data-heading="differs in"' in answer.content.decode()  # on a phone, where columns would not fit
    shown = said(answer)
    assert "Jan 7 (id 7) email: jan@example.com city: Ghent all of it" in shown
    assert "Jan 8 (id 8) email: jan@example.com city: Bruges all of it" in shown
    assert "null" not in shown.partition("What Odoo has")[0]  # what nobody has sent


def test_what_nobody_has_sent_speaks_against_no_candidate(admin_page: Client, held: Sample):
    match = row(held, "exact", 7)
    sent = {"email": "jan@example.com", "city": None, "phone": "2", "vip": False}
    Record.objects.filter(pk=held.record.pk).update(document=json.dumps(sent))
    Record.objects.create(
        endpoint=held.endpoint,
        odoo_id=7,
        values={},
        document=json.dumps(
            {"email": "jan@example.com", "city": "Ghent", "phone": "1", "name": "Jan", "vip": True}
        ),
    )
    shown = said(admin_page.get(reverse("admin:endpoints_match_change", args=[match.pk])))
    assert "Jan 7 (id 7) email: jan@example.com phone: 1, vip: True all of it" in shown


@pytest.mark.parametrize(("chosen", "decision"), [("8", ("link", 8)), ("create", ("create", None))])
def test_among_several_one_is_chosen_or_none(admin_page: Client, held: Sample, chosen, decision):
    match = row(held, "ambiguous", 7, 8)
    url = reverse("admin:endpoints_match_change", args=[match.pk])
    assert "Jan 7 (id 7)" in said(admin_page.get(url))
    assert "Choose one" in said(admin_page.post(url, {"chosen": "99"}, follow=True))
    admin_page.post(url, {"chosen": chosen})
    match.refresh_from_db()
    assert (match.decision, match.odoo_id) == decision
    assert "boss" in said(admin_page.get(reverse(ROWS)))


def test_several_rows_at_once(admin_page: Client, held: Sample):
    match = row(held, "none")
    data = {"action": "create_new", "_selected_action": [match.pk]}
    assert "1 are to be created" in said(admin_page.post(reverse(ROWS), data, follow=True))


def test_keys_are_given_one_a_line_and_checked(admin_page: Client, sample: Sample):
    url = reverse("admin:endpoints_endpoint_change", args=[sample.endpoint.pk])
    data = form_of(admin_page.get(url)) | {"match_on": "email\r\nname + emial\r\n"}
    assert "“emial” is no single value" in said(admin_page.post(url, data))
    admin_page.post(url, data | {"match_on": "email\r\nname + email\r\n"})
    sample.endpoint.refresh_from_db()
    assert sample.endpoint.match_on == ["email", "name + email"]
    assert "waits for matching" in said(admin_page.get(reverse("admin:endpoints_endpoint_changelist")))
    assert "First sync" in said(admin_page.get(url))


def test_however_many_are_approved_it_is_one_step(
    admin_page: Client, held: Sample, django_assert_max_num_queries
):
    """20,000 of them, one after the other, outlasted the request. Of two that have the same one, the first gets it; nobody
    gets one that is another's already."""
    records = Record.objects.bulk_create(
        Record(endpoint=held.endpoint, document="{}", values={}, external_id=f"N-{n}") for n in range(42)
    )
    taken, *others = [
        Match.objects.create(
            endpoint=held.endpoint, record=record, verdict="exact", candidates=[candidate(100 + n // 2)]
        )
        for n, record in enumerate(records)
    ]
    Match.objects.filter(pk=taken.pk).update(decision="link", odoo_id=100)
    with django_assert_max_num_queries(20):
        admin_page.post(page(held), {"exact": ""})
    linked = dict(Match.objects.filter(decision="link").exclude(pk=taken.pk).values_list("pk", "odoo_id"))
    assert linked == {one.pk: 100 + place // 2 for place, one in enumerate(others, 1) if place % 2 == 0}
    assert set(Match.objects.filter(pk__in=linked).values_list("decided_by", flat=True)) == {"boss"}
