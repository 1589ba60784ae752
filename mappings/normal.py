"""Values as a person would call them equal, for matching records that two systems keep. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from mappings.spec import LineSpec

_NUMBERED = ("phone", "mobile", "fax", "vat", "iban", "acc_number", "siret", "barcode")


def normal(line: LineSpec, value: Any) -> str | None:
    """The same text for values that are the same but for capitals, spaces and forms of a letter; None where there is none.

    Of numbers for people (phone, VAT, IBAN) only letters and digits count: +32 2 123.45.67 is 003221234567.
    """
    if value is None or value is False or value == "":
        return None
    if not isinstance(value, str):
        return repr(value)
    text = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if any(part in line.field.name for part in _NUMBERED):
        text = re.sub(r"^\+", "00", text)
        text = re.sub(r"[^0-9a-z]", "", text)
    return text or None


def normal_key(lines: Sequence[LineSpec], values: dict[str, Any]) -> tuple[str, ...] | None:
    """What has to agree for two records to be the same; None where one of them has nothing there."""
    key = [normal(line, values.get(line.field.name)) for line in lines]
    return None if None in key else tuple(str(one) for one in key)
