"""Which values a person would call equal, for matching records of two systems; and which values Odoo makes of others. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from mappings.fieldtypes import FloatType
from mappings.html import words
from mappings.spec import LineSpec

# As whole words of a field's name: private_email is no VAT number.
_NUMBERED = re.compile(r"(?:^|_)(?:phone|telephone|mobile|fax|vat|iban|acc_number|siret|barcode)")


def normal(line: LineSpec, value: Any) -> str | None:
    """The same text for values that differ only in capitals, spaces and forms of a letter; None where there is none.

    In phone, VAT and bank account numbers only letters and digits count: +32 2 123.45.67 is 003221234567.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return repr(value)
    text = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if _NUMBERED.search(line.field.name):
        text = re.sub(r"^\+", "00", text)
        text = re.sub(r"[^0-9a-z]", "", text)
    return text or None


def alike(line: LineSpec, sent: Any, there: Any) -> bool:
    """Whether Odoo may have made what is there from what was sent. It rounds numbers, tidies texts, and removes what is not
    allowed from html."""
    kind = line.field.type
    if isinstance(kind, FloatType) and isinstance(sent, float) and isinstance(there, float):
        return kind.rounds_to(sent, there)
    return bare(line, sent) == bare(line, there)


def bare(line: LineSpec, value: Any) -> str | None:
    """The same value for a text and for what Odoo makes of it."""
    if isinstance(value, str):
        value = words(value) if line.field.type.name == "html" else value.removeprefix("http://")
    return normal(line, value)


def likely(name: str) -> set[str]:
    """What Odoo may have made of an identifier, to look it up. `alike` says whether it has."""
    letters = re.sub(r"[^0-9A-Za-z]", "", name).upper()
    return {name.upper(), name.lower(), name.strip(), f"http://{name}", letters} - {name, ""}


def surely(line: LineSpec, name: str) -> set[str]:
    """What Odoo makes of such an identifier: a website gets its scheme, a VAT number loses its signs."""
    made = set() if "://" in name else {f"http://{name}"}
    if line.field.name == "vat":
        made.add(re.sub(r"[^0-9A-Za-z]", "", name).upper())
    return made - {name, ""}


def normal_key(lines: Sequence[LineSpec], values: dict[str, Any]) -> tuple[str, ...] | None:
    """What has to be equal for two records to match; None where the record has no value."""
    key = [normal(line, values.get(line.field.name)) for line in lines]
    return None if None in key else tuple(str(one) for one in key)
