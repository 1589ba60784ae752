"""What is said of values that Odoo took and has otherwise, value by value."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from endpoints.mirror import Row
from endpoints.outbox import Claim, ClaimedChange, Verdict
from synchub.sync.otherwise import otherwise
from tests.mappings.specs import field, spec

USER = spec(
    "res.users",
    {
        "login": ("login", field("char", "Login")),
        "city": ("city", field("char", "City")),
        "site": ("website", field("char", "Website")),
        "price": ("price", field("monetary", "Price")),
        "color": ("color", field("integer", "Color")),
        "photo": ("image", field("binary", "Image")),
        "tags": ("tag_ids", field("many2many", "Tags", relation="res.tag")),
        "password": ("password", field("char", "Password", store=False)),
        "cost": ("cost", field("float", "Cost", store=False, depends=["variant_ids.cost"])),
    },
)


def said(operation: str, sent: dict[str, Any], there: dict[str, Any]) -> str:
    change = ClaimedChange(1, operation, sent, None, None, datetime.now(UTC), 1, sent=False)
    claim = Claim(1, uuid.uuid4(), "u", None if operation == "create" else 7, None, [change])
    read = {7: Row({"id": 7, "login": "u", **there})}
    return otherwise(USER, [claim], {1: Verdict(1, "applied", 7)}, read).get(7, "")


@pytest.mark.parametrize(
    ("sent", "there"),
    [
        ({"city": "Ghent"}, {"city": "Brussels"}),
        ({"city": "Ghent"}, {"city": False}),
        ({"city": None}, {"city": "Brussels"}),
        ({"color": 3}, {"color": 0}),
        ({"price": 1.5}, {"price": 1.0}),
        ({"cost": 5.0}, {"cost": 0.0}),
    ],
)
def test_what_odoo_has_otherwise_is_told(sent: dict[str, Any], there: dict[str, Any]):
    assert "something else decides it there" in said("update", sent, there)


@pytest.mark.parametrize(
    ("operation", "sent", "there"),
    [
        ("update", {"city": "Ghent"}, {"city": "Ghent"}),
        ("update", {"website": "a.example"}, {"website": "http://a.example"}),
        ("update", {"price": 1.239}, {"price": 1.24}),
        ("update", {"color": None}, {"color": 0}),
        ("update", {"image": "aGk="}, {"image": "aGE="}),  # made smaller
        ("update", {"tag_ids": [1, 2]}, {"tag_ids": [1]}),  # one is archived
        ("update", {"password": "secret"}, {"password": False}),  # kept by nobody
        ("create", {"city": None}, {"city": "Brussels"}),  # filled in
        ("delete", {"city": "Ghent"}, {"city": "Brussels"}),
    ],
)
def test_what_is_tidied_filled_in_or_never_kept_is_not_told(
    operation: str, sent: dict[str, Any], there: dict[str, Any]
):
    assert said(operation, sent, there) == ""
