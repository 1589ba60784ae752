"""Operations whose ids generated clients would write alike: endpoints `a-b` and `a_b`, or `a` with an action `b_c` and `a_b` with `c`. Pure."""

import re
from typing import Any

Paths = dict[str, Any]


def told_apart(paths: Paths, taken: set[str]) -> Paths:
    """One endpoint's paths, with ids that are none of those `taken`, as programs write them; these are added to. Who comes first keeps
    the ids as they are."""
    new: dict[str, str] = {}
    for item in paths.values():
        for operation in item.values():
            if isinstance(operation, dict) and "operationId" in operation:
                name = operation["operationId"]
                new[name] = _free(name, taken)
                taken.add(_written(new[name]))
    changed = {name: free for name, free in new.items() if name != free}
    return _renamed(paths, changed) if changed else paths


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while _written(free) in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _written(name: str) -> str:
    """`list_a-b` and `list_a_b` are one name in most languages."""
    return re.sub(r"[^a-z0-9]+", "_", name)


def _renamed(part: Any, names: dict[str, str]) -> Any:
    """In operations, and in the links to them."""
    if isinstance(part, list):
        return [_renamed(one, names) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: names.get(value, value)
        if key == "operationId" and isinstance(value, str)
        else _renamed(value, names)
        for key, value in part.items()
    }
