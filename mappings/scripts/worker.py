"""A sandbox: one session in a worker, and what its failures mean."""

from collections.abc import Callable
from typing import Any

from pydantic_monty import (
    CollectString,
    FunctionSnapshot,
    MontyComplete,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySyntaxError,
)

from mappings.scripts.compile import Compiled
from mappings.scripts.data import Kind, Limits, ScriptError
from mappings.scripts.sessions import FEEDS_BEFORE, Held, new, spare

ASK = "_hub_ask"

_LIMIT_TEXTS = (
    "feed time limit exceeded",
    "memory limit exceeded",
    "the worker exceeded its memory limit",
    "sleep limit exceeded",
    "suspension limit",
)

Answer = Callable[[str], str]


class Refused(Exception):
    """An answer that the script may catch, as UserError."""


class Stopped(Exception):
    """The run is over, whatever the script would catch, and the session with it."""

    def __init__(self, error: ScriptError) -> None:
        super().__init__(str(error))
        self.error = error


class Sandbox:
    """A session with everything in it that a script may use. Not for use after Stopped, except to close it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._defined: dict[str, str] = {}
        self._feeds = FEEDS_BEFORE
        self._held: Held | None = spare.take(limits)

    def close(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            spare.give_up(held)

    def define(self, script: Compiled) -> None:
        """Make the script's function known to the session. Raises ScriptError, of kind SYNTAX."""
        if script.function in self._defined:
            return
        name = f"<python-input-{self._feeds}>"
        try:
            self._feed(script.code)
        except MontyError as error:
            raise _syntax(error, script) from None
        self._defined[script.function] = name

    def _feed(self, code: str) -> None:
        try:
            self._run(code, {}, _no_answer)
        except MontyCrashedError:
            if self._feeds > FEEDS_BEFORE + 1:
                raise
            # It was ready for long, perhaps, and somebody ended its process meanwhile.
            self.close()
            self._held, self._feeds = new(self._limits), FEEDS_BEFORE
            self._run(code, {}, _no_answer)

    def run(self, code: str, inputs: dict[str, Any], answer: Answer, script: Compiled) -> Any:
        """Raises ScriptError for what the script did wrong, Stopped where the session ended with it."""
        try:
            return self._run(code, inputs, answer)
        except MontyError as error:
            raise self._translated(error, script) from None

    def _run(self, code: str, inputs: dict[str, Any], answer: Answer) -> Any:
        self._feeds += 1
        assert self._held, "the sandbox is closed"  # noqa: S101
        state = self._held.session.feed_start(
            code,
            inputs=inputs,
            external_lookup={ASK: _no_answer},
            print_callback=CollectString(self._limits.printed + 1_000),
        )
        while not isinstance(state, MontyComplete):
            if isinstance(state, FunctionSnapshot) and state.function_name == ASK:
                try:
                    said = answer(str(state.args[0]))
                except Refused as refusal:
                    state = state.resume({"exc_type": "_csv.Error", "message": str(refusal)})
                else:
                    state = state.resume({"return_value": said})
            else:
                state = state.resume_auto()
        return state.output

    def _translated(self, error: MontyError, script: Compiled) -> ScriptError | Stopped:
        line, column = self._place(error, script)
        if isinstance(error, MontyCrashedError):
            return Stopped(ScriptError("the script ended its sandbox by force", kind=Kind.LIMIT, line=line))
        kind_name, message = _said(error)
        if kind_name in ("TimeoutError", "MemoryError", "RuntimeError") and message.startswith(_LIMIT_TEXTS):
            text = _limit_text(kind_name, message, self._limits)
            return Stopped(ScriptError(text, kind=Kind.LIMIT, line=line, column=column))
        kind = Kind.RAISED
        if kind_name == "_csv.Error":
            kind, message = Kind.USER, message or "refused, without a reason"
        elif kind_name == "binascii.Incomplete":
            kind = Kind.VALUE
        elif kind_name == "RecursionError":
            kind, message = Kind.LIMIT, "its functions call themselves too often"
        elif message.endswith("cannot suspend in this synchronous context"):
            message = "a value has to come from Odoo in a place that cannot wait: read it into a name before"
        else:
            message = f"{kind_name}: {message}" if message else kind_name
        return ScriptError(message, kind=kind, line=line, column=column)

    def _place(self, error: MontyError, script: Compiled) -> tuple[int | None, int | None]:
        if not isinstance(error, MontyRuntimeError | MontySyntaxError):
            return None, None
        name = self._defined.get(script.function)
        own = [frame for frame in error.traceback() if frame.filename == name]
        return script.place(own[-1].line, own[-1].column) if own else (None, None)


def _syntax(error: MontyError, script: Compiled) -> ScriptError:
    line = column = None
    if isinstance(error, MontyRuntimeError | MontySyntaxError) and error.traceback():
        frame = error.traceback()[-1]
        line, column = script.place(frame.line, frame.column)
    _, message = _said(error)
    message = message.replace("The monty syntax parser does not yet support", "not available here:")
    return ScriptError(message, kind=Kind.SYNTAX, line=line, column=column)


def _said(error: MontyError) -> tuple[str, str]:
    if not isinstance(error, MontyRuntimeError | MontySyntaxError):
        return type(error).__name__, str(error)
    name, _, message = error.display("type-msg").partition(": ")
    return name.strip(), message.strip()


def _limit_text(kind: str, message: str, limits: Limits) -> str:
    if message.startswith("sleep"):
        return "a script cannot wait (sleep)"
    if message.startswith("suspension"):
        return "the script asks too often"
    if kind == "MemoryError":
        return f"the script needs more than {limits.memory // 2**20} MB of memory"
    return f"the script runs longer than {limits.seconds:g} seconds"


def _no_answer(_: str) -> str:
    raise Refused("not available here")
