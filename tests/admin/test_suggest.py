"""“Suggest lines” on a mapping's page, with the practice Odoo behind it."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from demo.odoo import PracticeOdoo
from endpoints.models import Endpoint, PullState
from mappings.models import Connection, Line, Mapping
from tests.admin.conftest import form_of, said

pytestmark = pytest.mark.django_db

SAMPLE = (
    '{"customer_id": "C-1", "name": "Deco", "telephone": "02", "address": {"town": "Ghent"}, "loyalty": 5}'
)


@pytest.fixture
def mapping(practice: PracticeOdoo) -> Mapping:
    connection = Connection.objects.create(
        name="practice", url=practice.url, database=practice.database, login="admin", secret="admin"
    )
    return Mapping.objects.create(name="partner", connection=connection, model="res.partner")


@pytest.fixture
def page(mapping: Mapping) -> str:
    return reverse("admin:mappings_mapping_suggest", args=[mapping.pk])


def ticked(answer: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send back of the proposals."""
    formset = answer.context["proposals"]
    data = {bound.html_name: bound.value() for bound in formset.management_form}
    for form in formset:
        for bound in form:
            value = bound.value()
            if value not in (None, False):
                data[bound.html_name] = "on" if value is True else value
    return data | changes


def test_a_pasted_sample_becomes_lines_once_they_are_confirmed(admin_page: Client, page, mapping: Mapping):
    proposed = admin_page.post(page, {"sample": SAMPLE})
    assert "loyalty no field of the model is called like that" in said(proposed)
    assert not Line.objects.exists()
    answer = admin_page.post(page, ticked(proposed), follow=True)
    assert "4 lines added from a suggestion" in said(answer)
    assert {line.key: (line.field, line.identifier) for line in mapping.lines.all()} == {
        "customer_id": ("ref", True),
        "name": ("name", False),
        "telephone": ("phone", False),
        "address.town": ("city", False),
    }


def test_only_what_is_ticked_is_added_with_what_was_corrected(admin_page: Client, page, mapping: Mapping):
    data = ticked(admin_page.post(page, {"sample": SAMPLE}))
    [phone] = [name for name, value in data.items() if value == "telephone"]
    number = phone.split("-")[1]
    data |= {f"proposals-{number}-field": "email"}
    for name in [name for name in data if name.endswith("-add") and f"-{number}-" not in name]:
        del data[name]
    admin_page.post(page, data)
    assert [(line.key, line.field) for line in mapping.lines.all()] == [("telephone", "email")]


def test_the_newest_record_of_odoo_gives_its_filled_fields(
    admin_page: Client, page, mapping: Mapping, practice: PracticeOdoo
):
    practice.execute("res.partner", "create", [{"name": "Newest", "ref": "N-1", "city": "Ghent"}])
    country = Mapping.objects.create(name="land", connection=mapping.connection, model="res.country")
    Line.objects.create(mapping=country, key="code", field="code", identifier=True)
    proposed = admin_page.post(page, {"newest": "yes"})
    admin_page.post(page, ticked(proposed))
    fields = {line.field for line in mapping.lines.all()}
    assert {"name", "ref", "city"} <= fields
    assert "email" not in fields
    assert not {"id", "write_date", "create_uid"} & fields
    again = said(admin_page.post(page, {"newest": "yes"}))
    assert "each ordinary field that is filled in the newest record has a line already" in again


def test_a_second_round_proposes_what_is_missing(admin_page: Client, page, mapping: Mapping):
    admin_page.post(page, ticked(admin_page.post(page, {"sample": SAMPLE})))
    again = admin_page.post(page, {"sample": '{"customer_id": "x", "name": "x", "email": "a@b.c"}'})
    assert [form["key"].value() for form in again.context["proposals"]] == ["email"]
    assert not again.context["proposals"].forms[0]["identifier"].value()
    assert "there is a line with this key" in said(again)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"field": "emial"}, "res.partner has no field emial"),
        ({"key": "customer id"}, "A key has"),
        ({"key": "limit"}, "is a query parameter"),
        ({"key": "customer_id"}, "wo lines have the key"),
    ],
)
def test_what_cannot_be_a_line_is_said_at_its_row_and_nothing_is_saved(
    admin_page: Client, page, mapping: Mapping, changes: Any, text: str
):
    data = ticked(admin_page.post(page, {"sample": SAMPLE}))
    [place] = [name.removesuffix("-key") for name, value in data.items() if value == "telephone"]
    answer = admin_page.post(page, data | {f"{place}-{name}": value for name, value in changes.items()})
    assert text in said(answer)
    assert not Line.objects.exists()


def test_nothing_ticked_is_told(admin_page: Client, page, mapping: Mapping):
    data = ticked(admin_page.post(page, {"sample": SAMPLE}))
    answer = admin_page.post(page, {name: value for name, value in data.items() if not name.endswith("-add")})
    assert "Tick the lines that you want" in said(answer)


