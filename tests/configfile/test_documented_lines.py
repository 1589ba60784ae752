"""What docs/mappings.md shows can be applied as it stands, and it shows every option."""

import re
from pathlib import Path
from textwrap import indent

import pytest

from endpoints.configfile.shape_mappings import LINE
from tests.configfile.conftest import NOBODY

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "mappings.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)
TABLES = next(block for block in BLOCKS if block.startswith("tables:"))
FILE = f"""\
connections:
  - {{name: main, url: "{NOBODY}", database: shop, login: hub, secret: s3cret}}
{TABLES}mappings:
  - {{name: country, connection: main, model: res.country, lines: [{{key: code, field: code, identifier: true}}]}}
  - {{name: tag, connection: main, model: res.partner.category, lines: [{{key: name, field: name, identifier: true}}]}}
  - {{name: contact, connection: main, model: res.partner, lines: [{{key: name, field: name, identifier: true}}]}}
  - name: example
    connection: main
    model: res.partner
    lines:
"""


@pytest.mark.parametrize("block", [block for block in BLOCKS if block is not TABLES])
def test_an_example_can_be_applied(file, block):
    identifier = "" if "identifier" in block else "- {key: id, field: id, identifier: true}\n"
    file.apply(FILE + indent(identifier + block, "      "))


@pytest.mark.parametrize("key", LINE.keys)
def test_every_option_of_a_line_is_shown(key):
    shown = "".join(BLOCKS)
    elsewhere = key in (
        "on_several",
        "mode",
        "script",
        "examples",
    )  # in a table of the page, or in another document
    assert f"{key}: " in shown or elsewhere
