"""Odoo's texts, told apart by what is technical in them: they may come in the language of the connection.

Sources: Odoo 17, 18 and 19, `odoo/service/model.py`, `odoo/models.py` (`load`), `ir_fields.py`, `ir_model.py`,
`ir_rule.py`, `fields.py`; PostgreSQL where Odoo passes its words on.
"""

import ast
import re
from dataclasses import dataclass
from enum import StrEnum

from synchub.errors import A_BUG, MISSING_RECORD
from synchub.odoo.faults import NO_RIGHT, without_button


class Kind(StrEnum):
    REQUIRED = "required"
    UNIQUE = "unique"
    VALUE = "value"  # a value that its field cannot take
    TOO_LONG = "too long"
    TOO_LARGE = "too large"
    UNKNOWN_FIELD = "unknown field"
    UNKNOWN_MODEL = "unknown model"
    MISSING_RECORD = "missing record"
    FOREIGN_KEY = "foreign key"  # a reference to nothing, or a deletion of what others refer to
    RIGHT = "right"
    FIELD_RIGHT = "field right"
    RECORD_RULE = "record rule"
    LANGUAGE = "language"
    LOOP = "loop"
    COMPANY = "company"
    NOT_IN_COMPANY = "not in company"  # the hub's user is none of its people
    IMAGE = "image"
    BUSY = "busy"
    BUG = "bug"  # Odoo's own
    OTHER = "other"


@dataclass(frozen=True)
class Refusal:
    """A text of Odoo's, and what it names: whatever it does not is empty."""

    kind: Kind
    words: str
    model: str = ""
    fields: tuple[str, ...] = ()
    label: str = ""
    value: str | None = None
    ids: tuple[int, ...] = ()
    constraint: str = ""
    operation: str = ""
    groups: tuple[str, ...] = ()


_MODEL = r"(?P<model>[a-z_][a-z0-9_.]*)"
_DOTTED = r"(?P<model>[a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)+)"
_LABEL = r"'(?P<label>[^']+)'"
_RULES: tuple[tuple[Kind, str], ...] = (
    (Kind.BUSY, r"could not serialize access|deadlock detected|could not obtain lock"),
    (Kind.LANGUAGE, r"Invalid language code: (?P<value>\S+)"),
    (Kind.UNKNOWN_MODEL, rf"Object {_MODEL} doesn't exist"),
    (Kind.VALUE, rf"Wrong value for {_MODEL}\.(?P<field>\w+): (?P<value>.+)"),
    (Kind.VALUE, rf"Value '(?P<value>.*?)' not found in selection field {_LABEL}"),
    (Kind.VALUE, rf"'(?P<value>.*?)' does not seem to be an? [\w ]+ for field {_LABEL}"),
    (Kind.VALUE, rf"Unknown value '(?P<value>.*?)' for boolean field {_LABEL}"),
    (Kind.VALUE, r"could not convert string to float: (?P<value>.+)"),
    (Kind.VALUE, r"invalid literal for int\(\) with base 10: (?P<value>.+)"),
    (Kind.VALUE, r"time data (?P<value>'.*?') does not match format"),
    (Kind.VALUE, r"Invalid isoformat string: (?P<value>'.*?')"),
    (Kind.VALUE, r"invalid input syntax for type [\w ]+: \"(?P<value>[^\"]*)\""),
    (Kind.VALUE, r"field value out of range: \"(?P<value>[^\"]*)\""),
    (Kind.UNKNOWN_FIELD, rf"Invalid field '(?P<field>\w+)' (?:on model|on|in) '{_MODEL}'"),
    (Kind.UNKNOWN_FIELD, r"Invalid field name '(?P<field>[\w/.]+)'"),
    (Kind.UNKNOWN_FIELD, rf"Invalid field {_MODEL}\.(?P<field>\w+) in (?:leaf|condition)"),
    # Odoo 19 names the model after the field; `load` names none, as it is its own.
    (
        Kind.REQUIRED,
        rf"Missing required value for the field '[^']*' \((?P<field>\w+)\)(?:[^\n]*\n[^\n]*\({_MODEL}\))?",
    ),
    (
        Kind.REQUIRED,
        r"Missing required value for the field '(?P<field>\w+)' on a linked model \[(?P<model>\w+)\]",
    ),
    (Kind.REQUIRED, rf"\({_DOTTED}\)(?:\n|, )[^\n]*\((?P<field>\w+)\)\s*\Z"),
    (Kind.REQUIRED, r"null value in column \"(?P<field>\w+)\" of relation \"(?P<model>\w+)\""),
    (
        Kind.UNIQUE,
        r"The values? for the fields? '(?P<fields>[\w, ]+)' already exist|The value for '(?P<more>[\w, ]+)' ",
    ),
    (
        Kind.UNIQUE,
        r"violates unique constraint \"(?P<constraint>\w+)\"(?:.*?Key \((?P<fields>[^)]+)\)=\((?P<value>[^)]*)\))?",
    ),
    (
        Kind.FOREIGN_KEY,
        r"foreign key constraint \"(?P<constraint>\w+)\".*?Key \((?P<field>\w+)\)=\((?P<value>\d+)\) is not present",
    ),
    (Kind.FOREIGN_KEY, rf"\({_MODEL}\)\n[^\n]*?(?P<constraint>\w+_fkey)\b"),
    (Kind.FOREIGN_KEY, rf"\({_DOTTED}\)\n[^\n]*\((?P<field>\w+)\)\n"),
    (Kind.FOREIGN_KEY, r"(?P<constraint>\w+_fkey)\b"),
    (Kind.MISSING_RECORD, MISSING_RECORD),
    (Kind.MISSING_RECORD, rf"No matching record found for [\w ]+ '(?P<value>.*?)' in field {_LABEL}"),
    (Kind.MISSING_RECORD, rf"Invalid database id '(?P<value>.*?)' for the field {_LABEL}"),
    (Kind.TOO_LONG, r"value too long for type character varying\((?P<value>\d+)\)"),
    (Kind.TOO_LARGE, r"(?:integer|bigint) out of range|numeric field overflow|exceeds XML-RPC limits"),
    (
        Kind.RIGHT,
        rf"not allowed to (?P<operation>access|modify|create|delete) '(?P<label>.*?)' \({_MODEL}\) records",
    ),
    (
        Kind.FIELD_RIGHT,
        rf"access the fields? \"(?P<fields>[^\"]+)\" on (?P<label>.*?) \({_MODEL}\)",
    ),
    (
        Kind.RECORD_RULE,
        rf"doesn't have '(?P<operation>\w+)' access to:\n- (?P<label>[^\n]*?) \({_MODEL}(?::[^)]*)?\)",
    ),
    (
        Kind.RECORD_RULE,
        rf"requested operation \(\"(?P<operation>\w+)\" on \"(?P<label>[^\"]*)\" \({_MODEL}\)\) was rejected",
    ),
    (Kind.COMPANY, r"\((?P<field>\w+): (?P<value>[^\n]*)\) belongs to another company"),
    (Kind.NOT_IN_COMPANY, r"Access to unauthorized or invalid companies"),
    (Kind.LOOP, r"[Rr]ecursive|[Rr]ecursion Detected|[Rr]ecursivity"),
    (Kind.IMAGE, r"not encoded in base64|could not be decoded as an image|Only admins can upload SVG"),
    (Kind.BUG, rf"\A{A_BUG}\b|object has no attribute '|unsupported operand type|object is not \w+able\b"),
)
_COMPILED = tuple((kind, re.compile(pattern, re.DOTALL)) for kind, pattern in _RULES)

