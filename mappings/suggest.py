"""Lines that a sample may want: the keys of a JSON object, or the filled fields of a record of Odoo. Pure.

A guess is made from what fields are called, technically and by people, and from what the value could be. Whoever asked
looks at the proposals before any becomes a line.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from mappings import names
from mappings.fieldtypes import field_type
from mappings.schema import Fields


@dataclass(frozen=True)
class Inner:
    """A mapping that a relation may use, with its keys."""

    pk: int
    keys: frozenset[str]


Nested = Mapping[str, Sequence[Inner]]
"""Model → the mappings over it."""


@dataclass(frozen=True)
class Proposal:
    """One line. `nested` makes it a relation; `like` is how alike key and field are, from 0 to 1."""

    key: str
    field: str
    from_odoo_only: bool = False
    identifier: bool = False
    nested: int | None = None
    like: float = 1.0
    example: Any = None


@dataclass(frozen=True)
class Leftover:
    """A key that got no line, and why."""

    key: str
    why: str


@dataclass(frozen=True)
class Suggestion:
    lines: list[Proposal] = field(default_factory=list)
    left: list[Leftover] = field(default_factory=list)


_ENOUGH = 0.62
_MOST = 500  # keys: more is no sample of one record
_DEEPEST = 6
_RELATIONS = ("many2one", "one2many", "many2many")

# What a page of records is called in the answers of APIs, and what only descriptions of records have.
_PAGES = ("results", "data", "records")
_DESCRIPTIONS = {"$schema", "openapi", "swagger"}

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
_NAMING = ("ref", "default_code", "client_order_ref", "code", "barcode", "vat", "login", "email", "name")
"""Fields that often name a record, the best first."""
_NAMES = _NAMING[:4]
"""Those that are there for nothing else."""

_NAMES_SOMETHING = re.compile(r"(id|ids|no|nr|code|number|ref|reference|key|uuid)$", re.IGNORECASE)

_TECHNICAL = re.compile(r"^(id|display_name|__last_update|create_uid|write_uid|create_date|write_date|.*_token.*|message_.*"
                        r"|.*_(normalized|sanitized|formatted)|activity_.*|my_activity_.*|website_message_ids|has_message|access_.*|signup_.*)$")  # fmt: skip


def first_record(sample: Any) -> Any:
    """What a sample shows a record of: the first of a list, or of a page as APIs answer with. Raises ValueError where it does
    not show one but describes what records are like."""
    if isinstance(sample, dict):
        schema = sample.get("type") == "object" and isinstance(sample.get("properties"), dict)
        if schema or _DESCRIPTIONS & sample.keys():
            raise ValueError(
                "it describes what records are like (a schema); one record with its values is needed"
            )
        lists = [one for name in _PAGES if isinstance(one := sample.get(name), list)]
        sample = next((one for one in lists if one and isinstance(one[0], dict)), sample)
    if isinstance(sample, list) and sample and isinstance(sample[0], dict):
        return sample[0]
    return sample


def from_json(
    sample: Mapping[str, Any], fields: Fields, nested: Nested, taken: Collection[tuple[str, str]] = ()
) -> Suggestion:
    """Lines for the keys of a consumer's object. `taken` are key and field of the lines that are there."""
    found: list[Proposal] = []
    left: list[Leftover] = []
    used = {name for _, name in taken}
    there = {key for key, _ in taken}
    leaves = list(_leaves(sample, "", fields, nested))
    if len(leaves) > _MOST:
        leaves, more = leaves[:_MOST], leaves[_MOST:]
        left += [Leftover(key, f"only the first {_MOST} keys are looked at") for key, _ in more]
    pairs = sorted(
        (
            (alike(key, name, fields[name], value), place, name)
            for place, (key, value) in enumerate(leaves)
            for name in fields
            if name not in used
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    best: dict[int, tuple[float, str]] = {}
    for like, place, name in pairs:
        if like < _ENOUGH:
            break
        if place not in best and name not in used:
            best[place] = (like, name)
            used.add(name)
    for place, (key, value) in enumerate(leaves):
        if key in there:
            left.append(Leftover(key, "there is a line with this key"))
        elif not names.matches(names.KEY, key) or key in names.RESERVED_KEYS:
            left.append(
                Leftover(
                    key,
                    f"no line can have this key; one has {names.KEY_HELP}, and no letters but those from a to z",
                )
            )
        elif place not in best:
            left.append(Leftover(key, _unlike(key, value, fields)))
        else:
            like, name = best[place]
            made = _proposal(key, name, fields[name], value, nested, like)
            if isinstance(made, Proposal):
                found.append(made)
            else:
                left.append(made)
    if not any(one.field in _NAMES for one in found):
        found, left = _name_by(sample, found, left, fields, used)
    return Suggestion(_with_identifier(found, fields), left)


def from_record(
    row: Mapping[str, Any], fields: Fields, nested: Nested, taken: Collection[tuple[str, str]] = ()
) -> Suggestion:
    """Lines for what is filled in a record, as `read` gives it, under Odoo's own names."""
    used = {name for _, name in taken} | {key for key, _ in taken}
    found: list[Proposal] = []
    for name, facts in sorted(fields.items(), key=lambda item: _place(*item)):
        value = field_type(facts).from_wire(row.get(name))
        if (
            name in used
            or _TECHNICAL.match(name)
            or not is_ordinary(facts)
            or value in (None, "", [], 0, False)
        ):
            continue
        if facts.get("relation") and _inner(facts["relation"], "", nested) is None:
            continue
        made = _proposal(name, name, facts, "" if facts.get("relation") else value, nested, 1.0)
        if isinstance(made, Proposal) and names.matches(names.KEY, name) and name not in names.RESERVED_KEYS:
            found.append(made)
    return Suggestion(_with_identifier(found, fields))


def is_ordinary(facts: Mapping[str, Any]) -> bool:
    """Whether a field is one that an office person sees: kept in the database, and neither a file nor a text of pages."""
    return facts.get("store") is not False and facts.get("type") in (
        "char", "text", "boolean", "integer", "float", "monetary", "date", "datetime", "selection", "many2one", "many2many",
    )  # fmt: skip


def _place(name: str, facts: Mapping[str, Any]) -> tuple[int, int, str]:
    naming = _NAMING.index(name) if name in _NAMING else len(_NAMING)
    return naming, facts.get("type") in _RELATIONS, name


def _leaves(
    value: Mapping[str, Any], before: str, fields: Fields, nested: Nested
) -> Iterator[tuple[str, Any]]:
    """Dotted keys; an object that looks like another record stays whole."""
    for name, inner in value.items():
        key = f"{before}{name}"
        if isinstance(inner, dict) and inner and key.count(".") < _DEEPEST:
            relation = any(
                facts.get("type") == "many2one" and alike(key, other, facts, inner) >= _ENOUGH
                for other, facts in fields.items()
            )
            if not relation:
                yield from _leaves(inner, f"{key}.", fields, nested)
                continue
        yield key, inner


def _proposal(
    key: str, name: str, facts: Mapping[str, Any], value: Any, nested: Nested, like: float
) -> Proposal | Leftover:
    fixed = not field_type(dict(facts)).writable or (
        bool(facts.get("readonly")) and not facts.get("store", True)
    )
    relation = str(facts.get("relation") or "")
    within = _inner(relation, value, nested) if relation else None
    ids = isinstance(value, int) or (isinstance(value, list) and all(isinstance(one, int) for one in value))
    if relation and within is None and not (ids and value):
        return Leftover(
            key,
            f"it looks like {name} ({facts.get('string') or name}), which holds other records: add a mapping over "
            f"{relation} {_such_a_mapping(value)} first, then suggest again",
        )
    return Proposal(
        key,
        name,
        fixed or name in ("write_date", "create_date", "id"),
        nested=within,
        like=round(like, 2),
        example=value,
    )


def _inner(relation: str, value: Any, nested: Nested) -> int | None:
    """Of the mappings over a model the one whose keys are most like the value's; for a plain value one with nothing but
    its identifier."""
    known = nested.get(relation, ())
    keys = _keys_of(value)
    if keys is None:
        return next((one.pk for one in known if len(one.keys) == 1), None)
    best = max(known, key=lambda one: len(keys & one.keys) / len(keys | one.keys), default=None)
    return best.pk if best and keys & best.keys else None


def _keys_of(value: Any) -> set[str] | None:
    rows = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
    return {key for row in rows for key in row} or None


def _unlike(key: str, value: Any, fields: Fields) -> str:
    """Why no field was proposed for a key."""
    for name, facts in fields.items():
        if (
            isinstance(value, str)
            and facts.get("type") in ("date", "datetime")
            and alike(key, name, facts) >= _ENOUGH
        ):
            return (
                f"it looks like {name} ({facts.get('string') or name}), but is not written as 2025-12-31: add a line for it "
                "yourself, and its pattern behind “Details”"
            )
    return "no field of the model is called like that"


def _such_a_mapping(value: Any) -> str:
    keys = _keys_of(value)
    if keys is None:
        return "whose only line is its identifier"
    return f"with the keys {', '.join(sorted(keys)[:6])}"


def _name_by(
    sample: Mapping[str, Any],
    found: list[Proposal],
    left: list[Leftover],
    fields: Fields,
    used: Collection[str],
) -> tuple[list[Proposal], list[Leftover]]:
    """A key like customer_id that no field is called like: it may name the record, in the field that Odoo has for that."""
    free = [name for name in _NAMES if name in fields and name not in used]
    for one in left if free else ():
        value = sample.get(one.key)
        if isinstance(value, str) and _NAMES_SOMETHING.search(one.key) and names.matches(names.KEY, one.key):
            proposal = Proposal(one.key, free[0], identifier=True, like=_ENOUGH, example=value)
            return [proposal, *found], [other for other in left if other is not one]
    return found, left


def _with_identifier(found: list[Proposal], fields: Fields) -> list[Proposal]:
    """The line that could name a record is marked. Whoever adds lines to others that have one unmarks it."""
    can = [
        one for one in found
        if fields[one.field].get("type") in ("char", "integer") and one.nested is None and not isinstance(one.example, bool)
        and fields[one.field].get("store") is not False and one.field in _NAMING
    ]  # fmt: skip
    if not can or any(one.identifier for one in found):
        return found
    first = min(can, key=lambda one: _NAMING.index(one.field))
    return [replace(one, identifier=one is first) for one in found]


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
        - (0.05 if _TECHNICAL.match(name) else 0.0)
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
