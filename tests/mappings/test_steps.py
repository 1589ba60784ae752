"""What a line does to a value comes undone on the way back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mappings.fieldtypes import FieldType, WrongValue, field_type
from mappings.moments import Moment, pattern_problem
from mappings.spec import FieldSpec, LineSpec
from mappings.steps import Lookup, NumberText, Rounded, Step, Tidied


def line(kind: str | FieldType, *steps: Step, **facts: Any) -> LineSpec:
    type_ = field_type({"type": kind}) if isinstance(kind, str) else kind
    return LineSpec(
        1, "k", ("k",), FieldSpec("f", "F", type_), to_odoo=True, from_odoo=True, steps=steps, **facts
    )


def refusal(one: LineSpec, value: Any) -> str:
    with pytest.raises(WrongValue) as raised:
        one.parse(value)
    return str(raised.value)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0).isoformat(sep=" ")
)
ZONES = st.sampled_from(["Europe/Brussels", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])


# Whatever Odoo can hold is the same after a consumer sent back what was shown ---------------------------------------


@given(
    st.dates().map(lambda day: day.isoformat()), st.sampled_from(["%d/%m/%Y", "%Y%m%d", "%d %B %Y", "%j-%Y"])
)
@example("0001-01-01", "%d/%m/%Y")
def test_a_date_in_a_pattern_is_the_same_day_again(day: str, pattern: str):
    one = line("date", Moment("date", pattern))
    assert one.parse(one.present(day)) == day


@given(MOMENTS, ZONES)
def test_a_moment_in_a_time_zone_is_the_same_moment_again(moment: str, zone: str):
    one = line("datetime", Moment("datetime", time_zone=zone))
    assert one.parse(one.present(moment)) == moment


@given(MOMENTS, ZONES, st.sampled_from(["%Y-%m-%d %H:%M:%S%z", "%d.%m.%y %I:%M:%S %p %z"]))
def test_a_moment_in_a_pattern_with_its_offset_is_the_same_again(moment: str, zone: str, pattern: str):
    assume("%y" not in pattern or "1970" < moment < "2068")
    assume(moment > "1950")  # before that, offsets had seconds, which %z has only where it needs them
    one = line("datetime", Moment("datetime", pattern, zone))
    assert one.parse(one.present(moment)) == moment


@given(FLOATS, st.sampled_from([(",", "."), (",", ""), (".", ","), (".", "'"), (",", " ")]))
@example(1e300, (",", "."))
@example(5e-324, (",", "."))
@example(-0.0, (",", "."))
def test_a_number_as_text_keeps_every_digit(number: float, signs: tuple[str, str]):
    one = line("float", NumberText(*signs))
    assert one.parse(one.present(number)) == number


@given(st.integers(-(2**31), 2**31 - 1))
def test_a_whole_number_as_text_is_the_same_again(number: int):
    one = line("integer", NumberText(",", "."))
    assert one.parse(one.present(number)) == number


@given(st.dictionaries(st.one_of(TEXTS, st.integers(), st.booleans()), st.integers(1, 99), min_size=1))
def test_values_in_a_table_come_back_as_they_were_sent(rows: dict[Any, int]):
    assume(len(set(rows.values())) == len(rows))
    one = line("integer", Lookup("t", tuple(rows.items())))
    for external, odoo in rows.items():
        assert one.parse(external) == odoo
        assert one.present(odoo) == external
        assert type(one.present(odoo)) is type(external)


# What is lost is lost once: what a consumer reads and sends back stays as it is -------------------------------------


@given(MOMENTS, ZONES, st.sampled_from(["%d/%m/%Y %H:%M", "%Y-%m-%d", "%d/%m/%Y %H:%M:%S"]))
def test_what_a_pattern_keeps_it_keeps_for_good(moment: str, zone: str, pattern: str):
    one = line("datetime", Moment("datetime", pattern, zone))
    try:
        kept = one.parse(one.present(moment))
    except WrongValue:  # midnight of a day on which the clocks are put forward just then
        assume(False)
    assert one.parse(one.present(kept)) == kept


@given(FLOATS, st.integers(0, 9))
def test_a_number_is_rounded_once(number: float, decimals: int):
    one = line("float", Rounded(decimals))
    kept = one.parse(number)
    assert one.parse(one.present(kept)) == kept
    both = line("float", NumberText(",", ".", decimals), Rounded(decimals))
    assert both.parse(both.present(kept)) == kept


@given(TEXTS, st.booleans(), st.sampled_from(["", "upper", "lower", "title"]), st.booleans())
@example("ßa ŉa ǆ İ", True, "title", False)
@example("ΑΣ ΣΑ", True, "lower", False)
def test_a_text_is_tidied_once(text: str, trim: bool, case: str, only_inward: bool):
    one = line("char", Tidied(trim, case, only_inward))
    kept = one.parse(text)
    assert one.parse(one.present(kept)) == kept


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("char", TEXTS.filter(bool)),
        ("integer", st.integers(-(2**31), 2**31 - 1)),
        ("float", FLOATS),
        ("monetary", FLOATS),
        ("boolean", st.booleans()),
        ("date", st.dates().map(lambda day: day.isoformat())),
        ("datetime", MOMENTS),
        ("binary", st.binary(min_size=1).map(lambda raw: __import__("base64").b64encode(raw).decode())),
        ("many2one", st.integers(1, 2**31 - 1)),
        ("many2many", st.sets(st.integers(1, 2**31 - 1)).map(sorted)),
        ("reference", st.integers(1, 2**31 - 1).map(lambda one: f"res.partner,{one}")),
    ],
)
def test_every_type_gives_back_what_it_showed(kind: str, values: Any):
    @given(values)
    def check(value: Any) -> None:
        one = line(kind)
        assert one.parse(one.present(value)) == value
        type_ = one.field.type
        if kind != "many2many":  # which goes to Odoo as a command
            assert type_.from_wire(type_.to_wire(value)) == value

    check()


@pytest.mark.parametrize("kind", ["json", "properties", "properties_definition"])
def test_values_of_any_shape_are_shown_as_odoo_has_them(kind: str):
    value = [{"name": "a1b2", "type": "char", "string": "Colour", "value": "red"}, {"value": False}]
    type_ = field_type({"type": kind})
    assert line(type_).present(type_.from_wire(value)) == value
    assert type_.from_wire(False) is None
    assert not type_.writable


# What is read how ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "outside", "inside"),
    [
        (line("date", Moment("date", "%d/%m/%Y")), "31/01/2026", "2026-01-31"),
        (line("date", Moment("date", "%d/%m/%Y")), "", None),
        (line("datetime", Moment("datetime", "%d/%m/%Y %H:%M", "Europe/Brussels")), "31/07/2026 10:00", "2026-07-31 08:00:00"),
        (line("datetime", Moment("datetime", time_zone="Europe/Brussels")), "2026-01-31T10:00:00", "2026-01-31 09:00:00"),
        (line("datetime", Moment("datetime", time_zone="Europe/Brussels")), "2026-01-31T10:00:00Z", "2026-01-31 10:00:00"),
        (line("float", NumberText(",", ".")), "1.234,56", 1234.56),
        (line("float", NumberText(",", ".")), "1234,56", 1234.56),
        (line("float", NumberText(",", ".")), "-0,5", -0.5),
        (line("integer", NumberText(",", ".")), "1.234", 1234),
        (line("float", Rounded(2)), 2.675, 2.68),
        (line("float", Rounded(0)), -0.5, -1.0),
        (line("char", Tidied(trim=True, case="title")), "  o'neil AND sons ", "O'neil And Sons"),
        (line("char", Tidied(trim=True)), "   ", None),
        (line("boolean", Lookup("t", (("yes", True), ("no", False)))), "yes", True),
        (line("char", Lookup("t", ((1, "one"), (True, "yes")))), True, "yes"),
        (line("char", Lookup("t", ((1, "one"),))), 1.0, "one"),
        (line("char", Lookup("t", (("a", "A"),), "pass")), "b", "b"),
        (line("char", Lookup("t", (("a", "A"),), "empty")), "b", None),
        (line("char", Lookup("t", ((None, "none"),))), None, "none"),
    ],
)  # fmt: skip
def test_a_value_is_read_so(one: LineSpec, outside: Any, inside: Any):
    assert one.parse(outside) == inside


def test_a_time_before_there_were_time_zones_is_shown_with_an_offset_that_iso_8601_has():
    """In 1850, clocks in Brussels were 17 minutes and 30 seconds before those of Greenwich."""
    one = line("datetime", Moment("datetime", time_zone="Europe/Brussels"))
    assert one.present("1850-01-12 07:28:55") == "1850-01-12T07:28:55+00:00"
    assert one.present("2026-01-12 07:28:55") == "2026-01-12T08:28:55+01:00"


@pytest.mark.parametrize(
    ("one", "inside", "outside"),
    [
        (line("datetime", Moment("datetime", time_zone="Europe/Brussels")), "2026-07-31 08:00:00", "2026-07-31T10:00:00+02:00"),
        (line("date", Moment("date", "%Y%j")), "2024-12-31", "2024366"),
        (line("float", NumberText(",", ".", 2), Rounded(2)), 1234567.5, "1.234.567,50"),
        (line("float", NumberText(",", ".")), 2.0, "2"),
        (line("float", Rounded(2)), 0.125, 0.13),
        (line("char", Tidied(trim=True, case="upper", only_inward=True)), " a ", " a "),
        (line("selection", Lookup("t", (("open", "draft"),))), "done", None),
        (line("selection", Lookup("t", (("open", "draft"),), "pass")), "done", "done"),
        (line("date", Moment("date", "%d/%m/%Y")), None, None),
    ],
)  # fmt: skip
def test_a_value_is_shown_so(one: LineSpec, inside: Any, outside: Any):
    assert one.present(inside) == outside


@pytest.mark.parametrize(
    ("one", "value", "words"),
    [
        (line("date", Moment("date", "%d/%m/%Y")), "2026-01-31", "a date like “23/11/2026” is expected, not “2026-01-31”"),
        (line("date", Moment("date", "%d/%m/%Y")), "31/02/2026", "a date like"),
        (line("date", Moment("date", "%Y%j")), "2026366", "a date like “2026327” is expected, not “2026366”"),
        (line("date", Moment("date", "%j/%y")), "366/26", "a date like"),
        (line("datetime", Moment("datetime", "%d/%m/%Y %H:%M", "Europe/Brussels")), "29/03/2026 02:30", "the clocks are put forward"),
        (line("datetime", Moment("datetime", time_zone="Asia/Tokyo")), 5, "a date and time like “2026-11-23T23:05:09+09:00”"),
        (line("float", NumberText(",", ".")), "1.23,5", "a number as text like “1.234,5” is expected, not “1.23,5”"),
        (line("float", NumberText(",", ".")), 5, "a number as text"),
        (line("float", NumberText(",", ".")), "٣", "a number as text"),
        (line("float", NumberText(",")), "9" * 5000, "a number as text"),
        (line("integer", NumberText(",", ".")), "1,5", "a whole number is expected, not 1.5"),
        (line("char", Tidied(trim=True)), 5, "a text is expected, not 5"),
        (line("char", Lookup("t", (("a", "A"), (1, "one"), (None, "none")))), "b", "“b” is none of a, 1, null"),
        (line("char", Lookup("t", tuple((str(n), str(n)) for n in range(20)))), "x", "9, 10, 11, …"),
        (line("char", Lookup("t", (("a", "A"),))), ["a"], "a list is none of a"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_expected(one: LineSpec, value: Any, words: str):
    assert words in refusal(one, value)


def test_an_unknown_value_of_a_table_is_a_wrong_selection():
    with pytest.raises(WrongValue) as raised:
        line("char", Lookup("t", (("a", "A"),))).parse("b")
    assert raised.value.code == "SELECTION"


@pytest.mark.parametrize(
    ("pattern", "kind", "words"),
    [
        ("%d/%m", "date", "It needs the year, the month and the day"),
        ("%d/%m/%Y %H:%M", "date", "“%H” cannot stand in the pattern of a date"),
        ("%c", "datetime", "“%c” cannot stand"),
        ("%d/%m/%Y %I:%M", "datetime", "%I also needs %p"),
        ("day", "date", "It needs the year"),
        ("%d/%m/%Y %", "date", "“%” cannot stand"),
        ("%d%d%m%Y", "date", "cannot be read again"),
    ],
)
def test_a_pattern_that_loses_the_day_is_refused(pattern: str, kind: str, words: str):
    assert words in (pattern_problem(pattern, kind) or "")


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [("%d/%m/%Y", "date"), ("%Y%m%d", "date"), ("%d-%b-%y", "date"), ("%Y-%m-%d %H:%M", "datetime"), ("%d/%m/%Y", "datetime"),
     ("%m/%d/%Y %I:%M %p", "datetime"), ("%Y-%m-%dT%H:%M:%S%z", "datetime"), ("100%% %d.%m.%Y", "date")],
)  # fmt: skip
def test_a_pattern_that_names_the_day_is_taken(pattern: str, kind: str):
    assert pattern_problem(pattern, kind) is None


def test_a_constant_from_odoo_is_what_is_shown():
    one = LineSpec(
        1, "k", ("k",), FieldSpec("f", "F", field_type({"type": "char"})), False, True, constant="shop"
    )
    assert one.present("anything") == "shop"


@pytest.mark.parametrize(
    ("when", "current", "writes"),
    [("always", "x", True), ("on_create", None, False), ("if_empty", None, True), ("if_empty", "x", False), ("if_empty", 0.0, True),
     ("if_empty", [], True), ("if_empty", [1], False), ("if_empty", False, False)],
)  # fmt: skip
def test_when_a_line_writes(when: str, current: Any, writes: bool):
    assert line("char", write_when=when).writes_over(current) is writes


def test_the_sample_of_a_message_is_read_by_the_same_step():
    step = Moment("datetime", "%d/%m/%Y %H:%M", "Asia/Tokyo")
    shown = step.outward(datetime(2026, 11, 23, 14, 5, tzinfo=UTC).isoformat())
    assert step.inward(shown) == "2026-11-23T14:05:00Z"
