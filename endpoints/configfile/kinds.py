"""The kinds of value a file may have. Each reads a node, or notes what it expected instead."""

import difflib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from endpoints.configfile.items import normal_domain, sorted_methods
from endpoints.configfile.places import Findings, Node
from endpoints.models import Method
from synchub.odoo.wire import unsendable_text


class _Bad:
    """A value that could not be read; the problem has been noted."""


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
    """A tuple of values of one kind, without those that could not be read."""

    kind: Kind

    def read(self, node: Node, findings: Findings) -> Any:
        if not isinstance(node.value, list):
            hint = "; write [] for none" if node.value is None else ""
            findings.problem(node, f"a list is expected, not {shown(node)}{hint}")
            return BAD
        values = (self.kind.read(item, findings) for item in node.value)
        return tuple(value for value in values if value is not BAD)


class Methods(Kind):
    """A list of HTTP methods, in any order."""

    def read(self, node: Node, findings: Findings) -> Any:
        names = ListOf(OneOf(Method.values)).read(node, findings)
        return names if names is BAD else sorted_methods(names)


class Domain(TextKind):
    """A search domain; empty text is the domain that fits all records."""

    def value(self, raw: Any) -> Any:
        text = super().value(raw)
        return text if text is BAD else normal_domain(text)


class Json(Kind):
    """Any JSON value."""

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
    """A JSON value that is neither a list nor an object."""

    def read(self, node: Node, findings: Findings) -> Any:
        if isinstance(node.value, (list, dict)):
            findings.problem(node, "a text, a number, true, false or null is expected")
            return BAD
        if isinstance(node.value, bool) and node.source.lower() not in ("true", "false"):
            is_it = "true" if node.value else "false"
            findings.problem(node, f"{node.source} is {is_it} to YAML: put it in quotes, or write {is_it}")
            return BAD
        return super().read(node, findings)


def suggestion(word: Any, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(word), list(known), n=1)
    return f" (did you mean “{close[0]}”?)" if close else ""


def is_there(what: str, name: str, known: Iterable[str], node: Node, findings: Findings) -> bool:
    """Whether what the file names exists. If it does not, that is noted."""
    if name in known:
        return True
    findings.problem(node, f"there is no {what} “{name}”{suggestion(name, known)}")
    return False


def shown(node: Node) -> str:
    """The value as messages show it. Long texts are left out: they may be secrets."""
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
