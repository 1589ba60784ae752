"""The same values as the standard library's Unmarshaller, and no surprise from any bytes."""

import contextlib
import xmlrpc.client
from typing import Any

import defusedxml.ElementTree
import pytest
from defusedxml import DefusedXmlException
from hypothesis import given
from hypothesis import strategies as st

from synchub.odoo.decode import Fault, NotAnAnswer, TooManyElements, decode
from tests.odoo.servers import fault_xml, xml
from tests.odoo.strategies import VALUES


def wrapped(inner: str) -> bytes:
    params = f"<params><param>{inner}</param></params>"
    return f"<?xml version='1.0'?>\n<methodResponse>{params}</methodResponse>".encode()


@given(VALUES)
def test_answers_come_back_as_they_were(value: Any) -> None:
    # Odoo writes answers just so, CR included.
    assert decode(xml(value)) == value


@given(VALUES)
def test_it_agrees_with_the_standard_library(value: Any) -> None:
    body = xml(value).replace(b"\r", b"&#13;")
    assert decode(body) == xmlrpc.client.loads(body)[0][0]


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        ("<value>plain</value>", "plain"),
        ("<value/>", ""),
        ("<value><string/></value>", ""),
        ("<value>\n <int> 5 </int>\n</value>", 5),
        ("<value><i4>-5</i4></value>", -5),
        ("<value><i8>9000000000</i8></value>", 9_000_000_000),
        ("<value><double>1e3</double></value>", 1000.0),
        ("<value><boolean>0</boolean></value>", False),
        ("<value><nil/></value>", None),
        ("<value><base64>AP8=\n</base64></value>", b"\x00\xff"),
        ("<value><dateTime.iso8601>20260102T03:04:05</dateTime.iso8601></value>", "20260102T03:04:05"),
        ("<value><array><data></data></array></value>", []),
        ("<value><struct></struct></value>", {}),
        ("<value><![CDATA[a<b]]></value>", "a<b"),
        ("<!-- by a proxy --><value><int>1</int></value>", 1),
    ],
)
def test_values(inner: str, value: Any) -> None:
    result = decode(wrapped(inner))
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"<html/>",
        b"<methodResponse/>",
        b"<methodResponse><params/></methodResponse>",
        b"<methodResponse><fault/></methodResponse>",
        b"<methodResponse><fault><value><int>1</int></value></fault></methodResponse>",
        b"<methodResponse><fault><value><struct/></value></fault></methodResponse>",
        wrapped(""),
        wrapped("<value/><value/>"),
        wrapped("<value><int/></value>"),
        wrapped("<value><int>x</int></value>"),
        wrapped("<value><int>" + "9" * 5000 + "</int></value>"),
        wrapped("<value><boolean>2</boolean></value>"),
        wrapped("<value><what/></value>"),
        wrapped("<value><base64>A</base64></value>"),
        wrapped("<value><int>1</int><int>2</int></value>"),
        wrapped("<value><array/></value>"),
        wrapped("<value><array><data><int>1</int></data></array></value>"),
        wrapped("<value><struct><member><name>a</name></member></struct></value>"),
        wrapped("<value><struct><member><value/><name>a</name></member></struct></value>"),
        wrapped("<value>&unknown;</value>"),
        wrapped("<value>&#0;</value>"),
        wrapped("<value><array><data>" * 5000 + "</data></array></value>" * 5000),
        "<?xml version='1.0' encoding='utf-16'?><methodResponse/>".encode("utf-16"),
        "<!DOCTYPE a []><methodResponse/>".encode("utf-16"),
        b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">' + wrapped("<value/>")[22:],
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + wrapped("<value>&b;</value>")[22:],
    ],
)  # fmt: skip
def test_anything_else_is_not_an_answer(body: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        decode(body)


def test_a_fault() -> None:
    with pytest.raises(Fault) as caught:
        decode(fault_xml(2, "Contacts require a name"))
    assert (caught.value.code, caught.value.text) == (2, "Contacts require a name")


def test_too_many_elements_are_counted_before_they_are_made() -> None:
    ids = xml(list(range(1000)))
    assert decode(ids, max_elements=len(ids) // 12) == list(range(1000))
    with pytest.raises(TooManyElements):
        decode(wrapped("<a/>" * 1000), max_elements=1000)


@given(VALUES, st.data())
def test_an_answer_cut_short_is_never_a_value(value: Any, data: st.DataObject) -> None:
    body = xml(value).rstrip()
    with pytest.raises(NotAnAnswer):
        decode(body[: data.draw(st.integers(0, len(body) - 1))])


@given(VALUES, st.binary(min_size=1, max_size=20), st.data())
def test_damage_is_noticed_or_harmless(value: Any, damage: bytes, data: st.DataObject) -> None:
    body = xml(value)
    place = data.draw(st.integers(0, len(body)))
    with contextlib.suppress(NotAnAnswer, Fault):
        decode(body[:place] + damage + body[place:])


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    with pytest.raises(NotAnAnswer):
        decode(body)


PIECES = [
    b"<!DOCTYPE a [",
    b'<!ENTITY b "c">',
    b"]>",
    b"<methodResponse>",
    b"&b;",
    b"</methodResponse>",
    b"<!--",
    b"-->",
]


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_whatever_defusedxml_refuses_is_refused(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    try:
        defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, defusedxml.ElementTree.ParseError):
        with pytest.raises(NotAnAnswer):
            decode(body)
