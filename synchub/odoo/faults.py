"""What an answer that is a fault means. Pure functions over a code and a text; no I/O.

Odoo's fault codes: 1 anything unforeseen, the text is a traceback; 2 a message for people; 3 the login was
refused; 4 the user lacks a right. Only code 1 needs reading, and it is read by its exception:

    it says                                       the transaction                         so
    serialization failure, deadlock, lock         rolled back by PostgreSQL               OdooRetryable
    no connection to PostgreSQL to be had         never began                             OdooRetryable
    connection to PostgreSQL lost                 may have been committed just before     OdooUnknownOutcome
    CPU limit or memory exhausted                 likely rolled back, but may strike      OdooUnknownOutcome
                                                  in the hooks that run after the commit
    the result cannot be marshalled               committed                               `is_after_commit`
    no such database                              never began                             OdooMisconfigured
    anything else                                 rolled back                             OdooPermanent
"""

import ast
import re

from synchub.errors import (
    A_BUG,
    OdooError,
    OdooMisconfigured,
    OdooPermanent,
    OdooRetryable,
    OdooUnknownOutcome,
)
from synchub.odoo.rolled_back import ABORTED, ROLLED_BACK

UNFORESEEN, FOR_PEOPLE, LOGIN_REFUSED, NO_RIGHT = 1, 2, 3, 4
LONGEST_MESSAGE = 1000

# The transaction never began: PostgreSQL, or Odoo's pool of connections to it, had none to give.
_NEVER_BEGAN = re.compile(
    r"too many (?:connections|clients)|remaining connection slots|connection pool is full"
    r"|OperationalError: connection to server|could not connect to server|could not translate host name"
    r"|the database system is (?:starting up|shutting down|in recovery)"
    r"|\b(?:TooManyConnections|CannotConnectNow)\b",
    re.IGNORECASE,
)
_CONNECTION_LOST = re.compile(
    r"server closed the connection|terminating connection|connection already closed|cursor already closed"
    r"|connection has been closed|could not receive data from server|SSL SYSCALL"
    r"|\b(?:AdminShutdown|CrashShutdown)\b",
    re.IGNORECASE,
)
_EXHAUSTED = re.compile(r"^MemoryError|CPU time limit|limit_time_(?:cpu|real)|limit_memory")
_NO_DATABASE = re.compile(r'database "[^"]*" does not exist')
_CANNOT_TRAVEL = re.compile(r"cannot marshal |dictionary key must be string|int exceeds XML-RPC limits")

_WITH_BUTTON = re.compile(r"""\((?P<words>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"), (?:\{|\d)""", re.DOTALL)

_TRACEBACK = "Traceback (most recent call last):"
_CLASS_PREFIX = re.compile(r"[A-Za-z_][\w.]*(?::\s+|:?\Z)")


def error_of(code: int, text: str) -> OdooError:
    """Return, not raise, the error that a fault means; its message holds no traceback."""
    if code == LOGIN_REFUSED:
        message = "Odoo refuses the login of this connection; check its login and its API key or password."
        return OdooMisconfigured(message, code=code, login_refused=True)
    if code == UNFORESEEN:
        return _unforeseen(text)
    message = _shortened(without_button(text.strip())) or f"Odoo answered with fault {code} and no text."
    if code == FOR_PEOPLE and ROLLED_BACK.search(text):
        return OdooRetryable(message, code=code)
    return OdooPermanent(message, code=code)


def is_after_commit(code: int, text: str) -> bool:
    """Whether the fault is about the result of a call that was carried out and committed.

    The same words from inside the call (a server action that speaks XML-RPC itself) come with the frame of
    the dispatcher in the traceback.
    """
    return (
        code == UNFORESEEN and bool(_CANNOT_TRAVEL.search(exception_of(text))) and "in dispatch" not in text
    )


def is_passing(text: str) -> bool:
    """Whether a message inside an answer (`load` has such) tells of a rolled-back transaction."""
    return bool(ROLLED_BACK.search(text))


def is_aborted(text: str) -> bool:
    """Whether it tells that the whole transaction was undone before, whatever it was about."""
    return bool(ABORTED.search(text))


def exception_of(text: str) -> str:
    """The exception at the end of a traceback, with its class: `ValueError: Wrong value for …`.

    The message of an exception may itself have several lines, indented ones too, so that the last line
    alone is not it. A text that is no traceback is returned as it is.
    """
    _, header, tail = text.rpartition(_TRACEBACK)
    if not header:
        return text.strip()
    lines = tail.strip("\n").split("\n")
    for number, line in enumerate(lines):
        if line and not line[0].isspace():
            return "\n".join(lines[number:]).strip()
    return lines[-1].strip()


def without_button(text: str) -> str:
    """The words of an error that offers a button (`RedirectWarning`), which comes as the text of a tuple: words, what the button
    does, its label. Any other text as it is."""
    found = _WITH_BUTTON.match(text)
    if found is None:
        return text
    try:
        return str(ast.literal_eval(found["words"]))
    except (ValueError, SyntaxError):
        return text


def _unforeseen(text: str) -> OdooError:
    exception = exception_of(text)
    told = _CLASS_PREFIX.match(exception) and not re.match(A_BUG, exception)
    message = _CLASS_PREFIX.sub("", exception, count=1).strip() if told else exception
    message = _shortened(without_button(message or exception)) or "Odoo failed without saying why."
    if _NO_DATABASE.search(exception):
        return OdooMisconfigured(f"Odoo knows no such database ({message}).", code=UNFORESEEN)
    kind: type[OdooError] = OdooPermanent
    if ROLLED_BACK.search(exception) or _NEVER_BEGAN.search(exception):
        kind = OdooRetryable
    elif _CONNECTION_LOST.search(exception) or _EXHAUSTED.search(exception):
        kind = OdooUnknownOutcome
    return kind(message, code=UNFORESEEN)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"
