"""What Odoo works out from what else, and so has to be said again to stay."""

import pytest

from tests.mappings.specs import field, spec

ORDER = spec(
    "sale.order",
    {
        "ref": ("ref", field("char", "Reference")),
        "partner": ("partner_id", field("many2one", "Customer", relation="res.partner")),
        "terms": ("payment_term_id", field("many2one", "Terms", depends=["partner_id.property_term_id"])),
        "due": ("date_due", field("date", "Due", depends=["payment_term_id", "date"])),
        "lines": ("line_ids", field("one2many", "Lines", depends=["partner_id"])),
        "company": ("is_company", field("boolean", "Is a company")),
        "kind": ("company_type", field("selection", "Kind", store=False, depends=["is_company"])),
    },
)


@pytest.mark.parametrize(
    ("name", "changed", "anew"),
    [
        ("payment_term_id", "partner_id", True),
        ("date_due", "partner_id", True),  # by way of the terms
        ("partner_id", "payment_term_id", False),
        ("payment_term_id", "ref", False),
        ("line_ids", "partner_id", False),
        ("company_type", "is_company", False),  # it shows the other one
        ("partner_id", "partner_id", False),
    ],
)
def test_what_is_worked_out_anew_where_something_changes(name: str, changed: str, anew: bool):
    assert ORDER.worked_out_anew(name, [changed], [name, changed]) is anew


def test_of_two_that_are_worked_out_from_each_other_odoo_decides():
    meeting = spec(
        "calendar.event",
        {
            "name": ("name", field("char", "Subject")),
            "begin": ("start", field("datetime", "Start")),
            "end": ("stop", field("datetime", "Stop", depends=["start", "duration"])),
            "hours": ("duration", field("float", "Duration", depends=["start", "stop"])),
        },
    )
    assert meeting.worked_out_anew("stop", ["start"], ["start", "stop"])
    assert meeting.worked_out_anew("duration", ["start"], ["start", "duration", "name"])
    assert not meeting.worked_out_anew("stop", ["start"], ["start", "stop", "duration"])
    assert not meeting.worked_out_anew("stop", ["duration"], ["start", "stop", "duration"])
