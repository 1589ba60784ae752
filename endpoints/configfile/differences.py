"""What differs between two items, in words."""

import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any


def differing(
    old: Any, new: Any, keys: Iterable[str], called: Mapping[str, str] = MappingProxyType({})
) -> Iterator[str]:
    """`called`: the keys that a person reads otherwise than the file has them."""
    for key in keys:
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            yield f"{called.get(key, key)} {shown(before)} → {shown(after)}"


def shown(value: Any) -> str:
    match value:
        case None | "":
            return "none"
        case tuple():
            return ", ".join(value) or "none"
        case float() if value.is_integer():
            return str(int(value))
        case str():
            text = value if value.isprintable() else json.dumps(value, ensure_ascii=False)
        case _:
            text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:119]}…"
