"""What is exported can be applied again, here and elsewhere, and says the same."""

from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endpoints.configfile import shape
from endpoints.configfile.export import export
from endpoints.configfile.items import Config, EndpointItem, LineItem, MappingItem
from endpoints.configfile.places import Findings
from endpoints.configfile.read import read
from endpoints.configfile.shape_endpoints import ENDPOINT
from endpoints.models import AccessKey, Endpoint, Parameter
from mappings.models import Connection, Line, Mapping
from tests.configfile.conftest import FILE, NOBODY

# In the form that an export has: everything that differs from its default, nothing that does not.
FULL = f"""\
connections:
  - name: main
    url: {{env: ODOO_URL}}
    database: shop
    login: hub@example.com
    secret: {{env: ODOO_SECRET}}
    company: 2
    language: nl_BE
    time_zone: Europe/Brussels
    concurrency: 2
    rate_per_second: 1.5
    read_timeout: 30.0
  - name: second
    url: {NOBODY}
    database: archive
    login: hub
    secret: {{env: SECOND_SECRET}}

mappings:
  - name: partner
    connection: main
    model: res.partner
    lines:
      - {{key: customer_id, field: ref, identifier: true}}
      - {{key: address.city, field: city, required: true}}
      - {{key: kind, field: type, direction: to_odoo, default: contact}}
      - {{key: tags, field: category_id, default: [1, 2]}}
      - {{key: note, field: comment, default: "it's \\"so\\": yes"}}
      - {{key: updated, field: write_date, direction: from_odoo}}

endpoints:
  - name: customers
    mapping: partner
    enabled: false
    methods: [GET, PUT]
    auth: basic
    keys:
      - {{name: Magasin d’été, login: shop, password: {{env: SHOP_PASSWORD}}}}
      - {{name: old, login: old, password: {{env: OLD_PASSWORD}}, enabled: false}}
    domain: "[('customer_rank', '>', 0)]"
    parameters:
      - {{key: name_like, field: name, operator: ilike}}
      - {{key: city, field: city}}
    actions:
      - {{name: confirm, method: action_confirm}}
      - {{name: note, method: message_post, parameters: [body, subject], repeatable: true}}
    limit: 50
    pull: {{every: 10}}
    rate_limits: {{per_address: 5/second, per_key: null}}
    on_delete: ignore
    conflicts: ask
    match_on: [kind, address.city + kind]
    chatter: true
    paused: true
    require_if_match: true
    put_creates: true
    post_updates: true
  - name: partners
    mapping: partner
    mode: live
    keys:
      - {{name: shop, token: {{env: SHOP_TOKEN}}}}
    pull: null
    rate_limits: null
    on_delete: archive
"""


