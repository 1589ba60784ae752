"""Checks of a line that do not need its Odoo field."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from mappings.models.choices import Direction, Kind, ScriptMode
from mappings.scripts import Example, Input, Mode, Script, check, run_examples

if TYPE_CHECKING:
    from mappings.models.line import Line


PLAIN_ONLY = (
    "language",
    "table",
    "pattern",
    "time_zone",
    "decimal_sign",
    "thousands_sign",
    "decimals",
    "trim",
    "case",
)


def script_problems(line: "Line") -> dict[str, str]:
    """By field of the line, what is wrong with its script and with the results of its examples."""
    if line.kind != Kind.SCRIPT:
        return {"script": "Only a line of the kind script has one."} if line.script else {}
    if not line.script.strip():
        return {"script": "Write the script; its last line is the value."}
    if line.script_mode == ScriptMode.EXECUTE and line.direction != Direction.TO_ODOO:
        return {
            "direction": "A script that executes runs when a change is pushed: set the direction to “to Odoo only”."
        }
    script = Script(line.script, Mode(line.script_mode))
    problems = [f"Line {one.line}: {one.message}" if one.line else one.message for one in check(script)]
    if problems:
        return {"script": "\n".join(problems)}
    try:
        examples = [
            Example(Input(_record(one.get("record")), one.get("request_data")), one.get("expected"))
            for one in line.script_examples
        ]
    except (TypeError, AttributeError):
        return {"script_examples": 'Write a list: [{"request_data": {…}, "expected": …}].'}
    failed = [
        f"Example {number}: expected {one.expected!r}, "
        + (str(one.error) if one.error else f"got {one.got!r}")
        for number, one in enumerate(
            run_examples(script, examples, model=line.mapping.model if line.mapping_id else ""), start=1
        )
        if not one.passed
    ]
    return {"script_examples": "\n".join(failed)} if failed else {}


def _record(given: Any) -> Any:
    """Gives example records an id, which scripts need and people need not know of."""
    return {"id": 1, **given} if given else given


def format_problems(line: "Line") -> dict[str, str]:
    """By field of the line, what is wrong whatever the Odoo field is."""
    errors: dict[str, str] = {}
    if line.time_zone and line.time_zone not in available_timezones():
        errors["time_zone"] = f"“{line.time_zone}” is no time zone; write one like Europe/Brussels."
    if line.decimal_sign not in ("", ".", ","):
        errors["decimal_sign"] = "The sign before decimals is “.” or “,”."
    if line.thousands_sign not in (
        "",
        ".",
        ",",
        " ",
        "'",
        "\N{NO-BREAK SPACE}",
        "\N{RIGHT SINGLE QUOTATION MARK}",
    ):
        errors["thousands_sign"] = "The sign between thousands is “.”, “,”, “'” or a space."
    elif line.thousands_sign and not line.decimal_sign:
        errors["decimal_sign"] = "Say which sign stands before decimals."
    elif line.thousands_sign and line.thousands_sign == line.decimal_sign:
        errors["thousands_sign"] = "Thousands and decimals need different signs."
    return errors
