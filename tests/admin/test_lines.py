"""What a line does to values, set on a page of its own; and tables."""

import pytest
from django.test import Client
from django.urls import reverse

from mappings.models import ConfigVersion, Line, LookupTable
from tests.admin.conftest import Sample, form_of, said

pytestmark = pytest.mark.django_db


def page_of(line: Line) -> str:
    return reverse("admin:mappings_line_change", args=[line.pk])


@pytest.fixture
def city(sample: Sample) -> Line:
    return Line.objects.create(mapping=sample.mapping, key="city", field="city", position=9)


def test_a_mapping_leads_to_the_page_of_each_line(admin_page: Client, city: Line):
    page = admin_page.get(reverse("admin:mappings_mapping_change", args=[city.mapping_id]))
    assert page_of(city) in page.content.decode()


def test_formats_of_a_line_are_saved_and_lead_back_to_its_mapping(admin_page: Client, city: Line):
    form = form_of(admin_page.get(page_of(city)))
    before = ConfigVersion.current()
    answer = admin_page.post(page_of(city), {**form, "trim": "on", "case": "upper", "constant": '"Ghent"'})
    assert answer["Location"] == reverse("admin:mappings_mapping_change", args=[city.mapping_id])
    city.refresh_from_db()
    assert (city.trim, city.case, city.constant, city.default) == (True, "upper", "Ghent", None)
    assert ConfigVersion.current() > before


def test_what_does_not_fit_the_field_is_said_on_the_page(admin_page: Client, city: Line):
    form = form_of(admin_page.get(page_of(city)))
    page = admin_page.post(page_of(city), {**form, "pattern": "%d/%m/%Y"})
    assert "City (char) is no date, so it has no date pattern." in said(page)
    page = admin_page.post(page_of(city), {**form, "default": "5"})
    assert "A text is expected, not 5" in said(page)
    city.refresh_from_db()
    assert (city.pattern, city.default) == ("", None)


def test_a_table_is_made_and_chosen_by_a_line(admin_page: Client, city: Line):
    url = reverse("admin:mappings_lookuptable_add")
    form = form_of(admin_page.get(url)) | {
        "name": "towns",
        "rows-0-external": '"gent"',
        "rows-0-odoo": '"Ghent"',
        "rows-1-external": "9000",
        "rows-1-odoo": '"Ghent 2"',
    }
    assert admin_page.post(url, form).status_code == 302
    table = LookupTable.objects.get()
    assert table.pairs() == [("gent", "Ghent"), (9000, "Ghent 2")]
    form = form_of(admin_page.get(page_of(city)))
    assert admin_page.post(page_of(city), {**form, "table": table.pk}).status_code == 302
    assert "partner: city" in said(admin_page.get(reverse("admin:mappings_lookuptable_changelist")))


def test_a_mapping_saved_again_keeps_the_formats_of_its_lines(admin_page: Client, city: Line):
    Line.objects.filter(pk=city.pk).update(trim=True, constant="x")
    url = reverse("admin:mappings_mapping_change", args=[city.mapping_id])
    assert admin_page.post(url, form_of(admin_page.get(url))).status_code == 302
    city.refresh_from_db()
    assert (city.trim, city.constant) == (True, "x")
