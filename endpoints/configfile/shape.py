"""A whole file: its sections, and the items that come of them."""

from collections.abc import Iterable
from typing import Any

from endpoints.configfile.items import Config, LineItem
from endpoints.configfile.kinds import BAD, suggestion
from endpoints.configfile.places import Findings, Node
from endpoints.configfile.shape_endpoints import ENDPOINT
from endpoints.configfile.shape_keys import SHARED_KEY
from endpoints.configfile.shape_mappings import CONNECTION, MAPPING, TABLE

_LATER = ("targets",)
"""Sections that later versions will read, and this one refuses."""

SECTIONS = {
    "connections": CONNECTION,
    "tables": TABLE,
    "mappings": MAPPING,
    "endpoints": ENDPOINT,
    "access_keys": SHARED_KEY,
}
_UNIQUE = {"lines": "key", "keys": "name", "parameters": "key", "opens": "endpoint", "actions": "name"}
"""Lists inside items, and the key by which their members have to differ."""


def config(root: Node, findings: Findings) -> Config:
    """The items that could be read; what could not is noted in `findings`."""
    result = Config(node=root)
    if not isinstance(root.value, dict):
        findings.problem(root, f"a configuration file is an object with {', '.join(SECTIONS)}")
        return result
    for name, node in root.value.items():
        if name in _LATER:
            findings.problem(node, f"“{name}” comes with a later version of the hub")
        elif name not in SECTIONS:
            hint = suggestion(name, SECTIONS)
            findings.problem(node, f"there is no section “{name}”{hint}; there are {', '.join(SECTIONS)}")
        elif not isinstance(node.value, list):
            hint = "; write [] to remove all of them" if node.value is None else ""
            findings.problem(node, f"a list is expected{hint}")
            result.names[name] = set()
        else:
            setattr(result, name, _section(name, node, result, findings))
    return result


def _section(section: str, node: Node, result: Config, findings: Findings) -> dict[str, Any]:
    names = result.names[section] = _names(node.value, findings)
    items: dict[str, Any] = {}
    for inner in node.value:
        item = SECTIONS[section].read(inner, findings)
        if item is not BAD and item.name in names:
            items.setdefault(item.name, item)
            for part, name in _UNIQUE.items():
                _once(getattr(item, part, None) or (), name, findings)
    return items


def _names(nodes: Iterable[Node], findings: Findings) -> set[str]:
    lines: dict[str, int] = {}
    for node in nodes:
        name = node.at("name")
        if name is node or not isinstance(name.value, str):
            continue
        if name.value in lines:
            findings.problem(
                name, f"“{name.value}” is there twice; the first begins in line {lines[name.value]}"
            )
        lines.setdefault(name.value, name.line)
    return set(lines)


def _once(items: Iterable[Any], what: str, findings: Findings) -> None:
    seen: dict[str, int] = {}
    for item in items:
        node, name = item.node.at(what), getattr(item, what)
        # Two lines may share a key if their directions differ.
        known = f"{name} {item.direction}" if isinstance(item, LineItem) else name
        if known in seen:
            findings.problem(node, f"“{name}” is there twice; the first is in line {seen[known]}")
        seen.setdefault(known, node.line)
