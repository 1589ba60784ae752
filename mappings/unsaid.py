"""A document shows null also for what the hub does not know yet. Sent back, such a null says nothing. Pure."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from typing import Any

from mappings.paths import at
from mappings.spec import MappingSpec

_MISSING = object()


def has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    return value is None or (isinstance(value, list) and any(map(has_null, value)))


def without_unsaid(
    spec: MappingSpec, payload: Mapping[str, Any], shown: Any, known: Container[str] = ()
) -> dict[str, Any]:
    """The payload without nulls where the document `shown` has null as well. Fields in `known` are known to be empty, or a
    write on its way may change them: there null is meant."""
    return _object(spec, payload, shown, "", known)


def _object(
    spec: MappingSpec, sent: Mapping[str, Any], shown: Any, prefix: str, known: Container[str]
) -> dict[str, Any]:
    result = {}
    for name, value in sent.items():
        key = f"{prefix}{name}"
        line = spec.by_key.get(key)
        if line is None:
            result[name] = _object(spec, value, shown, f"{key}.", known) if isinstance(value, dict) else value
            continue
        there = at(shown, line.path, _MISSING)
        if value is None and there is None and line.field.name not in known:
            continue
        result[name] = value if line.nested is None else _inside(line.nested, value, there)
    return result


def _inside(spec: MappingSpec, sent: Any, shown: Any) -> Any:
    """Pairs nested records by their identifiers; of equal ones the first with the first, and so on."""
    if isinstance(sent, dict):
        return without_unsaid(spec, sent, shown)
    if not isinstance(sent, list) or not isinstance(shown, list):
        return sent
    there = dict(_counted(spec, shown))
    return [
        without_unsaid(spec, one, there.get(key)) if isinstance(one, dict) else one
        for key, one in _counted(spec, sent)
    ]


def _counted(spec: MappingSpec, items: Sequence[Any]) -> list[tuple[tuple[str, int], Any]]:
    seen: Counter[str] = Counter()
    result = []
    for item in items:
        key = repr(at(item, spec.identifier.path, _MISSING))
        result.append(((key, seen[key]), item))
        seen[key] += 1
    return result
