"""Places in the file, and what is wrong there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from synchub.errors import HubError


@dataclass(frozen=True)
class Node:
    """A value of the file. `value` is a scalar, a list of nodes or a dict of them.

    `line` is that of its key, if it has one, since people look there even if the value begins on the next line.
    `source` is a scalar as it was written.
    """

    value: Any
    line: int = 0
    path: str = ""
    source: str = ""

    def at(self, *keys: str) -> "Node":
        """The node of a key inside; this one where the file does not have the key."""
        node = self
        for key in keys:
            inner = node.value.get(key) if isinstance(node.value, dict) else None
            if inner is None:
                return node
            node = inner
        return node


NOWHERE = Node(None)


@dataclass(frozen=True, order=True)
class Problem:
    line: int
    path: str
    text: str

    def shown(self, file: str) -> str:
        place = f"{file}:{self.line}" if self.line else file
        return f"{place}: {self.path}: {self.text}" if self.path else f"{place}: {self.text}"


@dataclass
class Findings:
    """What was found. Problems make the file refused; warnings and notes are only shown."""

    file: str
    problems: set[Problem] = field(default_factory=set)
    warnings: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def problem(self, node: Node, text: str) -> None:
        self.problems.add(Problem(node.line, node.path, text))

    def is_blamed(self, node: Node) -> bool:
        return any(problem.path == node.path for problem in self.problems)

    def is_blamed_inside(self, node: Node) -> bool:
        return any(problem.path.startswith((f"{node.path}.", f"{node.path}[")) for problem in self.problems)

    def warning(self, node: Node, text: str) -> None:
        self.warnings.append(Problem(node.line, node.path, text))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def shown_problems(self) -> Iterator[str]:
        return (problem.shown(self.file) for problem in sorted(self.problems))

    def shown_warnings(self) -> Iterator[str]:
        return (warning.shown(self.file) for warning in self.warnings)


class FileRefused(HubError):
    """The file cannot be applied and nothing was changed. The text has a line for each problem."""
