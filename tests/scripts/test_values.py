"""Whatever a script gives is plain data or an error that says what is wrong."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.scripts import Input, Kind, Runner, Script, ScriptError
from mappings.scripts.values import checked, read_page
from synchub.odoo.wire import unsendable_text
from tests.scripts.conftest import Evaluate

TEXT = st.text().filter(lambda text: unsendable_text(text) is None)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.tuples() | st.sets(st.integers()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(PLAIN)
def test_plain_data_passes_as_it_is(value: Any) -> None:
    assert checked(value) == value


@given(ANYTHING)
def test_what_passes_is_json_and_can_travel(value: Any) -> None:
    try:
        passed = checked(value)
    except ScriptError:
        return
    text = json.dumps(passed, allow_nan=False, ensure_ascii=False)
    assert json.loads(text) == passed
    text.encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(JSON | st.just(2**63) | st.just("\x00") | st.just("\ufffe") | st.just("\b"), max_size=4))
def test_a_page_that_is_taken_as_a_whole_holds_nothing_that_is_refused_alone(values: list[Any]) -> None:
    page = {"values": values, "more": {}}
    try:
        read, _, sure = read_page(json.dumps(page, ensure_ascii=False))
    except ScriptError:
        return
    assert len(read) == len(values)
    if sure:
        assert [checked(value) for value in read] == values


@settings(max_examples=60)
@given(st.lists(PLAIN, max_size=5))
def test_what_goes_in_comes_out(values: list[Any]) -> None:
    inputs = [Input(None, {"value": value}) for value in values]
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script("request_data['value']"), inputs)
    for value, outcome in zip(values, outcomes, strict=True):
        assert outcome.error is None, outcome.error
        assert outcome.value == value
        assert type(outcome.value) is type(value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("float('nan')", "not finite"),
        ("[1, {'a': float('inf')}]", "not finite"),
        ("'a\\x00b'", "U+0000"),
        ("{'a\\x00': 1}", "U+0000"),
        ("['\\x1b']", "U+001B"),
        ("2**64", "too large"),
        ("{1: 2}", "not text"),
        ("{'a': {None: 1}}", "not text"),
        ("[[1], {True: 1}]", "not text"),
        ("{-1.5: 2}", "not text"),
        ("{'a': [{'b': {False: 1}}]}", "not text"),
        ("{1e30: 2}", "not text"),
        ("{float('inf'): 2}", "not text"),
        ("{2**70: 2}", "not text"),
        ("[{'a': [2**63]}]", "too large"),
        ("['\\ufffe']", "U+FFFE"),
        ("record", ".id"),
        ("[record.lines]", ".ids"),
        ("b'abc'", ".decode()"),
        ("{1, 2}", "no form in JSON"),
        ("lambda: 1", "no form in JSON"),
        ("len", "no form in JSON"),
        ("x = []\nfor _ in range(60):\n    x = [x]\nx", "too deeply"),
        ("x = []\nx.append(x)\nx", "too deeply"),
        ("datetime.timedelta(days=1)", "no form in JSON"),
    ],
)
def test_what_is_no_plain_data_is_refused_and_named(evaluate: Evaluate, source: str, said: str) -> None:
    error = evaluate(source).error
    assert error is not None
    assert error.kind is Kind.VALUE
    assert said in str(error)


def test_keys_that_look_like_numbers_are_texts(evaluate: Evaluate) -> None:
    source = "{'1': {'-2.5': 1}, 'true': [{'null': 2}], 'NaN': 3}"
    assert evaluate(source).value == {"1": {"-2.5": 1}, "true": [{"null": 2}], "NaN": 3}


def test_numbers_keep_their_kind(evaluate: Evaluate) -> None:
    outcome = evaluate("[1, 1.0, True, -0.0]")
    assert [type(item) for item in outcome.value] == [int, float, bool, float]
    assert math.copysign(1, outcome.value[3]) == -1


def test_dates_come_as_the_interface_writes_them(evaluate: Evaluate) -> None:
    source = "[datetime.date(2026, 1, 31), datetime.datetime(2026, 1, 31, 8, 5, 3, 999)]"
    assert evaluate(source).value == ["2026-01-31", "2026-01-31T08:05:03Z"]
