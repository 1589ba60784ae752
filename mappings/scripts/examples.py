"""Trying a script on examples, without Odoo unless it is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mappings.scripts.data import DEFAULT, Input, Limits, Outcome, Script, ScriptError
from mappings.scripts.rows import FieldFacts
from mappings.scripts.runner import Runner
from synchub.odoo import OdooClient


@dataclass(frozen=True, slots=True)
class Example:
    input: Input
    expected: Any = None


@dataclass(frozen=True, slots=True)
class ExampleResult:
    passed: bool
    got: Any
    expected: Any
    error: ScriptError | None = None
    printed: str = ""


def run_examples(
    script: Script,
    examples: Sequence[Example],
    *,
    model: str = "record",
    client: OdooClient | None = None,
    fields: FieldFacts | None = None,
    limits: Limits = DEFAULT,
) -> list[ExampleResult]:
    """Whether the script gives what each example expects. True is not 1 here, and 1 is 1.0, as in JSON."""
    with Runner(model=model, client=client, fields=fields, limits=limits) as runner:
        outcomes = runner.run_many(script, [example.input for example in examples])
    return [_result(example, outcome) for example, outcome in zip(examples, outcomes, strict=True)]


def _result(example: Example, outcome: Outcome) -> ExampleResult:
    passed = outcome.error is None and _same(outcome.value, example.expected)
    return ExampleResult(passed, outcome.value, example.expected, outcome.error, outcome.printed)


def _same(got: Any, expected: Any) -> bool:
    if isinstance(got, bool) or isinstance(expected, bool):
        return got is expected
    if isinstance(got, list) and isinstance(expected, list | tuple):
        return len(got) == len(expected) and all(map(_same, got, expected))
    if isinstance(got, dict) and isinstance(expected, dict):
        return got.keys() == expected.keys() and all(_same(got[key], expected[key]) for key in got)
    return bool(got == expected)
