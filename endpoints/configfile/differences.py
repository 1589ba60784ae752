"""What differs between two items, in words."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def differing(old: Any, new: Any, labels: Mapping[str, str]) -> Iterator[str]:
    for name, label in labels.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{label} {shown(before)} → {shown(after)}"


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
