"""A request's object against a mapping: nested keys, required, default, read-only and unknown ones."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.convert import differing, external_id, from_row, present, to_wire
from mappings.fieldtypes import X2manyType
from mappings.line_error import LineError
from mappings.payload import read_payload, sent_identifier
from tests.mappings.lines import FROM, TO, line, spec
from tests.mappings.test_fieldtypes import ANY_JSON, FITTING

SPEC = spec(
    line("id", "ref", identifier=True),
    line("name", "name", required=True),
    line("a.b.c", "comment"),
    line("a.b.d", "color"),
    line("a.x", "kind", default="contact"),
    line("secret", "latitude", direction=TO),
    line("changed", "write_date", direction=FROM),
)


def read(payload: dict[str, Any], *, creating: bool = True) -> dict[str, Any]:
    return dict(read_payload(SPEC, payload, creating=creating).values)


def refused(payload: dict[str, Any], *, creating: bool = True) -> tuple[str, str, int | None]:
    with pytest.raises(LineError) as error:
        read(payload, creating=creating)
    return error.value.code, error.value.key, error.value.line_id


GOOD = {"id": "A", "name": "Ann"}


def test_dotted_keys_reach_into_nested_json():
    values = read(GOOD | {"a": {"b": {"c": "note", "d": 5}, "x": "other"}})
    assert values == {"ref": "A", "name": "Ann", "comment": "note", "color": 5, "kind": "other"}
    assert present(SPEC, values, {}) == {
        "id": "A", "name": "Ann", "a": {"b": {"c": "note", "d": 5}, "x": "other"}, "changed": None,
    }  # fmt: skip


def test_a_dotted_key_may_be_written_with_its_dots():
    assert read(GOOD | {"a.b.c": "note"})["comment"] == "note"
    assert read(GOOD | {"a": {"b.c": "note"}})["comment"] == "note"


@pytest.mark.parametrize(
    "payload",
    [
        {"a.b.c": "1", "a": {"b": {"c": "2"}}},
        {"a": {"b.c": "1", "b": {"c": "2"}}},
        {"a.b": {"c": "1"}, "a": {"b.c": "2"}},
    ],
)
def test_one_key_in_two_spellings_is_refused(payload: dict[str, Any]):
    assert refused(GOOD | payload)[:2] == ("TYPE", "a.b.c")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"a": 7}, ("TYPE", "a", None)), ({"a": None}, ("TYPE", "a", None)), ({"a": []}, ("TYPE", "a", None)),
        ({"a": {"b": "x"}}, ("TYPE", "a.b", None)), ({"a": {"b": {"e": 1}}}, ("UNKNOWN_KEY", "a.b.e", None)),
        ({"a": {"b": {"c": {}}}}, ("TYPE", "a.b.c", 3)), ({"b": {"c": "x"}}, ("UNKNOWN_KEY", "b", None)),
        ({"": 1}, ("UNKNOWN_KEY", "", None)), ({".": 1}, ("UNKNOWN_KEY", ".", None)), ({"a.": 1}, ("UNKNOWN_KEY", "a.", None)),
        ({"a.b": 1}, ("TYPE", "a.b", None)), ({"ref": "A"}, ("UNKNOWN_KEY", "ref", None)),
        ({"changed": "2026-01-31T08:00:00Z"}, ("READONLY", "changed", 7)), ({"changed": None}, ("READONLY", "changed", 7)),
    ],
)  # fmt: skip
def test_what_is_refused_names_key_and_line(payload: dict[str, Any], expected: tuple[str, str, int | None]):
    assert refused(GOOD | payload) == expected
    assert refused(payload, creating=False) == expected


def test_a_new_record_brings_what_is_required_and_gets_defaults():
    assert refused({"id": "A"}) == ("REQUIRED", "name", 2)
    assert refused({"id": "A", "name": ""}) == ("REQUIRED", "name", 2)
    assert read(GOOD)["kind"] == "contact"
    assert read(GOOD | {"a": {"x": None}})["kind"] is None


def test_a_change_brings_what_it_brings():
    assert read({}, creating=False) == {}
    assert read({"secret": 1}, creating=False) == {"latitude": 1.0}
    assert refused({"name": None}, creating=False) == ("REQUIRED", "name", 2)


def test_what_only_goes_to_odoo_is_not_shown():
    assert "secret" not in present(SPEC, read(GOOD | {"secret": 5}), {})


def test_an_id_of_odoo_s_own_may_be_repeated_in_a_change_only():
    named = spec(line("number", "id", identifier=True), line("name", "name"))
    assert read_payload(named, {"number": 7, "name": "x"}, creating=False).values == {"name": "x"}
    assert sent_identifier(named, {"number": 7}) == 7
    for creating, number in ((True, 7), (False, None)):
        with pytest.raises(LineError, match="cannot be written"):
            read_payload(named, {"number": number}, creating=creating)


@given(
    payload=st.dictionaries(
        st.sampled_from(["id", "name", "a", "a.b", "secret", "changed"]) | st.text(), ANY_JSON
    )
)
def test_any_object_is_either_read_or_refused_with_a_key(payload: dict[str, Any]):
    for creating in (True, False):
        refusal, values = None, {}
        try:
            values = read_payload(SPEC, payload, creating=creating).values
        except LineError as error:
            refusal = error
        if refusal is not None:
            assert refusal.code in ("REQUIRED", "TYPE", "SELECTION", "READONLY", "UNKNOWN_KEY")
            assert len(refusal.text) < 500
        to_wire(SPEC, values)
        present(SPEC, values, {})


WHOLE = spec(
    *(line(f"deep.{name}.value", name) for name in FITTING if name != "ref"),
    line("id", "ref", identifier=True),
    line("number", "id"),
)


@given(data=st.data())
def test_a_document_sent_back_as_it_was_read_changes_nothing(data: st.DataObject):
    row = {}
    for name, fitting in FITTING.items():
        kind = WHOLE.by_field[name].type
        value = kind.parse(data.draw(fitting))
        row[name] = (
            value if isinstance(kind, X2manyType) else kind.to_wire(value)
        )  # written by commands, read as ids
    row |= {"ref": "A", "id": 7, "write_date": "2026-01-31 08:00:00"}
    values = from_row(WHOLE, row)
    assert "write_date" not in values  # no line shows it
    document = present(WHOLE, values, {})
    del document["number"]
    again = read_payload(WHOLE, document, creating=False).values
    assert differing(again, values) == {}


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [("ref", "A", "A"), ("ref", None, None), ("ref", " ", " "), ("color", 0, "0"), ("color", -7, "-7"), ("kind", "other", "other"), ("id", 7, "7")],
)  # fmt: skip
def test_how_a_record_is_called(field: str, value: Any, name: str | None):
    assert external_id(spec(line("k", field, identifier=True)), {field: value}) == name


def test_only_what_differs_is_worth_sending():
    assert differing({"a": 1, "b": None, "c": [1]}, {"a": 1, "b": 2, "c": [1]}) == {"b": None}
    assert differing({"a": None}, {}) == {"a": None}
    assert differing({"a": 1}, None) == {"a": 1}