# Constraints of Odoo's own apps whose words do not say which field they are about.
_KNOWN: tuple[tuple[str, Kind, str, str], ...] = (
    ("Contacts require a name", Kind.REQUIRED, "res.partner", "name"),
    ("two users with the same login", Kind.UNIQUE, "res.users", "login"),
    ("Barcode(s) already assigned", Kind.UNIQUE, "product.product", "barcode"),
    ("must be in the same category", Kind.OTHER, "product.template", "uom_po_id"),
)

_UNKNOWN = "unknown"  # a table that no model of Odoo's has

_GROUP = re.compile(r"^\s*- (.+)$", re.MULTILINE)
_IMPORT = re.compile(r"\A[^\n]*?<class '(?P<name>[\w.]+)'>: ")
_OPERATIONS = {"access": "read", "modify": "change", "write": "change", "unlink": "delete"}


def own_words(message: str) -> str:
    """Odoo's text without what surrounds it: an error that offers a button comes as the text of a tuple, one that
    `load` did not foresee with its class. Of a bug that is what tells most."""
    message = message.strip()
    unforeseen = _IMPORT.match(message)
    if unforeseen is not None:
        bug = re.fullmatch(A_BUG, unforeseen["name"])
        message = f"{unforeseen['name']}: " * bool(bug) + message[unforeseen.end() :]
    return without_button(message)


def read(words: str, code: int | None = None) -> Refusal:
    """What kind of refusal it is, and what it names."""
    for text, kind, model, field in _KNOWN:
        if text in words:
            return Refusal(kind, words, model=model, fields=(field,))
    for kind, pattern in _COMPILED:
        match = pattern.search(words)
        if match:
            return _refusal(kind, words, match.groupdict())
    return Refusal(Kind.RIGHT if code == NO_RIGHT else Kind.OTHER, words)


def _refusal(kind: Kind, words: str, named: dict[str, str | None]) -> Refusal:
    fields = named.get("field") or named.get("fields") or named.get("more") or ""
    model = named.get("model") or ""
    value = named.get("value")
    operation = named.get("operation") or ""
    return Refusal(
        kind,
        words,
        model="" if model == _UNKNOWN else model,
        fields=tuple(one.strip() for one in re.split(r",| and ", fields) if one.strip()),
        label=named.get("label") or "",
        value=None if value is None else _unquoted(value),
        ids=tuple(int(one) for one in re.findall(r"\d+", named.get("ids") or "")),
        constraint=named.get("constraint") or "",
        operation=_OPERATIONS.get(operation, operation),
        groups=tuple(_GROUP.findall(words)) if kind is Kind.RIGHT else (),
    )


def _unquoted(value: str) -> str:
    """A value as it was sent: Python's `repr` of a text is that text."""
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
