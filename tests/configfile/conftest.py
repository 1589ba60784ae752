"""A configuration file in a folder of its own, and the commands that work on it."""

import io
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from django.core.management import CommandError, call_command

# Nobody listens there: for tests that are not about Odoo's fields.
NOBODY = "http://127.0.0.1:1"

FILE = f"""\
connections:
  - name: main
    url: {NOBODY}
    database: shop
    login: hub
    secret: s3cret
mappings:
  - name: partner
    connection: main
    model: res.partner
    lines:
      - {{key: customer_id, field: ref, identifier: true}}
      - {{key: name, field: name, required: true}}
      - {{key: email, field: email}}
endpoints:
  - name: partners
    mapping: partner
    keys:
      - {{name: shop, token: t0ken-of-the-shop}}
"""


def changed(before: str, after: str) -> str:
    """FILE with something else in one place."""
    assert FILE.count(before) == 1
    return FILE.replace(before, after)


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class File:
    """`hub.yaml` in the working directory."""

    name = "hub.yaml"

    def __init__(self) -> None:
        self.warnings = ""

    def write(self, text: str) -> None:
        Path(self.name).write_text(dedent(text), encoding="utf-8")

    def apply(self, text: str | None = None, **options: Any) -> list[str]:
        """What `hub_apply` prints, line by line."""
        if text is not None:
            self.write(text)
        out, err = io.StringIO(), io.StringIO()
        call_command("hub_apply", self.name, stdout=out, stderr=err, **options)
        self.warnings = err.getvalue()
        return out.getvalue().splitlines()

    def refused(self, text: str | None = None, **options: Any) -> list[str]:
        """The problems that `hub_apply` names, line by line."""
        with pytest.raises(CommandError) as raised:
            self.apply(text, **options)
        first, *problems = str(raised.value).splitlines()
        assert first == "nothing was changed:"
        return problems

    def export(self) -> str:
        out = io.StringIO()
        call_command("hub_export", stdout=out)
        return out.getvalue()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> File:
    monkeypatch.chdir(tmp_path)
    return File()


@pytest.fixture
def applied(file: File) -> File:
    """A hub that already has what `FILE` says."""
    file.apply(FILE)
    return file
