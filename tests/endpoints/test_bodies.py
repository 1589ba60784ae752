"""Bodies that are malformed, hostile or too large."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from endpoints.models import Record
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.sync.test_scripts import script


@pytest.fixture
def partners(desk: Hub) -> Any:
    return desk.partners()


GOOD = b'{"customer_id": "A", "name": "Ann"}'

MALFORMED: list[tuple[bytes, str]] = [
    (b"", "empty"), (b"   \n", "empty"), (b"{", "line 1, column 2"), (b'{"a": 1,}', "line 1"), (b"{'a': 1}", "line 1"),
    (b'{"a": 1} x', "column 10"), (b'{"a":\n\n 01}', "line 3"), (b"nul", "JSON"), (b"a=1&b=2", "JSON"),
    (b"\xef\xbb\xbf" + GOOD, "byte order mark"), (GOOD.decode().encode("utf-16"), "UTF-8 at byte 0"),
    (b'{"name": "\xff"}', "UTF-8 at byte 10"), (b'{"name": "\xed\xa0\x80"}', "UTF-8 at byte 10"),
    (b'{"name": "\xc0\x80"}', "UTF-8"), (b'{"name": 1, "name": 2}', "“name” stands twice"),
    (b'{"address": {"city": 1, "city": 1}}', "“city” stands twice"),
    (b'{"n\\u0061me": 1, "name": 2}', "“name” stands twice"), (b'{"name": NaN}', "NaN"),
    (b'{"name": Infinity}', "Infinity"), (b'{"name": -Infinity}', "-Infinity"),
 (b"[" * 100_000, "deeper"),
    (b"[" * 100_000 + b"]" * 100_000, "deeper"), (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "deeper"),
    (b"[" * 33 + b"1" + b"]" * 33, "deeper"), (b"[]", "empty"), (b"7", "object"), (b'"x"', "object"), (b"null", "object"),
    (b"true", "object"), (b"[1]", "Item 0"), (b'[{"a": 1}, null]', "Item 1"), (b"[[]]", "Item 0"),
    (b'{"name": "a\nb"}', "control character"), (b'{"name": "\\x"}', "escape"), (b'{"name": "\x00"}', "control character"),
    (b"\x00", "JSON"), (b"{}{}", "column 3"),
]  # fmt: skip


def test_what_is_no_json_is_refused_and_says_where(partners: Any, api: Api):
    for raw, words in MALFORMED:
        for method, path in (("POST", "partners"), ("PUT", "partners/A")):
            answer = api.ask(method, path, raw=raw)
            assert answer.status_code == 400, raw[:40]
            assert words in json.loads(answer.content)["message"], raw[:40]
            assert len(answer.content) < 500
    assert Record.objects.count() == 0


BY_KEY: list[tuple[bytes, str, str]] = [
    (rb'{"customer_id": "A", "name": "a\u0000b"}', "name", "U+0000"),
    (rb'{"customer_id": "A", "name": "a\u0007b"}', "name", "U+0007"),
    (rb'{"customer_id": "A", "name": "\ud800"}', "name", "U+D800"),
    (rb'{"customer_id": "A", "name": "\udc00\ud800"}', "name", "U+DC00"),
    (rb'{"customer_id": "A", "name": "\ufffe"}', "name", "U+FFFE"),
    (rb'{"customer_id": "A", "name": "\uffff"}', "name", "U+FFFF"),
    (rb'{"customer_id": "\u0000", "name": "N"}', "customer_id", "U+0000"),
    (rb'{"customer_id": "A", "name": "N", "latitude": 1e400}', "latitude", "too large"),
    (rb'{"customer_id": "A", "name": "N", "latitude": -1e400}', "latitude", "too large"),
    (b'{"customer_id": "A", "name": "N", "latitude": ' + b"9" * 400 + b"}", "latitude", "too large"),
    (b'{"customer_id": "A", "name": "N", "latitude": ' + b"9" * 5000 + b"}", "latitude", "too large"),
    (b'{"customer_id": "A", "name": "N", "tags": [' + b"9" * 5000 + b"]}", "tags", "not this number"),
    (b'{"customer_id": "A", "name": "N", "company": -' + b"9" * 5000 + b"}", "company", "not this number"),
    (rb'{"customer_id": "A", "name": "N", "tags": [2147483648]}', "tags", "Odoo id"),
    (rb'{"customer_id": "A", "name": "N", "tags": [1e400]}', "tags", "Odoo id"),
    (rb'{"customer_id": "A", "name": "N", "tags": [true]}', "tags", "Odoo id"),
    (rb'{"customer_id": "A", "name": "N", "kind": 99999999999999999999}', "kind", "none of"),
    (rb'{"customer_id": "A", "name": "N", "\ud800": 1}', "\ud800", "not a key"),
    (rb'{"customer_id": "A", "name": "N", "\u0000": 1}', "\x00", "not a key"),
]


def test_what_odoo_cannot_take_is_refused_by_key(partners: Any, api: Api):
    for raw, key, words in BY_KEY:
        answer = api.ask("POST", "partners", raw=raw)
        assert answer.status_code == 400
        error = json.loads(answer.content)
        assert error["key"] == key
        assert words in error["error"]


def test_integers_over_32_bits_are_refused_where_odoo_has_none(desk: Hub, api: Api):
    desk.endpoint(
        "partners", "res.partner", {"customer_id": {"field": "ref", "identifier": True}, "n": "color"}
    )
    for number in (2**31, -(2**31) - 1, 10**399):
        error = api.post("partners", {"customer_id": "A", "n": number}, status=400)
        assert (error["key"], error["status_code"]) == ("n", "TYPE")
        assert "32 bits" in error["error"]
    assert api.post("partners", {"customer_id": "A", "n": 2**31 - 1})["n"] == 2**31 - 1


@pytest.mark.parametrize("mode", ["evaluate", "execute"])
def test_what_a_script_is_sent_is_checked_as_well(desk: Hub, api: Api, mode: str):
    country = desk.mapping(
        "country",
        "res.country",
        {"code": {"field": "code", "identifier": True}, "name": {"field": "name", "direction": "from_odoo"}},
    )
    seen = script('request_data["x"] and None', field="phone", direction="to_odoo", script_mode=mode)
    desk.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "country": {"field": "country_id", "nested": country},
            "x": seen,
        },
    )
    for value in (
        rb'"\ud800"', rb'"\u0000"', rb'["\ud800"]', rb'{"\u0000": 1}', b"1e400", b"-1e400", b"1" + b"0" * 30, b"9" * 5000,
    ):  # fmt: skip
        raw = b'{"customer_id": "A", "name": "N", "x": %s}' % value
        answer = api.ask("POST", "partners", raw=raw)
        error = json.loads(answer.content)
        assert (answer.status_code, error["key"], error["status_code"]) == (400, "x", "TYPE")
        assert "cannot be used" in error["error"]
    # Nor may what a relation leaves out, as it only comes from Odoo.
    unsaid = rb'{"customer_id": "A", "name": "N", "x": "", "country": {"code": "BE", "name": "\ud800"}}'
    assert json.loads(api.ask("POST", "partners", raw=unsaid).content)["key"] == "country"
    assert api.post("partners", {"customer_id": "A", "name": "N", "x": [2**53, -1.5, "é"]}, status=201)


def test_texts_of_all_languages_and_whitespace_come_back_as_they_were(partners: Any, api: Api):
    name = "Ré 😀 \t\r\n עברית \u202e \u200b ﷽ \U0010ffff <b>&amp;</b> \"'\\ ${x} {{x}} %s"
    assert api.post("partners", {"customer_id": "A", "name": name})["name"] == name
    assert api.get("partners/A")["name"] == name
    assert api.get("partners", {"name": name})["count"] == 1


def test_a_body_too_large_is_413_and_one_just_fitting_is_read(partners: Any, api: Api, settings: Any):
    settings.API_MAX_BODY = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000
    fitting = GOOD + b" " * (2000 - len(GOOD))
    assert api.ask("POST", "partners", raw=fitting + b" ").status_code == 413
    assert api.ask("POST", "partners", raw=fitting).status_code == 201


def test_too_many_objects_are_413(partners: Any, api: Api, settings: Any):
    settings.API_MAX_ITEMS = 3
    bodies = [{"customer_id": str(n), "name": "N"} for n in range(4)]
    assert "3 objects" in api.post("partners", bodies, status=413)["message"]
    assert api.post("partners", bodies[:3])["count"] == 3


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "json",
    ],
)
def test_another_content_type_is_415(partners: Any, api: Api, content_type: str):
    assert api.ask("POST", "partners", raw=GOOD, content_type=content_type).status_code == 415


def test_a_compressed_body_is_415_and_says_so(partners: Any, api: Api):
    answer = api.ask("POST", "partners", raw=gzip.compress(GOOD), headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert "Content-Encoding" in answer.json()["message"]
    assert api.ask("POST", "partners", raw=GOOD, headers={"Content-Encoding": "identity"}).status_code == 201


@pytest.mark.parametrize(
    "content_type", ["application/json", "APPLICATION/JSON; charset=utf-8", "application/merge-patch+json"]
)
def test_json_by_any_name_is_read(partners: Any, api: Api, content_type: str):
    assert api.ask("POST", "partners", raw=GOOD, content_type=content_type).status_code == 201


NO_CHARSETS = [
    "application/json; charset=hex",
    "application/json; charset=undefined",
    "application/json; charset=utf-16",
    "application/json; title*=nothing'en'x",
    "application/json; title*=undefined'en'%ff",
]


@pytest.mark.parametrize("content_type", NO_CHARSETS)
def test_a_query_is_utf8_whatever_charset_the_content_type_names(partners: Any, api: Api, content_type: str):
    api.post("partners", {"customer_id": "A", "name": "Zoë"})
    query: dict[str, Any] = {"QUERY_STRING": "name=Zo%C3%AB", "CONTENT_TYPE": content_type}
    found = api.ask("GET", "partners", **query)
    assert (found.status_code, found.json()["count"]) == (200, 1)
    assert api.ask("GET", "/nowhere", **query).status_code == 404


def test_a_chunked_body_is_refused_never_taken_for_an_empty_one(partners: Any, api: Api):
    answer = api.ask("POST", "partners", raw=GOOD, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 411


@pytest.mark.parametrize(
    ("length", "status"), [("-1", 400), ("x", 400), ("1e3", 400), ("٣", 400), ("9" * 5000, 413)]
)
def test_a_length_that_is_none_is_refused(partners: Any, api: Api, length: str, status: int):
    assert api.ask("POST", "partners", raw=GOOD, CONTENT_LENGTH=length).status_code == status


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["customer_id", "name", "email", "address", "latitude", "company", "kind", "tags", "updated"]
)


@given(body=st.dictionaries(KEYS | st.text(max_size=5), JSON, max_size=6))
@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_whatever_makes_the_hub_fail(partners: Any, api: Api, body: Any):
    answer = api.ask("POST", "partners", body)
    assert answer.status_code in (201, 400, 409)
    if answer.status_code == 201:
        name = json.loads(answer.content)["customer_id"]
        assert api.get(answer["Location"].removeprefix("http://testserver")) == json.loads(answer.content)
        assert Record.objects.get(external_id=name)
        assert (
            api.ask("PUT", f"partners/~{Record.objects.get(external_id=name).handle}", body).status_code
            == 200
        )


@given(raw=st.binary(max_size=60) | st.text('{}[]",:\\u0d8 1e9-.tn', max_size=40).map(str.encode))
@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_whatever_make_the_hub_fail(partners: Any, api: Api, raw: bytes):
    assert api.ask("POST", "partners", raw=raw).status_code == 400