@pytest.fixture
def variables(monkeypatch):
    values = {
        "ODOO_URL": NOBODY,
        "ODOO_SECRET": "a",
        "SECOND_SECRET": "b",
        "SHOP_PASSWORD": "c",
        "OLD_PASSWORD": "d",
        "SHOP_TOKEN": "e",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def without_comments(text: str) -> str:
    return text.split("\n\n", 1)[1]


def emptied() -> None:
    for model in (Endpoint, Mapping, Connection):
        model.objects.all().delete()


def test_an_export_is_what_was_applied(file, variables):
    file.apply(FULL)
    assert without_comments(file.export()) == FULL


def test_all_that_an_endpoint_can_be_told_is_in_the_file_that_is_exported_here():
    written = {key for endpoint in yaml.safe_load(FULL)["endpoints"] for key in endpoint}
    assert written == set(ENDPOINT.keys)


def test_applying_an_export_changes_nothing(file, variables):
    file.apply(FULL)
    assert file.apply(file.export()) == ["Nothing to change."]


def test_an_export_applied_to_an_empty_hub_is_exported_the_same(file, variables):
    file.apply(FULL)
    first = file.export()
    emptied()
    file.apply(first)
    assert file.export() == first


def test_secrets_that_came_from_no_variable_are_references_all_the_same(applied, monkeypatch):
    text = applied.export()
    assert "s3cret" not in text
    assert "t0ken" not in text
    assert "secret: {env: MAIN_SECRET}" in text
    assert "{name: shop, token: {env: PARTNERS_SHOP_TOKEN}}" in text
    assert applied.apply(text)[-1] == "Nothing to change."
    monkeypatch.setenv("MAIN_SECRET", "s3cret")
    monkeypatch.setenv("PARTNERS_SHOP_TOKEN", "t0ken-of-the-shop")
    assert applied.apply() == ["Nothing to change."]
    emptied()
    applied.apply()
    assert applied.export() == text


def test_what_admin_made_is_exported(file):
    connection = Connection.objects.create(name="a-b", url=NOBODY, database="d", login="l", secret="s")
    Connection.objects.create(name="a_b", url=NOBODY, database="d", login="l", secret_env="A_B_SECRET")
    mapping = Mapping.objects.create(name="m", connection=connection, model="res.partner")
    for key in ("id", "name"):  # all with the same position, as admin leaves them
        Line.objects.create(mapping=mapping, key=key, field=key, identifier=key == "id")
    endpoint = Endpoint.objects.create(name="e", mapping=mapping, domain="", rate_per_key="")
    Parameter.objects.create(endpoint=endpoint, key="z", field="name")
    Parameter.objects.create(endpoint=endpoint, key="a", field="ref")
    for name in ("shop 1", "shop-1", "店"):
        access = AccessKey(endpoint=endpoint, name=name)
        access.set_token(name)
        access.save()
    text = file.export()
    found = yaml.safe_load(text)
    secrets = [key["token"]["env"] for key in found["endpoints"][0]["keys"]]
    secrets += [connection["secret"]["env"] for connection in found["connections"]]
    assert len(set(secrets)) == 5
    assert "A_B_SECRET" in secrets
    assert file.apply(text)[-1] == "Nothing to change."


def test_an_empty_hub_exports_empty_sections(file):
    text = file.export()
    assert without_comments(text) == "connections: []\n\nmappings: []\n\nendpoints: []\n"
    assert file.apply(text) == ["Nothing to change."]


def test_an_export_can_be_written_to_a_file(applied, tmp_path):
    call_command("hub_export", output="out.yaml")
    assert Path("out.yaml").read_text(encoding="utf-8") == applied.export()


_words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
)
_json = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=5,
)


@given(
    default=_json,
    domain=_words,
    methods=st.sets(st.sampled_from(["GET", "POST", "PUT", "DELETE"]), min_size=1),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_text_and_any_default_survives(default, domain, methods):
    mapping = MappingItem(
        name="m", connection="c", model="x", lines=(LineItem(key="k", field="f", default=default),)
    )
    endpoint = EndpointItem(
        name="e",
        mapping="m",
        domain=domain.strip() or "[]",
        methods=tuple(name for name in ("GET", "POST", "PUT", "DELETE") if name in methods),
        on_delete="archive",
    )
    config = Config(connections={}, mappings={"m": mapping}, endpoints={"e": endpoint})
    findings = Findings("hub.yaml")
    root = read(export(config), findings)
    assert root is not None
    back = shape.config(root, findings)
    assert not findings.problems
    assert back.mappings == {"m": mapping}
    assert back.endpoints == {"e": endpoint}


def test_the_export_of_a_plain_file_reads_like_one(applied):
    assert without_comments(applied.export()) == (
        FILE.replace("s3cret", "{env: MAIN_SECRET}")
        .replace("token: t0ken-of-the-shop", "token: {env: PARTNERS_SHOP_TOKEN}")
        .replace("mappings:", "\nmappings:")
        .replace("endpoints:", "\nendpoints:")
        + "    on_delete: archive\n"
    )
