"""Three lines to try, that work as they stand."""

import io
import json
import shlex
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from endpoints import registry
from tests.configfile.conftest import FILE, NOBODY

BASE = "http://127.0.0.1:8000"


def try_lines() -> list[str]:
    out = io.StringIO()
    call_command("hub_try_lines", base=BASE, stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("curl ") for line in lines)
    return lines


def requested(line: str) -> Any:
    """What curl would get, asked of the application itself."""
    words = shlex.split(line)
    url = next(word for word in words if word.startswith(BASE))
    headers = dict(words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H")
    options: dict[str, Any] = {"headers": headers}
    client = Client()
    if "-u" in words:
        from base64 import b64encode

        headers["Authorization"] = "Basic " + b64encode(words[words.index("-u") + 1].encode()).decode()
    path = url.removeprefix(BASE)
    if "-d" in words:
        body = words[words.index("-d") + 1]
        return client.post(path, data=body, content_type=headers.pop("Content-Type"), **options)
    return client.get(path, **options)


@pytest.fixture
def text(practice, monkeypatch):
    monkeypatch.setenv("HUB_DEMO_TOKEN", "it's a $(token)")
    return (
        FILE.replace(NOBODY, practice.url)
        .replace("database: shop", f"database: {practice.database}")
        .replace("login: hub", f"login: {practice.login}")
        .replace("secret: s3cret", f"secret: {practice.password}")
        .replace("token: t0ken-of-the-shop", "token: {env: HUB_DEMO_TOKEN}")
        + "    rate_limits: null\n"
    )


@pytest.fixture
def apply(file):
    def run(text: str) -> None:
        file.apply(text)
        registry.clear()

    return run


def test_the_three_lines_list_create_and_read_a_record(apply, text):
    apply(text)
    listed, created, read = (requested(line) for line in try_lines())
    assert listed.status_code == 200
    assert created.status_code == 201
    assert created.json()["customer_id"].startswith("DEMO-")
    assert read.status_code == 200
    assert read.json() == created.json()


def test_a_second_look_makes_another_record(apply, text):
    apply(text)
    first, second = try_lines()[1], try_lines()[1]
    assert requested(first).status_code == requested(second).status_code == 201


def test_a_login_works_as_well(apply, text, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    apply(
        text.replace("{name: shop, token:", "{name: shop, login: some one, password:") + "    auth: basic\n"
    )
    assert [requested(line).status_code for line in try_lines()] == [200, 201, 200]


def test_an_open_endpoint_needs_no_key(apply, text):
    apply(text + "    auth: none\n")
    lines = try_lines()
    assert "Authorization" not in "".join(lines)
    assert requested(lines[1]).status_code == 201


def test_a_token_that_cannot_be_read_back_is_left_to_the_shell(apply, text, monkeypatch):
    apply(text)
    monkeypatch.delenv("HUB_DEMO_TOKEN")
    assert '-H "Authorization: Bearer $TOKEN"' in try_lines()[0]


def test_nested_and_required_keys_are_in_the_sample(apply, text):
    line = (
        "{key: address.city, field: city, required: true}\n      - {key: kind, field: type, required: true}"
    )
    apply(text.replace("{key: email, field: email}", line))
    created = try_lines()[1]
    words = shlex.split(created)
    payload = json.loads(words[words.index("-d") + 1])
    assert payload["address"] == {"city": "Sample city"}
    assert payload["kind"] == "contact"
    assert requested(created).status_code == 201


def test_partners_come_first_and_what_cannot_be_made_up_is_passed_over(apply, text):
    more = """\
  - name: a-contacts
    mapping: partner
    auth: none
    rate_limits: null
  - name: a-tags
    mapping: partner
    auth: none
    methods: [GET]
"""
    apply(text + more)
    assert "/partners?" in try_lines()[0]
    apply(text.replace("name: partners", "name: z").replace("    rate_limits: null\n", "") + more)
    assert "/a-contacts?" in try_lines()[0]
    apply(text.replace("field: email}", "field: parent_id, required: true}") + "    auth: none\n")
    lines = try_lines()  # no partner can be made up for parent_id
    assert "-d" not in "".join(lines)
    assert [requested(line).status_code for line in lines] == [200, 200, 200]


def test_a_hub_without_endpoints_says_whether_it_is_there(db):
    lines = try_lines()
    assert all(f"{BASE}/healthz" in line for line in lines)


def test_endpoints_whose_fields_are_unknown_are_passed_over(apply):
    apply(FILE)
    assert f"{BASE}/healthz" in try_lines()[0]
