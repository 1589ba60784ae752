"""The kinds of value that the file knows: each reads a node, or says what it expected instead."""

import difflib
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from endpoints.configfile.items import Text
from endpoints.configfile.places import Findings, Node
from synchub.odoo.wire import unsendable_text


class _Bad:
    """Stands for a value that could not be read; what is wrong with it has been noted."""


BAD: Final = _Bad()


class Kind(ABC):
    @abstractmethod
    def read(self, node: Node, findings: Findings) -> Any:
        """The value, or BAD."""


class _Scalar(Kind):
    expected = ""

    def read(self, node: Node, findings: Findings) -> Any:
        value = self.value(node.value)
        if value is BAD:
            findings.problem(node, f"{self.expected} is expected, not {shown(node)}")
        return value

    @abstractmethod
    def value(self, raw: Any) -> Any: ...


class TextKind(_Scalar):
    expected = "a text"

    def read(self, node: Node, findings: Findings) -> Any:
        value = super().read(node, findings)
        bad = unsendable_text(value) if isinstance(value, str) else None
        if bad:
            findings.problem(node, f"the text holds the character {bad}, which may not stand here")
            return BAD
        return value

    def value(self, raw: Any) -> Any:
        return raw if isinstance(raw, str) else BAD


@dataclass
class Whole(_Scalar):
    least: int = 0
    expected = "a whole number"

    def read(self, node: Node, findings: Findings) -> Any:
        value = super().read(node, findings)
        if value is not BAD and not self.least <= value < 2**31:
            findings.problem(node, f"a whole number from {self.least} up is expected, not {shown(node)}")
            return BAD
        return value

    def value(self, raw: Any) -> Any:
        return raw if isinstance(raw, int) and not isinstance(raw, bool) else BAD


class Number(_Scalar):
    expected = "a number"

    def value(self, raw: Any) -> Any:
        if isinstance(raw, bool) or not isinstance(raw, (int, float)):
            return BAD
        try:
            return float(raw) if math.isfinite(float(raw)) else BAD
        except OverflowError:
            return BAD


class Flag(_Scalar):
    expected = "true or false"

    def value(self, raw: Any) -> Any:
        return raw if isinstance(raw, bool) else BAD


@dataclass
class OneOf(Kind):
    """One of a few words."""

    options: Sequence[str]

    def read(self, node: Node, findings: Findings) -> Any:
        if not isinstance(node.value, str) or node.value not in self.options:
            known = ", ".join(self.options)
            hint = suggestion(node.value, self.options)
            findings.problem(node, f"one of {known} is expected, not {shown(node)}{hint}")
            return BAD
        return node.value


@dataclass
class OrNull(Kind):
    kind: Kind

    def read(self, node: Node, findings: Findings) -> Any:
        return None if node.value is None else self.kind.read(node, findings)


@dataclass
class ListOf(Kind):
    kind: Kind

    def read(self, node: Node, findings: Findings) -> Any:
        if not isinstance(node.value, list):
            hint = "; write [] for none" if node.value is None else ""
            findings.problem(node, f"a list is expected, not {shown(node)}{hint}")
            return BAD
        values = (self.kind.read(item, findings) for item in node.value)
        return [value for value in values if value is not BAD]


class Json(Kind):
    """Anything that JSON can hold."""

    def read(self, node: Node, findings: Findings) -> Any:
        match node.value:
            case list():
                values = [self.read(item, findings) for item in node.value]
                return BAD if any(value is BAD for value in values) else values
            case dict():
                pairs = {key: self.read(item, findings) for key, item in node.value.items()}
                return BAD if any(value is BAD for value in pairs.values()) else pairs
            case float() if not math.isfinite(node.value):
                findings.problem(node, f"{node.source} is no number of JSON")
                return BAD
            case str():
                return TextKind().read(node, findings)
            case _:
                return node.value


class Scalar(Json):
    """A single value of JSON: no list and no object."""

    def read(self, node: Node, findings: Findings) -> Any:
        if isinstance(node.value, (list, dict)):
            findings.problem(node, "a text, a number, true, false or null is expected")
            return BAD
        if isinstance(node.value, bool) and node.source.lower() not in ("true", "false"):
            is_it = "true" if node.value else "false"
            findings.problem(node, f"{node.source} is {is_it} to YAML: put it in quotes, or write {is_it}")
            return BAD
        return super().read(node, findings)


_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


class TextOrVariable(Kind):
    """A text, or {env: NAME}: the value of an environment variable."""

    def read(self, node: Node, findings: Findings) -> Any:
        if isinstance(node.value, str):
            value = TextKind().read(node, findings)
            return value if value is BAD else Text(value, node=node)
        if not isinstance(node.value, dict):
            # Without showing what stands there: a password of digits is a number to YAML.
            findings.problem(node, "a text is expected, in quotes, or {env: NAME}")
            return BAD
        values = VARIABLE.read(node, findings)
        if values is BAD:
            return BAD
        name = values["env"]
        if not _VARIABLE.fullmatch(name):
            findings.problem(node.at("env"), f"“{name}” cannot be the name of an environment variable")
            return BAD
        return Text(None, env=name, node=node)


@dataclass
class Key:
    kind: Kind
    required: bool = False


@dataclass
class Shape(Kind):
    """An object with known keys. Keys that the file does not have are missing from the result.

    So are keys whose value is wrong: that is noted, and the rest is looked at all the same, so that one run
    finds all that is wrong. `make` turns the values into what the shape stands for.
    """

    title: str
    keys: dict[str, Key]
    make: Callable[[dict[str, Any], Node], Any] = field(default=lambda values, _node: values)

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
        return self.make(values, node) if all(name in values for name in required) else BAD


VARIABLE = Shape("a reference", {"env": Key(TextKind(), required=True)})


def suggestion(word: Any, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(word), list(known), n=1)
    return f" (did you mean “{close[0]}”?)" if close else ""


def is_there(what: str, name: str, known: Iterable[str], node: Node, findings: Findings) -> bool:
    """Whether what the file names exists; it is noted where not."""
    if name in known:
        return True
    findings.problem(node, f"there is no {what} “{name}”{suggestion(name, known)}")
    return False


def shown(node: Node) -> str:
    """What stands in the file, as a message calls it. Never more of a text than a glance: it may be a secret."""
    match node.value:
        case None:
            return "nothing"
        case list():
            return "a list"
        case dict():
            return "an object"
        case str():
            return f"“{node.value}”" if len(node.value) <= 20 and node.value.isprintable() else "this text"
        case _:
            return f"{node.source[:40]} (put it in quotes if it is a text)" if node.source else "nothing"