@pytest.mark.parametrize("sample", ["", "{", "5", "[]", "{}", "[1]"])
def test_a_sample_that_is_no_object_is_told(admin_page: Client, page, sample: str):
    answer = admin_page.post(page, {"sample": sample})
    assert answer.status_code == 200
    assert answer.context["sample"].errors["sample"]


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        ('{"name": "\\ud83d"}', "the character U+D83D"),
        ('{"name": "a\\u0000"}', "the character U+0000"),
        ('{"points": 1e400}', "1e400 is too large"),
        ('{"points": ' + "9" * 5000 + "}", "5,000 digits"),
        ('{"address": {"city": "x"}, "address": {"zip": "1"}}', "“address” is there twice"),
        ('{"type": "object", "properties": {"name": {"type": "string"}}}', "describes what records are like"),
        ('{"openapi": "3.1.0", "paths": {}}', "describes what records are like"),
    ],
)
def test_a_sample_of_which_something_would_be_lost_is_told(admin_page: Client, page, sample: str, text: str):
    answer = admin_page.post(page, {"sample": sample})
    assert text in said(answer)
    assert "Proposed lines" not in said(answer)


@pytest.mark.parametrize(
    "sample",
    [
        "\ufeff%s",
        "[%s, {}]",
        '{"count": 2, "next": null, "results": [%s]}',
        '{"data": [%s], "meta": {"page": 1}}',
    ],
)
def test_a_page_of_records_is_a_sample_too(admin_page: Client, page, mapping: Mapping, sample: str):
    admin_page.post(page, ticked(admin_page.post(page, {"sample": sample % SAMPLE})))
    assert {line.key for line in mapping.lines.all()} == {"customer_id", "name", "telephone", "address.town"}


def test_a_date_in_another_form_says_what_its_line_needs(admin_page: Client, page):
    proposed = admin_page.post(page, {"sample": '{"name": "x", "created_on": "31/12/2025"}'})
    assert "created_on it looks like create_date" in said(proposed)
    assert "its pattern behind “Details”" in said(proposed)


def test_added_lines_have_the_records_read_anew(admin_page: Client, page, mapping: Mapping):
    endpoint = Endpoint.objects.create(name="partners", mapping=mapping)
    pull, _ = PullState.objects.update_or_create(endpoint=endpoint, defaults={"complete": True})
    admin_page.post(page, ticked(admin_page.post(page, {"sample": SAMPLE})))
    pull.refresh_from_db()
    assert not pull.complete


def test_a_new_mapping_may_be_saved_without_lines_and_leads_here(admin_page: Client, mapping: Mapping):
    url = reverse("admin:mappings_mapping_add")
    data = form_of(admin_page.get(url)) | {
        "name": "other", "connection": mapping.connection_id, "model": "res.partner",
    }  # fmt: skip
    answer = admin_page.post(url, data, follow=True)
    made = Mapping.objects.get(name="other")
    assert answer.redirect_chain[-1][0] == reverse("admin:mappings_mapping_suggest", args=[made.pk])
    assert "was added successfully" in said(answer)


def test_an_odoo_that_is_away_is_told(admin_page: Client, page, mapping: Mapping):
    admin_page.get(page)  # reads the fields
    Connection.objects.update(url="http://127.0.0.1:9")
    assert "cannot be reached" in said(admin_page.post(page, {"newest": "yes"}))


def test_who_may_not_change_the_mapping_may_not_come_here(client: Client, page):
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(page).status_code == 403


def test_a_mapping_that_holds_this_one_is_refused_at_the_row(admin_page: Client, page, mapping: Mapping):
    outer = Mapping.objects.create(name="outer", connection=mapping.connection, model="res.partner")
    Line.objects.create(mapping=outer, key="ref", field="ref", identifier=True)
    Line.objects.create(mapping=outer, key="mine", field="parent_id", kind="relation", nested=mapping)
    proposed = admin_page.post(page, {"sample": '{"parent": {"ref": "C-1"}}'})
    assert proposed.context["proposals"].forms[0]["nested"].value() == outer.pk
    assert "“outer” contains this mapping" in said(admin_page.post(page, ticked(proposed)))
    assert not mapping.lines.exists()


def test_who_may_not_add_lines_may_not_come_here(client: Client, page, mapping: Mapping):
    clerk = User.objects.create_user("clerk", is_staff=True)
    may = ["view_mapping", "change_mapping", "view_line"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=may))
    client.force_login(clerk)
    assert client.post(page, {"sample": SAMPLE}).status_code == 403
    of_mapping = reverse("admin:mappings_mapping_change", args=[mapping.pk])
    shown = client.get(of_mapping).content.decode()
    assert [f'href="{one}' in shown for one in (page, reverse("admin:endpoints_endpoint_add"))] == [
        False,
        False,
    ]
    clerk.user_permissions.add(Permission.objects.get(codename="add_line"))
    assert f'href="{page}' in client.get(of_mapping).content.decode()


def test_what_several_records_have_is_not_proposed_as_the_identifier(
    admin_page: Client, page, mapping: Mapping, practice: PracticeOdoo
):
    """Tasks and leads may be called alike."""
    practice.execute(
        "res.partner", "create", [{"name": "Call back", "email": f"{n}@b.example"} for n in (1, 2)]
    )
    proposed = admin_page.post(page, {"sample": '{"name": "Call back", "email": "a@b.example"}'})
    text = said(proposed)
    assert "“name” cannot be the identifier: in Odoo several records have “Call back” there" not in text
    proposed = admin_page.post(page, {"sample": '{"name": "Call back", "city": "Ghent"}'})
    assert "“name” cannot be the identifier: in Odoo several records have “Call back” there" in said(proposed)
    admin_page.post(page, ticked(proposed))
    assert {line.key: line.identifier for line in mapping.lines.all()} == {
        "id": True, "name": False, "city": False
    }  # fmt: skip
