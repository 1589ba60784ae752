"""Values as a person would call them equal."""

import pytest

from mappings.fieldtypes import TextType
from mappings.normal import normal, normal_key
from mappings.spec import FieldSpec, LineSpec


def line(field: str) -> LineSpec:
    return LineSpec(None, field, (field,), FieldSpec(field, field, TextType("char")), True, True)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("email", " Jan@Example.com", "jan@example.COM "),
        ("name", "An  Claes", "an claes"),
        ("name", "Straße", "STRASSE"),
        ("name", "Zoe\N{COMBINING DIAERESIS}", "zoë"),
        ("phone", "+32 2 123.45.67", "0032 (2) 1234567"),
        ("vat", "BE 0477.472.701", "be0477472701"),
    ],
)
def test_the_same_to_a_person(field: str, one: str, other: str):
    assert normal(line(field), one) == normal(line(field), other)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [("name", "José", "Jose"), ("name", "A-B", "AB"), ("phone", "123", "1234"), ("zip", "1000", "1001")],
)
def test_not_the_same(field: str, one: str, other: str):
    assert normal(line(field), one) != normal(line(field), other)


@pytest.mark.parametrize("empty", [None, "", "  ", False])
def test_what_is_empty_matches_nothing(empty):
    assert normal_key([line("name"), line("zip")], {"name": "Jan", "zip": empty}) is None
