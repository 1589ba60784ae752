"""Values as the cells that Odoo's import reads."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import loading
from tests.mappings.lines import line, spec
from tests.mappings.test_fieldtypes import FITTING

SPEC = spec(
    line("id", "ref", identifier=True),
    *(line(name, name) for name in dict.fromkeys([*FITTING, "category_id", "child_ids"]) if name != "ref"),
)


def cell(name: str, value: Any) -> Any:
    [made] = loading.cells(SPEC, [name], {name: value})
    return made


@pytest.mark.parametrize(
    ("name", "value", "made"),
    [
        ("ref", "A", "A"), ("ref", None, False), ("ref", " ", " "), ("color", 0, "0"), ("color", -7, "-7"), ("color", None, False),
        ("latitude", 0.0, "0.0"), ("latitude", 0.1, "0.1"), ("latitude", 1e22, "1e+22"), ("active", True, "1"),
        ("active", False, "0"), ("day", "2026-01-31", "2026-01-31"), ("at", "2026-01-31 08:00:00", "2026-01-31 08:00:00"),
        ("kind", "other", "other"), ("country_id", 7, "7"), ("country_id", None, False), ("category_id", [1, 3], "1,3"),
        ("category_id", [], ""), ("image", "aGk=", "aGk="), ("about", "res.partner,7", "res.partner,7"),
    ],
)  # fmt: skip
def test_a_value_as_a_cell(name: str, value: Any, made: Any):
    assert cell(name, value) == made


def test_relations_are_given_by_database_id():
    assert loading.columns(SPEC, ["ref", "country_id", "category_id", "child_ids", "res_id"]) == [
        "ref", "country_id/.id", "category_id/.id", "child_ids/.id", "res_id",
    ]  # fmt: skip


@pytest.mark.parametrize("name", FITTING)
@given(data=st.data())
def test_every_value_is_a_text_or_nothing_and_loses_nothing(name: str, data: st.DataObject):
    value = SPEC.by_field[name].type.parse(data.draw(FITTING[name]))
    made = cell(name, value)
    assert made is False or isinstance(made, str)
    match value:
        case None:
            assert made is False
        case list():
            assert made == ",".join(map(str, value))
        case bool():
            assert made == "01"[value]
        case int() | float():
            assert type(value)(made) == value
        case _:
            assert made == value


def test_years_that_load_cannot_read_are_created_by_their_value():
    from mappings import calls
    from mappings.resolve import Item
    from tests.mappings.specs import spec as described

    mapping = described("res.partner", {"ref": ("ref", {"type": "char"}), "on": ("date", {"type": "date"})})

    def method(day: str | None) -> str:
        item = Item(None, {}, external_id="__synchub__.x", values={"ref": "X1", "date": day})
        return calls.creation(mapping, [item], {}).method

    assert [method(day) for day in ("0999-12-31", "1000-01-01", None)] == ["create", "load", "load"]


def test_a_new_record_with_an_option_that_load_takes_for_another_is_created_by_its_value():
    from mappings import calls
    from mappings.resolve import Item
    from tests.mappings.specs import spec as described

    options = [["a", "B"], ["b", "C"]]
    mapping = described(
        "res.partner",
        {"ref": ("ref", {"type": "char"}), "grade": ("grade", {"type": "selection", "selection": options})},
    )

    def method(grade: str) -> str:
        item = Item(None, {}, external_id="__synchub__.x", values={"ref": "X1", "grade": grade})
        return calls.creation(mapping, [item], {}).method

    assert method("a") == "load"
    assert method("b") == "create"


def test_a_table_is_read_in_utc_where_it_has_times_and_else_in_the_connection_s_time_zone():
    """By which Odoo knows what day is today, for a date that it fills in."""
    from mappings import calls
    from mappings.resolve import Item
    from tests.mappings.specs import spec as described

    text, time = {"type": "char"}, {"type": "datetime"}
    line = described("sale.order.line", {"name": ("name", text), "planned": ("planned", time)})
    lines = {"type": "one2many", "relation": line.model, "relation_field": "order_id"}
    order = described(
        "sale.order",
        {"ref": ("ref", text), "at": ("date_order", time), "lines": ("order_line", lines, line)},
    )

    def context(values: dict[str, Any], *inside: dict[str, Any]) -> dict[str, Any]:
        children = [Item(None, {}, external_id=f"__synchub__.{one['name']}", values=one) for one in inside]
        commands = {"order_line": [[0, 0, one] for one in inside]} if inside else {}
        item = Item(None, {}, external_id="__synchub__.x", values={"ref": "X1", **values}, commands=commands)
        item.lines = {"order_line": children} if inside else {}
        made = calls.creation(order, [item], {"chatter": True})
        assert made.method == "load"
        return made.context

    assert context({}) == {"chatter": True}
    assert context({"date_order": "2026-01-31 08:00:00"}) == {"chatter": True, "tz": "UTC"}
    assert context({}, {"name": "A"}) == {"chatter": True}
    assert context({}, {"name": "A", "planned": "2026-01-31 08:00:00"}) == {"chatter": True, "tz": "UTC"}
