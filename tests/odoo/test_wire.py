"""What may travel to Odoo, how it looks there, and which field is named where it may not."""

import enum
import math
import xmlrpc.client
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synchub.errors import ValueNotSendable
from synchub.odoo.wire import (
    LARGEST,
    SMALLEST,
    RowNotSendable,
    encode,
    sendable,
    sendable_rows,
    unsendable_text,
)
from tests.odoo.strategies import VALUES


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (None, None),
        (False, False),
        (SMALLEST, SMALLEST),
        (LARGEST, LARGEST),
        (1.5, 1.5),
        (Decimal("24.15"), 24.15),
        ("tab\t LF\n CR\r \x7f \x85 é 😀 \U0001ffff", "tab\t LF\n CR\r \x7f \x85 é 😀 \U0001ffff"),
        (b"\x00\xff", "AP8="),
        (bytearray(b"a"), "YQ=="),
        (memoryview(b"a"), "YQ=="),
        (date(2026, 1, 2), "2026-01-02"),
        (date(1, 1, 2), "0001-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, 678), "2026-01-02 03:04:05"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5))), "2026-01-01 22:04:05"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02 03:04:05"),
        ((6, 0, (1, 2)), [6, 0, [1, 2]]),
        ({"a": ({"b": ()},)}, {"a": [{"b": []}]}),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        ({Colour.RED: 1}, {"red": 1}),
    ],
)
def test_values_that_travel(value: Any, sent: Any) -> None:
    result = sendable(value)
    assert result == sent
    assert type(result) is type(sent)
    assert xmlrpc.client.loads(encode("f", (result,)))[0] == (sent,)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (LARGEST + 1, "32-bit"),
        (SMALLEST - 1, "32-bit"),
        pytest.param(10**5000, "32-bit", id="5,000 digits"),
        (math.nan, "finite"),
        (math.inf, "finite"),
        (Decimal("NaN"), "finite"),
        (Decimal("sNaN"), "finite"),
        (Decimal("-Infinity"), "finite"),
        (Decimal("1e400"), "finite"),
        ("a\0", r"U\+0000"),
        ("\x1b[0m", r"U\+001B"),
        ("\ud800", r"U\+D800"),
        ("\ufffe", r"U\+FFFE"),
        ("\uffff", r"U\+FFFF"),
        ({"a": 1, "\0": 1}, r"a key with the character U\+0000"),
        ({1: 1}, "a key that is not text but int"),
        ({1, 2}, "the type set"),
        (object(), "the type object"),
        (time(1), "the type time"),
        (timedelta(1), "the type timedelta"),
        (1j, "the type complex"),
    ],
)
def test_values_that_do_not_travel(value: Any, reason: str) -> None:
    with pytest.raises(ValueNotSendable, match=reason):
        sendable({"name": [value]})


def test_a_value_inside_of_itself_ends() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueNotSendable, match="nested deeper"):
        sendable({"a": loop})


@pytest.mark.parametrize(
    ("value", "field", "row"),
    [
        ({"name": "\0"}, "name", None),
        ([{"name": "a"}, {"name": "\0"}], "name", 1),
        ([{}, {}, {"order_line": [(0, 0, {"price_unit": math.nan})]}], "order_line.0.price_unit", 2),
        (
            {"order_line": [(1, 5, {"tax_ids": [(0, 0, {"name": "\0"})]})]},
            "order_line.0.tax_ids.0.name",
            None,
        ),
        ({"tag_ids": [(6, 0, [1, 2**40])]}, "tag_ids.0.2.1", None),
        ({"properties": [{"value": "\0"}]}, "properties.0.value", None),
        ([("name", "=", "\0")], "value.0.2", None),
    ],
)
def test_the_field_is_named(value: Any, field: str, row: int | None) -> None:
    with pytest.raises(RowNotSendable) as caught:
        sendable(value)
    assert (caught.value.field, caught.value.row) == (field, row)
    assert str(caught.value).startswith(f"{field}: ")
    assert ("record" in str(caught.value)) is (row is not None)


def test_rows_of_load_take_the_names_of_the_columns() -> None:
    assert sendable_rows(["id", "date"], [("x.a", date(2026, 1, 2))]) == [["x.a", "2026-01-02"]]
    with pytest.raises(RowNotSendable) as caught:
        sendable_rows(["id", "country_id/id"], [["x.a", "base.be"], ["x.b", "\0"]])
    assert (caught.value.field, caught.value.row) == ("country_id/id", 1)
    with pytest.raises(RowNotSendable, match="has 1 cells for 2 fields"):
        sendable_rows(["id", "name"], [["x.a"]])


@given(VALUES)
def test_what_is_sendable_arrives_as_it_is(value: Any) -> None:
    sent = sendable(value)
    assert xmlrpc.client.loads(encode("f", (sent, "after")))[0] == (sent, "after")
    assert sendable(sent) == sent


@given(st.text(st.characters(), max_size=5))
def test_text_is_refused_exactly_where_xml_would_break(text: str) -> None:
    if unsendable_text(text) is None:
        assert xmlrpc.client.loads(encode("f", (text,)))[0] == (text,)
    else:
        with pytest.raises((UnicodeEncodeError, ExpatError)):
            xmlrpc.client.loads(encode("f", (text,)))
