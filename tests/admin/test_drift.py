"""Where Odoo's fields have changed under a mapping, it is said where somebody looks."""

import pytest
from django.test import Client
from django.urls import reverse

from mappings.models import Line, Mapping, OdooModel, SchemaProblem, Severity
from tests.admin.conftest import FIELDS, Sample, form_of, said

pytestmark = pytest.mark.django_db

TEXT = "“email”: Odoo no longer takes “x”."


@pytest.fixture
def apart(sample: Sample) -> Line:
    line = sample.mapping.lines.get(key="email")
    SchemaProblem.objects.create(
        mapping=sample.mapping, line=line, field="email", text=TEXT, severity=Severity.WARNING
    )
    return line


def change_page(sample: Sample) -> str:
    return reverse("admin:mappings_mapping_change", args=[sample.mapping.pk])


def test_on_the_mapping_with_a_link_to_its_line_and_at_the_line(
    admin_page: Client, sample: Sample, apart: Line
):
    page = admin_page.get(change_page(sample))
    assert f'href="#line-{apart.pk}"' in page.content.decode()
    assert said(page).count(TEXT) == 2


@pytest.mark.parametrize("name", ["mappings_mapping_changelist", "endpoints_endpoint_changelist", "index"])
def test_on_the_lists_and_the_first_page(admin_page: Client, sample: Sample, apart: Line, name: str):
    assert TEXT in said(admin_page.get(reverse(f"admin:{name}")))


def test_on_the_endpoint(admin_page: Client, sample: Sample, apart: Line):
    url = reverse("admin:endpoints_endpoint_change", args=[sample.endpoint.pk])
    assert f"Odoo has changed. {TEXT}" in said(admin_page.get(url))


def test_what_is_about_another_endpoints_filter_is_not_on_this_one(admin_page: Client, sample: Sample):
    SchemaProblem.objects.create(
        mapping=sample.mapping, endpoint="other", field="x", text="About x.", severity=Severity.BROKEN
    )
    url = reverse("admin:endpoints_endpoint_change", args=[sample.endpoint.pk])
    assert "About x." not in said(admin_page.get(url))
    assert "Mapping partner, endpoint other" in said(admin_page.get(reverse("admin:index")))


def test_it_goes_when_somebody_says_that_it_is_well(admin_page: Client, sample: Sample, apart: Line):
    do = reverse("admin:mappings_mapping_do", args=[sample.mapping.pk, "seen"])
    assert "Noted." in said(admin_page.post(do, follow=True))
    assert "Odoo has changed" not in said(admin_page.get(reverse("admin:index")))


def test_it_goes_when_the_line_is_saved_otherwise(admin_page: Client, sample: Sample, apart: Line):
    page = change_page(sample)
    assert admin_page.post(page, form_of(admin_page.get(page)) | {"lines-2-key": "mail"}).status_code == 302
    assert not SchemaProblem.objects.exists()


def test_all_well_no_card(admin_page: Client, sample: Sample):
    assert "Odoo has changed" not in said(admin_page.get(reverse("admin:index")))


class TestInsideAnotherMapping:
    """A tag's mapping has drifted; contacts use it, and orders use contacts."""

    TEXT = "“label”: Odoo has no field label."

    @pytest.fixture
    def inner(self, sample: Sample) -> Mapping:
        inner = Mapping.objects.create(name="tag", connection=sample.connection, model="res.tag")
        line = Line.objects.create(mapping=inner, key="label", field="label", identifier=True)
        between = Mapping.objects.create(name="contact", connection=sample.connection, model="res.partner")
        for outer, used, key in ((between, inner, "tags"), (sample.mapping, between, "contacts")):
            Line.objects.create(mapping=outer, key=key, field="child_ids", kind="relation", nested=used)
        SchemaProblem.objects.create(
            mapping=inner, line=line, field="label", text=self.TEXT, severity=Severity.BROKEN
        )
        # What else keeps a mapping from working would be told in its place.
        fields = FIELDS | {"child_ids": {"type": "one2many", "relation": "res.partner", "string": "Contacts"}}
        OdooModel.objects.update(fields=fields)
        return inner

    def test_it_is_told_on_the_outer_mapping_with_a_link_to_the_inner_one(
        self, admin_page: Client, sample: Sample, inner: Mapping
    ):
        page = admin_page.get(change_page(sample))
        assert f"In “tag”, which “contacts.tags” uses: {self.TEXT}" in said(page)
        url = reverse("admin:mappings_mapping_change", args=[inner.pk])
        assert f'href="{url}#line-{inner.lines.get().pk}"' in page.content.decode()

    def test_it_is_told_on_the_endpoint_and_on_the_lists(
        self, admin_page: Client, sample: Sample, inner: Mapping
    ):
        told = f"Odoo has changed. In “tag”, which “contacts.tags” uses: {self.TEXT}"
        for url in (
            reverse("admin:endpoints_endpoint_change", args=[sample.endpoint.pk]),
            reverse("admin:endpoints_endpoint_changelist"),
            reverse("admin:mappings_mapping_changelist"),
        ):
            assert told in said(admin_page.get(url))

    def test_the_first_page_says_in_which_endpoints_it_shows(
        self, admin_page: Client, sample: Sample, inner: Mapping
    ):
        assert f"{self.TEXT} Shows in partners." in said(admin_page.get(reverse("admin:index")))
