"""The demo's endpoints, two of them live as well, behind a real server with its worker; and what tools make of it."""

import json
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.odoo import PracticeOdoo
from synchub.torture.waiting import until
from tests.browser.conftest import browser  # noqa: F401  # a fixture
from tests.e2e.stack import TOKEN, Stack

ROOT = Path(__file__).parents[2]
BASE = "/bj_api_sync/v1"


@dataclass(frozen=True)
class Served:
    """A hub as a developer finds it: an address and a token."""

    stack: Stack
    url: str
    token: str = TOKEN

    def get(self, path: str) -> bytes:
        request = urllib.request.Request(
            f"{self.url}{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return bytes(answer.read())

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get("/openapi.json"))
        return found


@pytest.fixture(scope="package")
def served() -> Iterator[Served]:
    folder = Path(tempfile.mkdtemp(prefix="hub-contract-"))
    with PracticeOdoo(seed_records=300) as odoo:
        stack = Stack(odoo, folder, config=_config(odoo))
        # Whether a POST waits half a second or ten for Odoo's id makes no difference here.
        stack.env["HUB_API_WAIT_FOR_ID"] = "0.5"
        try:
            stack.start()
            until(lambda: stack.first_pulls_ended() >= 5, "all of Odoo has come in", 120)
            yield Served(stack, f"{stack.api.base}{BASE}")
        finally:
            stack.remove()
    shutil.rmtree(folder, ignore_errors=True)


def _config(odoo: PracticeOdoo) -> str:
    config = yaml.safe_load((ROOT / "demo" / "hub.yaml").read_text())
    config["connections"][0].update(url=odoo.url, secret=odoo.password)
    for endpoint in config["endpoints"]:
        endpoint.update(keys=[{"name": "test", "token": TOKEN}], pull={"every": 30})
    for endpoint in list(config["endpoints"]):
        if endpoint["name"] in ("partners", "tags"):
            live = {key: value for key, value in endpoint.items() if key != "pull"}
            config["endpoints"].append(live | {"name": f"live-{endpoint['name']}", "mode": "live"})
    return str(yaml.safe_dump(config, sort_keys=False)).replace("{", "{{").replace("}", "}}")
