"""What goes into a script and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from synchub.errors import HubError, OdooError

DEEPEST = 24
"""How many levels of lists and objects a value may have inside it."""


class Mode(StrEnum):
    EVALUATE = "evaluate"
    EXECUTE = "execute"


class Kind(StrEnum):
    """Why a script gave no value."""

    SYNTAX = "syntax"
    RAISED = "raised"
    USER = "user"
    LIMIT = "limit"
    ODOO = "odoo"
    VALUE = "value"


class ScriptError(HubError):
    """A script gave no value; the text is for people, `line` and `column` are the script's own (from 1).

    A text raised as UserError stands as it was written; any other names the line. `odoo` is the failed call
    where that is what ended the script: its class says whether it may be tried again.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: Kind,
        line: int | None = None,
        column: int | None = None,
        odoo: OdooError | None = None,
    ) -> None:
        shown = message if kind is Kind.USER or line is None else f"Line {line} of the script: {message}"
        super().__init__(shown)
        self.message = message
        self.kind = kind
        self.line = line
        self.column = column
        self.odoo = odoo


@dataclass(frozen=True, slots=True)
class Script:
    source: str
    mode: Mode = Mode.EVALUATE


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a script, before it ever ran."""

    message: str
    line: int | None = None
    column: int | None = None


class Input(NamedTuple):
    """What one run sees. `record` is a row of Odoo with its `id`; values may be wire or canonical ones.

    A relation may also be given as rows (`{"id": 7, "name": …}`, or a list of these): an example needs no
    Odoo then.
    """

    record: Mapping[str, Any] | None = None
    request_data: Mapping[str, Any] | None = None


class Outcome(NamedTuple):
    """`value` is JSON-able; None where there is an error, and always for scripts that execute."""

    value: Any = None
    error: ScriptError | None = None
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a script stops. Time in Odoo counts towards `seconds_per_batch` only."""

    seconds: float = 2.0
    seconds_per_batch: float = 60.0
    memory: int = 64 * 2**20
    printed: int = 10_000
    calls: int = 100
    calls_per_batch: int = 2_000
    value: int = 2_000_000
    recursion: int = 200


DEFAULT = Limits()
