"""Values as a person would call them equal."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from mappings.fieldtypes import field_type
from mappings.html import words
from mappings.normal import alike, normal, normal_key
from mappings.spec import FieldSpec, LineSpec


def line(field: str, kind: str = "char") -> LineSpec:
    return LineSpec(None, field, (field,), FieldSpec(field, field, field_type({"type": kind})), True, True)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("email", " Jan@Example.com", "jan@example.COM "),
        ("name", "An  Claes", "an claes"),
        ("name", "Straße", "STRASSE"),
        ("name", "Zoe\N{COMBINING DIAERESIS}", "zoë"),
        ("phone", "+32 2 123.45.67", "0032 (2) 1234567"),
        ("vat", "BE 0477.472.701", "be0477472701"),
        ("x_company_vat_number", "BE 0477.472.701", "be0477472701"),
        ("private_phone", "+32 2 123", "00322123"),
    ],
)
def test_the_same_to_a_person(field: str, one: str, other: str):
    assert normal(line(field), one) == normal(line(field), other)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("name", "José", "Jose"),
        ("name", "A-B", "AB"),
        ("phone", "123", "1234"),
        ("zip", "1000", "1001"),
        ("private_email", "jan.p@example.com", "janp@example.com"),
        ("private_street", "Улица 1", "Площадь 1"),
    ],
)
def test_not_the_same(field: str, one: str, other: str):
    assert normal(line(field), one) != normal(line(field), other)


@pytest.mark.parametrize(
    ("kind", "sent", "there"),
    [
        ("monetary", 10.005, 10.01),
        ("monetary", 9.999, 10.0),
        ("float", 1.0, 1.0),
        ("html", "one & two<script>x</script>", "<p>one &amp; two</p>"),
        ("html", "<p style='color:red'>é&nbsp;</p>", '<p style="color:red">é</p>'),
        ("char", "www.example.com", "http://www.example.com"),
        ("char", " Jan ", "Jan"),
    ],
)
def test_what_odoo_makes_of_what_was_sent(kind: str, sent: Any, there: Any):
    assert alike(line("x", kind), sent, there)


@pytest.mark.parametrize(
    ("kind", "sent", "there"),
    [
        ("monetary", 10.005, 10.02),
        ("monetary", 10.0, 11.0),
        ("monetary", 1.0, 0.0),
        ("float", 10.005, 10.01),
        ("html", "<p>one</p>", "<p>two</p>"),
        ("html", "<p>one</p>", None),
        ("char", "a", "b"),
        ("boolean", True, False),
    ],
)
def test_what_odoo_does_not_make_of_it(kind: str, sent: Any, there: Any):
    assert not alike(line("x", kind), sent, there)


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_what_is_empty_matches_nothing(empty):
    assert normal_key([line("name"), line("zip")], {"name": "Jan", "zip": empty}) is None


@pytest.fixture
def _within_seconds() -> Iterator[None]:
    """Of computing, not of the clock: what is meant here would take hours."""

    def stop(*_: object) -> None:
        raise AssertionError("It goes through the rest of the text again and again.")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 5)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.usefixtures("_within_seconds")
@pytest.mark.parametrize("again", ["<", "<script ", "<style></script>", "<script></script"])
def test_a_text_full_of_what_begins_a_tag_is_gone_through_once(again: str):
    assert words(f"<p>said</p>{again * 300_000}").startswith("said")
