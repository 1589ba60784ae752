"""A file that cannot work is refused as a whole, and every problem is said at its place."""

import pytest

from endpoints.models import Endpoint
from mappings.models import Connection
from tests.configfile.conftest import FILE, changed

CONNECTION = "{name: main, url: http://127.0.0.1:1, database: d, login: l, secret: s}"


def test_all_problems_are_said_at_once_and_nothing_is_saved(file):
    text = changed("name: main\n", "name: Main Odoo\n").replace(
        "mapping: partner\n", "mapping: partnr\n    limit: 0\n"
    )
    assert file.refused(text) == [
        "hub.yaml:2: connections[0].name: A name has lower case letters, digits, - and _, beginning with a letter, "
        "at most 63 characters.",
        "hub.yaml:9: mappings[0].connection: there is no connection “main”",
        "hub.yaml:17: endpoints[0].mapping: there is no mapping “partnr” (did you mean “partner”?)",
        "hub.yaml:18: endpoints[0].limit: a whole number from 1 up is expected, not 0 (put it in quotes if it is a text)",
    ]
    assert not Connection.objects.exists()


def test_an_unknown_key_is_refused_with_those_that_are_known(file):
    [problem] = file.refused(changed("    mapping: partner\n", "    mapping: partner\n    limt: 50\n"))
    assert problem.startswith(
        "hub.yaml:18: endpoints[0].limt: an endpoint has no key “limt” (did you mean “limit”?); it has name, mapping, "
    )


def test_an_unknown_section_is_refused(file):
    assert file.refused(FILE + "endpoint: []\n") == [
        "hub.yaml:20: endpoint: there is no section “endpoint” (did you mean “endpoints”?); "
        "there are connections, tables, mappings, endpoints, access_keys"
    ]


def test_a_section_without_content_is_not_taken_for_remove_all(applied):
    assert applied.refused("endpoints:\n") == [
        "hub.yaml:1: endpoints: a list is expected; write [] to remove all of them"
    ]
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize("text", ["just a text", "- a list"])
def test_a_file_that_is_no_object_is_refused(file, text):
    [problem] = file.refused(text)
    assert (
        problem
        == "hub.yaml:1: a configuration file is an object with connections, tables, mappings, endpoints, access_keys"
    )


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("limit: many", "limit: a whole number is expected, not “many”"),
        ("limit: 1.5", "limit: a whole number is expected, not 1.5 (put it in quotes if it is a text)"),
        ("limit: true", "limit: a whole number is expected, not true (put it in quotes if it is a text)"),
        ("limit: 5000", "limit: A page has 1000 records at most."),
        ("enabled: 'yes'", "enabled: true or false is expected, not “yes”"),
        ("methods: GET", "methods: a list is expected, not “GET”"),
        ("methods: [GET, PATCH]", "methods[1]: one of GET, POST, PUT, DELETE is expected, not “PATCH”"),
        ("methods: []", "methods: Choose at least one method."),
        ("auth: barer", "auth: one of none, basic, bearer is expected, not “barer” (did you mean “bearer”?)"),
        ("domain: [[a, '=', 1]]", "domain: a text is expected, not a list"),
        ("domain: '[(1'", "domain: This is no list, near character 2: '(' was never closed."),
        ("pull: 60", "pull: pull is an object with keys, not 60 (put it in quotes if it is a text)"),
        ("pull: {every: 1}", "pull.every: Ensure this value is greater than or equal to 5."),
        ("pull: {}", "pull: pull has either every (seconds) or cron (times of the day and week)"),
        (
            "pull: {every: 60, cron: '0 6 * * *'}",
            "pull: pull has either every (seconds) or cron (times of the day and week)",
        ),
        (
            "pull: {cron: '0 25 * * *'}",
            "pull.cron: “0 25 * * *” is not five fields (minute, hour, day of the month, month, day of the week), or one of "
            "them is out of its range. Every weekday at six is 0 6 * * 1-5; every quarter of an hour is */15 * * * *.",
        ),
        (
            "rate_limits: {per_key: fast}",
            "rate_limits.per_key: “fast” is no rate; write one like 100/minute or 1000/hour.",
        ),
        (
            "rate_limits: {per_adress: null}",
            "rate_limits.per_adress: rate_limits has no key “per_adress” (did you mean “per_address”?); it has per_address, per_key",
        ),
        ("conflicts: me", "conflicts: one of odoo, hub, newest, ask is expected, not “me”"),
        (
            "parameters: [{key: limit, field: name}]",
            "parameters[0].key: “limit” is a query parameter of every list; choose another key.",
        ),
        (
            "parameters: [{key: a, field: 'x y'}]",
            "parameters[0].field: An Odoo field's technical name looks like country_id.",
        ),
        (
            "parameters: [{key: a, field: a}, {key: a, field: b}]",
            "parameters[1].key: “a” is there twice; the first is in line 18",
        ),
        (
            "domain: \"[('a', '=', '\\ud800')]\"",
            "domain: the text holds the character U+D800, which may not stand here",
        ),
    ],
)
def test_a_wrong_value_of_an_endpoint_is_said_at_its_key(file, key, problem):
    text = changed("    mapping: partner\n", f"    mapping: partner\n    {key}\n")
    assert file.refused(text) == [f"hub.yaml:18: endpoints[0].{problem}"]


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (
            "kind: plane",
            "kind: one of plain, relation, script is expected, not “plane” (did you mean “plain”?)",
        ),
        ("direction: out", "direction: one of both, to_odoo, from_odoo is expected, not “out”"),
        (
            "required: true, direction: from_odoo",
            "required: A key that only comes from Odoo cannot be required of a write.",
        ),
        ("default: .nan", "default: .nan is no number of JSON"),
        ("default: [1, .inf]", "default[1]: .inf is no number of JSON"),
    ],
)
def test_a_wrong_value_of_a_line_is_said_at_its_key(file, key, problem):
    problems = file.refused(changed("field: email}", f"field: email, {key}}}"))
    assert problems == [f"hub.yaml:14: mappings[0].lines[2].{problem}"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{key: 'a b', field: email}", "[2].key: A key has letters, digits, - and _, beginning with a letter; "
         "a dot reaches into nested JSON (address.city)."),
        ("{key: name, field: email}", "[2].key: “name” is there twice; the first is in line 13"),
        ("{key: name.first, field: email}", ": “name” cannot hold a value and, for “name.first”, an object as well."),
        ("{key: email, field: email, identifier: true}", ": exactly one line has to be the identifier; 2 is marked."),
        ("{field: email}", "[2]: a line needs the key “key”"),
        ("email", "[2]: a line is an object with keys, not “email”"),
    ],
)  # fmt: skip
def test_lines_that_do_not_fit_together_are_refused(file, line, problem):
    [shown] = file.refused(changed("{key: email, field: email}", line))
    assert shown.split("mappings[0].lines", 1)[1] == problem


