"""Lines are checked against what Odoo says of its fields; an Odoo that is away is no reason to refuse a file."""

import pytest

from endpoints.models import Endpoint, OnDelete
from mappings.models import ConfigVersion, Connection, Line, OdooModel
from synchub.audit.models import Exchange
from tests.configfile.conftest import FILE, NOBODY


@pytest.fixture
def text(practice):
    return (
        FILE.replace(NOBODY, practice.url)
        .replace("database: shop", f"database: {practice.database}")
        .replace("login: hub", f"login: {practice.login}")
        .replace("secret: s3cret", f"secret: {practice.password}")
    )


def with_line(text: str, line: str) -> str:
    return text.replace("{key: email, field: email}", line)


def test_fields_are_read_and_kept(file, text):
    file.apply(text)
    assert "ref" in OdooModel.objects.get(model="res.partner").fields
    assert not file.warnings
    assert Exchange.objects.filter(method="fields_get").count() == 1


def test_a_dry_run_keeps_no_fields(file, text):
    file.apply(text, dry_run=True)
    assert not OdooModel.objects.exists()


def test_fields_read_again_are_no_change(file, text):
    file.apply(text)
    version = ConfigVersion.current()
    assert file.apply() == ["Nothing to change."]
    assert ConfigVersion.current() == version


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{key: a, field: emial}", "field: res.partner has no field emial (did you mean “email”?)"),
        ("{key: a, field: write_date, direction: both}", None),
        (
            "{key: a, field: display_name}",
            "field: display_name is computed by Odoo; set the direction to “from Odoo only”",
        ),
        ("{key: a, field: display_name, direction: to_odoo}", "direction: display_name is computed by Odoo"),
        ("{key: a, field: email, pattern: '%d/%m/%Y'}", "pattern: email (char) is no date"),
        ("{key: a, field: name, decimals: 2}", "decimals: name (char) has no decimals to round"),
        ("{key: a, field: color, default: red}", "default: a whole number is expected, not “red”"),
        ("{key: a, field: type, default: nobody}", "default: “nobody” is none of contact, invoice, delivery"),
        (
            "{key: a, field: email, language: fr_FR}",
            "language: email has one value for all languages in Odoo",
        ),
        ("{key: a, field: email, language: French}", "language: A language of Odoo looks like fr_FR"),
    ],
)
def test_a_line_that_does_not_fit_the_field_is_refused_at_its_place(file, text, line, problem):
    if problem is None:
        file.apply(with_line(text, line))
        return
    [shown] = file.refused(with_line(text, line))
    assert shown.startswith(f"hub.yaml:14: mappings[0].lines[2].{problem}")


def test_a_model_that_odoo_does_not_have_is_refused(file, text):
    [problem] = file.refused(text.replace("res.partner", "res.partnr"))
    assert problem.startswith("hub.yaml:10: mappings[0].model: connection “main” has no such model: ")


def test_a_domain_and_parameters_with_unknown_fields_are_refused(file, text):
    text += (
        "    domain: \"[('foo', '=', '1')]\"\n    parameters: [{key: a, field: ref}, {key: b, field: bar}]\n"
    )
    assert file.refused(text) == [
        "hub.yaml:20: endpoints[0].domain: Item 1 (foo = …): res.partner has no field foo."
    ]
    assert file.refused(text.replace("'foo'", "'ref'")) == [
        "hub.yaml:21: endpoints[0].parameters[1].field: res.partner has no field bar."
    ]


def test_an_odoo_that_is_away_is_a_warning(file):
    assert file.apply(FILE)[0] == "+ connection main"
    assert file.warnings.startswith(
        "warning: hub.yaml:10: mappings[0].model: fields of res.partner could not be read ("
    )
    assert file.warnings.strip().endswith("checked again when Odoo answers")


def test_a_refused_login_is_a_warning_and_tried_once(file, text, practice):
    text = text.replace(f"secret: {practice.password}", "secret: wrong").replace(
        "endpoints:", "  - name: country\n    connection: main\n    model: res.country\n"
        "    lines: [{key: code, field: code, identifier: true}]\nendpoints:"
    )  # fmt: skip
    file.apply(text)
    assert "fields of res.country, res.partner could not be read" in file.warnings
    assert Exchange.objects.filter(direction="odoo").count() == 1


def test_fields_that_are_known_are_looked_at_while_odoo_is_away(file, text, practice):
    file.apply(text)
    away = text.replace(practice.url, NOBODY)
    assert "has no field emial" in file.refused(with_line(away, "{key: a, field: emial}"))[0]


def test_records_are_archived_where_odoo_can_and_else_deleted(file, text):
    countries = text.replace("res.partner", "res.country").replace("field: ref", "field: code")
    countries = with_line(countries, "{key: c, field: phone_code}")
    file.apply(text)
    assert Endpoint.objects.get().on_delete == OnDelete.ARCHIVE
    file.apply(countries)
    assert Endpoint.objects.get().on_delete == OnDelete.UNLINK
    assert file.apply() == ["Nothing to change."]


def test_records_are_archived_while_the_fields_are_unknown(file):
    file.apply(FILE.replace("res.partner", "res.country"))
    assert Endpoint.objects.get().on_delete == OnDelete.ARCHIVE


def test_archiving_what_has_no_archive_is_refused(file, text):
    text = text.replace("res.partner", "res.country").replace("field: ref", "field: code")
    text = with_line(text, "{key: c, field: phone_code}") + "    on_delete: archive\n"
    [problem] = file.refused(text)
    assert problem.startswith("hub.yaml:20: endpoints[0].on_delete: res.country has nothing like an archive")


def test_a_kept_secret_is_enough_to_read_fields(file, text, monkeypatch, practice):
    monkeypatch.setenv("SECRET", practice.password)
    referring = text.replace(f"secret: {practice.password}", "secret: {env: SECRET}")
    file.apply(referring)
    monkeypatch.delenv("SECRET")
    OdooModel.objects.all().delete()
    file.apply(referring)
    assert OdooModel.objects.exists()
    assert Connection.objects.get().secret == practice.password


def test_only_mappings_in_the_file_are_asked_for_with_the_connection_that_is_there(file, text):
    file.apply(text)
    Exchange.objects.all().delete()
    mappings = "mappings:" + text.split("mappings:")[1].split("endpoints:")[0]
    assert file.apply(mappings) == ["Nothing to change."]
    assert Exchange.objects.filter(method="fields_get").count() == 1


TAGS = """\
mappings:
  - name: tag
    connection: main
    model: res.partner.category
    lines:
      - {key: id, field: id, identifier: true}
      - {key: name, field: name}
      - {key: name_fr, field: name, language: fr_FR}
"""


def test_a_line_s_language_is_kept_and_written_again(file, text):
    connection = text[: text.index("mappings:")]
    file.apply(connection + TAGS)
    assert [line.language for line in Line.objects.order_by("position")] == ["", "", "fr_FR"]
    assert "{key: name_fr, field: name, language: fr_FR}" in file.export()
    assert file.apply() == ["Nothing to change."]
    said = file.apply(connection + TAGS.replace(", language: fr_FR", ", direction: from_odoo"))
    assert any("language fr_FR → " in line for line in said), said


def test_a_language_that_odoo_has_not_active_is_refused_with_those_that_it_has(file, text):
    connection = text[: text.index("mappings:")]
    [problem] = file.refused(connection + TAGS.replace("fr_FR", "nl_BE"))
    assert "lines[2].language: the language nl_BE is not active in Odoo, which has en_US, fr_FR" in problem
