"""Mappings: lines are checked together, with the error on the row at fault."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demo.odoo import PracticeOdoo
from endpoints.models import Endpoint, PullState
from mappings.models import Connection, Line, Mapping, OdooModel
from tests.admin.conftest import FIELDS, Sample, form_of, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(sample: Sample) -> str:
    return reverse("admin:mappings_mapping_change", args=[sample.mapping.pk])


def rows(response: Any) -> list[dict[str, list[str]]]:
    """The errors, row by row."""
    [inline] = response.context["inline_admin_formsets"]
    return [dict(errors) for errors in inline.formset.errors]


def more(data: dict[str, Any], **line: Any) -> dict[str, Any]:
    """With one more line."""
    number = int(data["lines-TOTAL_FORMS"])
    given = {
        "kind": "plain",
        "direction": "both",
        "on_missing": "error",
        "on_several": "error",
        "position": 0,
    } | line
    added = {f"lines-{number}-{name}": value for name, value in given.items()}
    return data | added | {"lines-TOTAL_FORMS": number + 1}


class TestErrorsOnTheRow:
    def test_a_second_identifier(self, admin_page: Client, page):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"lines-2-identifier": "on"})
        assert rows(answer)[:2] == [{}, {}]
        assert "“customer_id” is the identifier already" in rows(answer)[2]["identifier"][0]

    def test_no_identifier(self, admin_page: Client, page):
        data = form_of(admin_page.get(page))
        del data["lines-0-identifier"]
        answer = admin_page.post(page, data)
        assert answer.status_code == 200
        assert "Mark one line as the identifier" in said(answer)

    def test_a_key_used_twice(self, admin_page: Client, page):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"lines-2-key": "name"})
        assert rows(answer)[1] == {}
        assert "two lines have the key “name”" in rows(answer)[2]["key"][0].lower()
        assert "identifier" not in rows(answer)[2]["key"][0]

    def test_a_key_that_is_written_and_shown_by_two_lines_is_not_blamed_for_another(
        self, admin_page: Client, page
    ):
        data = form_of(admin_page.get(page)) | {
            "lines-1-direction": "from_odoo",
            "lines-2-key": "customer_id",
        }
        answer = admin_page.post(page, more(data, key="name", field="city", direction="to_odoo"))
        assert "identifier" in rows(answer)[2]["key"][0]
        assert rows(answer)[3] == {}

    def test_a_key_inside_another(self, admin_page: Client, page):
        answer = admin_page.post(page, more(form_of(admin_page.get(page)), key="name.first", field="city"))
        assert "“name” cannot hold a value" in rows(answer)[3]["key"][0]

    def test_a_field_that_odoo_does_not_have(self, admin_page: Client, page):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"lines-2-field": "emial"})
        assert "res.partner has no field emial" in rows(answer)[2]["field"][0]

    def test_a_computed_field_that_should_be_written(self, admin_page: Client, page):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"lines-2-field": "display_name"})
        assert "set the direction" in rows(answer)[2]["direction"][0]

    def test_an_identifier_of_a_kind_that_names_nothing(self, admin_page: Client, page):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"lines-0-field": "is_company"})
        assert "cannot name a record" in rows(answer)[0]["identifier"][0]

    def test_a_mapping_inside_itself(self, admin_page: Client, page, sample: Sample):
        data = more(
            form_of(admin_page.get(page)),
            key="parent",
            field="country_id",
            kind="relation",
            nested=sample.mapping.pk,
        )
        assert "contains this mapping" in str(rows(admin_page.post(page, data))[3]["nested"])

    def test_a_default_that_is_no_json(self, admin_page: Client, page):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | {"lines-1-default": "{contact"})
        assert "default" in rows(answer)[1]


class TestSaving:
    def test_an_empty_default_stays_empty(self, admin_page: Client, page, sample: Sample):
        data = form_of(admin_page.get(page))
        assert data["lines-1-default"] == ""
        admin_page.post(page, data | {"lines-1-default": '"contact"'})
        assert sample.mapping.lines.get(key="name").default == "contact"
        assert form_of(admin_page.get(page))["lines-1-default"] == "contact"

    def test_a_new_line_goes_to_the_end(self, admin_page: Client, page, sample: Sample):
        assert (
            admin_page.post(page, more(form_of(admin_page.get(page)), key="city", field="city")).status_code
            == 302
        )
        assert [line.key for line in sample.mapping.lines.all()] == ["customer_id", "name", "email", "city"]

    def test_two_lines_may_swap_keys_and_the_mark(self, admin_page: Client, page, sample: Sample):
        data = form_of(admin_page.get(page))
        del data["lines-0-identifier"]
        swapped = {"lines-0-key": "name", "lines-1-key": "customer_id", "lines-2-identifier": "on"}
        assert admin_page.post(page, data | swapped).status_code == 302
        lines = {line.field: (line.key, line.identifier) for line in sample.mapping.lines.all()}
        assert lines == {"ref": ("name", False), "name": ("customer_id", False), "email": ("email", True)}

    def test_the_mark_may_go_to_an_earlier_line(self, admin_page: Client, page, sample: Sample):
        Line.objects.filter(mapping=sample.mapping).update(identifier=False)
        Line.objects.filter(mapping=sample.mapping, key="email").update(identifier=True)
        data = form_of(admin_page.get(page))
        del data["lines-2-identifier"]
        assert admin_page.post(page, data | {"lines-0-identifier": "on"}).status_code == 302
        assert sample.mapping.lines.get(identifier=True).key == "customer_id"

    def test_a_line_may_take_the_key_of_one_that_is_removed(self, admin_page: Client, page, sample: Sample):
        data = form_of(admin_page.get(page)) | {"lines-2-DELETE": "on", "lines-1-key": "email"}
        assert admin_page.post(page, data).status_code == 302
        assert [line.key for line in sample.mapping.lines.all()] == ["customer_id", "email"]

    def test_other_lines_have_everything_fetched_anew(self, admin_page: Client, page, sample: Sample):
        admin_page.post(page, form_of(admin_page.get(page)) | {"lines-2-key": "mail"})
        pull = PullState.objects.get(endpoint=sample.endpoint)
        assert (pull.cursor, pull.walk_after_id, pull.complete) == ("", None, False)

    def test_and_so_have_the_mappings_that_show_it_inside(self, admin_page: Client, page, sample: Sample):
        outer = Mapping.objects.create(name="outer", connection=sample.connection, model="res.partner")
        inside = {"key": "country", "field": "country_id", "kind": "relation", "nested": sample.mapping}
        Line.objects.create(mapping=outer, **inside)
        Endpoint.objects.filter(pk=sample.endpoint.pk).update(mapping=outer)
        admin_page.post(page, form_of(admin_page.get(page)) | {"lines-2-key": "mail"})
        assert not PullState.objects.get(endpoint=sample.endpoint).complete
        assert "mapping outer" in said(admin_page.get(reverse("admin:mappings_mapping_changelist")))

    def test_saving_without_a_change_fetches_nothing_anew(self, admin_page: Client, page, sample: Sample):
        assert admin_page.post(page, form_of(admin_page.get(page))).status_code == 302
        assert PullState.objects.get(endpoint=sample.endpoint).cursor == "2026-01-01 00:00:00"


class TestFieldsNotReadYet:
    def new(self, client: Client, connection: Connection, model: str = "res.country") -> Any:
        url = reverse("admin:mappings_mapping_add")
        data = form_of(client.get(url)) | {"name": "country", "connection": connection.pk, "model": model}
        data |= {"lines-0-key": "code", "lines-0-field": "code", "lines-0-identifier": "on"}
        return client.post(url, data, follow=True)

    def test_saving_reads_them(self, admin_page: Client, sample: Sample, practice: PracticeOdoo):
        connection = Connection.objects.create(
            name="practice", url=practice.url, database=practice.database, login="admin", secret="admin"
        )
        self.new(admin_page, connection)
        assert Mapping.objects.filter(name="country").exists()
        assert "code" in OdooModel.objects.get(connection=connection, model="res.country").fields

    def test_where_odoo_does_not_answer_it_is_saved_with_a_warning(self, admin_page: Client, sample: Sample):
        text = said(self.new(admin_page, sample.connection))
        assert "Saved, but the fields of res.country could not be checked" in text
        assert "cannot be reached" in text
        assert Mapping.objects.filter(name="country").exists()
        text = said(admin_page.get(reverse("admin:mappings_mapping_changelist")))
        assert "have not been read from Odoo yet" in text

    def test_a_model_that_odoo_does_not_have_is_an_error_at_the_model(
        self, admin_page: Client, sample: Sample, practice: PracticeOdoo
    ):
        connection = Connection.objects.create(
            name="practice", url=practice.url, database=practice.database, login="admin", secret="admin"
        )
        answer = self.new(admin_page, connection, "res.contry")
        assert "Odoo says of res.contry" in answer.context["adminform"].form.errors["model"][0]
        assert not Mapping.objects.filter(name="country").exists()

    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("res.contry", "Odoo has no model “res.contry”. Called like it: res.country"),
            ("Contacts", "res.partner"),
            ("xyzzy", "choose from the list"),
        ],
    )
    def test_where_the_models_are_known_those_that_are_called_like_it_are_told(
        self, admin_page: Client, sample: Sample, practice: PracticeOdoo, typed: str, text: str
    ):
        connection = Connection.objects.create(
            name="practice", url=practice.url, database=practice.database, login="admin", secret="admin"
        )
        admin_page.get(reverse("admin:mappings_mapping_suggestions"), {"connection": connection.pk})
        answer = self.new(admin_page, connection, typed)
        assert text in answer.context["adminform"].form.errors["model"][0]


class TestSuggestions:
    def ask(self, client: Client, connection: Connection, model: str) -> Any:
        return client.get(self.url(), {"connection": str(connection.pk), "model": model}).json()

    def url(self) -> str:
        return reverse("admin:mappings_mapping_suggestions")

    def test_fields_with_what_a_person_calls_them(self, admin_page: Client, sample: Sample):
        assert (
            "Country – one of res.country"
            in admin_page.get(
                reverse("admin:mappings_mapping_change", args=[sample.mapping.pk])
            ).content.decode()
        )
        found = self.ask(admin_page, sample.connection, "res.partner")
        assert {
            "name": "country_id",
            "label": "Country – one of res.country",
            "type": "many2one",
            "relation": "res.country",
            "languages": "",
            "selection": [],
        } in found["fields"]

    def test_models_from_odoo(self, admin_page: Client, sample: Sample, practice: PracticeOdoo):
        connection = Connection.objects.create(
            name="practice", url=practice.url, database=practice.database, login="admin", secret="admin"
        )
        found = self.ask(admin_page, connection, "res.country")
        assert "res.partner" in [model for model, _ in found["models"]]
        assert "code" in [field["name"] for field in found["fields"]]
        assert found["note"] == ""

    def test_a_login_that_may_not_read_odoos_models_is_told_those_it_may_use(
        self, admin_page: Client, practice: PracticeOdoo
    ):
        connection = Connection.objects.create(
            name="practice", url=practice.url, database=practice.database, login="demo", secret="demo"
        )
        found = self.ask(admin_page, connection, "")
        assert ["res.partner", "Contact"] in found["models"]
        assert "ir.cron" not in [model for model, _ in found["models"]]
        assert found["note"] == ""

    def test_where_odoo_does_not_answer_what_was_read_before(self, admin_page: Client, sample: Sample):
        found = self.ask(admin_page, sample.connection, "res.users")
        assert found["models"] == [["res.partner", "res.partner"]]
        assert "You can type the names yourself" in found["note"]

    @pytest.mark.parametrize(
        "query", [{}, {"connection": "x"}, {"connection": "9" * 30}, {"connection": "77"}]
    )
    def test_nonsense_gets_none(self, admin_page: Client, query):
        assert admin_page.get(self.url(), query).json() == {"models": [], "fields": [], "note": ""}


def test_a_problem_is_on_the_list(admin_page: Client, sample: Sample):
    Line.objects.filter(mapping=sample.mapping, key="email").update(field="gone")
    assert "has no field gone" in said(admin_page.get(reverse("admin:mappings_mapping_changelist")))


def test_one_in_use_is_not_deleted_and_says_by_what(admin_page: Client, sample: Sample):
    text = said(admin_page.get(reverse("admin:mappings_mapping_delete", args=[sample.mapping.pk])))
    assert "cannot be deleted" in text
    assert "partners" in text


def test_a_models_fields_are_read_again_at_a_press(admin_page: Client, sample: Sample):
    kept = OdooModel.objects.get(model="res.partner")
    answer = admin_page.post(reverse("admin:mappings_odoomodel_do", args=[kept.pk, "again"]), follow=True)
    assert "could not be read" in said(answer)


def test_a_mapping_that_others_look_through_keeps_its_model(admin_page: Client, sample: Sample):
    OdooModel.objects.create(connection=sample.connection, model="res.country.state", fields=FIELDS)
    country = Mapping.objects.create(name="country", connection=sample.connection, model="res.country")
    Line.objects.create(mapping=country, key="name", field="name", identifier=True)
    line = Line.objects.create(
        mapping=sample.mapping, key="country", field="country_id", kind="relation", nested=country, position=9
    )
    page = reverse("admin:mappings_mapping_change", args=[country.pk])
    answer = admin_page.post(page, form_of(admin_page.get(page)) | {"model": "res.country.state"})
    assert (
        "Line “country” of mapping “partner” uses it: country_id holds records of res.country, but mapping “country” is about "
        "res.country.state. Make another mapping of res.country.state."
    ) in said(answer)
    line.delete()
    answer = admin_page.post(page, form_of(admin_page.get(page)) | {"model": "res.country.state"})
    assert "uses it" not in said(answer)


class TestTwoPeopleAtOnePage:
    @pytest.fixture
    def ann(self, sample: Sample) -> Client:
        client = Client()
        client.force_login(User.objects.create_superuser("ann"))
        return client

    def test_who_saves_second_is_told_and_nothing_is_written_over(
        self, admin_page: Client, ann: Client, page, sample: Sample
    ):
        mine, hers = form_of(admin_page.get(page)), form_of(ann.get(page))
        assert ann.post(page, hers | {"lines-1-key": "full_name"}).status_code == 302
        answer = admin_page.post(page, mine | {"lines-2-key": "mail"})
        assert "changed while you had it open" in said(answer)
        assert "ann" in said(answer)
        assert set(sample.mapping.lines.values_list("key", flat=True)) >= {"full_name", "email"}
        assert rows(answer)[2] == {}
        assert form_of(answer)["lines-2-key"] == "mail"  # what was typed is still there

    def test_who_saves_again_means_it(self, admin_page: Client, ann: Client, page, sample: Sample):
        mine, hers = form_of(admin_page.get(page)), form_of(ann.get(page))
        ann.post(page, hers | {"lines-1-key": "full_name"})
        answer = admin_page.post(page, mine | {"lines-2-key": "mail"})
        assert admin_page.post(page, form_of(answer)).status_code == 302
        assert set(sample.mapping.lines.values_list("key", flat=True)) >= {"name", "mail"}

    def test_a_line_that_somebody_removed_meanwhile_is_told(
        self, admin_page: Client, ann: Client, page, sample: Sample
    ):
        mine, hers = form_of(admin_page.get(page)), form_of(ann.get(page))
        ann.post(page, hers | {"lines-2-DELETE": "on"})
        answer = admin_page.post(page, mine | {"lines-2-key": "mail"})
        assert "changed while you had it open" in said(answer)
        assert "A row of this page was removed meanwhile" in said(answer)
        assert set(sample.mapping.lines.values_list("key", flat=True)) == {"customer_id", "name"}

    def test_what_the_hub_itself_writes_is_no_change(self, admin_page: Client, sample: Sample):
        page = reverse("admin:mappings_connection_change", args=[sample.connection.pk])
        mine = form_of(admin_page.get(page))
        Connection.objects.update(last_ok_at=timezone.now(), last_error="away")
        assert admin_page.post(page, mine | {"language": "fr_FR"}).status_code == 302
