"""The database follows the file, and what changes is said in words."""

import pytest
from django.core.management import CommandError, call_command

from endpoints import pauses
from endpoints.configfile import apply, fetch
from endpoints.models import AccessKey, Endpoint, Parameter
from mappings.models import ConfigVersion, Connection, Line, Mapping
from tests.configfile.conftest import FILE, NOBODY, changed


def test_a_new_hub_gets_all_that_the_file_says(file):
    assert file.apply(FILE) == ["+ connection main", "+ mapping partner", "+ endpoint partners"]
    connection = Connection.objects.get()
    assert (connection.url, connection.database, connection.login) == (NOBODY, "shop", "hub")
    assert connection.secret == "s3cret"
    assert list(Line.objects.values_list("key", "field", "identifier", "required")) == [
        ("customer_id", "ref", True, False),
        ("name", "name", False, True),
        ("email", "email", False, False),
    ]
    endpoint = Endpoint.objects.get()
    assert endpoint.methods == ["GET", "POST", "PUT", "DELETE"]
    assert (endpoint.auth, endpoint.domain, endpoint.limit, endpoint.pull_every) == ("bearer", "[]", 100, 60)
    assert (endpoint.rate_per_address, endpoint.rate_per_key) == ("100/minute", "1000/hour")
    assert AccessKey.objects.get().token_digest


def test_the_same_file_again_changes_nothing(applied):
    version = ConfigVersion.current()
    assert applied.apply() == ["Nothing to change."]
    assert ConfigVersion.current() == version


def test_a_dry_run_says_the_same_and_saves_nothing(file):
    assert file.apply(FILE, dry_run=True) == [
        "+ connection main",
        "+ mapping partner",
        "+ endpoint partners",
        "Dry run: nothing was changed.",
    ]
    assert not Connection.objects.exists()
    assert ConfigVersion.current() == 0


def test_a_dry_run_finds_what_is_wrong(file):
    assert file.refused(changed("database: shop", "database: shop\n    concurrency: 99"), dry_run=True)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("limit: 50", "limit 100 → 50"),
        ("pull: null", "pull every 60 → none"),
        ("pull: {every: 10}", "pull every 60 → 10"),
        ("paused: true", "paused false → true"),
        ("enabled: false", "enabled true → false"),
        ("chatter: true", "chatter false → true"),
        ("actions: [{name: confirm, method: action_confirm}]", "action confirm added"),
        ("require_if_match: true", "require_if_match false → true"),
        ("put_creates: true", "put_creates false → true"),
        ("post_updates: true", "post_updates false → true"),
        ("conflicts: ask", "conflicts odoo → ask"),
        ("on_delete: ignore", "on_delete archive → ignore"),
        ("methods: [POST, GET]", "methods GET, POST, PUT, DELETE → GET, POST"),
        ("rate_limits: {per_address: 5/second}", "rate limit per address 100/minute → 5/second"),
        ("domain: \"[('active', '=', True)]\"", "domain [] → [('active', '=', True)]"),
        ("parameters: [{key: like, field: name, operator: ilike}]", "parameter like added"),
    ],
)
def test_a_changed_endpoint_is_told_in_one_line(applied, key, said):
    text = changed("    mapping: partner\n", f"    mapping: partner\n    {key}\n")
    assert applied.apply(text)[0] == f"~ endpoint partners: {said}"
    assert applied.apply(text) == ["Nothing to change."]
    back = applied.apply(FILE)
    assert back[0].startswith("~ endpoint partners: ")
    assert applied.apply(FILE) == ["Nothing to change."]


def test_no_rate_limits_are_both_told(applied):
    text = changed("    mapping: partner\n", "    mapping: partner\n    rate_limits: null\n")
    assert applied.apply(text) == [
        "~ endpoint partners: rate limit per address 100/minute → none",
        "~ endpoint partners: rate limit per key 1000/hour → none",
    ]


