"""Values in nested JSON objects, by the path of a line's key. Pure."""

from collections.abc import Sequence
from typing import Any


def at(document: Any, path: Sequence[str], missing: Any = None) -> Any:
    """The value at a path; `missing` where the document does not go that far."""
    for part in path:
        if not isinstance(document, dict) or part not in document:
            return missing
        document = document[part]
    return document


def put(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Sets the value at a path, and makes the objects that lead there."""
    for part in path[:-1]:
        document = document.setdefault(part, {})
    document[path[-1]] = value
