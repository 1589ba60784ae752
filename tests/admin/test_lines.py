"""The lines of a mapping with all their options, on the page of the mapping; and tables."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mappings.models import ConfigVersion, Connection, Line, LookupTable, Mapping, OdooModel
from tests.admin.conftest import Sample, form_of, said
from tests.admin.test_mappings import more, rows

pytestmark = pytest.mark.django_db

DOUBLE = 'request_data["city"].upper()'
EXAMPLE = '[{"request_data": {"city": "Ghent"}, "expected": "GHENT"}]'


@pytest.fixture
def page(sample: Sample) -> str:
    return reverse("admin:mappings_mapping_change", args=[sample.mapping.pk])


@pytest.fixture
def city(sample: Sample) -> Line:
    return Line.objects.create(mapping=sample.mapping, key="city", field="city", position=9)


def last(**values: Any) -> dict[str, Any]:
    """Inputs of the fourth line, which is the city."""
    return {f"lines-3-{name}": value for name, value in values.items()}


class TestOptions:
    def test_all_are_kept_and_shown_again(self, admin_page: Client, page, city: Line):
        before = ConfigVersion.current()
        options = {"trim": "on", "case": "upper", "default": "Ghent", "write_when": "if_empty"}
        assert admin_page.post(page, form_of(admin_page.get(page)) | last(**options)).status_code == 302
        city.refresh_from_db()
        assert (city.trim, city.case, city.default, city.write_when) == (True, "upper", "Ghent", "if_empty")
        assert ConfigVersion.current() > before
        form = form_of(admin_page.get(page))
        assert {name: form[f"lines-3-{name}"] for name in options} == options
        text = said(admin_page.get(page))
        assert "Details : a default, while Odoo has no value, tidied" in text

    def test_a_language_is_kept_and_one_that_odoo_lacks_is_told_at_its_input(
        self, admin_page: Client, page, sample: Sample, city: Line
    ):
        kept = OdooModel.objects.get(connection=sample.connection, model="res.partner")
        kept.fields["city"] |= {"translate": True, "languages": ["en_US", "fr_FR"]}
        kept.save()
        refused = admin_page.post(page, form_of(admin_page.get(page)) | last(language="nl_BE"))
        assert refused.status_code == 200
        assert "the language nl_BE is not active in Odoo, which has en_US, fr_FR" in said(refused)
        assert (
            admin_page.post(page, form_of(admin_page.get(page)) | last(language="fr_FR")).status_code == 302
        )
        city.refresh_from_db()
        assert city.language == "fr_FR"
        assert "Details : in fr_FR" in said(admin_page.get(page))

    def test_saved_again_untouched_nothing_is_lost(self, admin_page: Client, page, city: Line):
        nested = Mapping.objects.create(name="inner", connection=city.mapping.connection, model="res.country")
        Line.objects.filter(pk=city.pk).update(trim=True, constant="5")
        Line.objects.create(
            mapping=city.mapping, key="land", field="country_id", kind="relation", nested=nested, on_missing="create",
        )  # fmt: skip
        data = form_of(admin_page.get(page))
        assert data["lines-4-constant"] == '"5"'  # quoted: the text, and not the number
        before = list(city.mapping.lines.values())
        assert admin_page.post(page, data).status_code == 302
        assert list(city.mapping.lines.values()) == before

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("contact", "contact"),
            ('"5"', "5"),
            ("NaN", "NaN"),
            ("Ghent, B", "Ghent, B"),
            ("null", None),
            ("", None),
        ],
    )
    def test_a_text_needs_no_quotes(self, admin_page: Client, page, city: Line, typed: str, kept: Any):
        admin_page.post(page, form_of(admin_page.get(page)) | last(default=typed))
        city.refresh_from_db()
        assert city.default == kept
        again = admin_page.post(page, form_of(admin_page.get(page)))
        assert again.status_code == 302
        city.refresh_from_db()
        assert city.default == kept

    @pytest.mark.parametrize(
        ("options", "where", "text"),
        [
            ({"pattern": "%d/%m/%Y"}, "pattern", "is no date, so it has no date pattern"),
            ({"default": "5"}, "default", "A text is expected, not 5"),
            ({"default": '{"a"'}, "default", "cannot be read as JSON"),
            ({"default": '"\\ud83d"'}, "default", "the character U+D83D, which cannot be kept"),
            ({"default": "[1e400]"}, "default", "1e400 is too large"),
            ({"decimals": "2"}, "decimals", "has no decimals to round"),
            ({"constant": "x", "required": "on"}, "constant", "leave out required and default"),
            ({"time_zone": "Europe/Gent"}, "time_zone", "is no time zone"),
            ({"decimal_sign": ","}, "decimal_sign", "is no number"),
            ({"kind": "relation"}, "nested", "Choose the mapping"),
        ],
    )
    def test_what_does_not_fit_is_said_at_its_input(
        self, admin_page: Client, page, city: Line, options: Any, where: str, text: str
    ):
        answer = admin_page.post(page, form_of(admin_page.get(page)) | last(**options))
        assert text in rows(answer)[3][where][0]
        assert '<details class="hub-line-details" open>' in answer.content.decode()

    def test_a_mapping_of_another_database_cannot_be_inside(self, admin_page: Client, page, city: Line):
        elsewhere = Connection.objects.create(
            name="elsewhere", url="http://127.0.0.1:9", database="x", login="x", secret="x"
        )
        nested = Mapping.objects.create(name="inner", connection=elsewhere, model="res.country")
        options = {"kind": "relation", "field": "country_id", "nested": nested.pk}
        answer = admin_page.post(page, form_of(admin_page.get(page)) | last(**options))
        assert "is about another connection" in rows(answer)[3]["nested"][0]

    def test_a_field_says_what_it_is(self, admin_page: Client, page):
        text = admin_page.get(page).content.decode()
        assert "Country – one of res.country" in text
        assert "Name – text, required" in text

    def test_who_may_only_look_sees_the_options(self, client: Client, page, city: Line):
        Line.objects.filter(pk=city.pk).update(constant="shown here")
        user = User.objects.create_user("looker", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=["view_mapping", "view_line"]))
        client.force_login(user)
        answer = client.get(page)
        assert "shown here" in said(answer)
        assert 'name="lines-0-key"' not in answer.content.decode()

    def test_a_hundred_lines_are_saved_and_ask_no_more_than_ten(
        self, admin_page: Client, page, sample: Sample, django_assert_max_num_queries: Any
    ):
        with CaptureQueriesContext(_connection()) as few:
            admin_page.get(page)
        Line.objects.bulk_create(
            Line(mapping=sample.mapping, key=f"k{n}", field="city", direction="from_odoo", position=n + 5)
            for n in range(100)
        )
        with django_assert_max_num_queries(len(few) + 2):
            answer = admin_page.get(page)
        data = form_of(answer)
        assert len(data) > 1000
        assert admin_page.post(page, data | {"lines-50-key": "renamed"}).status_code == 302
        assert sample.mapping.lines.filter(key="renamed").exists()


def _connection() -> Any:
    from django.db import connection

    return connection


class TestScripts:
    def test_one_that_passes_its_examples_is_saved_and_says_so(self, admin_page: Client, page, city: Line):
        data = form_of(admin_page.get(page)) | last(
            kind="script", direction="to_odoo", script=f"city = {DOUBLE}\r\ncity", script_examples=EXAMPLE
        )
        text = said(admin_page.post(page, data, follow=True))
        assert "The script of “city” passes its example." in text
        city.refresh_from_db()
        assert city.script == f"city = {DOUBLE}\ncity"
        assert "evaluate script, 2 lines, 1 example passes" in said(admin_page.get(page))

    def test_the_record_of_an_example_needs_no_id(self, admin_page: Client, page, city: Line):
        shown = [{"request_data": {"name": "x"}, "record": {"name": "x"}, "expected": "X"}]
        data = form_of(admin_page.get(page)) | last(
            kind="script",
            direction="to_odoo",
            script="record.name.upper()",
            script_examples=json.dumps(shown),
        )
        assert "The script of “city” passes its example." in said(admin_page.post(page, data, follow=True))

    @pytest.mark.parametrize(
        "wrong",
        [[5], {"a": 1}, [{"record": 5}], [{"record": [1]}], [{"request_data": [1]}], [{"record": {"id": "x"}}], [{"record": {"id": None}}], [{"record": {"name": {"a": []}}}], ["x"], 5],
    )  # fmt: skip
    def test_examples_of_another_form_are_refused(self, admin_page: Client, page, city: Line, wrong: Any):
        data = form_of(admin_page.get(page)) | last(
            kind="script", direction="to_odoo", script="1", script_examples=json.dumps(wrong)
        )
        assert rows(admin_page.post(page, data))[3]["script_examples"]

    def test_one_without_examples_is_told(self, admin_page: Client, page, city: Line):
        data = form_of(admin_page.get(page)) | last(kind="script", direction="to_odoo", script="1 + 1")
        assert "The script of “city” has no examples" in said(admin_page.post(page, data, follow=True))

    def test_a_failing_example_says_what_came_instead(self, admin_page: Client, page, city: Line):
        data = form_of(admin_page.get(page)) | last(
            kind="script", direction="to_odoo", script="'x'", script_examples=EXAMPLE
        )
        answer = admin_page.post(page, data)
        assert "Example 1: expected 'GHENT', got 'x'" in rows(answer)[3]["script_examples"][0]
        city.refresh_from_db()
        assert city.kind == "plain"

    def test_an_error_names_the_line_of_the_script(self, admin_page: Client, page, city: Line):
        data = form_of(admin_page.get(page)) | last(kind="script", direction="to_odoo", script="a = 1\nb = (")
        assert rows(admin_page.post(page, data))[3]["script"][0].startswith("Line 2: ")

    def test_examples_that_are_no_json(self, admin_page: Client, page, city: Line):
        data = form_of(admin_page.get(page)) | last(
            kind="script", direction="to_odoo", script="1", script_examples="[{"
        )
        assert "cannot be read as JSON" in rows(admin_page.post(page, data))[3]["script_examples"][0]

    def test_the_manual_stands_on_the_page(self, admin_page: Client, page):
        assert "How scripts are written" in said(admin_page.get(page))


class TestWithoutThePermissionForScripts:
    @pytest.fixture
    def scripted(self, city: Line) -> Line:
        Line.objects.filter(pk=city.pk).update(
            kind="script", direction="to_odoo", script=f"{DOUBLE}\n", script_examples=json.loads(EXAMPLE)
        )
        return city

    @pytest.fixture
    def clerk(self, client: Client, db: None) -> Client:
        user = User.objects.create_user("clerk", is_staff=True)
        wanted = [
            f"{what}_{model}" for what in ("view", "change", "add", "delete") for model in ("mapping", "line")
        ]
        user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
        client.force_login(user)
        return client

    def test_a_script_can_be_read_and_the_rest_edited(self, clerk: Client, page, scripted: Line):
        answer = clerk.get(page)
        [area] = [
            part for part in answer.content.decode().split("<textarea") if 'name="lines-3-script"' in part
        ]
        assert " readonly" in area.split(">")[0]
        data = form_of(answer) | {"lines-2-key": "mail", "lines-3-script": f"{DOUBLE}\r\n"}
        assert clerk.post(page, data).status_code == 302
        assert scripted.mapping.lines.filter(key="mail").exists()

    @pytest.mark.parametrize("change", [{"script": "1"}, {"script_examples": ""}, {"script_mode": "execute"}])
    def test_a_changed_script_is_refused(self, clerk: Client, page, scripted: Line, change: Any):
        answer = clerk.post(page, form_of(clerk.get(page)) | last(**change))
        assert "You may not write scripts" in str(rows(answer)[3]["script"])
        scripted.refresh_from_db()
        assert scripted.script == f"{DOUBLE}\n"

    def test_so_is_a_new_one(self, clerk: Client, page, sample: Sample):
        data = more(
            form_of(clerk.get(page)), key="a", field="city", kind="script", direction="to_odoo", script="1"
        )
        assert "You may not write scripts" in str(rows(clerk.post(page, data))[3]["script"])


@pytest.mark.parametrize("typed", ['"\\ud83d"', '"\\u0000"', "a\x00b", '{"a": 1, "a": 2}', '["a", -1e400]'])
def test_a_value_that_cannot_be_kept_is_told_at_its_row(admin_page: Client, typed: str):
    page = reverse("admin:mappings_lookuptable_add")
    data = form_of(admin_page.get(page)) | {"name": "states", "rows-0-external": typed, "rows-0-odoo": "x"}
    answer = admin_page.post(page, data)
    [inline] = answer.context["inline_admin_formsets"]
    assert "cannot be read as JSON" in inline.formset.errors[0]["external"][0]
    assert not LookupTable.objects.exists()


def test_two_rows_that_say_the_same_are_told_at_the_second(admin_page: Client):
    page = reverse("admin:mappings_lookuptable_add")
    data = form_of(admin_page.get(page)) | {
        "name": "states",
        "rows-0-external": "open",
        "rows-1-external": "open",
    }
    answer = admin_page.post(page, data)
    assert answer.status_code == 200
    [inline] = answer.context["inline_admin_formsets"]
    assert inline.formset.errors[:2] == [{}, {"__all__": ["Another row of this table says the same."]}]
    data["rows-1-odoo"] = "draft"
    assert admin_page.post(page, data).status_code == 302


def test_a_table_is_made_and_chosen_by_a_line(admin_page: Client, page, city: Line):
    url = reverse("admin:mappings_lookuptable_add")
    form = form_of(admin_page.get(url)) | {
        "name": "towns",
        "rows-0-external": "gent",
        "rows-0-odoo": "Ghent",
        "rows-1-external": "9000",
        "rows-1-odoo": "Ghent 2",
    }
    assert admin_page.post(url, form).status_code == 302
    table = LookupTable.objects.get()
    assert table.pairs() == [("gent", "Ghent"), (9000, "Ghent 2")]
    assert admin_page.post(page, form_of(admin_page.get(page)) | last(table=table.pk)).status_code == 302
    assert "partner: city" in said(admin_page.get(reverse("admin:mappings_lookuptable_changelist")))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"rows-0-odoo": "sometimes"}, "“sometimes”"),
        ({"rows-2-external": "no", "rows-2-odoo": "true", "rows-TOTAL_FORMS": "3"}, "“no”"),
        ({"rows-0-external": "yes"}, "its default: "),
    ],
)
def test_a_table_that_its_lines_could_not_work_with_is_not_saved(
    admin_page: Client, page, sample: Sample, more: Any, told: str
):
    table = LookupTable.objects.create(name="flags")
    for outside, inside in (("ja", True), ("no", False)):
        table.rows.create(external=outside, odoo=inside)
    Line.objects.create(
        mapping=sample.mapping, key="company", field="is_company", table=table, default="ja", position=9
    )
    url = reverse("admin:mappings_lookuptable_change", args=[table.pk])
    answer = admin_page.post(url, form_of(admin_page.get(url)) | more)
    assert "Line “company” of mapping “partner” could not work" in said(answer)
    assert told in said(answer)
    assert LookupTable.objects.get().pairs() == [("ja", True), ("no", False)]
