"""The demo works as it is delivered, and the documentation's file too."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from endpoints import registry
from endpoints.models import Endpoint
from mappings.models import Mapping, OdooModel

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo" / "hub.yaml"


@pytest.fixture
def variables(practice, monkeypatch):
    monkeypatch.setenv("HUB_PRACTICE_URL", practice.url)
    monkeypatch.setenv("HUB_PRACTICE_PASSWORD", practice.password)
    monkeypatch.setenv("HUB_DEMO_TOKEN", "t")


def test_the_demo_serves_five_endpoints(file, variables):
    file.apply(DEMO.read_text())
    assert not file.warnings
    assert Endpoint.objects.count() == 5
    for mapping in Mapping.objects.all():
        assert OdooModel.objects.filter(model=mapping.model).exists()
    for endpoint in Endpoint.objects.all():
        assert registry.get(endpoint.name).mapping.lines
        endpoint.full_clean()
    assert file.apply() == ["Nothing to change."]
    assert file.apply(file.export()) == ["Nothing to change."]


def test_the_demo_stays_as_it_is_when_it_is_started_again(file, variables, capsys):
    file.apply(DEMO.read_text())
    Endpoint.objects.filter(name="partners").update(limit=7)
    call_command("hub_apply", str(DEMO), if_empty=True)
    assert Endpoint.objects.get(name="partners").limit == 7


def test_the_file_in_the_documentation_can_be_applied(file, monkeypatch):
    monkeypatch.setenv("ODOO_SECRET", "s")
    monkeypatch.setenv("SHOP_TOKEN", "t")
    [example] = re.findall(
        r"```yaml\n(connections:.*?)```", (ROOT / "docs" / "configuration.md").read_text(), re.S
    )
    assert (
        file.apply(example.replace("https://mycompany.odoo.com", "http://127.0.0.1:1"))[0]
        == "+ connection main"
    )


def test_every_key_is_documented():
    from endpoints.configfile import shape_endpoints, shape_keys, shape_mappings

    text = (ROOT / "docs" / "configuration.md").read_text()
    for name, kind in {
        "connection": shape_mappings.CONNECTION,
        "mapping": shape_mappings.MAPPING,
        "line": shape_mappings.LINE,
        "table": shape_mappings.TABLE,
        "row": shape_mappings.ROW,
        "endpoint": shape_endpoints.ENDPOINT,
        "access key": shape_keys.ACCESS_KEY,
        "parameter": shape_endpoints.PARAMETER,
    }.items():
        for key in kind.keys:
            assert f"| `{key}` |" in text, f"{key} of {name}"
