"""What an administrator may configure, what is refused and how, and what makes documents anew."""

from typing import Any

import pytest

from mappings.compile import build, line_problem, lines_problem
from mappings.models import Line
from synchub.errors import ConfigurationError
from tests.mappings.lines import BOTH, FIELDS, FROM, TO, line, spec

ID: dict[str, Any] = {"key": "id", "field": "ref", "identifier": True}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "none is marked"),
        ([line("a", "name")], "none is marked"),
        ([line("a", "ref", identifier=True), line("b", "name", identifier=True)], "2 is marked"),
        ([line("a", "ref", identifier=True), line("a", "name")], "two lines have the key “a”"),
        ([line("a", "ref", identifier=True), line("a.b", "name")], "“a” cannot hold a value and, for “a.b”"),
        ([line("a.b.c", "ref", identifier=True), line("a.b", "name")], "“a.b” cannot hold"),
        ([line("a", "ref", identifier=True), line("a-b", "name"), line("a.b", "color")], "“a” cannot hold"),
    ],
)  # fmt: skip
def test_lines_that_do_not_go_together(lines: list[Line], words: str):
    assert words in (lines_problem(lines) or "")


@pytest.mark.parametrize(
    "lines",
    [
        [line("a", "ref", identifier=True)],
        [line("a.b", "ref", identifier=True), line("a.c", "name"), line("ab", "color"), line("a-b.c", "day")],
        [line("a", "ref", identifier=True), line("in", "name", direction=TO), line("out", "name", direction=FROM)],
        [line("a", "ref", identifier=True), line("x", "name", direction=FROM), line("y", "name", direction=FROM)],
    ],
)  # fmt: skip
def test_lines_that_go_together(lines: list[Line]):
    assert lines_problem(lines) is None


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (line("a", "x_gone"), "no field x_gone"),
        (line("a", "total"), "computed by Odoo"),
        (line("a", "properties"), "can only be read"),
        (line("a", "latitude", identifier=True), "cannot name a record"),
        (line("a", "country_id", identifier=True), "cannot name a record"),
        (line("a", "total", direction=FROM, identifier=True), "cannot name a record"),
    ],
)
def test_a_line_that_cannot_work_is_refused_with_what_to_do(one: Line, words: str):
    assert words in str(line_problem(one, "res.partner", FIELDS))
    others = [] if one.identifier else [line("id", "ref", identifier=True)]
    with pytest.raises(ConfigurationError, match="Line “a” of mapping “test”"):
        spec(one, *others)


@pytest.mark.parametrize(
    "one",
    [
        line("a", "total", direction=FROM), line("a", "properties", direction=FROM), line("a", "write_date"),
        line("a", "id", identifier=True), line("a", "color", identifier=True), line("a", "kind", identifier=True),
    ],
)  # fmt: skip
def test_a_line_that_can_work(one: Line):
    assert line_problem(one, "res.partner", FIELDS) is None


def test_odoo_s_id_never_goes_to_odoo():
    made = spec(line("id", "id", identifier=True, direction=BOTH), line("name", "name"))
    assert made.named_by_odoo
    assert not made.identifier.to_odoo


def test_odoo_s_own_stamps_never_go_to_odoo():
    made = spec(line(**ID), line("at", "write_date", direction=BOTH)).by_key["at"]
    assert (made.to_odoo, made.from_odoo) == (False, True)


def test_an_attachment_s_bytes_are_had_as_base64():
    fields = {"raw": {"type": "binary", "string": "File Content (raw)", "store": False}}
    for direction in (BOTH, FROM):
        problem = line_problem(line("file", "raw", direction=direction), "ir.attachment", fields)
        assert "use datas, the same content as base64" in str(problem)


def test_a_parameter_s_field_is_kept_though_no_line_shows_it():
    made = spec(line(**ID), extra=("color",))
    assert set(made.by_field) == {"ref", "color"}
    with pytest.raises(ConfigurationError, match="x_gone"):
        spec(line(**ID), extra=("x_gone",))


BASE: list[dict[str, Any]] = [ID, {"key": "name", "field": "name"}]


@pytest.mark.parametrize(
    ("lines", "extra", "anew"),
    [
        (BASE, (), False),
        ([ID, {"key": "name", "field": "name", "required": True, "default": "x"}], (), False),
        ([ID, {"key": "called", "field": "name"}], (), True),
        ([ID, {"key": "name", "field": "comment"}], (), True),
        ([ID, {"key": "name", "field": "name", "direction": TO}], (), True),
        ([*reversed(BASE)], (), True),
        ([*BASE, {"key": "c", "field": "color"}], (), True),
        (BASE, ("color",), True),
    ],
)
def test_documents_are_made_anew_exactly_where_they_would_look_different(
    lines: Any, extra: tuple[str, ...], anew: bool
):
    before = spec(*(line(**one) for one in BASE)).fingerprint
    assert (spec(*(line(**one) for one in lines), extra=extra).fingerprint != before) is anew


def test_documents_are_made_anew_when_odoo_changes_a_field_s_type():
    lines = [line(**one) for one in BASE]
    changed = FIELDS | {"name": {"type": "integer", "string": "Name"}}
    assert (
        build("test", "res.partner", lines, FIELDS).fingerprint
        != build("test", "res.partner", lines, changed).fingerprint
    )


def test_only_a_model_with_active_can_be_archived():
    assert spec(line(**ID)).can_archive
    without = {name: facts for name, facts in FIELDS.items() if name != "active"}
    assert not build("test", "res.partner", [line(**ID)], without).can_archive


def test_models_made_in_odoo_have_an_archive_of_their_own_name():
    """Where a model has both fields, Odoo goes by the usual one."""
    own = FIELDS | {"x_active": {"type": "boolean", "string": "Active"}}
    assert build("test", "res.partner", [line(**ID)], own).archive == "active"
    del own["active"]
    made = build("test", "x_vehicle", [line(**ID)], own)
    assert made.archive == "x_active"
    assert [made.is_archived(row) for row in ({"x_active": False}, {"x_active": True}, {})] == [
        True,
        False,
        False,
    ]


def test_a_refusal_of_odoo_is_told_by_the_line_that_writes_the_field():
    made = spec(
        line(**ID), line("shown", "country_id", direction=FROM), line("sent", "country_id", direction=TO)
    )
    for field in ("country_id", "country_id/.id", "country_id.name"):
        found = made.line_of(field)
        assert found is not None
        assert found.key == "sent"
    assert made.line_of("x_other") is None
