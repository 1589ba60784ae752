"""What an administrator is told when saving a script."""

import re
from pathlib import Path

import pytest

from mappings.scripts import Mode, Script, check


@pytest.mark.parametrize(
    "source",
    [
        "record.name",
        "record.partner_id.country_id.code or ''",
        "re.match('a', record.name).group()",
        "datetime.datetime.utcnow().isoformat()",
        "for line in record.order_line:\n    last = line.id\nlast",
        "from odoo.exceptions import UserError\nif not record.name:\n    raise UserError('no name')\nrecord.name",
        "import dateutil.relativedelta\ndatetime.date.today() + dateutil.relativedelta.relativedelta(days=1)",
        "env['res.partner'].search([('id', '=', 1)], limit=1).mapped('name')",
        "request_data.get('x', {}).get('y')",
        "return record.id",
        "sorted(record.order_line, key=lambda line: line.price_unit)[0].id",
        "record.order_line.filtered(lambda line: line.product_id).ids",
        "float_compare(record.amount, 0, precision_digits=2) > 0",
        "timezone('Europe/Paris')\n1",
        "x = {}\ndel x['a']\nx",
    ],
)
def test_a_good_script_has_no_problems(source: str) -> None:
    assert check(Script(source)) == []


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("x = (1 +", 1, "not Python"),
        ("x = 1\nrecrd.name", 2, "“recrd”"),
        ("x = 1\nfor i in []:\n    colour", 2, "last line"),
        ("import requests\n1", 1, "“requests” is not available"),
        ("x = 1\n\nopen('x')", 3, "no files"),
        ("a = 1\nfloat_compare(1)", 2, "second"),
        ("datetime.now()", 1, "now"),
        ("1\nmath.flor(2.5)", 2, "flor"),
        ("x = 3", 1, "last line"),
        ("def f():\n    yield 1\nf()", 2, "“yield”"),
        ("class A(list):\n    pass\nA()", 1, "class"),
        ("async def f():\n    pass\n1", 1, "async"),
        ("del record\n1", 1, "del"),
        ("a, record.name = 1, 2\n1", 1, "one attribute"),
        ("import itertools\nlist(itertools.takewhile(lambda x: x, []))", 2, "loop"),
        ("from itertools import filterfalse\n1", 1, "loop"),
    ],
)
def test_a_problem_has_its_line(source: str, line: int, said: str) -> None:
    problems = check(Script(source))
    assert problems
    assert problems[0].line == line
    assert said in problems[0].message


def test_a_script_that_executes_needs_no_value() -> None:
    assert check(Script("record.write({'name': 'x'})\nx = 1", Mode.EXECUTE)) == []


def test_checking_runs_nothing() -> None:
    assert check(Script("while True: pass\n1 / 0", Mode.EXECUTE)) == []


MANUAL = Path(__file__).parents[2] / "docs" / "scripts.md"


@pytest.mark.parametrize(
    "block", re.findall(r"```python\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
)
def test_the_manual_shows_scripts_that_work(block: str) -> None:
    assert check(Script(block, Mode.EXECUTE)) == []
