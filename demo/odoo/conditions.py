"""A condition on one value: an operator of Odoo's domains as SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo.odoo.env import IN_ARRAY, as_array
from demo.odoo.errors import not_a
from demo.odoo.models import Field
from demo.odoo.values import parse_date, parse_datetime

NEGATIVE = frozenset({"!=", "not in", "not like", "not ilike", "not any"})
POSITIVE_OF = {"!=": "=", "not in": "in", "not like": "like", "not ilike": "ilike", "not any": "any"}
TEXTS = frozenset({"char", "text", "html"})
NUMBERS = frozenset({"integer", "float", "monetary"})
PATTERNS = frozenset({"like", "ilike", "not like", "not ilike", "=like", "=ilike"})


@dataclass(frozen=True)
class Condition:
    sql: str
    parameters: tuple[Any, ...] = ()

    def negated(self) -> "Condition":
        """The rest: an empty value is among it."""
        return Condition(f"NOT COALESCE({self.sql}, 0)", self.parameters)


ALWAYS = Condition("1")
NEVER = Condition("0")


def joined(word: str, conditions: Sequence[Condition]) -> Condition:
    """The conditions with AND or OR between them; a word in upper case."""
    sql = f" {word} ".join(f"({one.sql})" for one in conditions)
    return Condition(sql, tuple(value for one in conditions for value in one.parameters))


def scalar(field: Field, expression: str, operator: str, value: Any) -> Condition:
    """`expression` compared with a value by the rules of the field's type; False stands for NULL."""
    if operator == "=?":
        return ALWAYS if value is None or value is False else scalar(field, expression, "=", value)
    if operator in PATTERNS:
        return _pattern(field, expression, operator, value)
    if isinstance(value, (list, tuple, set)):
        return _members(field, expression, {"=": "in", "!=": "not in"}.get(operator, operator), list(value))
    if operator in ("in", "not in"):
        return _members(field, expression, operator, [value])
    if field.type == "boolean":
        is_true = Condition(f"COALESCE({expression}, 0) = 1")
        return is_true if bool(value) == (operator == "=") else is_true.negated()
    if operator in ("=", "!=") and _is_empty(field, value):
        return _empty(field, expression, negative=operator == "!=")
    if operator == "!=":
        return Condition(f"({expression} IS NULL OR {expression} != ?)", (comparable(field, value),))
    if field.type in NUMBERS and operator != "=" and field.name != "id":
        expression = f"COALESCE({expression}, 0)"
    return Condition(f"{expression} {operator} ?", (comparable(field, value, operator),))


def _is_empty(field: Field, value: Any) -> bool:
    """False, and what a client reads where there is nothing: no text, the number zero."""
    nothing = (field.type in TEXTS and value == "") or (field.type in NUMBERS and value == 0)
    return value is None or value is False or nothing


def _empty(field: Field, expression: str, *, negative: bool) -> Condition:
    nothing = "''" if field.type in TEXTS else "0" if field.type in NUMBERS else ""
    empty = f"{expression} IS NULL" + (f" OR {expression} = {nothing}" if nothing else "")
    return Condition(f"NOT ({empty})" if negative else f"({empty})")


def _members(field: Field, expression: str, operator: str, values: list[Any]) -> Condition:
    if field.type == "boolean":
        expression = f"COALESCE({expression}, 0)"
    wants_empty = field.type != "boolean" and any(_is_empty(field, value) for value in values)
    wanted = [
        comparable(field, value) for value in values if field.type == "boolean" or not _is_empty(field, value)
    ]
    found = Condition(f"{expression} {IN_ARRAY}", (as_array(wanted),))
    if wants_empty:
        either = joined("OR", (found, _empty(field, expression, negative=False)))
        return either if operator == "in" else Condition(f"NOT ({either.sql})", either.parameters)
    if operator == "in":
        return found
    return Condition(f"({expression} IS NULL OR NOT {found.sql})", found.parameters)


def _pattern(field: Field, expression: str, operator: str, value: Any) -> Condition:
    negative = operator in NEGATIVE
    kind = POSITIVE_OF.get(operator, operator)
    if not kind.startswith("="):
        if not value:
            return NEVER if negative else ALWAYS
        value = f"%{value}%"
    pattern = str(value)
    if field.type in ("integer", "float", "monetary", "many2one"):
        expression = f"CAST({expression} AS TEXT)"
    if kind.endswith("ilike"):
        # Plain LIKE ignores the case of ASCII by itself, without a call back into Python.
        folded = expression if pattern.isascii() else f"lower_all({expression})"
        found = Condition(f"{folded} LIKE ? ESCAPE '\\'", (pattern.lower(),))
    else:
        found = Condition(f"{expression} GLOB ?", (_as_glob(pattern),))
    if not value:  # the empty text is as empty as none
        return Condition(f"({expression} IS NULL OR {found.sql})", found.parameters)
    return Condition(f"({expression} IS NULL OR NOT {found.sql})", found.parameters) if negative else found


def _as_glob(pattern: str) -> str:
    """A LIKE pattern for GLOB, SQLite's only pattern that respects case."""
    glob = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            character = next(characters, "\\")
        elif character in "%_":
            glob.append("*" if character == "%" else "?")
            continue
        glob.append(f"[{character}]" if character in "*?[" else character)
    return "".join(glob)


def comparable(field: Field, value: Any, operator: str = "=") -> Any:
    """A value of a domain as the column holds it."""
    if field.type == "boolean":
        return int(bool(value))
    if field.type in ("integer", "many2one"):
        return _number(field, value)
    if field.type in ("float", "monetary"):
        return float(value)
    if field.type == "datetime":
        if isinstance(value, str) and len(value) == 10 and operator in (">", "<="):
            value += " 23:59:59"
        return _moment(value)
    if field.type == "date":
        return parse_date(value)
    return str(value)


def _number(field: Field, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return int(value)
    except ValueError:
        if field.name == "id":
            raise not_a("InvalidTextRepresentation", "integer", value) from None
        raise


def _moment(value: Any) -> Any:
    """A moment as text. PostgreSQL reads it, and takes more ways to write one than Odoo does in `write`."""
    if not isinstance(value, str):
        return parse_datetime(value)
    try:
        return datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M:%S.%f")
    except ValueError:
        raise not_a("InvalidDatetimeFormat", "timestamp", value) from None
