"""Scripts of administrators, run in a sandbox: values for fields, and effects in Odoo.

`check` before a script is saved, `Runner` to run it over a page of records, `run_examples` to try it.
docs/scripts.md is what those who write scripts read.
"""

from mappings.scripts.check import check
from mappings.scripts.data import (
    DEFAULT,
    Input,
    Kind,
    Limits,
    Mode,
    Outcome,
    Problem,
    Script,
    ScriptError,
)
from mappings.scripts.examples import Example, ExampleResult, run_examples
from mappings.scripts.runner import Runner

__all__ = [
    "DEFAULT",
    "Example",
    "ExampleResult",
    "Input",
    "Kind",
    "Limits",
    "Mode",
    "Outcome",
    "Problem",
    "Runner",
    "Script",
    "ScriptError",
    "check",
    "run_examples",
]
