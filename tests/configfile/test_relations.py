"""Lines that look into other records name the mapping these records have."""

import pytest

from mappings.models import Line, Mapping
from tests.configfile.conftest import NOBODY

CONNECTION = f"""\
connections:
  - name: main
    url: {NOBODY}
    database: shop
    login: hub
    secret: {{env: MAIN_SECRET}}

"""
# As an export writes it: what others need comes first.
MAPPINGS = """\
mappings:
  - name: zone
    connection: main
    model: res.country
    lines:
      - {key: code, field: code, identifier: true}
  - name: partner
    connection: main
    model: res.partner
    lines:
      - {key: ref, field: ref, identifier: true}
      - {key: country, field: country_id, kind: relation, mapping: zone, on_missing: create, on_several: first}
"""
REST = """
endpoints:
  - name: partners
    mapping: partner
    on_delete: archive
"""
TEXT = CONNECTION + MAPPINGS + REST


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    monkeypatch.setenv("MAIN_SECRET", "s")


def test_a_relation_finds_its_mapping_wherever_it_stands(file):
    first, second = MAPPINGS.split("  - name: partner")
    turned = "mappings:\n  - name: partner" + second + first.removeprefix("mappings:\n")
    said = file.apply(CONNECTION + turned + REST)
    assert said == ["+ connection main", "+ mapping zone", "+ mapping partner", "+ endpoint partners"]
    line = Line.objects.get(key="country")
    assert (line.nested, line.on_missing, line.on_several) == (
        Mapping.objects.get(name="zone"),
        "create",
        "first",
    )
    assert file.apply(TEXT) == ["Nothing to change."]


def test_an_export_has_what_others_need_first(file):
    file.apply(TEXT)
    assert file.export().split("\n\n", 1)[1] == TEXT


def test_a_changed_relation_is_told(file):
    file.apply(TEXT)
    assert file.apply(TEXT.replace("on_missing: create, ", ""))[0] == (
        "~ mapping partner: line country: on_missing create → error"
    )


def test_an_endpoint_is_read_anew_when_a_mapping_within_its_own_changes(file):
    file.apply(TEXT)
    assert file.apply(TEXT.replace("field: code,", "field: name,")) == [
        "~ mapping zone: line code: field code → name",
        "Read anew from Odoo: partners.",
    ]


def test_mappings_that_name_each_other_are_removed_together(file):
    file.apply(TEXT)
    said = file.apply(CONNECTION + "mappings: []\nendpoints: []\n")
    assert said == ["- endpoint partners", "- mapping partner", "- mapping zone"]


def test_a_relation_without_a_mapping_is_refused(file):
    [problem] = file.refused(TEXT.replace(" mapping: zone,", ""))
    assert problem.endswith("lines[1]: Choose the mapping that says how the other records look.")


def test_a_mapping_without_a_relation_is_refused(file):
    [problem] = file.refused(TEXT.replace(" kind: relation,", ""))
    assert problem.endswith(
        "lines[1].mapping: Only a relation looks into other records; set the kind to relation."
    )


def test_an_unknown_mapping_is_refused_with_a_suggestion(file):
    [problem] = file.refused(TEXT.replace("mapping: zone", "mapping: zones"))
    assert problem == (
        "hub.yaml:19: mappings[1].lines[1].mapping: there is no mapping “zones” (did you mean “zone”?)"
    )


def test_a_mapping_that_would_contain_itself_is_refused(file):
    back = "identifier: true}\n      - {key: partner, field: a_id, kind: relation, mapping: partner}\n  - name: partner"
    problems = file.refused(TEXT.replace("identifier: true}\n  - name: partner", back))
    assert [problem.split(": ", 2)[1:] for problem in problems] == [
        ["mappings[0].lines[1].mapping", "mapping “zone” would contain itself"],
        ["mappings[1].lines[1].mapping", "mapping “partner” would contain itself"],
    ]


def test_a_relation_into_another_connection_is_refused(file):
    text = TEXT.replace(
        "connections:\n", CONNECTION.rstrip().replace("name: main", "name: other") + "\n"
    ).replace("name: zone\n    connection: main", "name: zone\n    connection: other")
    [problem] = file.refused(text)
    assert problem.endswith("mapping: mapping “zone” is of another connection, “other”")


def test_a_relation_to_records_of_another_model_is_refused(file, practice):
    text = (
        TEXT.replace(NOBODY, practice.url)
        .replace("database: shop", f"database: {practice.database}")
        .replace("login: hub", f"login: {practice.login}")
        .replace("{env: MAIN_SECRET}", practice.password)
    )
    file.apply(text)
    [problem] = file.refused(text.replace("field: country_id", "field: parent_id"))
    assert "lines[1].field: parent_id holds records of res.partner, but mapping “zone” is about" in problem
