"""Lines for the keys of a consumer's object."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mappings import names
from mappings.schema import Fields
from mappings.suggest.likeness import alike
from mappings.suggest.proposals import (
    ENOUGH,
    NAMES,
    Leftover,
    Nested,
    Proposal,
    Suggestion,
    propose,
    with_identifier,
)

_MOST = 500  # keys: more is no sample of one record
_DEEPEST = 6
# What a page of records is called in the answers of APIs, and what only descriptions of records have.
_PAGES = ("results", "data", "records")
_DESCRIPTIONS = {"$schema", "openapi", "swagger"}
_NAMES_SOMETHING = re.compile(r"(id|ids|no|nr|code|number|ref|reference|key|uuid)$", re.IGNORECASE)


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
        if like < ENOUGH:
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
            made = propose(key, name, fields[name], value, nested, like)
            if isinstance(made, Proposal):
                found.append(made)
            else:
                left.append(made)
    if not any(one.field in NAMES for one in found):
        found, left = _name_by(sample, found, left, fields, used)
    return Suggestion(with_identifier(found, fields), left)


def _leaves(
    value: Mapping[str, Any], before: str, fields: Fields, nested: Nested
) -> Iterator[tuple[str, Any]]:
    """Dotted keys; an object that looks like another record stays whole."""
    for name, inner in value.items():
        key = f"{before}{name}"
        if isinstance(inner, dict) and inner and key.count(".") < _DEEPEST:
            relation = any(
                facts.get("type") == "many2one" and alike(key, other, facts, inner) >= ENOUGH
                for other, facts in fields.items()
            )
            if not relation:
                yield from _leaves(inner, f"{key}.", fields, nested)
                continue
        yield key, inner


def _unlike(key: str, value: Any, fields: Fields) -> str:
    """Why no field was proposed for a key."""
    for name, facts in fields.items():
        if (
            isinstance(value, str)
            and facts.get("type") in ("date", "datetime")
            and alike(key, name, facts) >= ENOUGH
        ):
            return (
                f"it looks like {name} ({facts.get('string') or name}), but is not written as 2025-12-31: add a line for it "
                "yourself, and its pattern behind “Details”"
            )
    return "no field of the model is called like that"


def _name_by(
    sample: Mapping[str, Any],
    found: list[Proposal],
    left: list[Leftover],
    fields: Fields,
    used: Collection[str],
) -> tuple[list[Proposal], list[Leftover]]:
    """A key like customer_id that no field is called like: it may name the record, in the field that Odoo has for that."""
    free = [name for name in NAMES if name in fields and name not in used]
    for one in left if free else ():
        value = sample.get(one.key)
        if isinstance(value, str) and _NAMES_SOMETHING.search(one.key) and names.matches(names.KEY, one.key):
            proposal = Proposal(one.key, free[0], identifier=True, like=ENOUGH, example=value)
            return [proposal, *found], [other for other in left if other is not one]
    return found, left