def test_a_changed_connection_is_told_without_its_secret(applied):
    text = changed(
        "secret: s3cret",
        "secret: 0ther\n    company: 2\n    rate_per_second: 2\n    time_zone: Europe/Brussels",
    )
    said = applied.apply(text)
    assert said == [
        "~ connection main: secret changed",
        "~ connection main: company none → 2",
        "~ connection main: time_zone none → Europe/Brussels",
        "~ connection main: rate_per_second none → 2",
        "Read anew from Odoo: partners.",
    ]
    assert Connection.objects.get().secret == "0ther"


def test_changed_lines_are_told_one_by_one_and_keep_their_ids(applied):
    ids = dict(Line.objects.values_list("key", "id"))
    text = changed(
        "      - {key: customer_id, field: ref, identifier: true}\n"
        "      - {key: name, field: name, required: true}\n"
        "      - {key: email, field: email}\n",
        "      - {key: name, field: name, required: true}\n"
        "      - {key: customer_id, field: ref}\n"
        "      - {key: id, field: id, identifier: true}\n"
        "      - {key: kind, field: type, default: contact}\n",
    )
    assert applied.apply(text) == [
        "~ mapping partner: line customer_id: identifier true → false",
        "~ mapping partner: line id added",
        "~ mapping partner: line kind added",
        "~ mapping partner: line email removed",
        "~ mapping partner: lines in another order",
        "Read anew from Odoo: partners.",
    ]
    assert list(Line.objects.values_list("key", flat=True)) == ["name", "customer_id", "id", "kind"]
    assert Line.objects.get(key="name").pk == ids["name"]
    assert applied.apply(text) == ["Nothing to change."]


def test_the_identifier_can_move_to_a_line_before_it(applied):
    first = changed(", identifier: true", "").replace("field: email", "field: email, identifier: true")
    applied.apply(first)
    assert Line.objects.get(identifier=True).key == "email"
    applied.apply(FILE)
    assert Line.objects.get(identifier=True).key == "customer_id"


def test_one_and_true_are_different_defaults(applied):
    applied.apply(changed("field: email", "field: email, default: 1"))
    said = applied.apply(changed("field: email", "field: email, default: true"))
    assert said[0] == "~ mapping partner: line email: default 1 → true"
    assert Line.objects.get(key="email").default is True


def test_what_a_section_does_not_have_is_removed(applied):
    text = FILE.split("endpoints:")[0].replace("name: partner", "name: contact") + "endpoints: []\n"
    assert applied.apply(text) == ["+ mapping contact", "- endpoint partners", "- mapping partner"]
    assert Mapping.objects.get().name == "contact"
    assert not Endpoint.objects.exists()


def test_everything_can_be_removed(applied):
    said = applied.apply("connections: []\nmappings: []\nendpoints: []\n")
    assert said == ["- endpoint partners", "- mapping partner", "- connection main"]
    assert not Connection.objects.exists()


def test_sections_that_are_absent_are_left_alone(applied):
    assert applied.apply(
        "endpoints:\n"
        + FILE.split("endpoints:\n")[1].replace("mapping: partner", "mapping: partner\n    limit: 7")
    ) == ["~ endpoint partners: limit 100 → 7"]
    assert applied.apply("connections:\n" + FILE.split("connections:\n")[1].split("mappings:")[0]) == [
        "Nothing to change."
    ]


def test_what_an_absent_section_needs_cannot_be_removed(applied):
    assert applied.refused("mappings: []\n") == [
        "hub.yaml:1: mappings: mapping “partner” is not in the file, but endpoint “partners” uses it"
    ]
    assert applied.refused("connections: []\n") == [
        "hub.yaml:1: connections: connection “main” is not in the file, but mapping “partner” uses it"
    ]


def test_an_endpoint_moves_to_another_mapping_while_its_old_one_goes(applied):
    text = FILE.replace("name: partner\n", "name: contact\n").replace(
        "mapping: partner\n", "mapping: contact\n"
    )
    assert applied.apply(text)[:3] == [
        "+ mapping contact",
        "~ endpoint partners: mapping partner → contact",
        "- mapping partner",
    ]


