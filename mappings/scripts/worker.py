"""The sandbox itself: worker processes, kept warm, and one session in one of them."""

import atexit
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_monty import (
    CollectString,
    FunctionSnapshot,
    Monty,
    MontyComplete,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySession,
    MontySyntaxError,
    ResourceLimits,
)

from mappings.scripts.compile import Compiled
from mappings.scripts.data import Kind, Limits, ScriptError

ASK = "_hub_ask"
MOST_WORKERS = 16
LONGEST_WAIT = 30.0
DEEPEST = 24
# Over all calls of one session: texts, zones and such as well as calls to Odoo, which have limits of their own.
MOST_QUESTIONS = 100_000

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


class _Pool:
    """One pool of workers for each process of the hub; a fork makes its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._pid = 0
        self._of_parents: list[Monty] = []

    def get(self) -> Monty:
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                if self._pool is not None:
                    # Its workers are the parent's: it must not be closed from here, not even by being collected.
                    self._of_parents.append(self._pool)
                pool = Monty(
                    max_processes=MOST_WORKERS, checkout_timeout=LONGEST_WAIT, max_checkouts_per_worker=1_000
                )
                self._pool, self._pid = pool.__enter__(), os.getpid()
            return self._pool

    def close(self) -> None:
        if self._pool is not None and self._pid == os.getpid():
            self._pool.__exit__(None, None, None)
            self._pool = None


pool = _Pool()
atexit.register(pool.close)


@cache
def _prelude() -> tuple[str, ...]:
    folder = Path(__file__).parent / "sandbox"
    return tuple(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py.txt")))


class Sandbox:
    """A session with everything in it that a script may use. Not for use after Stopped, except to close it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._defined: dict[str, str] = {}
        self._feeds = 0
        self._stack = ExitStack()
        try:
            self._session: MontySession = self._stack.enter_context(
                pool.get().checkout(limits=_resources(limits), os_policy={"timezone": "utc"})
            )
        except TimeoutError:
            raise ScriptError(
                "All sandboxes are in use; try again in a moment.", kind=Kind.LIMIT
            ) from None
        for part in _prelude():
            self._run(part, {}, _no_answer)
        sizes = {"printed": limits.printed, "value": limits.value, "depth": DEEPEST}
        self._run("_HUB['limits'] = given\nNone", {"given": sizes}, _no_answer)

    def close(self) -> None:
        self._stack.close()

    def define(self, script: Compiled) -> None:
        """Make the script's function known to the session. Raises ScriptError, of kind SYNTAX."""
        if script.function in self._defined:
            return
        name = f"<python-input-{self._feeds}>"
        try:
            self._run(script.code, {}, _no_answer)
        except MontyError as error:
            raise _syntax(error, script) from None
        self._defined[script.function] = name

    def run(self, code: str, inputs: dict[str, Any], answer: Answer, script: Compiled) -> Any:
        """Raises ScriptError for what the script did wrong, Stopped where the session ended with it."""
        try:
            return self._run(code, inputs, answer)
        except MontyError as error:
            raise self._translated(error, script) from None

    def _run(self, code: str, inputs: dict[str, Any], answer: Answer) -> Any:
        self._feeds += 1
        state = self._session.feed_start(
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
            return Stopped(
                ScriptError("the script ended its sandbox by force", kind=Kind.LIMIT, line=line)
            )
        kind_name, message = _said(error)
        if kind_name in ("TimeoutError", "MemoryError", "RuntimeError") and message.startswith(_LIMIT_TEXTS):
            text = _limit_text(kind_name, message, self._limits)
            return Stopped(ScriptError(text, kind=Kind.LIMIT, line=line, column=column))
        kind = Kind.RAISED
        if kind_name == "_csv.Error":
            kind = Kind.USER
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


def _resources(limits: Limits) -> ResourceLimits:
    return {
        "max_feed_duration_secs": limits.seconds,
        "max_memory": limits.memory,
        "max_recursion_depth": limits.recursion,
        "max_suspensions": MOST_QUESTIONS,
        # Sleep does not count as time that a script runs: there is none.
        "max_total_sleep_secs": 0.0,
    }


def _no_answer(_: str) -> str:
    raise Refused("not available here")
