"""What a valid name looks like, defined once for `clean()`, for database constraints and for messages."""

import re

NAME = r"^[a-z][a-z0-9_\-]{0,62}$"
NAME_HELP = "lower case letters, digits, - and _, beginning with a letter, at most 63 characters"
ODOO_MODEL = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$"
ODOO_FIELD = r"^[a-z][A-Za-z0-9_]*$"
# fr_FR, es_419, sr@latin
LANGUAGE = r"^[a-z]{2,3}(_[A-Za-z0-9]{2,8})?(@[A-Za-z]{2,8})?$"
# A key may hold almost anything that JSON can; dots are for paths into nested JSON.
KEY = r"^[A-Za-z_][A-Za-z0-9_\-]*(\.[A-Za-z_][A-Za-z0-9_\-]*){0,7}$"
KEY_HELP = "letters, digits, - and _, beginning with a letter; a dot reaches into nested JSON (address.city)"
# Query parameters of lists themselves: no line or parameter may have these names.
RESERVED_KEYS = frozenset({"limit", "offset", "ordering", "fields", "cursor", "dry_run", "format"})

# What Odoo writes before it assigns a number (draft invoices). Many records have it, so it names none of them.
NO_NAME = "/"


def matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def key_problem(key: str) -> str | None:
    """Why neither a line nor a parameter can have this key, or None."""
    if not matches(KEY, key):
        return f"A key has {KEY_HELP}."
    if key in RESERVED_KEYS:
        return f"“{key}” is a query parameter of every list; choose another key."
    return None
