"""What stands in the sandbox instead of a library gives what the library gives."""

import math
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mappings.scripts import Input, Runner, Script
from tests.scripts.conftest import Evaluate

PARTS = st.fixed_dictionaries(
    {},
    optional={
        "years": st.integers(-50, 50),
        "months": st.integers(-40, 40),
        "weeks": st.integers(-60, 60),
        "days": st.integers(-400, 400),
        "hours": st.integers(-50, 50),
        "minutes": st.integers(-200, 200),
        "seconds": st.integers(-5000, 5000),
        "year": st.integers(1990, 2050),
        "month": st.integers(1, 12),
        "day": st.integers(1, 31),
        "hour": st.integers(0, 23),
        "minute": st.integers(0, 59),
    },
)
DAYS = st.dates(date(1980, 1, 1), date(2060, 1, 1))
MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2060, 1, 1)).map(lambda at: at.replace(microsecond=0))


def both(source: str, sent: list[dict[str, Any]]) -> list[Any]:
    with Runner(model="m") as runner:
        outcomes = runner.run_many(Script(source), [Input(None, one) for one in sent])
    assert all(outcome.error is None for outcome in outcomes), outcomes
    return [outcome.value for outcome in outcomes]


def shown(value: date) -> str:
    return value.isoformat() + "Z" if isinstance(value, datetime) else value.isoformat()


@settings(max_examples=40)
@given(st.lists(st.tuples(MOMENTS, PARTS, PARTS), min_size=1, max_size=20))
def test_relativedelta_is_dateutils(cases: list[tuple[datetime, dict[str, int], dict[str, int]]]) -> None:
    source = """
moment = datetime.datetime.fromisoformat(request_data['moment'])
first, second = relativedelta(**request_data['first']), relativedelta(**request_data['second'])
[moment + first, moment - first, moment + (first + second), moment + (first - second), moment + -first]
"""
    got = both(source, [{"moment": str(m), "first": a, "second": b} for m, a, b in cases])
    for (moment, a, b), values in zip(cases, got, strict=True):
        first, second = relativedelta(**a), relativedelta(**b)
        expected = [moment + first, moment - first, moment + (first + second), moment + (first - second)]
        assert values == [*map(shown, expected), shown(moment + -first)]


@settings(max_examples=30)
@given(st.lists(st.tuples(DAYS, PARTS), min_size=1, max_size=20))
def test_a_date_with_hours_becomes_a_moment(cases: list[tuple[date, dict[str, int]]]) -> None:
    source = "datetime.date.fromisoformat(request_data['day']) + relativedelta(**request_data['by'])"
    got = both(source, [{"day": str(day), "by": parts} for day, parts in cases])
    assert got == [shown(day + relativedelta(**parts)) for day, parts in cases]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.integers(0, 6)), min_size=1, max_size=20))
def test_rounding_is_to_the_nearest(cases: list[tuple[float, int]]) -> None:
    source = "float_round(request_data['value'], precision_digits=request_data['digits'])"
    got = both(source, [{"value": value, "digits": digits} for value, digits in cases])
    for (value, digits), rounded in zip(cases, got, strict=True):
        assert rounded == round(rounded, digits)
        assert abs(rounded - value) <= 0.5 * 10**-digits + abs(value) * 4e-16


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.integers(-4, 400)), min_size=1, max_size=20))
@example([(2.675, 2), (1.115, 2), (0.125, 2), (-2768.435, 40), (1e300, 2)])
def test_round_is_pythons(cases: list[tuple[float, int]]) -> None:
    got = both(
        "round(request_data['value'], request_data['digits'])", [{"value": v, "digits": d} for v, d in cases]
    )
    assert got == [round(value, digits) for value, digits in cases]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("float_round(1.005, precision_digits=2)", 1.01),
        ("float_round(-2.5, precision_digits=0)", -3.0),
        ("float_round(12345678901234567.0, precision_digits=2)", 12345678901234568.0),
        ("float_round(1.3, precision_rounding=0.25)", 1.25),
        ("float_round(1234, precision_rounding=50)", 1250.0),
        ("float_round(1.11, precision_digits=1, rounding_method='UP')", 1.2),
        ("float_round(1.19, precision_digits=1, rounding_method='DOWN')", 1.1),
        ("float_is_zero(0.004, precision_digits=2)", True),
    ],
)
def test_rounding_as_odoo_does(evaluate: Evaluate, source: str, expected: float) -> None:
    assert math.isclose(evaluate(source).value, expected, rel_tol=1e-15)


@settings(max_examples=30)
@given(
    st.lists(MOMENTS, min_size=1, max_size=20),
    st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Tokyo"]),
)
def test_zones_are_those_of_python(moments: list[datetime], zone: str) -> None:
    from zoneinfo import ZoneInfo

    source = """
moment = datetime.datetime.fromisoformat(request_data['moment'])
moment.astimezone(timezone(request_data['zone'])).isoformat()
"""
    got = both(source, [{"moment": str(moment), "zone": zone} for moment in moments])
    expected = [moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)) for moment in moments]
    assert got == [moment.isoformat() for moment in expected]


def _python(source: str) -> Any:
    return eval(source, {"datetime": __import__("datetime"), "timedelta": timedelta})


@pytest.mark.parametrize(
    "source",
    [
        "[x for x in [0, 1, 2] if x and x > 1 or not x]",
        "(0 or [] or 'last') and ('' or None)",
        "1 and 2 and 3, 0 and 1 / 0, 1 or 1 / 0",
        "sorted([3, 1, 2], key=lambda x: -x), sorted('bca', reverse=True)",
        "sorted([('b', 1), ('a', 1), ('c', 0)], key=lambda x: x[1], reverse=True)",
        "max([3, 1], key=lambda x: -x), min('b', 'a'), max([], default=7)",
        "list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1]))",
        "list(map(bool, [0, 1, '', 'a'])), isinstance(True, bool), bool([])",
        "any(x > 1 for x in [1, 2]), all([]), all([1, 0])",
        "list(reversed([1, 2, 3])), len('abc'), hasattr('a', 'nosuch')",
        "{k: v for k, v in zip('ab', [1, 2])}, [*range(3)], {**{'a': 1}, 'b': 2}",
        "(lambda x, *a, k=1, **o: [x, a, k, o])(1, 2, k=3, z=4)",
        "[y for x in [[1], [2, 3]] for y in x if y != 2 and (y or x)]",
        "'a' if [] else 'b' if {} else 'c', not [] and not 0",
        "datetime.date(2026, 1, 31).year, datetime.timedelta(days=2).days",
        "f'{3.14159:.2f} {[1, 2]!r:>8} {(1 or 2)}', '%s-%05d' % ('a', 42)",
        "(n := 5) and n * 2",
        "[z for z in ([] or [1]) if (w := z)], 'x'.join(['a', 'b']).upper()",
    ],
)
def test_plain_python_means_what_it_means(evaluate: Evaluate, source: str) -> None:
    def listed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: listed(item) for key, item in value.items()}
        return [listed(item) for item in value] if isinstance(value, list | tuple) else value

    assert evaluate(source).value == listed(_python(source))