def test_access_keys_that_the_file_does_not_speak_of_stay(applied):
    text = FILE.split("    keys:")[0]
    assert applied.apply(text) == ["Nothing to change."]
    assert applied.apply(text + "    keys: []\n") == ["~ endpoint partners: access key shop removed"]


def test_parameters_that_the_file_does_not_have_go(applied):
    applied.apply(
        changed("    mapping: partner\n", "    mapping: partner\n    parameters: [{key: a, field: name}]\n")
    )
    assert applied.apply(
        changed(
            "    mapping: partner\n",
            "    mapping: partner\n    parameters: [{key: a, field: ref, operator: '>='}]\n",
        )
    )[0] == ("~ endpoint partners: parameter a: name = → ref >=")
    assert applied.apply(FILE)[0] == "~ endpoint partners: parameter a removed"
    assert not Parameter.objects.exists()


def test_if_empty_leaves_a_hub_that_has_a_connection_alone(applied):
    applied.write("this is: [not even yaml")
    assert applied.apply(if_empty=True) == ["A connection exists already; the file was not looked at."]


def test_if_empty_applies_to_an_empty_hub(file):
    assert file.apply(FILE, if_empty=True)[0] == "+ connection main"


def test_a_change_is_seen_by_other_processes(applied):
    version = ConfigVersion.current()
    applied.apply(changed("field: email", "field: email_normalized"))
    assert ConfigVersion.current() > version


def test_a_secret_that_cannot_be_decrypted_is_said_with_what_to_do(applied, settings):
    from cryptography.fernet import Fernet

    settings.HUB_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="HUB_ENCRYPTION_KEYS"):
        call_command("hub_apply", "hub.yaml")
    with pytest.raises(CommandError, match="HUB_ENCRYPTION_KEYS"):
        call_command("hub_export")


def test_a_pause_of_a_persons_ends_when_somebody_says_so(applied):
    endpoint = Endpoint.objects.get(name="partners")
    pauses.endpoints([endpoint.pk], "boss", "Odoo is upgraded")
    assert applied.apply(FILE) == ["Nothing to change."]
    endpoint.refresh_from_db()
    assert (endpoint.paused, endpoint.paused_by) == (True, "boss")
    with_pause = "    mapping: partner\n    paused: {}\n"
    assert applied.apply(changed("    mapping: partner\n", with_pause.format("false")))[0] == (
        "~ endpoint partners: paused true → false"
    )


def test_who_presses_pause_while_odoo_is_asked_is_not_overruled(applied, monkeypatch):
    endpoint = Endpoint.objects.get(name="partners")

    def asked(*given):
        pauses.endpoints([endpoint.pk], "boss", "Odoo is upgraded")
        return fetch.fields_from_odoo(*given)

    monkeypatch.setattr(apply, "fields_from_odoo", asked)
    lines = applied.apply(changed("    mapping: partner\n", "    mapping: partner\n    limit: 50\n"))
    assert lines[0] == "~ endpoint partners: limit 100 → 50"
    endpoint.refresh_from_db()
    assert (endpoint.paused, endpoint.paused_by) == (True, "boss")


def test_a_pause_of_the_files_ends_with_its_line(applied):
    applied.apply(changed("    mapping: partner\n", "    mapping: partner\n    paused: true\n"))
    assert Endpoint.objects.get(name="partners").paused
    assert applied.apply(FILE)[0] == "~ endpoint partners: paused true → false"


def test_a_paused_connection_goes_on_with_another_secret(applied):
    from django.utils import timezone

    Connection.objects.update(paused_at=timezone.now(), paused_reason="refused")
    applied.apply(changed("database: shop", "database: shop\n    concurrency: 2"))
    assert Connection.objects.get().paused_at
    applied.apply(changed("secret: s3cret", "secret: 0ther"))
    assert Connection.objects.get().paused_at is None


def test_what_a_person_has_paused_stays_so_with_another_database(applied):
    Connection.objects.get().pause("boss", "Odoo is restored")
    applied.apply(changed("database: shop", "database: restored"))
    connection = Connection.objects.get()
    assert (connection.database, connection.paused_by) == ("restored", "boss")
    assert connection.paused_at
