"""Odoo's fields change: which lines no longer fit, and how bad it is."""

from typing import Any

import pytest

from mappings.drift import drift
from mappings.models import Line, Severity
from mappings.schema import Fields
from tests.mappings.specs import field

OLD: Fields = {
    "ref": field("char", "Reference"),
    "name": field("char", "Name"),
    "type": field("selection", "Type", selection=[["contact", "Contact"], ["other", "Other"]]),
    "color": field("integer", "Color"),
    "parent_id": field("many2one", "Company", relation="res.partner"),
    "vat": field("char", "Tax ID"),
}


def lines(**options: dict[str, Any]) -> list[Line]:
    keys = {"id": "ref", "title": "name", "kind": "type", "colour": "color", "above": "parent_id"}
    return [
        Line(pk=place, key=key, field=name, identifier=name == "ref", **options.get(name, {}))
        for place, (key, name) in enumerate(keys.items(), start=1)
    ]


def now(**changed: dict[str, Any] | None) -> Fields:
    return {name: facts for name, facts in (OLD | changed).items() if facts is not None}


def required(name: str) -> dict[str, Any]:
    return OLD[name] | {"required": True}


@pytest.mark.parametrize(
    ("new", "options", "line", "says", "severity"),
    [
        (now(name=None), {}, "title", "“title”: Odoo has no field name of res.partner any more", "broken"),
        (
            now(name=OLD["name"] | {"store": False, "readonly": True}),
            {},
            "title",
            "computed by Odoo",
            "broken",
        ),
        (now(ref=field("boolean", "Reference")), {}, "id", "cannot name a record", "broken"),
        (
            now(color=field("float", "Color")),
            {},
            "colour",
            "was of the type integer in Odoo and is float",
            "warning",
        ),
        (now(color=field("char", "Color")), {}, "colour", "is char now", "broken"),
        (
            now(parent_id=OLD["parent_id"] | {"relation": "res.users"}),
            {},
            "above",
            "holds ids of res.users now",
            "broken",
        ),
        (
            now(type=field("selection", "Type", selection=[["contact", "C"]])),
            {},
            "kind",
            "no longer takes “other”",
            "warning",
        ),
        (
            now(type=field("selection", "Type", selection=[["contact", "C"]])),
            {"type": {"default": "other"}},
            "kind",
            "is the line's default",
            "broken",
        ),
        (now(name=required("name")), {}, "title", "make the line required", "warning"),
        (
            now(vat=required("vat")),
            {},
            None,
            "requires Tax ID (vat) of new records of res.partner now",
            "warning",
        ),
        (
            now(name=required("name")),
            {"name": {"direction": "from_odoo"}},
            None,
            "no line gives it",
            "warning",
        ),
    ],
)
def test_a_change_in_odoo_names_the_line(
    new: Fields, options: dict[str, Any], line: str | None, says: str, severity: str
):
    [found] = drift(lines(**options), "res.partner", OLD, new, creates=True)
    assert (found.line.key if found.line else None) == line
    assert says in found.text
    assert found.severity == Severity(severity)


@pytest.mark.parametrize(
    ("new", "options", "creates"),
    [
        (OLD, {}, True),
        (now(vat=None), {}, True),  # no line uses it
        (
            now(type=field("selection", "T", selection=[["contact", "C"], ["other", "O"], ["x", "X"]])),
            {},
            True,
        ),
        (now(name=required("name")), {"name": {"required": True}}, True),
        (now(name=required("name")), {"name": {"default": "?"}}, True),
        (now(vat=required("vat")), {}, False),  # nothing is created through it
        (now(color=OLD["color"] | {"string": "Colour", "help": "…"}), {}, True),
    ],
)
def test_what_breaks_nothing_is_no_problem(new: Fields, options: dict[str, Any], creates: bool):
    assert drift(lines(**options), "res.partner", OLD, new, creates=creates) == []


def test_a_model_that_is_read_for_the_first_time_has_not_changed():
    assert (
        drift(lines(), "res.partner", {}, now(name=required("name"), vat=required("vat")), creates=True) == []
    )
