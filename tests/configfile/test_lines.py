"""Tables, and what lines do to values without code."""

import pytest

from mappings.models import Line, LookupTable
from tests.configfile.conftest import NOBODY

# As an export writes it.
TEXT = f"""\
connections:
  - name: main
    url: {NOBODY}
    database: shop
    login: hub
    secret: {{env: MAIN_SECRET}}

tables:
  - name: flags
    on_unknown: pass
    rows:
      - {{external: yes please, odoo: true}}
      - {{external: 0, odoo: false}}
      - {{external: null, odoo: null}}
  - name: kinds
    rows:
      - {{external: ship-to, odoo: delivery}}
      - {{external: 1, odoo: contact}}

mappings:
  - name: partner
    connection: main
    model: res.partner
    lines:
      - {{key: ref, field: ref, identifier: true, trim: true, case: upper}}
      - {{key: kind, field: type, default: ship-to, table: kinds}}
      - {{key: company, field: is_company, write_when: on_create, table: flags}}
      - {{key: source, field: comment, constant: shop}}
      - {{key: active, field: active, constant: true}}
      - {{key: town, field: city, direction: to_odoo}}
      - {{key: town, field: street, direction: from_odoo}}
      - {{key: since, field: date, pattern: '%d/%m/%Y'}}
      - {{key: changed, field: write_date, direction: from_odoo, pattern: '%d/%m/%Y %H:%M', time_zone: Europe/Brussels}}
      - {{key: latitude, field: partner_latitude, decimal_sign: ',', thousands_sign: ., decimals: 2}}

endpoints:
  - name: partners
    mapping: partner
    on_delete: archive
"""


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    monkeypatch.setenv("MAIN_SECRET", "s")


@pytest.fixture
def real(practice):
    """The file over a practice Odoo that answers."""
    return (
        TEXT.replace(NOBODY, practice.url)
        .replace("database: shop", f"database: {practice.database}")
        .replace("login: hub", f"login: {practice.login}")
        .replace("{env: MAIN_SECRET}", practice.password)
        .replace("      - {key: since, field: date, pattern: '%d/%m/%Y'}\n", "")
    )


def test_what_is_exported_is_what_was_applied(file):
    assert file.apply(TEXT)[:2] == ["+ connection main", "+ table flags"]
    assert file.apply() == ["Nothing to change."]
    assert file.export().split("\n\n", 1)[1] == TEXT
    kinds = LookupTable.objects.get(name="kinds")
    assert kinds.pairs() == [("ship-to", "delivery"), (1, "contact")]
    assert Line.objects.get(key="kind").table == kinds


def test_a_row_that_changes_is_told_and_its_endpoints_are_read_anew(file):
    file.apply(TEXT)
    assert file.apply(TEXT.replace("ship-to, odoo: delivery", "ship-to, odoo: other")) == [
        "~ table kinds: row ship-to = other added",
        "~ table kinds: row ship-to = delivery removed",
        "Read anew from Odoo: partners.",
    ]
    assert LookupTable.objects.get(name="kinds").pairs()[0] == ("ship-to", "other")


def test_true_is_another_value_than_one(file):
    file.apply(TEXT)
    assert file.apply(TEXT.replace("constant: true", "constant: 1"))[0] == (
        "~ mapping partner: line active: constant true → 1"
    )


def test_lines_with_the_same_key_stay_what_they_are(file):
    file.apply(TEXT)
    before = {line.field: line.pk for line in Line.objects.all()}
    first = "      - {key: town, field: city, direction: to_odoo}\n"
    second = "      - {key: town, field: street, direction: from_odoo}\n"
    said = file.apply(TEXT.replace(first + second, second.replace("street", "street2") + first))
    assert said[0] == "~ mapping partner: line town (from_odoo): field street → street2"
    after = {line.field: line.pk for line in Line.objects.all()}
    assert (after["city"], after["street2"]) == (before["city"], before["street"])
    file.apply(TEXT.replace(first + second, "      - {key: town, field: city}\n"))
    assert Line.objects.get(key="town").pk in (before["city"], before["street"])


