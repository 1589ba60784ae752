"""Each type of Odoo's fields: what is taken, how it is kept, sent and shown."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.fieldtypes import INT32_MAX, FieldType, PerLanguageText, WrongValue, X2manyType, field_type
from synchub.odoo.wire import sendable, unsendable_text
from tests.mappings.lines import FIELDS

TYPES = {name: field_type(facts) for name, facts in FIELDS.items()}

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
TEXT = st.text(max_size=20).filter(lambda text: not unsendable_text(text))
IDS = st.integers(1, INT32_MAX)
FITTING: dict[str, st.SearchStrategy[Any]] = {
    "ref": st.none() | TEXT.filter(bool),
    "name": st.none() | TEXT.filter(bool),
    "comment": st.none() | TEXT.filter(bool),
    "color": st.integers(-INT32_MAX - 1, INT32_MAX),
    "latitude": st.floats(allow_nan=False, allow_infinity=False),
    "limit": st.floats(allow_nan=False, allow_infinity=False),
    "active": st.booleans(),
    "day": st.none() | st.dates().map(str),
    "at": st.none() | st.datetimes().map(lambda at: at.replace(microsecond=0).isoformat() + "Z"),
    "kind": st.sampled_from([None, "contact", "other"]),
    "image": st.none() | st.binary(min_size=1).map(lambda raw: base64.b64encode(raw).decode()),
    "country_id": st.none() | IDS,
    "res_id": st.none() | IDS,
    "about": st.none() | IDS.map(lambda number: f"res.partner,{number}"),
    "category_id": st.sets(IDS, max_size=5).map(sorted),
}


def as_odoo_answers(kind: FieldType, wire: Any) -> Any:
    """What Odoo, given this, sends back."""
    if isinstance(kind, X2manyType):
        [[_, _, wire]] = wire  # the command that sets them
    if kind.name in ("date", "datetime") and wire:
        wire = wire.lstrip("0")  # it writes the years before 1000 without zeros in front
    return json.loads(json.dumps(wire))


@pytest.mark.parametrize("name", FITTING)
@given(data=st.data())
def test_what_a_consumer_sends_comes_back_to_it_from_odoo(name: str, data: st.DataObject):
    kind, value = TYPES[name], data.draw(FITTING[name])
    kept = kind.parse(value)
    assert kind.present(kept) == value
    wire = sendable(kind.to_wire(kept))
    assert kind.from_wire(as_odoo_answers(kind, wire)) == kept
    assert kind.parse(kind.present(kept)) == kept  # what was read can be sent again


@given(value=st.none() | TEXT.filter(bool))
def test_a_text_in_several_languages_comes_back_and_is_emptied_in_one_of_them(value: str | None):
    kind = PerLanguageText("char")
    wire = kind.to_wire(kind.parse(value))
    assert wire is not False  # which empties all languages
    assert kind.present(kind.from_wire(as_odoo_answers(kind, wire))) == value


@pytest.mark.parametrize("name", TYPES)
@given(value=ANY_JSON)
def test_any_json_is_either_taken_or_refused_with_a_sentence(name: str, value: Any):
    kind = TYPES[name]
    refusal, kept = None, None
    try:
        kept = kind.parse(value)
    except WrongValue as error:
        refusal = error
    if refusal is not None:
        assert 0 < len(str(refusal)) < 300
        assert refusal.code in ("TYPE", "SELECTION", "READONLY")
        return
    assert json.loads(json.dumps(kept)) == kept
    sendable(kind.to_wire(kept))
    json.dumps(kind.present(kept))
    assert kind.parse(kind.present(kept)) == kept


@pytest.mark.parametrize(
    "name", [name for name in TYPES if name not in ("active", "properties", "category_id", "child_ids")]
)
def test_null_is_empty_on_both_sides(name: str):
    kind = TYPES[name]
    assert kind.present(kind.parse(None)) is None
    assert kind.to_wire(None) is False
    assert kind.present(kind.from_wire(False)) in (None, 0, 0.0)


ACCEPTED: list[tuple[str, Any, Any, Any]] = [
    # field, sent, kept, shown
    ("ref", "", None, None), ("comment", "", None, None), ("name", "x" * 20, "x" * 20, "x" * 20), ("ref", " ", " ", " "),
    ("latitude", 3, 3.0, 3.0), ("latitude", -0.0, 0.0, 0.0), ("latitude", 1e308, 1e308, 1e308),
    ("color", -INT32_MAX - 1, -INT32_MAX - 1, -INT32_MAX - 1), ("color", 0, 0, 0), ("color", 5.0, 5, 5),
    ("day", "2024-02-29", "2024-02-29", "2024-02-29"), ("day", "0001-01-01", "0001-01-01", "0001-01-01"),
    ("at", "2026-01-31T08:00Z", "2026-01-31 08:00:00", "2026-01-31T08:00:00Z"),
    ("at", "2026-01-31 08:00:00", "2026-01-31 08:00:00", "2026-01-31T08:00:00Z"),
    ("at", "2026-01-31T08:00:00.999999+02:00", "2026-01-31 06:00:00", "2026-01-31T06:00:00Z"),
    ("at", "2026-01-01T00:30:00+01:00", "2025-12-31 23:30:00", "2025-12-31T23:30:00Z"),
    ("kind", "OTHER ADDRESS", "other", "other"), ("kind", "contact", "contact", "contact"),
    ("image", "", None, None), ("image", " aGk=\n", "aGk=", "aGk="), ("image", " ", None, None),
    ("country_id", INT32_MAX, INT32_MAX, INT32_MAX), ("category_id", [3, 1, 3], [1, 3], [1, 3]),
    ("category_id", None, [], []), ("category_id", [], [], []), ("about", "sale.order,7", "sale.order,7", "sale.order,7"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "sent", "kept", "shown"), ACCEPTED)
def test_what_is_accepted_and_what_becomes_of_it(name: str, sent: Any, kept: Any, shown: Any):
    assert TYPES[name].parse(sent) == kept
    assert TYPES[name].present(kept) == shown


REFUSED: list[tuple[str, Any, str]] = [
    ("ref", 7, "a text is expected, not 7"), ("ref", True, "not true"), ("ref", [], "a list"), ("ref", {}, "an object"),
    ("ref", "a\x00", "U+0000"), ("ref", "\ud800", "U+D800"), ("name", "x" * 21, "21 characters; Odoo takes 20"),
    ("color", 1.5, "whole number"), ("color", "1", "“1”"), ("color", True, "true"), ("color", 2**31, "32 bits"),
    ("color", -(2**31) - 1, "32 bits"), ("color", float("inf"), "this number"), ("color", 10**5000, "32 bits"),
    ("latitude", float("inf"), "too large"), ("latitude", float("nan"), "too large"), ("latitude", 10**400, "too large"),
    ("latitude", "1.5", "“1.5”"), ("latitude", False, "false"), ("active", None, "null"), ("active", 1, "1"),
    ("active", "true", "“true”"), ("day", "2026-02-30", "2026-01-31"), ("day", "20260131", "2026-01-31"),
    ("day", "2026-1-1", "2026-01-31"), ("day", "2026-01-31T00:00:00", "2026-01-31"), ("day", "٢٠٢٦-٠١-٣١", "2026-01-31"),
    ("day", "2026-01-31\n", "2026-01-31"), ("day", 20260131, "2026-01-31"), ("day", "2026-W05-6", "2026-01-31"),
    ("at", "2026-01-31", "08:00:00Z"), ("at", "2026-01-31T25:00Z", "08:00:00Z"), ("at", "0001-01-01T00:00+05:00", "08:00"),
    ("at", "9999-12-31T23:59-05:00", "08:00"), ("at", "2026-01-31T08:00:00ZZ", "08:00"), ("at", 1769846400, "08:00"),
    ("at", "2026-01-31T08:00\ud800", "08:00"), ("kind", "nonsense", "contact, other"), ("kind", "", "contact"),
    ("kind", True, "contact"), ("kind", [], "a list"), ("kind", "x" * 100_000, "this text is none of"),
    ("image", "???", "base64"), ("image", "aGk", "base64"), ("image", "é", "base64"), ("image", 7, "base64"),
    ("country_id", 0, "0 cannot be"), ("country_id", -1, "-1 cannot be"), ("country_id", 2**31, "cannot be"),
    ("country_id", True, "whole number"), ("country_id", "BE", "“BE”"), ("country_id", [7, "Belgium"], "a list"),
    ("category_id", 7, "a list of Odoo ids"), ("category_id", ["7"], "“7”"), ("category_id", [None], "null"),
    ("category_id", {"add": [1]}, "an object"), ("about", "res.partner", "res.partner,7"), ("about", "res.partner,0", "7"),
    ("about", "res.partner,9999999999", "cannot be"), ("about", "res.partner,1٢", "7"), ("properties", 1, "cannot be written"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "words"), REFUSED, ids=[f"{one[0]}-{n}" for n, one in enumerate(REFUSED)]
)
def test_what_is_refused_and_how_it_is_said(name: str, value: Any, words: str):
    with pytest.raises(WrongValue) as refusal:
        TYPES[name].parse(value)
    assert words in str(refusal.value)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("name", "wire", "kept"),
    [
        ("ref", False, None), ("ref", "", None), ("color", False, 0), ("latitude", False, 0.0), ("latitude", 3, 3.0),
        ("latitude", float("nan"), None), ("latitude", float("-inf"), None),
        ("active", False, False), ("day", False, None), ("at", False, None), ("kind", False, None),
        ("image", False, None), ("image", "aG\nk=", "aGk="), ("image", b"hi", "aGk="), ("country_id", False, None),
        ("country_id", 7, 7), ("country_id", [7, "Belgium"], 7), ("country_id", [], None), ("category_id", [3, 1], [1, 3]),
        ("category_id", False, []), ("res_id", 0, None), ("about", False, None), ("properties", False, None),
        ("properties", [{"name": "a"}], [{"name": "a"}]),
    ],
)  # fmt: skip
def test_what_odoo_sends_and_how_it_is_kept(name: str, wire: Any, kept: Any):
    assert TYPES[name].from_wire(wire) == kept


def test_a_set_of_records_is_sent_as_the_whole_set():
    assert TYPES["category_id"].to_wire([1, 3]) == [[6, 0, [1, 3]]]
    assert TYPES["category_id"].to_wire(None) == [[6, 0, []]]


def test_a_label_that_two_options_have_names_neither():
    kind = field_type({"type": "selection", "selection": [["a", "Same"], ["b", "same"], ["c", "a"]]})
    with pytest.raises(WrongValue):
        kind.parse("same")
    assert kind.parse("a") == "a"  # a value comes before a label


@pytest.mark.parametrize("sent", ["1", 1, 1.0])
def test_a_number_is_the_value_that_is_written_so_and_no_label(sent: Any):
    kind = field_type({"type": "selection", "selection": [["0", "Normal"], ["1", "Urgent"], ["2", "1"]]})
    assert kind.parse(sent) == "1"
    assert kind.parse(0) == "0"


def test_a_long_selection_is_not_listed_to_its_end():
    kind = field_type({"type": "selection", "selection": [[str(n), f"Label {n}"] for n in range(500)]})
    with pytest.raises(WrongValue, match="…"):
        kind.parse("x")


def test_a_type_that_is_not_known_can_be_read():
    kind = field_type({"type": "something_new"})
    assert not kind.writable
    assert kind.present(kind.from_wire({"a": 1})) == {"a": 1}
