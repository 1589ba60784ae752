"""From YAML text to nodes that know their line.

This walks PyYAML's nodes, not the objects it would build: nodes have places, and still show a key that is there twice.
Only JSON values come out; a date stays the text it was written as.
"""

import re
from typing import Any

import yaml

from endpoints.configfile.places import Findings, Node

_MOST_VALUES = 100_000  # a few aliases of aliases can make billions of values
_DEEPEST = 20

_TAG = "tag:yaml.org,2002:"
_AS_WRITTEN = {f"{_TAG}timestamp", f"{_TAG}value", f"{_TAG}merge"}  # a date; a lone = or <<
# Octal, hexadecimal, minutes and hours: 01234 is 668, and 12:30 is 750.
_OTHER_NUMBER = re.compile(r"[-+]?(0[0-9_box]|[^:]*:)", re.IGNORECASE)
_SCALARS = {f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null")}


def read(text: str, findings: Findings) -> Node | None:
    """The file's document; None, with the problem noted, if it has none."""
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
            findings.problem(Node(None, line=1), "the file is empty")
            return None
        return _Walk(loader, findings).node(root, "", root.start_mark.line + 1, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        findings.problem(Node(None, line=mark.line + 1 if mark else 0), _syntax(error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        findings.problem(
            Node(None, line=line), f"the character U+{error.character:04X} may not stand in YAML"
        )
    except (RecursionError, _TooMuch):
        findings.problem(Node(None), "the file is nested too deeply, or too large")
    return None


class _TooMuch(Exception):  # never leaves this module
    pass


class _Walk:
    def __init__(self, loader: yaml.SafeLoader, findings: Findings) -> None:
        self.loader, self.findings = loader, findings
        self.seen = 0
        self.flattened: set[int] = set()
        self.sizes: dict[int, int] = {}

    def node(self, raw: yaml.Node, path: str, line: int, above: tuple[yaml.Node, ...]) -> Node:
        self.seen += 1
        if self.seen > _MOST_VALUES or len(above) > _DEEPEST or raw in above:
            raise _TooMuch
        if isinstance(raw, yaml.SequenceNode):
            self._no_tag(raw, "seq", path, line)
            items = [
                self.node(item, f"{path}[{index}]", item.start_mark.line + 1, (*above, raw))
                for index, item in enumerate(raw.value)
            ]
            return Node(items, line, path)
        if isinstance(raw, yaml.MappingNode):
            self._no_tag(raw, "map", path, line)
            return Node(self._mapping(raw, path, (*above, raw)), line, path)
        return Node(self._scalar(raw, path, line), line, path, source=str(raw.value))

    def _mapping(self, raw: yaml.MappingNode, path: str, above: tuple[yaml.Node, ...]) -> dict[str, Node]:
        if id(raw) not in self.flattened:  # through an alias it is visited more than once
            self._no_key_twice(raw, path)
            if self._merged(raw, 0) > _MOST_VALUES:
                raise _TooMuch
            self.loader.flatten_mapping(raw)  # <<: *other
            self.flattened.add(id(raw))
        result: dict[str, Node] = {}
        for key, value in raw.value:
            line = key.start_mark.line + 1
            name = self._key(key, path)
            if name is not None:
                result[name] = self.node(value, f"{path}.{name}" if path else name, line, above)
        return result

    def _merged(self, raw: yaml.Node, depth: int) -> int:
        """How many keys it has, including merged ones, which PyYAML copies before they can be counted. Raises _TooMuch."""
        if not isinstance(raw, yaml.MappingNode) or id(raw) in self.flattened:
            return len(raw.value) if isinstance(raw, yaml.MappingNode) else 0
        if depth > _DEEPEST:
            raise _TooMuch
        if id(raw) not in self.sizes:
            self.sizes[id(raw)] = len(raw.value) + sum(
                self._merged(other, depth + 1)
                for key, value in raw.value
                if key.tag == f"{_TAG}merge"
                for other in (value.value if isinstance(value, yaml.SequenceNode) else [value])
            )
        return self.sizes[id(raw)]

    def _no_key_twice(self, raw: yaml.MappingNode, path: str) -> None:
        lines: dict[str, int] = {}
        for key, _ in raw.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and key.value in lines:
                place = Node(None, line, f"{path}.{key.value}" if path else key.value)
                self.findings.problem(
                    place, f"“{key.value}” stands here twice; the first is in line {lines[key.value]}"
                )
            elif isinstance(key, yaml.ScalarNode):
                lines[key.value] = line

    def _key(self, key: yaml.Node, path: str) -> str | None:
        if isinstance(key, yaml.ScalarNode) and key.tag == f"{_TAG}str":
            return str(key.value)
        shown = f"the key “{key.value}”" if isinstance(key, yaml.ScalarNode) else "this key"
        place = Node(None, key.start_mark.line + 1, path)
        self.findings.problem(place, f"{shown} is no text for YAML; put it in quotes")
        return None

    def _scalar(self, raw: yaml.Node, path: str, line: int) -> Any:
        if raw.tag in _AS_WRITTEN:
            return str(raw.value)
        place = Node(None, line, path)
        if raw.tag not in _SCALARS:
            # The tag is not shown: it may be the first word of a password.
            self.findings.problem(place, "a text that begins with ! has to stand in quotes")
            return None
        if raw.tag in (f"{_TAG}int", f"{_TAG}float") and _OTHER_NUMBER.match(raw.value):
            # Not shown either: it may be a password.
            self.findings.problem(
                place, "this is another number to YAML than it looks; put it in quotes if it is a text"
            )
            return None
        try:
            return self.loader.construct_object(raw)
        except (yaml.YAMLError, ValueError):
            self.findings.problem(place, "this value cannot be read")
            return None

    def _no_tag(self, raw: yaml.Node, kind: str, path: str, line: int) -> None:
        if raw.tag != f"{_TAG}{kind}":
            self.findings.problem(
                Node(None, line, path), "tags (a word that begins with !) mean nothing here"
            )


def _syntax(error: yaml.MarkedYAMLError) -> str:
    what = str(error.problem or error.context or "it cannot be read").replace("\n", " ")
    if "undefined alias" in what:  # its name is not shown: it may be the first word of a password
        return "a text that begins with * has to stand in quotes"
    text = f"this is not YAML: {what}"
    if error.context and error.context_mark and error.problem:
        text += f" ({error.context} from line {error.context_mark.line + 1})"
    if "start any token" in what or "chomping" in what:
        text += "; a text with such a character has to stand in quotes"
    if "\\t" in what:
        text += "; indent with spaces"
    return text