def test_a_name_that_is_there_twice_is_refused(file):
    [problem] = file.refused(f"connections:\n  - {CONNECTION}\n  - {CONNECTION}\n")
    assert problem == "hub.yaml:3: connections[1].name: “main” is there twice; the first begins in line 2"


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("url: ftp://x", "url: Write the address as https://mycompany.odoo.com or http://127.0.0.1:8069."),
        ("time_zone: Mars/Base", "time_zone: “Mars/Base” is no time zone; write one like Europe/Brussels."),
        ("concurrency: 100", "concurrency: Ensure this value is less than or equal to 64."),
        (
            "company: 0",
            "company: a whole number from 1 up is expected, not 0 (put it in quotes if it is a text)",
        ),
        ("rate_per_second: 0", "rate_per_second: Ensure this value is greater than or equal to 0.01."),
        (
            "read_timeout: .inf",
            "read_timeout: a number is expected, not .inf (put it in quotes if it is a text)",
        ),
        ("secret: 1234", "secret: a text is expected, in quotes, or {env: NAME}"),
        ("secret: ''", "secret: Enter the API key or the password of this login."),
        (
            "secret: {env: 'NO SPACES'}",
            "secret.env: “NO SPACES” cannot be the name of an environment variable",
        ),
        ("secret: {var: X}", "secret"),
    ],
)
def test_a_wrong_value_of_a_connection_is_said_at_its_key(file, key, problem):
    name = key.split(":")[0]
    kept = [part for part in CONNECTION[1:-1].split(", ") if not part.startswith(f"{name}:")]
    problems = file.refused(f"connections:\n  - {{{', '.join([*kept, key])}}}\n")
    assert problems[0].startswith(f"hub.yaml:2: connections[0].{problem}")


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("connections:", "targets: []\nconnections:", "targets: “targets”"),
    ],
)
def test_what_a_later_version_does_is_said_to_come(file, before, after, place):
    [problem] = file.refused(changed(before, after))
    assert problem.endswith(f"{place} comes with a later version of the hub")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("{name: shop}", "an access key has either a token, or a login and a password"),
        ("{name: shop, login: x}", "an access key has either a token, or a login and a password"),
        ("{name: shop, token: x, login: y}", "an access key has either a token, or a login and a password"),
    ],
)
def test_an_access_key_has_one_kind_of_secret(file, key, problem):
    assert file.refused(changed("{name: shop, token: t0ken-of-the-shop}", key)) == [
        f"hub.yaml:19: endpoints[0].keys[0]: {problem}"
    ]


def test_two_access_keys_cannot_share_a_token_or_a_login(file):
    text = changed(
        "      - {name: shop, token: t0ken-of-the-shop}\n",
        "      - {name: a, token: same}\n      - {name: b, token: same}\n"
        "      - {name: c, login: x, password: p}\n      - {name: d, login: x, password: q}\n",
    )
    assert file.refused(text) == [
        "hub.yaml:20: endpoints[0].keys[1].token: access key “a” has the same token",
        "hub.yaml:22: endpoints[0].keys[3].login: access key “c” has the same login",
    ]


def test_a_login_with_a_colon_is_refused(file):
    text = changed("{name: shop, token: t0ken-of-the-shop}", "{name: shop, login: 'a:b', password: p}")
    assert file.refused(text) == [
        "hub.yaml:19: endpoints[0].keys[0].login: A login for Basic authentication has no colon."
    ]


def test_a_key_that_its_endpoint_does_not_look_at_is_a_warning(file):
    file.apply(changed("    mapping: partner\n", "    mapping: partner\n    auth: none\n"))
    assert "hub.yaml:20: endpoints[0].keys[0]: a token is of no use while auth is none" in file.warnings


def test_a_file_that_is_not_there_or_not_utf8_is_said_plainly(file, tmp_path):
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match=r"^nope.yaml cannot be read: No such file or directory\.$"):
        call_command("hub_apply", "nope.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nb: \xe9\n")
    with pytest.raises(CommandError, match=r"^latin.yaml:2: the file is not UTF-8\.$"):
        call_command("hub_apply", "latin.yaml")
