"""What Odoo is asked in live mode, where its answers differ by its version and are to be the same."""

from typing import Any

import pytest

from endpoints.terms import Condition, terms
from mappings.fieldtypes import field_type
from mappings.spec import FieldSpec

NEVER_SET = ("n", "=", False)


@pytest.mark.parametrize("kind", ["float", "integer", "monetary"])
@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("=", 0, [("n", "in", [0, False])]),
        ("in", [0, 2], [("n", "in", [0, 2, False])]),
        ("!=", 0, [("n", "not in", [0, False])]),
        ("=", 2, [("n", "in", [2])]),
        ("<=", 1, ["|", ("n", "<=", 1), NEVER_SET]),
        (">", -1, ["|", ("n", ">", -1), NEVER_SET]),
        ("<", 0, [("n", "<", 0)]),
        (">=", 1, [("n", ">=", 1)]),
    ],
)
def test_a_number_that_was_never_set_is_found_as_0_by_odoo_17_too(
    kind: str, operator: str, value: Any, expected: list[Any]
):
    field = FieldSpec("n", "Number", field_type({"type": kind}))
    assert terms(Condition(field, operator, value)) == expected
