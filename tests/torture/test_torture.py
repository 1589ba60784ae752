"""The torture itself: a short one, and that it would tell. The long one: `./hub manage torture --writes 10000 --kills 200`."""

import pytest

from synchub.torture.expected import Findings, Partner, Row, compared
from synchub.torture.run import torture

ADA, BOB = Partner("Ada", "Ghent"), Partner("Bob", contacts={"TC1": "Carl"})
IN_ODOO = [Row("TP1", "Ada", "Ghent", None), Row("TP2", "Bob", None, None), Row("TC1", "Carl", None, "TP2")]
ACCEPTED = {"TP1": ADA, "TP2": BOB}


@pytest.mark.processes
def test_a_short_torture_finds_nothing():
    said: list[str] = []
    report = torture(200, 5, seed=1, say=said.append)
    assert report.findings == Findings(), report.text()
    assert report.accepted >= 200
    assert sum(report.kills.values()) == 5
    assert set(report.changes) == {"applied"}
    assert "lost 0, doubled 0, unexpected 0" in report.text()


def test_what_is_as_accepted_is_no_finding():
    # A deleted partner's contact stands alone.
    assert compared(ACCEPTED, [*IN_ODOO, Row("TC9", "Eve", None, None)], ACCEPTED).clean


@pytest.mark.parametrize(
    ("rows", "shown", "found"),
    [
        (IN_ODOO[1:], ACCEPTED, "lost"),
        ([*IN_ODOO[:2]], ACCEPTED, "lost"),
        ([Row("TP1", "Old", "Ghent", None), *IN_ODOO[1:]], ACCEPTED, "lost"),
        ([*IN_ODOO, IN_ODOO[0]], ACCEPTED, "doubled"),
        ([*IN_ODOO, IN_ODOO[2]], ACCEPTED, "doubled"),
        ([*IN_ODOO, Row("TP3", "Eve", None, None)], ACCEPTED, "unexpected"),
        (IN_ODOO, {"TP1": ADA}, "unexpected"),
        (IN_ODOO, {**ACCEPTED, "TP3": ADA}, "unexpected"),
        (IN_ODOO, {**ACCEPTED, "TP1": BOB}, "unexpected"),
    ],
    ids=[
        "a record missing", "a child missing", "an old value", "a record twice", "a child twice", "a deleted one there",
        "not shown", "shown though deleted", "shown otherwise",
    ],
)  # fmt: skip
def test_what_is_otherwise_is_told(rows: list[Row], shown: dict[str, Partner], found: str):
    findings = compared(ACCEPTED, rows, shown)
    told = {name for name in ("lost", "doubled", "unexpected") if getattr(findings, name)}
    assert told == {found}
