"""Script lines in the configuration file."""

from mappings.models import Line
from tests.configfile.conftest import changed


def test_a_script_is_applied_and_exported_with_its_examples(file):
    text = changed(
        "field: email}",
        "field: email, kind: script, direction: to_odoo, script: \"request_data['email'].lower()\", "
        "examples: [{request_data: {email: A@B.C}, expected: a@b.c}]}",
    )
    file.apply(text)
    line = Line.objects.get(key="email")
    assert (line.kind, line.script, line.script_examples[0]["expected"]) == (
        "script",
        "request_data['email'].lower()",
        "a@b.c",
    )
    assert file.apply(file.export())[-1] == "Nothing to change."
    # The database does not keep in which order the keys of an object stand.
    again = text.replace("examples: [{request_data", "examples: [{expected: a@b.c, request_data").replace(
        ", expected: a@b.c}]", "}]"
    )
    assert again != text
    assert file.apply(text) == file.apply(again) == ["Nothing to change."]


def test_a_script_that_does_not_pass_its_examples_is_refused_at_its_place(file):
    [problem] = file.refused(
        changed(
            "field: email}",
            'field: email, kind: script, direction: to_odoo, script: "1", examples: [{expected: 2}]}',
        )
    )
    assert "mappings[0].lines[2].examples: Example 1: expected 2, got 1" in problem
