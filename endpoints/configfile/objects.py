"""Objects of the file: which keys each has, and what kind of value each key takes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from endpoints.configfile.items import Text
from endpoints.configfile.kinds import BAD, Kind, TextKind, shown, suggestion
from endpoints.configfile.places import Findings, Node

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


@dataclass
class Key:
    kind: Kind
    required: bool = False


@dataclass
class Shape(Kind):
    """An object with known keys.

    A key with a wrong value is noted and then treated as absent, so that one run finds everything that is wrong.
    `make` builds the item from the values by key and the node; without it the item is the dict of values.
    """

    title: str
    keys: dict[str, Key]
    make: Callable[..., Any] | None = None

    def read(self, node: Node, findings: Findings) -> Any:
        if not isinstance(node.value, dict):
            findings.problem(node, f"{self.title} is an object with keys, not {shown(node)}")
            return BAD
        values: dict[str, Any] = {}
        for name, inner in node.value.items():
            if name not in self.keys:
                hint = suggestion(name, self.keys)
                findings.problem(
                    inner, f"{self.title} has no key “{name}”{hint}; it has {', '.join(self.keys)}"
                )
            else:
                value = self.keys[name].kind.read(inner, findings)
                if value is not BAD:
                    values[name] = value
        required = [name for name, key in self.keys.items() if key.required]
        for name in required:
            if name not in node.value:
                findings.problem(node, f"{self.title} needs the key “{name}”")
        if not all(name in values for name in required):
            return BAD
        return values if self.make is None else self.make(**values, node=node)


_REFERENCE = Shape("a reference", {"env": Key(TextKind(), required=True)})


class TextOrVariable(Kind):
    """A text, or {env: NAME}: the value of an environment variable."""

    def read(self, node: Node, findings: Findings) -> Any:
        if isinstance(node.value, str):
            value = TextKind().read(node, findings)
            return value if value is BAD else Text(value, node=node)
        if not isinstance(node.value, dict):
            # The value is not shown: to YAML a password of digits is a number.
            findings.problem(node, "a text is expected, in quotes, or {env: NAME}")
            return BAD
        values = _REFERENCE.read(node, findings)
        if values is BAD:
            return BAD
        name = values["env"]
        if not _VARIABLE.fullmatch(name):
            findings.problem(node.at("env"), f"“{name}” cannot be the name of an environment variable")
            return BAD
        return Text(None, env=name, node=node)
