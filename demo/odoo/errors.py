"""What goes wrong in Odoo, and the fault number it gets over `/xmlrpc/2`.

2 is a message for people, 3 a refused login, 4 a missing right. Everything else is 1: a traceback whose
last line says what happened.
"""

import traceback
from xmlrpc.client import Fault

NOT_POSSIBLE = "The operation cannot be completed:"


class OdooError(Exception):
    """An error with its own fault number."""

    code = 2


class UserError(OdooError):
    """A message for people."""


class ValidationError(UserError):
    """A constraint of the model or of the database is violated."""


class ConstraintError(ValidationError):
    """A constraint of the database. An import words it differently (`imported`) and names the field."""

    def __init__(self, text: str, imported: str, field: str = "") -> None:
        super().__init__(text)
        self.imported = imported
        self.field = field


class MissingError(UserError):
    """A record that does not exist (any more)."""

    def __init__(self, model: str, record: int, uid: int) -> None:
        super().__init__(
            f"Record does not exist or has been deleted.\n(Record: {model}({record},), User: {uid})"
        )


class AccessDenied(OdooError):
    """The login or the password is wrong."""

    code = 3

    def __init__(self) -> None:
        super().__init__("Access Denied")


class AccessError(OdooError):
    """The user may not do this."""

    code = 4


class DatabaseError(Exception):
    """An error that a real Odoo gets from PostgreSQL and does not translate for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def not_a(kind: str, type_name: str, value: str) -> DatabaseError:
    """PostgreSQL cannot read a value; like PostgreSQL it points at the place in the statement."""
    return DatabaseError(
        f"errors.{kind}",
        f"invalid input syntax for type {type_name}: \"{value}\"\nLINE 1: ...= '{value}'...\n               ^\n\n",
    )


def traceback_fault(last_line: str, trace: str = "  …\n") -> Fault:
    return Fault(1, f"Traceback (most recent call last):\n{trace}{last_line}")


def fault_of(error: Exception) -> Fault:
    """The fault that a client sees for an exception."""
    if isinstance(error, OdooError):
        return Fault(error.code, str(error))
    trace = "".join(traceback.format_tb(error.__traceback__))
    if isinstance(error, DatabaseError):
        return traceback_fault(f"psycopg2.{error.kind}: {error}", trace)
    last_line = "".join(traceback.format_exception_only(error)).rstrip("\n")
    return traceback_fault(last_line, trace)