def test_a_table_that_goes_while_a_line_names_it_is_refused(file):
    file.apply(TEXT)
    start, end = TEXT.index("  - name: kinds"), TEXT.index("mappings:")
    assert file.refused(TEXT[:start] + TEXT[end:]) == [
        "hub.yaml:21: mappings[0].lines[1].table: there is no table “kinds”"
    ]
    assert file.refused(TEXT[: TEXT.index("tables:")] + "tables: []\n") == [
        f"hub.yaml:8: tables: table “{name}” is not in the file, but mapping “partner” uses it"
        for name in ("flags", "kinds")
    ]


def test_a_file_of_tables_alone_is_refused_where_lines_could_not_work_with_them(file, real):
    file.apply(real)
    only_tables = TEXT[TEXT.index("tables:") : TEXT.index("mappings:")]
    [problem] = file.refused(only_tables.replace("odoo: delivery", "odoo: nope"))
    assert problem.startswith(
        "hub.yaml:9: tables[1].rows: Line “kind” of mapping “partner” could not work: table “kinds” has “nope”"
    )
    assert (
        file.apply(
            only_tables.replace(
                "ship-to, odoo: delivery", "ship-to, odoo: delivery}\n      - {external: 2, odoo: other"
            )
        )[0]
        == "~ table kinds: row 2 = other added"
    )


def test_tables_and_mappings_go_together(file):
    file.apply(TEXT)
    said = file.apply(TEXT[: TEXT.index("tables:")] + "tables: []\nmappings: []\nendpoints: []\n")
    assert said == ["- endpoint partners", "- mapping partner", "- table kinds", "- table flags"]


def test_lines_over_odoos_fields_are_taken(file, real):
    file.apply(real)
    assert not file.warnings
    assert file.apply() == ["Nothing to change."]


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("table: kinds", "table: kind", "lines[1].table", "there is no table “kind” (did you mean “kinds”?)"),
        ("ship-to, odoo: delivery", "ship-to, odoo: nope", "lines[1].table", "has “nope” for “ship-to”: “nope” is none of"),
        ("default: ship-to", "default: delivery", "lines[1].default", "“delivery” is none of ship-to, 1"),
        ("constant: true", "constant: 1", "lines[4].constant", "true or false is expected, not 1"),
        ("pattern: '%d/%m/%Y %H:%M'", "pattern: '%d/%m'", "lines[7].pattern", "It needs the year, the month and the day"),
        ("Europe/Brussels", "Brussels", "lines[7].time_zone", "“Brussels” is no time zone"),
        ("decimal_sign: ','", "decimal_sign: ';'", "lines[8].decimal_sign", "The sign before decimals is “.” or “,”"),
        ("thousands_sign: .", "thousands_sign: ','", "lines[8].thousands_sign", "need different signs"),
        ("decimals: 2", "decimals: 12", "lines[8].decimals", "less than or equal to 9"),
        ("case: upper", "case: huge", "lines[0].case", "one of upper, lower, title is expected"),
        ("write_when: on_create", "write_when: if_empty", "lines[2].write_when", "is true or false and never empty"),
        ("direction: to_odoo", "direction: both", "lines", "two lines have the key “town”"),
        ("constant: shop", "constant: shop, required: true", "lines[3].constant", "leave out required and default"),
        ("odoo: delivery", "odoo: [1]", "rows[0].odoo", "a text, a number, true, false or null is expected"),
        ("external: ship-to", "external: NO", "rows[0].external", "NO is false to YAML: put it in quotes, or write false"),
        ("external: ship-to", "external: {a: 1}", "rows[0].external", "a text, a number, true, false or null is expected"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(file, real, old, new, place, words):
    problems = file.refused(real.replace(old, new, 1))
    assert any(f"{place}" in problem and words in problem for problem in problems), problems
