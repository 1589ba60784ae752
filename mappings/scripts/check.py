"""A script looked at without running it: what `save` refuses."""

import json
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_monty import MontyError, MontyTypingError

from mappings.scripts.compile import compiled
from mappings.scripts.data import DEFAULT, Problem, Script, ScriptError
from mappings.scripts.pool import pool
from mappings.scripts.worker import Sandbox, Stopped

_INDENT = 4
# What is known only when the script runs (a match that may be None) is no reason to refuse it.
_DOUBTS = ("`None`", "possibly", "Any")
# Native in Python, and made work here although the sandbox does not have them.
_MADE_WORK = ("`utcnow`", "`today`", "`fromtimestamp`", "`sort`")


def check(script: Script) -> list[Problem]:
    """What has to be changed before the script can run; empty if nothing has to."""
    try:
        made = compiled(script)
        sandbox = Sandbox(DEFAULT)
        try:
            sandbox.define(made)
        finally:
            sandbox.close()
    except ScriptError as error:
        return [Problem(error.message, error.line, error.column)]
    except Stopped as stop:
        return [Problem(stop.error.message, stop.error.line, stop.error.column)]
    return _typed(script)


def _typed(script: Script) -> list[Problem]:
    """What the sandbox's own type checker finds, with stubs of the names that scripts have."""
    body = textwrap.indent(script.source, " " * _INDENT, lambda _: True)
    session = pool.get().checkout(
        type_check=True, type_check_stubs=_stubs(), type_check_format="json", limits={"max_memory": 2**29}
    )
    with session as opened:
        try:
            opened.feed_run(f"def _script():\n{body}\n{' ' * _INDENT}pass\n")
        except MontyTypingError as error:
            found = [_problem(said) for said in json.loads(error.display())]
            return [problem for problem in found if problem is not None]
        except MontyError:
            # The checker itself gave up; the script was compiled before, so that it can run.
            return []
    return []


def _problem(said: dict[str, Any]) -> Problem | None:
    message = str(said["message"])
    if said.get("severity") != "error" or any(doubt in message for doubt in _DOUBTS):
        return None
    if any(name in message for name in _MADE_WORK):
        return None
    if said.get("code") in ("unresolved-import", "invalid-return-type", "unresolved-global"):
        return None
    place = said.get("location") or {}
    row, column = place.get("row", 1) - 1, place.get("column", 1) - _INDENT
    if said.get("code") == "unresolved-reference":
        message = f"{message.replace('`', '“', 1).replace('`', '”', 1)}: there is no such name"
    return Problem(message, row or None, max(column, 1))


@cache
def _stubs() -> str:
    return (Path(__file__).parent / "stubs.pyi.txt").read_text(encoding="utf-8")
