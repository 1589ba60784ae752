"""Records of plain values: the short way gives what the standard library gives, or leaves the answer to the long one."""

import xmlrpc.client
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synchub.odoo.decode import decode
from synchub.odoo.rows import rows
from tests.odoo.servers import xml
from tests.odoo.strategies import PLAIN, TEXTS

NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), min_size=1, max_size=6, unique=True)
IDS = st.lists(st.integers(1, 2**31 - 1), max_size=4)


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    names = draw(NAMES)
    return draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, PLAIN | IDS)), min_size=1, max_size=5))


@given(records())
def test_records_come_back_as_they_were(sent: list[dict[str, Any]]) -> None:
    assert repr(decode(xml(sent))) == repr(sent)


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_what_odoo_says_of_records_is_read_the_short_way(texts: list[str]) -> None:
    sent = [
        {"id": number, "name": text, "active": True, "rate": 1.5, "ref": False}
        for number, text in enumerate(texts)
    ]
    assert rows(xml(sent)) == sent


@given(records(), st.binary(min_size=1, max_size=12), st.data())
def test_damage_is_left_to_the_long_way_or_harmless(
    sent: list[dict[str, Any]], damage: bytes, data: st.DataObject
) -> None:
    body = xml(sent)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 12)))
    damaged = body[:start] + damage + body[end:]
    found = rows(damaged)
    assert found is None or found == xmlrpc.client.loads(damaged.replace(b"\r", b"&#13;"))[0][0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<int>1</int>", b"<i8>1</i8>"),
        (b"<int>1</int>", b"<struct>\n</struct>"),
        (b"<name>name</name>", b"<name>id</name>"),
        (b"one", b"<![CDATA[one]]>"),
        (b"one", b"&unknown;"),
        (b"one", b"on]]>e"),
        (b"one", b"\x01"),
        (b"one", b"\xff"),
        (b"</methodResponse>", b"</methodResponse><more/>"),
    ],
)
def test_anything_out_of_the_ordinary_goes_the_long_way(before: bytes, after: bytes) -> None:
    body = xml([{"id": 1, "name": "one"}, {"id": 2, "name": "two"}])
    assert rows(body) is not None
    assert rows(body.replace(before, after)) is None
