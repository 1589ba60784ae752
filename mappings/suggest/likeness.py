"""How likely a key means a field: by what both are called, and by what the value could be."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

# What others call things, and what Odoo does. Each word stands for those behind it.
_SAME = {
    "mail": ("email",),
    "telephone": ("phone",),
    "tel": ("phone",),
    "cell": ("mobile",),
    "postcode": ("zip",),
    "postal": ("zip",),
    "zipcode": ("zip",),
    "postalcode": ("zip",),
    "town": ("city",),
    "sku": ("default", "code"),
    "reference": ("ref",),
    "qty": ("quantity",),
    "quantity": ("qty",),
    "remark": ("note", "comment"),
    "notes": ("note", "comment"),
    "comments": ("comment",),
    "customer": ("partner",),
    "client": ("partner",),
    "items": ("line",),
    "lines": ("line",),
    "contacts": ("child",),
    "tags": ("category", "tag"),
    "unit": ("uom",),
    "uom": ("unit",),
    "category": ("categ",),
    "street1": ("street",),
    "line1": ("street",),
    "line2": ("street2",),
    "vatnumber": ("vat",),
    "ean": ("barcode",),
    "gtin": ("barcode",),
    "language": ("lang",),
    "url": ("website",),
    "title": ("name",),
    "price": ("price", "list"),
    "updated": ("write", "date"),
    "modified": ("write", "date"),
    "created": ("create", "date"),
    "on": ("date",),
    "at": ("date",),
}
TECHNICAL = re.compile(r"^(id|display_name|__last_update|create_uid|write_uid|create_date|write_date|.*_token.*|message_.*"
                        r"|.*_(normalized|sanitized|formatted)|activity_.*|my_activity_.*|website_message_ids|has_message|access_.*|signup_.*)$")  # fmt: skip


def alike(key: str, name: str, facts: Mapping[str, Any], value: Any = None) -> float:
    """How likely a key means a field, from 0 to 1."""
    fits = _fits(str(facts.get("type")), value)
    if not fits:
        return 0.0
    label = str(facts.get("string") or "")
    likeness = max(
        _words_alike(_words(said), other)
        for said in {key, key.rpartition(".")[2]}
        for other in (_field_words(name), _words(label))
    )
    # Of fields called the same, those of people and not the machine's.
    return (
        likeness * fits
        - (0.05 if TECHNICAL.match(name) else 0.0)
        - (0.02 if facts.get("store") is False else 0.0)
    )


@lru_cache(maxsize=20_000)
def _words(text: str) -> tuple[str, ...]:
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    return tuple(re.findall(r"[^\W_]+", text.casefold()))


@lru_cache(maxsize=20_000)
def _field_words(name: str) -> tuple[str, ...]:
    return _words(re.sub(r"_ids?$", "", name) or name)


@lru_cache(maxsize=200_000)
def _words_alike(said: tuple[str, ...], other: tuple[str, ...]) -> float:
    if not said or not other:
        return 0.0
    if said == other:
        return 1.0
    if "".join(said) == "".join(other):
        return 0.98
    ways = {said}
    for place, word in enumerate(said):
        meanings = {word.rstrip("s"), *_SAME.get(word, ())}
        ways |= {(*way[:place], meant, *way[place + 1 :]) for way in ways for meant in meanings}
        if len(ways) > 40:
            break
    ways |= {tuple(meant for word in said for meant in _SAME.get(word, (word,)))}
    others = {other, tuple(word.rstrip("s") for word in other)}
    return max(_overlap(way, one) for way in ways for one in others)


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    if one == other:
        return 0.95
    shared = len(set(one) & set(other))
    words = 2 * shared / (len(set(one)) + len(set(other)))
    letters = SequenceMatcher(None, " ".join(one), " ".join(other), autojunk=False)
    spelled = letters.ratio() if letters.real_quick_ratio() > 0.7 and letters.quick_ratio() > 0.7 else 0.0
    # A typing error leaves most letters; a word of two is worth a look: fullName, email_address, lines.
    part = 0.65 if shared == min(len(one), len(other)) and max(len(one), len(other)) == 2 else 0.0
    return max(0.9 * words, 0.9 * spelled if spelled > 0.8 else 0.0, part)


def _fits(kind: str, value: Any) -> float:
    """Whether a field of this type could hold the value: 0 no, 1 yes, between: with some help."""
    if value is None:
        return 0.9
    match kind:
        case "boolean":
            return 1.0 if isinstance(value, bool) else 0.0
        case "integer" | "float" | "monetary":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return 0.0
            return 1.0 if kind != "integer" or isinstance(value, int) else 0.7
        case "char" | "text" | "html" | "selection":
            return (0.97 if kind == "html" else 1.0) if isinstance(value, str) else 0.0
        case "date" | "datetime":
            return _moment(kind, value)
        case "many2one":
            return 0.98 if isinstance(value, str | int | dict) and not isinstance(value, bool) else 0.0
        case "one2many":
            return 1.0 if isinstance(value, list) and not any(isinstance(one, str) for one in value) else 0.0
        case "many2many":
            return 1.0 if isinstance(value, list) else 0.0
        case "binary" | "image":
            return 0.8 if isinstance(value, str) and len(value) > 100 else 0.0
    return 0.0


def _moment(kind: str, value: Any) -> float:
    if not isinstance(value, str):
        return 0.0
    try:
        if len(value) == 10:
            date.fromisoformat(value)
            return 1.0 if kind == "date" else 0.7
        datetime.fromisoformat(value)
    except ValueError:
        return 0.0
    return 1.0 if kind == "datetime" else 0.7
